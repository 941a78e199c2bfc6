//! What stands for the score of a prediction, of every kind of model.

use tiltmeter_record::spec::ModelKind;
use tiltmeter_record::{ModelSpec, Prediction, Value};

/// The score of a row: what the model said, else
///
/// - of a multiclass model the probability of its most probable class,
/// - of a ranking the score of its first item,
/// - of a regression the prediction, where that is a number.
///
/// `None` where there is none of these. It may be NaN or infinite, as codecs may say so.
pub(crate) fn row_score(spec: &ModelSpec, row: &Prediction) -> Option<f64> {
    row.score.or_else(|| match spec.kind {
        ModelKind::Multiclass => top_probability(row),
        ModelKind::Ranking => row.ranking.as_deref()?.first()?.score,
        ModelKind::Regression => match row.prediction {
            Value::Float(value) => Some(value),
            Value::Integer(value) => Some(value as f64),
            Value::Missing | Value::Boolean(_) | Value::Text(_) => None,
        },
        _ => None,
    })
}

/// The probability of the most probable class; `None` without any that is a number.
pub(crate) fn top_probability(row: &Prediction) -> Option<f64> {
    let probabilities = row.class_probabilities.as_deref()?.iter().map(|(_, probability)| *probability);
    probabilities.filter(|probability| !probability.is_nan()).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tiltmeter_record::RankedItem;

    use super::*;
    use crate::conformance::row;
    use crate::testing::spec;

    fn of_kind(kind: &str, output: &str) -> Arc<ModelSpec> {
        spec(&format!(
            "{{spec_version: 1, name: churn, type: {kind}, owner: crm, tier: 2, endpoint: {{path: /p}}, \
             response: {{{output}}}, features: {{age: float}}}}"
        ))
    }

    #[test]
    fn each_kind_of_model_has_a_score() {
        let mut several = row(0);
        several.class_probabilities =
            Some([("a", 0.2), ("b", f64::NAN), ("c", 0.7)].map(|(c, p)| (c.into(), p)).into());
        several.ranking = Some([RankedItem { item: "x".into(), score: Some(3.5) }].into());
        several.prediction = Value::Integer(7);
        several.score = None;
        let score = |kind, output| row_score(&of_kind(kind, output), &several);
        assert_eq!(score("binary", "score: /score"), None);
        assert_eq!(score("multiclass", "score: /score"), Some(0.7));
        assert_eq!(score("ranking", "ranking: /r"), Some(3.5));
        assert_eq!(score("regression", "prediction: /p"), Some(7.0));
        several.score = Some(0.1);
        for (kind, output) in
            [("binary", "score: /s"), ("multiclass", "score: /s"), ("ranking", "ranking: /r")]
        {
            assert_eq!(row_score(&of_kind(kind, output), &several), Some(0.1), "{kind}");
        }
    }
}
