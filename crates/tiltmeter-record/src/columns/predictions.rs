//! Logged predictions, column by column.

use super::{Categories, InclusionColumns, Texts, UnequalLengths};
use crate::{FeatureName, ModelName};

/// The values of one feature.
#[derive(Clone, Debug)]
pub enum ColumnValues {
    /// Floats and integers; NaN is a missing value. An integer beyond 2^53 is rounded.
    Numbers(Vec<f64>),
    /// Texts and booleans.
    Categories(Categories),
}

impl ColumnValues {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Categories(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A feature: its name and its values.
#[derive(Clone, Debug)]
pub struct FeatureColumn {
    /// Its name, without the prefix of the table's column.
    pub name: FeatureName,
    /// One value a row.
    pub values: ColumnValues,
}

/// Predictions of one model, column by column. All columns have the same number of rows; the order of the rows
/// means nothing.
#[derive(Clone, Debug)]
pub struct PredictionColumns {
    model: ModelName,
    event_time: Vec<i64>,
    entity_id: Texts,
    model_version: Categories,
    score: Vec<f64>,
    features: Vec<FeatureColumn>,
    inclusion: Option<InclusionColumns>,
}

impl PredictionColumns {
    /// Puts columns together; `event_time` is in microseconds since 1970-01-01T00:00:00Z, a score of NaN is missing.
    ///
    /// # Errors
    /// When the columns have different numbers of rows.
    pub fn new(
        model: ModelName,
        event_time: Vec<i64>,
        entity_id: Texts,
        model_version: Categories,
        score: Vec<f64>,
        features: Vec<FeatureColumn>,
    ) -> Result<Self, UnequalLengths> {
        let rows = event_time.len();
        UnequalLengths::check("entity_id", entity_id.len(), rows)?;
        UnequalLengths::check("model_version", model_version.len(), rows)?;
        UnequalLengths::check("score", score.len(), rows)?;
        for feature in &features {
            UnequalLengths::check(feature.name.as_str(), feature.values.len(), rows)?;
        }
        Ok(Self { model, event_time, entity_id, model_version, score, features, inclusion: None })
    }

    /// With what is known of how the rows came to be there. Without, each was kept for certain, and is a request of its own.
    ///
    /// # Errors
    /// When `inclusion` has another number of rows.
    pub fn with_inclusion(self, inclusion: InclusionColumns) -> Result<Self, UnequalLengths> {
        UnequalLengths::check("inclusion_probability", inclusion.len(), self.len())?;
        Ok(Self { inclusion: Some(inclusion), ..self })
    }

    /// Takes out what is known of how the rows came to be there, for a stage that works on it and
    /// [puts it back](Self::with_inclusion).
    pub fn take_inclusion(&mut self) -> Option<InclusionColumns> {
        self.inclusion.take()
    }

    /// The model that made the predictions.
    #[must_use]
    pub fn model(&self) -> &ModelName {
        &self.model
    }

    /// The application's time of each event, in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn event_time(&self) -> &[i64] {
        &self.event_time
    }

    /// What each prediction is about.
    #[must_use]
    pub fn entity_id(&self) -> &Texts {
        &self.entity_id
    }

    /// The version of the model that answered.
    #[must_use]
    pub fn model_version(&self) -> &Categories {
        &self.model_version
    }

    /// The score; NaN where there is none.
    #[must_use]
    pub fn score(&self) -> &[f64] {
        &self.score
    }

    /// The features, in the order of the model spec.
    #[must_use]
    pub fn features(&self) -> &[FeatureColumn] {
        &self.features
    }

    /// With what probability the rows were kept, and with which others; `None` where all were, each for itself.
    #[must_use]
    pub fn inclusion(&self) -> Option<&InclusionColumns> {
        self.inclusion.as_ref()
    }

    /// How many predictions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.event_time.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.event_time.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_different_lengths_are_refused() {
        let feature = FeatureColumn {
            name: "age".parse().unwrap(),
            values: ColumnValues::Categories(Categories::from_iter([Some("a")])),
        };
        let build = |ids: Texts, features| {
            PredictionColumns::new(
                "churn".parse().unwrap(),
                vec![0, 1],
                ids,
                Categories::from_iter([None, None]),
                vec![0.5, 0.5],
                features,
            )
            .map(|columns| columns.len())
            .map_err(|error| error.to_string())
        };
        let two = Texts::from_iter([None, Some("x")]);
        assert_eq!(build(two.clone(), vec![]), Ok(2));
        assert_eq!(
            build(Texts::new(), vec![]).unwrap_err(),
            "column entity_id has 0 rows, the first one has 2"
        );
        assert_eq!(build(two, vec![feature]).unwrap_err(), "column age has 1 rows, the first one has 2");
    }
}
