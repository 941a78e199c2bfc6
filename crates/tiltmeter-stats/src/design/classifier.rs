//! How good a binary classifier was on all rows.

use super::estimate::{Counted, DesignEstimate, Scale};
use super::inclusion::Inclusion;
use super::mean::mean;
use crate::classification::{Classes, squared_error, surprise};
use crate::error::Result;
use crate::scored::ScoredLabels;

/// The area under the ROC curve over all rows, with the variance of what is not known of them.
///
/// The value is that of [`roc_auc`](crate::roc_auc) with the weights w = 1/π. With V the placements of its definition
/// and W the total weight of the row's class, a row has the influence (V − AUC)/W, so that
///
/// ```text
/// Var = Σ (1 − π) w² (V − AUC)² / W²
/// ```
///
/// over the rows of both classes, by cluster. Where [`roc_auc`](crate::roc_auc) says how good the model is, this says
/// what the area of all logged and labelled rows is; with all rows at hand it is exact. The interval is on the logit
/// scale. Cost: one sort, O(n log n).
///
/// # Errors
/// Undefined without rows ([`Empty`](crate::Undefined::Empty)), with one class ([`OneClass`](crate::Undefined::OneClass)),
/// and with scores that are NaN ([`MissingScores`](crate::Undefined::MissingScores)); invalid when there are not as many
/// labels or scores as probabilities.
///
/// ```
/// use tiltmeter_stats::{Inclusion, design_roc_auc};
///
/// let inclusion = Inclusion::new(&[1.0, 0.5, 0.5, 1.0, 0.5])?;
/// let auc = design_roc_auc(&[false, false, true, true, false], &[0.1, 0.4, 0.35, 0.8, 0.3], &inclusion)?;
/// assert_eq!(format!("{:.3} ± {:.3}", auc.value, auc.standard_error.unwrap()), "0.733 ± 0.150");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn design_roc_auc(labels: &[bool], scores: &[f64], inclusion: &Inclusion) -> Result<DesignEstimate> {
    inclusion.check(labels.len(), "labels")?;
    let classes = Classes::new(&scored(labels, scores, inclusion)?)?;
    let influence = classes.weighted_influence();
    let spread = inclusion.spread(|row| influence[row], |_| true);
    let counted =
        Counted { count: labels.len(), missing: 0, effective_size: inclusion.effective_sample_size() };
    DesignEstimate::new(classes.auc(), spread, counted, Scale::Logit)
}

/// The Brier score over all rows: [`design_mean`](crate::design_mean) of (score − label)².
///
/// # Errors
/// Undefined without rows ([`Empty`](crate::Undefined::Empty)) and with scores that are NaN
/// ([`MissingScores`](crate::Undefined::MissingScores)); invalid when a score is no probability, and when there are not
/// as many labels or scores as probabilities of inclusion.
pub fn design_brier(labels: &[bool], scores: &[f64], inclusion: &Inclusion) -> Result<DesignEstimate> {
    loss(labels, scores, inclusion, squared_error)
}

/// The log loss over all rows, in nats: [`design_mean`](crate::design_mean) of the surprise that
/// [`log_loss`](crate::log_loss) defines.
///
/// # Errors
/// As [`design_brier`].
pub fn design_log_loss(labels: &[bool], scores: &[f64], inclusion: &Inclusion) -> Result<DesignEstimate> {
    loss(labels, scores, inclusion, surprise)
}

fn loss(
    labels: &[bool],
    scores: &[f64],
    inclusion: &Inclusion,
    of: fn(bool, f64) -> f64,
) -> Result<DesignEstimate> {
    inclusion.check(labels.len(), "labels")?;
    let rows = scored(labels, scores, inclusion)?.probabilities()?;
    // all weights are above 0, so that all rows are there
    let losses: Vec<f64> = rows.map(|(label, score, _)| of(label, score)).collect();
    mean(&losses, inclusion, Scale::Linear)
}

fn scored<'a>(labels: &'a [bool], scores: &'a [f64], inclusion: &'a Inclusion) -> Result<ScoredLabels<'a>> {
    ScoredLabels::weighted(labels, scores, inclusion.weights())
}
