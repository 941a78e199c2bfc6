//! The columns of the tables: their names, types and meaning, in one place.
//!
//! There are seven tables: predictions, [pairs](crate::Pair) of champion and challenger, and of each writer the
//! [journal](crate::journal): gaps, heartbeats, the books of shadows, [profiles](crate::ProfileDelta) of all predictions and
//! changes of sampling rates. Each has a version of its own. A new version only
//! adds columns at the end, and every column that is added may be NULL, so that a reader sees the files of all versions as one
//! table: [`Column::since`] says which version added a column, and [`Table::columns_of`] what a file of a version has. The schemas of all versions are published in `docs/schema`, where a
//! test compares them.
//!
//! ```
//! use tiltmeter_record::schema::PREDICTIONS;
//!
//! let added: Vec<_> = PREDICTIONS.columns.iter().filter(|column| column.since == 2).map(|column| column.name).collect();
//! assert_eq!(added, ["class_probabilities", "ranking", "generated_text", "segments"]);
//! assert_eq!(PREDICTIONS.columns_of(1).count() + added.len(), PREDICTIONS.columns_of(2).count());
//! ```

mod column;
mod gaps;
mod heartbeats;
mod pairs;
mod predictions;
mod profiled;
mod profiles;
mod rates;
mod shadows;

pub use column::{Column, ColumnType};
pub use gaps::{GAP_COLUMNS, GAP_SCHEMA_VERSION};
pub use heartbeats::{HEARTBEAT_COLUMNS, HEARTBEAT_SCHEMA_VERSION};
pub use pairs::{PAIR_COLUMNS, PAIR_SCHEMA_VERSION};
pub use predictions::{COLUMNS, SCHEMA_VERSION};
pub use profiled::{CONFIDENCE_COLUMN, ENTROPY_COLUMN, SCORE_COLUMN, profiled_column};
pub use profiles::{PROFILE_COLUMNS, PROFILE_SCHEMA_VERSION};
pub use rates::{RATE_COLUMNS, RATE_SCHEMA_VERSION};
pub use shadows::{SHADOW_COLUMNS, SHADOW_SCHEMA_VERSION};

use crate::FeatureName;

/// What stands before the name of a feature in the name of its column: `feature_dep_delay`.
///
/// No column of our own begins with it, so that a feature may have any name.
pub const FEATURE_PREFIX: &str = "feature_";

/// The column that is called after a name.
///
/// For the column of a feature of a spec ask [`FeatureSpec::column`](crate::spec::FeatureSpec::column), which may be called
/// after another name than the feature's.
#[must_use]
pub fn feature_column(name: &FeatureName) -> String {
    format!("{FEATURE_PREFIX}{name}")
}

/// A table: what its rows are called, its version and its columns.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Table {
    /// What one row is: the member `record` of a JSON line, and the file names in `docs/schema`.
    pub record: &'static str,
    /// The version that this build writes.
    pub version: i32,
    /// The columns of our own, in the order in which they are written.
    pub columns: &'static [Column],
}

/// The predictions of a model.
pub const PREDICTIONS: Table = Table { record: "prediction", version: SCHEMA_VERSION, columns: COLUMNS };

/// The gaps of the writers.
pub const GAPS: Table = Table { record: "gap", version: GAP_SCHEMA_VERSION, columns: GAP_COLUMNS };

/// The heartbeats of the writers.
pub const HEARTBEATS: Table =
    Table { record: "heartbeat", version: HEARTBEAT_SCHEMA_VERSION, columns: HEARTBEAT_COLUMNS };

/// The pairs of champion and challenger of a model.
pub const PAIRS: Table = Table { record: "pair", version: PAIR_SCHEMA_VERSION, columns: PAIR_COLUMNS };

/// The books of the shadows.
pub const SHADOWS: Table =
    Table { record: "shadow", version: SHADOW_SCHEMA_VERSION, columns: SHADOW_COLUMNS };

/// The profile deltas of a writer.
pub const PROFILES: Table =
    Table { record: "profile", version: PROFILE_SCHEMA_VERSION, columns: PROFILE_COLUMNS };

/// The changes of a writer's sampling rates.
pub const RATES: Table = Table { record: "rate", version: RATE_SCHEMA_VERSION, columns: RATE_COLUMNS };

impl Table {
    /// All tables.
    pub const ALL: [Self; 7] = [PREDICTIONS, GAPS, HEARTBEATS, PAIRS, SHADOWS, PROFILES, RATES];

    /// The columns that a file of that version has, in their order.
    pub fn columns_of(&self, version: i32) -> impl Iterator<Item = &'static Column> + use<> {
        self.columns.iter().filter(move |column| column.since <= version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_of_ours_looks_like_a_feature() {
        assert!(COLUMNS.iter().all(|column| !column.name.starts_with(FEATURE_PREFIX)));
    }

    #[test]
    fn names_are_unique() {
        for table in Table::ALL {
            let mut names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len());
        }
    }

    #[test]
    fn versions_only_add_columns_at_the_end_that_may_be_null() {
        for Table { record, version, columns } in Table::ALL {
            assert!(columns.is_sorted_by_key(|column| column.since), "{record}");
            assert!(columns.iter().all(|column| column.nullable || column.since == 1), "{record}");
            assert!(columns.iter().all(|column| (1..=version).contains(&column.since)), "{record}");
            assert_eq!(columns.last().map(|column| column.since), Some(version), "{record}");
        }
    }
}
