//! What a model said, in three numbers.

use tiltmeter_record::spec::ModelKind;
use tiltmeter_record::{ModelSpec, Prediction};

use crate::row_score::{row_score, top_probability};

/// Score, confidence and entropy, in this order; NaN where there is none.
pub(super) type Answer = [f64; 3];

/// What `row` says. The entropy is in nats, of the class probabilities or of a binary model's score; the confidence is the
/// row's, else the probability of the most probable class.
pub(super) fn answer(spec: &ModelSpec, row: &Prediction) -> Answer {
    let score = row_score(spec, row);
    let chance = match spec.kind {
        ModelKind::Binary => score.filter(|score| (0.0..=1.0).contains(score)),
        _ => None,
    };
    let confidence = row
        .confidence
        .or_else(|| top_probability(row))
        .or_else(|| chance.map(|chance| chance.max(1.0 - chance)));
    let entropy = match row.class_probabilities.as_deref() {
        Some(classes) => entropy(classes.iter().map(|(_, probability)| *probability)),
        None => chance.and_then(|chance| entropy([chance, 1.0 - chance].into_iter())),
    };
    [score, confidence, entropy].map(|number| number.unwrap_or(f64::NAN))
}

/// −Σ p ln p; `None` without probabilities, or where one is none.
fn entropy(mut probabilities: impl Iterator<Item = f64>) -> Option<f64> {
    let of = |probability: f64| match probability {
        0.0 => Some(0.0),
        0.0..=1.0 => Some(-probability * probability.ln()),
        _ => None,
    };
    let first = of(probabilities.next()?)?;
    probabilities.try_fold(first, |sum, probability| Some(sum + of(probability)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{model, row};

    #[test]
    fn a_binary_score_tells_confidence_and_entropy() {
        let spec = model("m").unwrap();
        let mut row = row(0);
        for (score, confidence, entropy) in
            [(0.5, 0.5, 2.0_f64.ln()), (0.25, 0.75, 0.562_335_144_618_808_3), (1.0, 1.0, 0.0)]
        {
            row.score = Some(score);
            let found = answer(&spec, &row);
            assert!((found[1] - confidence).abs() < 1e-15 && (found[2] - entropy).abs() < 1e-15, "{found:?}");
        }
        for score in [Some(7.5), Some(f64::NAN), Some(f64::INFINITY), None] {
            row.score = score;
            assert!(answer(&spec, &row)[1..].iter().all(|number| number.is_nan()), "{score:?}");
        }
        row.confidence = Some(0.3);
        assert_eq!(answer(&spec, &row)[1].to_bits(), 0.3_f64.to_bits());
    }

    #[test]
    fn class_probabilities_tell_more_than_the_score() {
        let spec = model("m").unwrap();
        let mut row = row(0);
        let classes = |probabilities: &[f64]| Some(probabilities.iter().map(|&p| ("c".into(), p)).collect());
        row.class_probabilities = classes(&[0.25; 4]);
        let [_, confidence, entropy] = answer(&spec, &row);
        assert!((confidence - 0.25).abs() < 1e-15 && (entropy - 4.0_f64.ln()).abs() < 1e-15);
        for wrong in [&[0.5, -0.1][..], &[f64::NAN], &[1.5], &[]] {
            row.class_probabilities = classes(wrong);
            assert!(answer(&spec, &row)[2].is_nan(), "{wrong:?}");
        }
    }
}
