//! What sampled rows say of all predictions that were logged.

use tiltmeter_stats::{
    CalibrationBins, DesignEstimate, design_brier, design_calibration_error, design_log_loss, design_roc_auc,
};

use super::measure::{LEVEL, bounds, measured};
use crate::{Estimate, Measured, SampledRows};

/// What sampled rows say of all logged predictions of a group: the figures that these would have given, with intervals of
/// what the sampling leaves unknown. Rows that were kept for certain add nothing to them.
///
/// The intervals of [`Quality`](super::Quality) are about the model instead, and longer.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledQuality {
    /// How many predictions there were.
    pub predictions: Measured,
    /// How many of them have a score and a label.
    pub labelled: Measured,
    /// How many labelled predictions, kept whatever is in them, would tell as much (Kish).
    pub effective_labelled: f64,
    /// The share that has a score and a label.
    pub match_rate: Measured,
    /// The frequency of label 1.
    pub base_rate: Measured,
    /// The mean score of those with a label.
    pub mean_score: Measured,
    /// The area under the ROC curve.
    pub roc_auc: Measured,
    /// The Brier score.
    pub brier: Measured,
    /// The log loss, in nats.
    pub log_loss: Measured,
    /// The expected calibration error over ten bins of equal width, without what the sampling adds to it.
    pub expected_calibration_error: Measured,
}

impl SampledQuality {
    /// `known` are the rows with a score and a label, whose `scores` and `labels` these are; `label` has those of the table.
    pub(super) fn of(
        rows: &SampledRows<'_>,
        known: &SampledRows<'_>,
        label: &[f64],
        (labels, scores): (&[bool], &[f64]),
    ) -> Self {
        let score = rows.predictions().score();
        let is_known = |row: usize| !score[row].is_nan() && !label[row].is_nan();
        Self {
            predictions: of_all(rows.estimated_population()),
            labelled: of_all(rows.total_of_all(|row| f64::from(u8::from(is_known(row))))),
            effective_labelled: known.effective_sample_size(),
            match_rate: of_all(rows.share_of_all(is_known)),
            base_rate: of_all(known.share_of_all(|row| label[row] > 0.5)),
            mean_score: of_all(known.mean_of_all(|row| score[row])),
            roc_auc: of_all(known.design(|inclusion| design_roc_auc(labels, scores, inclusion))),
            brier: of_all(known.design(|inclusion| design_brier(labels, scores, inclusion))),
            log_loss: of_all(known.design(|inclusion| design_log_loss(labels, scores, inclusion))),
            expected_calibration_error: of_all(known.design(|inclusion| {
                design_calibration_error(labels, scores, inclusion, CalibrationBins::default())
            })),
        }
    }

    /// The counts alone.
    pub(super) fn without_figures(self, reason: &str) -> Self {
        let none = || Measured::Undefined(reason.to_owned());
        Self {
            mean_score: none(),
            roc_auc: none(),
            brier: none(),
            log_loss: none(),
            expected_calibration_error: none(),
            ..self
        }
    }
}

pub(crate) fn of_all(found: tiltmeter_stats::Result<DesignEstimate>) -> Measured {
    measured(found.map(|estimate| {
        let interval = estimate.interval(LEVEL).map(bounds);
        Estimate::new(estimate.value, interval, estimate.standard_error)
    }))
}
