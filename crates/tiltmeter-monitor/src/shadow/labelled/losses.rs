//! How far the probabilities of the two sides are off.

use tiltmeter_stats::{
    CalibrationBins, CalibrationDifference, LossDifference, ScoredLabels, brier, brier_difference,
    brier_difference_weighted, calibration, calibration_difference, calibration_difference_weighted,
    log_loss, log_loss_difference, log_loss_difference_weighted,
};

use super::LabelledComparison;
use crate::performance::{LEVEL, bounds, measured};
use crate::shadow::known::{mean, undefined};
use crate::shadow::rows::Rows;
use crate::{Estimate, Measured};

/// Of rows with a label and both scores, champion's and challenger's.
pub(super) fn compare(rows: &Rows, labels: &[bool], scores: [&[f64]; 2], found: &mut LabelledComparison) {
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
    let difference = |found: tiltmeter_stats::Result<LossDifference>| {
        measured(found.map(|found| {
            Estimate::new(found.difference, found.interval(LEVEL).map(bounds), found.standard_error)
        }))
    };
    found.brier_difference = difference(match rows.weights() {
        None => brier_difference(labels, challenger, champion),
        Some(weights) => brier_difference_weighted(labels, challenger, champion, weights),
    });
    found.log_loss_difference = difference(match rows.weights() {
        None => log_loss_difference(labels, challenger, champion),
        Some(weights) => log_loss_difference_weighted(labels, challenger, champion, weights),
    });
    biases(rows, labels, scores, found);

    let [first, second] = sides.map(|rows| {
        let found = rows.and_then(|rows| calibration(rows, CalibrationBins::default()));
        found.ok().map(|found| found.expected_without_miscalibration)
    });
    (found.champion_calibration_error_by_chance, found.challenger_calibration_error_by_chance) =
        (first, second);
    // scores that are the labels have an error of 0, and no chance in it
    let perfect: Vec<f64> = labels.iter().map(|label| outcome(*label)).collect();
    found.champion_calibration_error = calibration_error(rows, labels, champion, &perfect);
    found.challenger_calibration_error = calibration_error(rows, labels, challenger, &perfect);
    found.calibration_error_difference = calibration_error(rows, labels, challenger, champion);
}

fn outcome(label: bool) -> f64 {
    f64::from(u8::from(label))
}

fn biases(rows: &Rows, labels: &[bool], [champion, challenger]: [&[f64]; 2], found: &mut LabelledComparison) {
    let bias = |scores: &[f64]| {
        let biases: Vec<f64> =
            scores.iter().zip(labels).map(|(score, label)| score - outcome(*label)).collect();
        mean(rows.sample(&biases))
    };
    (found.champion_bias, found.challenger_bias) = (bias(champion), bias(challenger));
    let differences: Vec<f64> = champion.iter().zip(challenger).map(|(one, other)| other - one).collect();
    found.bias_difference = mean(rows.sample(&differences));
}

/// The first's less the second's.
fn calibration_error(rows: &Rows, labels: &[bool], first: &[f64], second: &[f64]) -> Measured {
    let bins = CalibrationBins::default();
    let found = match rows.weights() {
        None => calibration_difference(labels, first, second, bins),
        Some(weights) => calibration_difference_weighted(labels, first, second, weights, bins),
    };
    // no standard error: where a side is well calibrated it is not half the story
    measured(found.map(|found: CalibrationDifference| {
        Estimate::new(found.difference, found.interval(LEVEL).map(bounds), None)
    }))
}
