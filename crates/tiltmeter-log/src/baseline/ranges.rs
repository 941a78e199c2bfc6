//! Which values are outside of what the baseline has seen.

use std::sync::Arc;

use tiltmeter_record::schema::{SCORE_COLUMN, profiled_column};
use tiltmeter_record::{ModelSpec, Prediction, Value};
use tiltmeter_stats::{Baseline, BaselineColumn, ColumnSummary};

/// The range that each feature of a model has in its baseline, and how its scores are distributed there.
#[derive(Clone, Debug)]
pub(crate) struct BaselineRanges {
    baseline: Arc<Baseline>,
    /// By feature of the spec.
    features: Vec<FeatureRange>,
    /// The place of the scores among the baseline's columns.
    scores: Option<usize>,
}

/// What a feature has been in the baseline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FeatureRange {
    /// The baseline does not say: no value is outside.
    Any,
    /// From the first to the second.
    Numbers(f64, f64),
    /// One of these, in order.
    Categories(Vec<String>),
}

impl BaselineRanges {
    /// The ranges of `baseline`, which is of the model of `spec`: who calls this has compared its subject.
    pub(crate) fn new(spec: &ModelSpec, baseline: Arc<Baseline>) -> Self {
        let range = |name: &str| baseline.column(name).map_or(FeatureRange::Any, FeatureRange::of);
        let features = spec.features.iter().map(|feature| range(&profiled_column(&feature.name))).collect();
        let scores = baseline.columns().iter().position(|column| column.name() == SCORE_COLUMN);
        Self { baseline, features, scores }
    }

    /// Whether a feature of the row is outside of its range. A missing value is not, nor is NaN.
    pub(crate) fn is_outside(&self, row: &Prediction) -> bool {
        self.features.iter().zip(&row.features).any(|(range, value)| range.is_outside(value))
    }

    /// The range of the feature at that place of the spec.
    pub(crate) fn feature(&self, place: usize) -> &FeatureRange {
        self.features.get(place).unwrap_or(&FeatureRange::Any)
    }

    /// The share of the baseline's scores that are at most `score`, from 0 to 1; `None` for NaN, and where the baseline has no
    /// scores. O(log n).
    pub(crate) fn score_quantile(&self, score: f64) -> Option<f64> {
        match self.baseline.columns().get(self.scores?)?.summary() {
            ColumnSummary::Numeric { ecdf, .. } if !score.is_nan() => Some(ecdf.at(score)),
            _ => None,
        }
    }
}

impl FeatureRange {
    fn of(column: &BaselineColumn) -> Self {
        match column.summary() {
            ColumnSummary::Numeric { ecdf, .. } => {
                // the days may have values that the function has been thinned of; infinite ones it has alone
                let moments = column.moments();
                let low = moments.min().map_or(ecdf.min(), |low| low.min(ecdf.min()));
                let high = moments.max().map_or(ecdf.max(), |high| high.max(ecdf.max()));
                Self::Numbers(low, high)
            }
            // without days it is not known whether there are others
            ColumnSummary::Categorical { categories } => match column.counts().as_slice() {
                [known @ .., others] if *others <= 0.0 && known.iter().sum::<f64>() > 0.0 => {
                    Self::Categories(categories.clone())
                }
                _ => Self::Any,
            },
            _ => Self::Any,
        }
    }

    /// Whether the value is outside.
    pub(crate) fn is_outside(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Numbers(low, high), Value::Float(value)) => value < low || value > high,
            (Self::Numbers(low, high), Value::Integer(value)) => {
                let value = *value as f64;
                value < *low || value > *high
            }
            (Self::Categories(_), Value::Text(text)) => self.is_other(text),
            (Self::Categories(_), Value::Boolean(true)) => self.is_other("true"),
            (Self::Categories(_), Value::Boolean(false)) => self.is_other("false"),
            _ => false,
        }
    }

    /// Whether the baseline has categories, and not this one.
    pub(crate) fn is_other(&self, category: &str) -> bool {
        match self {
            Self::Categories(categories) => {
                categories.binary_search_by(|known| known.as_str().cmp(category)).is_err()
            }
            Self::Any | Self::Numbers(..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use tiltmeter_stats::{DayProfile, Ecdf, Moments, QuantileBins};

    use super::*;
    use crate::conformance::row;
    use crate::testing::{SPEC, spec};

    fn numbers(name: &str, values: &[f64]) -> BaselineColumn {
        let bins = QuantileBins::of(values, 4).unwrap();
        let day = DayProfile {
            day: 0,
            missing: 0.0,
            counts: bins.count(values).counts,
            moments: Moments::of(values),
        };
        let summary = ColumnSummary::Numeric { bins, ecdf: Ecdf::of(values).unwrap() };
        BaselineColumn::new(name, summary, vec![day]).unwrap()
    }

    fn categories(name: &str, categories: &[&str], counts: &[f64]) -> BaselineColumn {
        let day = DayProfile { day: 0, missing: 0.0, counts: counts.to_vec(), moments: Moments::empty() };
        let categories = categories.iter().map(|&name| name.to_owned()).collect();
        BaselineColumn::new(name, ColumnSummary::Categorical { categories }, vec![day]).unwrap()
    }

    fn ranges(others: f64) -> BaselineRanges {
        let columns = vec![
            numbers("score", &[0.1, 0.2, 0.2, 0.9]),
            numbers("age", &[18.0, 30.0, 99.0]),
            numbers("visits", &[0.0, 7.0]),
            categories("plan", &["free", "gold"], &[3.0, 1.0, others]),
            categories("active", &["true"], &[4.0, 0.0]),
        ];
        BaselineRanges::new(&spec(SPEC), Arc::new(Baseline::new("churn", columns, None).unwrap()))
    }

    fn is_outside(ranges: &BaselineRanges, features: [Value; 4]) -> bool {
        let mut row = row(0);
        row.features = features.into();
        ranges.is_outside(&row)
    }

    #[test]
    fn a_value_that_the_baseline_has_not_seen_is_outside_and_a_missing_one_is_not() {
        let ranges = ranges(0.0);
        let inside = || [18.0.into(), 7_i64.into(), "gold".into(), true.into()];
        assert!(!is_outside(&ranges, inside()));
        for (place, value) in [
            (0, Value::Float(17.9)),
            (0, Value::Float(99.1)),
            (0, Value::Float(f64::INFINITY)),
            (1, Value::Integer(8)),
            (1, Value::Integer(-1)),
            (2, Value::from("platinum")),
            (3, Value::from(false)),
        ] {
            let mut features = inside();
            features[place] = value.clone();
            assert!(is_outside(&ranges, features), "{value:?}");
        }
        assert!(!is_outside(&ranges, std::array::from_fn(|_| Value::Missing)));
        let mut features = inside();
        features[0] = f64::NAN.into();
        assert!(!is_outside(&ranges, features));
    }

    #[test]
    fn where_the_baseline_does_not_hold_all_categories_none_is_outside() {
        let features = [18.0.into(), 7_i64.into(), "platinum".into(), true.into()];
        assert!(!is_outside(&ranges(1.0), features));
    }

    #[test]
    fn what_the_baseline_does_not_know_is_not_outside() {
        let nothing = Arc::new(Baseline::new("churn", vec![], None).unwrap());
        let ranges = BaselineRanges::new(&spec(SPEC), nothing);
        assert!(!is_outside(&ranges, [1e9.into(), 7_i64.into(), "x".into(), true.into()]));
        assert_eq!(ranges.score_quantile(0.5), None);
    }

    #[test]
    fn a_score_has_the_share_of_the_scores_up_to_it() {
        let ranges = ranges(0.0);
        assert_eq!(
            [0.0, 0.2, 1.0].map(|score| ranges.score_quantile(score)),
            [Some(0.0), Some(0.75), Some(1.0)]
        );
        assert_eq!(ranges.score_quantile(f64::NAN), None);
    }
}
