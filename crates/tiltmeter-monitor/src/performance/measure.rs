//! Measures the scores of some rows.

use tiltmeter_stats::{CalibrationBins, Interval, ScoredLabels, brier, calibration, log_loss, roc_auc};

use super::{CalibrationSummary, Quality, ReliabilityBin};
use crate::{Estimate, Measured};

/// How sure intervals are.
pub(crate) const LEVEL: f64 = 0.95;

/// Measures the rows `rows` of a table of scores and labels (0 or 1, NaN where there is none). A row without a score
/// or without a label counts as a prediction, and not as labelled.
///
/// # Panics
/// When a row is not in the table.
#[must_use]
pub fn quality(scores: &[f64], labels: &[f64], rows: impl IntoIterator<Item = usize>) -> Quality {
    let mut predictions = 0;
    let (mut known_labels, mut known_scores) = (Vec::new(), Vec::new());
    for row in rows {
        predictions += 1;
        if !scores[row].is_nan() && !labels[row].is_nan() {
            known_labels.push(labels[row] > 0.5);
            known_scores.push(scores[row]);
        }
    }
    let labelled = known_labels.len() as u64;
    let positives = known_labels.iter().filter(|label| **label).count() as u64;
    let mean_score = (labelled > 0).then(|| known_scores.iter().sum::<f64>() / labelled as f64);
    let rows = ScoredLabels::new(&known_labels, &known_scores);

    let auc = rows
        .clone()
        .and_then(roc_auc)
        .map(|auc| Estimate::new(auc.value, auc.interval(LEVEL).map(bounds), auc.standard_error()));
    let brier = rows
        .clone()
        .and_then(brier)
        .map(|brier| Estimate::new(brier.value, brier.interval(LEVEL).map(bounds), brier.standard_error));
    let log_loss = rows
        .clone()
        .and_then(log_loss)
        .map(|loss| Estimate::new(loss.value, loss.interval(LEVEL).map(bounds), loss.standard_error));
    let figures = |quality: Quality| match (predictions, labelled) {
        (0, _) => quality.without_figures("there are no predictions"),
        (_, 0) => quality.without_figures("no prediction has a score and a label"),
        _ => quality,
    };
    let calibration = rows.and_then(|rows| calibration(rows, CalibrationBins::default())).ok();
    figures(Quality {
        predictions,
        labelled,
        positives,
        mean_score,
        roc_auc: measured(auc),
        brier: measured(brier),
        log_loss: measured(log_loss),
        calibration: calibration.map(|found| summary(&found)),
    })
}

pub(crate) fn measured(figure: tiltmeter_stats::Result<Estimate>) -> Measured {
    match figure {
        Ok(estimate) => Measured::Known(estimate),
        Err(error) => match error.undefined() {
            Some(reason) => Measured::Undefined(reason.to_string()),
            None => Measured::Undefined(error.to_string()),
        },
    }
}

fn summary(found: &tiltmeter_stats::Calibration) -> CalibrationSummary {
    let bins = found.bins.iter().filter_map(|bin| {
        let (mean_score, observed, interval) = (bin.mean_score?, bin.observed_rate?, bin.interval(LEVEL)?);
        Some(ReliabilityBin { count: bin.count as u64, mean_score, observed, interval: bounds(interval) })
    });
    let bias_interval = found.bias_interval(LEVEL).map(bounds);
    CalibrationSummary {
        expected_calibration_error: found.expected_calibration_error,
        expected_without_miscalibration: found.expected_without_miscalibration,
        bias: Measured::Known(Estimate::new(found.bias, bias_interval, found.bias_standard_error)),
        bins: bins.collect(),
    }
}

pub(crate) fn bounds(interval: Interval) -> (f64, f64) {
    (interval.lower, interval.upper)
}
