//! The columns that are looked at: the score, and every feature.

use tiltmeter_record::FeatureName;
use tiltmeter_record::columns::{Categories, ColumnValues, PredictionColumns};

/// The name under which the model's score stands among the columns.
pub const SCORE: &str = tiltmeter_record::schema::SCORE_COLUMN;

/// The name under which a feature stands among the columns: its own, except of a feature that is called as a column of
/// ours, such as `score`, which is `feature_score`.
#[must_use]
pub fn column_of(feature: &FeatureName) -> String {
    tiltmeter_record::schema::profiled_column(feature)
}

/// The values of one column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values<'a> {
    Numbers(&'a [f64]),
    Categories(&'a Categories),
}

impl<'a> Values<'a> {
    fn of(values: &'a ColumnValues) -> Self {
        match values {
            ColumnValues::Numbers(values) => Self::Numbers(values),
            ColumnValues::Categories(values) => Self::Categories(values),
        }
    }
}

/// The score, then the features in the order of the table.
pub(crate) fn columns(table: &PredictionColumns) -> impl Iterator<Item = (String, Values<'_>)> {
    let score = (SCORE.to_owned(), Values::Numbers(table.score()));
    let features =
        table.features().iter().map(|feature| (column_of(&feature.name), Values::of(&feature.values)));
    std::iter::once(score).chain(features)
}
