//! How far the probabilities of the two sides are off.

mod calibration_error;

use tiltmeter_stats::{CalibrationBins, ScoredLabels, brier, calibration, log_loss};

use super::LabelledComparison;
use crate::Estimate;
use crate::performance::{LEVEL, bounds, measured};
use crate::shadow::known::{mean, undefined};
use crate::shadow::resample::Resample;
use crate::shadow::rows::Rows;

/// As [`log_loss`] clips them: the double next to 0 and 1, as in scikit-learn.
const NEAREST: f64 = f64::EPSILON;

/// Of rows with a label and both scores, champion's and challenger's.
pub(super) fn compare(
    rows: &Rows,
    labels: &[bool],
    scores: [&[f64]; 2],
    resample: Resample,
    found: &mut LabelledComparison,
) {
    let [champion, challenger] = scores;
    let is_probability = |scores: &[f64]| scores.iter().all(|score| (0.0..=1.0).contains(score));
    if !(is_probability(champion) && is_probability(challenger)) {
        let none = || undefined("scores are not probabilities from 0 to 1");
        (found.champion_brier, found.challenger_brier, found.brier_difference) = (none(), none(), none());
        (found.champion_log_loss, found.challenger_log_loss) = (none(), none());
        found.log_loss_difference = none();
        (found.champion_bias, found.challenger_bias, found.bias_difference) = (none(), none(), none());
        (found.champion_calibration_error, found.challenger_calibration_error) = (none(), none());
        found.calibration_error_difference = none();
        return;
    }
    let sides = scores.map(|scores| match rows.weights() {
        None => ScoredLabels::new(labels, scores),
        Some(weights) => ScoredLabels::weighted(labels, scores, weights),
    });
    let [first, second] = sides.clone().map(|rows| {
        measured(
            rows.and_then(brier)
                .map(|loss| Estimate::new(loss.value, loss.interval(LEVEL).map(bounds), loss.standard_error)),
        )
    });
    (found.champion_brier, found.challenger_brier) = (first, second);
    let [first, second] = sides.clone().map(|rows| {
        measured(
            rows.and_then(log_loss)
                .map(|loss| Estimate::new(loss.value, loss.interval(LEVEL).map(bounds), loss.standard_error)),
        )
    });
    (found.champion_log_loss, found.challenger_log_loss) = (first, second);

    let difference = |loss: fn(bool, f64) -> f64| {
        let of_row = |((label, one), other): ((&bool, &f64), &f64)| loss(*label, *other) - loss(*label, *one);
        let differences: Vec<f64> = labels.iter().zip(champion).zip(challenger).map(of_row).collect();
        mean(rows.sample(&differences))
    };
    let outcome = |label: bool| f64::from(u8::from(label));
    found.brier_difference = difference(|label, score| (score - f64::from(u8::from(label))).powi(2));
    found.log_loss_difference = difference(|label, score| {
        let of_truth = if label { score } else { 1.0 - score };
        -of_truth.clamp(NEAREST, 1.0 - NEAREST).ln()
    });
    found.bias_difference = difference(|_, score| score);
    let bias = |scores: &[f64]| {
        let biases: Vec<f64> =
            scores.iter().zip(labels).map(|(score, label)| score - outcome(*label)).collect();
        mean(rows.sample(&biases))
    };
    (found.champion_bias, found.challenger_bias) = (bias(champion), bias(challenger));
    let [first, second] = sides.map(|rows| {
        let bins = CalibrationBins::default();
        let found = rows.and_then(|rows| calibration(rows, bins));
        measured(found.map(|found| Estimate::new(found.expected_calibration_error, None, None)))
    });
    (found.champion_calibration_error, found.challenger_calibration_error) = (first, second);
    found.calibration_error_difference = calibration_error::difference(rows, labels, scores, resample);
}
