//! What is told of a month: from all of its rows, or from those that were kept.

use std::fmt;

use tiltmeter_stats::{
    CalibrationBins, DesignEstimate, Inclusion, Result, ScoredLabels, calibration, design_brier,
    design_calibration_error, design_mean, design_roc_auc, design_share,
};

use crate::flights::Flights;
use crate::kept::Kept;

const BINS: CalibrationBins = CalibrationBins::Uniform(10);

/// A figure that has an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The area under the ROC curve.
    RocAuc,
    /// The Brier score.
    Brier,
    /// The mean score.
    MeanScore,
    /// The share of flights that arrived late.
    BaseRate,
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::RocAuc, Self::Brier, Self::MeanScore, Self::BaseRate];
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RocAuc => "ROC AUC",
            Self::Brier => "Brier score",
            Self::MeanScore => "mean score",
            Self::BaseRate => "base rate",
        })
    }
}

/// The rows of a month.
#[derive(Clone, Debug, Default)]
pub struct MonthRows {
    scores: Vec<f64>,
    probabilities: Vec<f64>,
    /// Of those whose label is known.
    labelled: Labelled,
}

#[derive(Clone, Debug, Default)]
struct Labelled {
    labels: Vec<bool>,
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

impl MonthRows {
    /// The rows of each month.
    #[must_use]
    pub fn of(flights: &Flights, kept: &Kept) -> Vec<Self> {
        let mut months = vec![Self::default(); flights.months.len()];
        for (&row, &probability) in kept.rows.iter().zip(&kept.probabilities) {
            let known = (flights.requests.get(row), flights.labels.get(row), flights.month.get(row));
            let (Some(request), Some(&label), Some(&Some(month))) = known else { continue };
            let Some(month) = months.get_mut(month) else { continue };
            month.push(request.answer.score, label, probability);
        }
        months
    }

    fn push(&mut self, score: f64, label: f64, probability: f64) {
        self.scores.push(score);
        self.probabilities.push(probability);
        if !label.is_nan() {
            self.labelled.labels.push(label > 0.5);
            self.labelled.scores.push(score);
            self.labelled.probabilities.push(probability);
        }
    }

    /// The same rows, as if they were a simple random sample of that rate: what who does not know of weights computes.
    #[must_use]
    pub fn unweighted(&self, rate: f64) -> Self {
        let mut same = self.clone();
        same.probabilities.fill(rate);
        same.labelled.probabilities.fill(rate);
        same
    }

    /// The estimate of `figure` over all rows of the month.
    ///
    /// # Errors
    /// When it does not exist, as the area of one class.
    pub fn estimate(&self, figure: Figure) -> Result<DesignEstimate> {
        let Labelled { labels, scores, probabilities } = &self.labelled;
        match figure {
            Figure::RocAuc => design_roc_auc(labels, scores, &Inclusion::new(probabilities)?),
            Figure::Brier => design_brier(labels, scores, &Inclusion::new(probabilities)?),
            Figure::MeanScore => design_mean(&self.scores, &Inclusion::new(&self.probabilities)?),
            Figure::BaseRate => design_share(labels, &Inclusion::new(probabilities)?),
        }
    }

    /// The expected calibration error with 10 bins: as it is, and debiased for what sampling adds to it.
    ///
    /// # Errors
    /// When there are no labelled rows.
    pub fn calibration_error(&self) -> Result<(f64, f64)> {
        let Labelled { labels, scores, probabilities } = &self.labelled;
        let inclusion = Inclusion::new(probabilities)?;
        let rows = ScoredLabels::weighted(labels, scores, inclusion.weights())?;
        let plain = calibration(rows, BINS)?.expected_calibration_error;
        Ok((plain, design_calibration_error(labels, scores, &inclusion, BINS)?.value))
    }
}
