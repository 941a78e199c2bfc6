//! How good the scores of some rows are.

use super::SampledQuality;
use crate::Measured;

/// How good the scores of a group of predictions are, as far as their labels are known.
///
/// Where rows were sampled, counts are those of the rows that are there, and figures are weighted: they estimate what all
/// predictions would give, and their intervals are about the model, as they are without sampling.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// Predictions of the group.
    pub predictions: u64,
    /// Those of them with a score and a label.
    pub labelled: u64,
    /// Those of them whose label is 1.
    pub positives: u64,
    /// The mean score of those with a label; `None` when there are none.
    pub mean_score: Option<f64>,
    /// The area under the ROC curve, with DeLong's interval.
    pub roc_auc: Measured,
    /// The Brier score.
    pub brier: Measured,
    /// The log loss, in nats.
    pub log_loss: Measured,
    /// How scores and frequencies agree; `None` without labelled rows.
    pub calibration: Option<CalibrationSummary>,
    /// Those of the predictions that were observed in a minute in which some were lost on the way to the log: how far figures
    /// rest on the assumption by which losses are corrected.
    pub lossy_rows: u64,
    /// The share of all predictions of the group that was lost, from 0 to 1, estimated: the mean over rows, weighted, of the
    /// share that was lost in the minute of each.
    pub lost_share: f64,
    /// What the rows say of all logged predictions; `None` where these are all there were.
    pub sampled: Option<SampledQuality>,
}

/// How scores and frequencies agree.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationSummary {
    /// The expected calibration error over ten bins of equal width.
    pub expected_calibration_error: f64,
    /// What a perfectly calibrated model would show at these counts.
    pub expected_without_miscalibration: f64,
    /// The error without what chance adds to it, as far as that can be told: what groups of different size are compared by.
    pub debiased_calibration_error: f64,
    /// Mean score less frequency of label 1, with its interval.
    pub bias: Measured,
    /// The bins that are not empty.
    pub bins: Vec<ReliabilityBin>,
}

/// One bin of the reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Rows in it.
    pub count: u64,
    /// Their mean score.
    pub mean_score: f64,
    /// Their frequency of label 1.
    pub observed: f64,
    /// Wilson's interval of it.
    pub interval: (f64, f64),
}

impl Quality {
    /// The share of predictions that have a label; `None` when there are no predictions.
    #[must_use]
    pub fn match_rate(&self) -> Option<f64> {
        match &self.sampled {
            Some(sampled) => sampled.match_rate.value(),
            None => share(self.labelled, self.predictions),
        }
    }

    /// The frequency of label 1; `None` when nothing is labelled.
    #[must_use]
    pub fn base_rate(&self) -> Option<f64> {
        match &self.sampled {
            Some(sampled) => sampled.base_rate.value(),
            None => share(self.positives, self.labelled),
        }
    }

    /// How many labelled predictions, kept whatever is in them, would tell as much as those that are there.
    #[must_use]
    pub fn effective_labelled(&self) -> f64 {
        self.sampled.as_ref().map_or(self.labelled as f64, |sampled| sampled.effective_labelled)
    }
}

impl Quality {
    /// The counts alone.
    pub(crate) fn without_figures(self, reason: &str) -> Self {
        let none = || Measured::Undefined(reason.to_owned());
        let sampled = self.sampled.map(|sampled| sampled.without_figures(reason));
        Self {
            roc_auc: none(),
            brier: none(),
            log_loss: none(),
            mean_score: None,
            calibration: None,
            sampled,
            ..self
        }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
