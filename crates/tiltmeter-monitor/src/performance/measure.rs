//! Measures the scores of some rows.

use tiltmeter_stats::{
    CalibrationBins, Interval, Sample, ScoredLabels, brier, calibration, hajek_mean, log_loss, roc_auc,
};

use super::{CalibrationSummary, Quality, ReliabilityBin, SampledQuality};
use crate::losses::LossyRows;
use crate::{Estimate, Measured, SampledRows};

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
    figures(predictions, &known_labels, &known_scores, None)
}

/// The same of rows that may have been sampled: `labels` has one for each row of the table (0 or 1, NaN where there is
/// none). Where all rows were kept for certain it is [`quality`] of them, to the last bit.
///
/// # Panics
/// When there are not as many labels as predictions.
#[must_use]
pub fn quality_of_rows(rows: &SampledRows<'_>, labels: &[f64]) -> Quality {
    let scores = rows.predictions().score();
    if rows.inclusion().is_none() {
        return quality(scores, labels, rows.rows().iter().copied());
    }
    let known = rows.filtered(|row| !scores[row].is_nan() && !labels[row].is_nan());
    let known_labels: Vec<bool> = known.rows().iter().map(|&row| labels[row] > 0.5).collect();
    let known_scores = known.values(|row| scores[row]);
    let measured = figures(rows.len() as u64, &known_labels, &known_scores, known.weights());
    let sampled = SampledQuality::of(rows, &known, labels, (&known_labels, &known_scores));
    Quality { sampled: Some(sampled), ..measured }
}

/// What rows are measured by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// By row of the table.
    pub(crate) labels: &'a [f64],
    pub(crate) losses: Option<&'a LossyRows>,
}

impl Known<'_> {
    /// [`quality_of_rows`], and what was lost.
    pub(crate) fn quality(&self, rows: &SampledRows<'_>) -> Quality {
        let quality = quality_of_rows(rows, self.labels);
        match self.losses {
            Some(losses) => losses.marked(rows, quality),
            None => quality,
        }
    }
}

fn figures(predictions: u64, labels: &[bool], scores: &[f64], weights: Option<&[f64]>) -> Quality {
    let labelled = labels.len() as u64;
    let positives = labels.iter().filter(|label| **label).count() as u64;
    let (mean_score, rows) = match weights {
        None => {
            let mean = (labelled > 0).then(|| scores.iter().sum::<f64>() / labelled as f64);
            (mean, ScoredLabels::new(labels, scores))
        }
        Some(weights) => {
            let mean = Sample::weighted(scores, weights).and_then(hajek_mean).ok().map(|mean| mean.value);
            (mean, ScoredLabels::weighted(labels, scores, weights))
        }
    };

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
    let defined = |quality: Quality| match (predictions, labelled) {
        (0, _) => quality.without_figures("there are no predictions"),
        (_, 0) => quality.without_figures("no prediction has a score and a label"),
        _ => quality,
    };
    let calibration = rows.and_then(|rows| calibration(rows, CalibrationBins::default())).ok();
    defined(Quality {
        predictions,
        labelled,
        positives,
        mean_score,
        roc_auc: measured(auc),
        brier: measured(brier),
        log_loss: measured(log_loss),
        calibration: calibration.map(|found| summary(&found)),
        lossy_rows: 0,
        lost_share: 0.0,
        sampled: None,
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
        debiased_calibration_error: found.debiased_calibration_error(),
        bias: Measured::Known(Estimate::new(found.bias, bias_interval, found.bias_standard_error)),
        bins: bins.collect(),
    }
}

pub(crate) fn bounds(interval: Interval) -> (f64, f64) {
    (interval.lower, interval.upper)
}
