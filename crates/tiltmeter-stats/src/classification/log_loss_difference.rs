//! Which of two scores is less surprised, on the same rows.

use super::log_loss::surprise;
use super::loss_difference::LossDifference;
use crate::error::Result;
use crate::scored::ScoredLabels;

/// The difference of the [log losses](crate::log_loss) of two scores of the same rows, champion and challenger.
///
/// ```text
/// difference = Σ w (ln p_b − ln p_a) / Σ w        p_a and p_b: what either score gave to what happened
/// ```
///
/// in nats, with the standard error of a weighted mean (Hájek's, linearised) of the rows' differences. Scores are moved from
/// 0 and 1 as [`log_loss`](crate::log_loss) does: **one** certain and wrong score costs 36 nats, and then the difference is
/// one about that row. [`brier_difference`](crate::brier_difference) is not moved like that.
///
/// Scores are probabilities from 0 to 1; one class is no hindrance. Cost: O(n), no memory; each row's logarithms are taken
/// twice.
///
/// Diebold & Mariano, *Journal of Business & Economic Statistics* 13 (1995), 253–263.
///
/// # Errors
/// Those of [`log_loss`](crate::log_loss) for either score; invalid when the lengths differ.
///
/// ```
/// let labels = [false, true, true, false];
/// let difference =
///     tiltmeter_stats::log_loss_difference(&labels, &[0.1, 0.9, 0.6, 0.3], &[0.2, 0.9, 0.8, 0.1])?;
/// assert_eq!(format!("{:.3}", difference.difference), "0.105");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn log_loss_difference(labels: &[bool], first: &[f64], second: &[f64]) -> Result<LossDifference> {
    LossDifference::of(&ScoredLabels::new(labels, first)?, &ScoredLabels::new(labels, second)?, surprise)
}

/// The same of weighted rows.
///
/// # Errors
/// As [`log_loss_difference`]; invalid too when a weight is negative, NaN or infinite, or all are 0.
pub fn log_loss_difference_weighted(
    labels: &[bool],
    first: &[f64],
    second: &[f64],
    weights: &[f64],
) -> Result<LossDifference> {
    let rows = |scores| ScoredLabels::weighted(labels, scores, weights);
    LossDifference::of(&rows(first)?, &rows(second)?, surprise)
}
