//! The columns of the prediction table: their names, types and meaning, in one place.
//!
//! The schema is versioned. A new version only adds columns, and every column that is added may be NULL, so that
//! a reader sees the files of all versions as one table.

use crate::FeatureName;

/// The version of the schema that this build writes, in the column `schema_version`.
pub const SCHEMA_VERSION: i32 = 1;

/// What stands before the name of a feature in the name of its column: `feature_dep_delay`.
///
/// No column of our own begins with it, so that a feature may have any name.
pub const FEATURE_PREFIX: &str = "feature_";

/// The column of a feature.
#[must_use]
pub fn feature_column(name: &FeatureName) -> String {
    format!("{FEATURE_PREFIX}{name}")
}

/// The type of a column of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// A signed 16-bit number.
    Int16,
    /// A signed 32-bit number.
    Int32,
    /// A signed 64-bit number.
    Int64,
    /// A 64-bit floating-point number.
    Float64,
    /// Microseconds since 1970-01-01T00:00:00Z, marked as UTC.
    TimestampMicrosUtc,
    /// The type that the model spec gives to the prediction.
    Prediction,
}

/// A column of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What it holds.
    pub doc: &'static str,
}

const fn required(name: &'static str, column_type: ColumnType, doc: &'static str) -> Column {
    Column { name, column_type, nullable: false, doc }
}

const fn nullable(name: &'static str, column_type: ColumnType, doc: &'static str) -> Column {
    Column { name, column_type, nullable: true, doc }
}

/// The columns of our own, in the order in which they are written. The features follow, one column each, in the
/// order of the model spec, all of them nullable.
///
/// The name of the model and the UTC date of `event_time` are partitions of the table (`model_name=…/date=…`) and
/// do not stand inside the files.
pub const COLUMNS: &[Column] = &[
    required(
        "prediction_id",
        ColumnType::Text,
        "UUIDv7 made by the server, unique per instance of a request",
    ),
    required("request_id", ColumnType::Text, "the client's name for the request; may repeat on retries"),
    required("instance_index", ColumnType::Int32, "place of the instance in a batched request, from 0"),
    required("writer_id", ColumnType::Text, "the instance and incarnation of the process that wrote the row"),
    required(
        "sequence",
        ColumnType::Int64,
        "place of the row among its writer's, from 0; a hole is a row that was decoded and not written",
    ),
    nullable("entity_id", ColumnType::Text, "what the prediction is about; labels are joined on it"),
    nullable("model_version", ColumnType::Text, "version of the model that answered"),
    required("event_time", ColumnType::TimestampMicrosUtc, "the application's time of the event"),
    required("observed_at", ColumnType::TimestampMicrosUtc, "the server's time when the request arrived"),
    nullable("prediction", ColumnType::Prediction, "the decision"),
    nullable("score", ColumnType::Float64, "the model's score"),
    nullable("confidence", ColumnType::Float64, "the model's confidence in its prediction"),
    required("latency_ms", ColumnType::Float64, "milliseconds until the response body had ended"),
    required("serving_node", ColumnType::Text, "host or pod that served the request"),
    required("endpoint", ColumnType::Text, "route template that the request matched"),
    nullable("status", ColumnType::Int16, "HTTP status; NULL when no response was begun"),
    nullable(
        "error_type",
        ColumnType::Text,
        "why there is no answer, or none that could be read; NULL when all went well",
    ),
    nullable(
        "raw_input",
        ColumnType::Text,
        "text of the request body, where the model spec asks for it, on instance 0",
    ),
    nullable("rescued", ColumnType::Text, "JSON object of values that did not fit their column, by column"),
    required("schema_version", ColumnType::Int32, "version of this schema"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_of_ours_looks_like_a_feature() {
        assert!(COLUMNS.iter().all(|column| !column.name.starts_with(FEATURE_PREFIX)));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COLUMNS.len());
    }
}
