//! Which of two scores has the smaller Brier score, on the same rows.

use super::brier::squared_error;
use super::loss_difference::LossDifference;
use crate::error::Result;
use crate::scored::ScoredLabels;

/// The difference of the [Brier scores](crate::brier) of two scores of the same rows, champion and challenger.
///
/// ```text
/// difference = Σ w ((a − y)² − (b − y)²) / Σ w
/// ```
///
/// with the standard error of a weighted mean (Hájek's, linearised) of the rows' differences, so that what makes a row hard
/// for both scores does not count: two models that are much alike are told apart by far fewer rows than two independent
/// samples would need. The test of it is that of Diebold and Mariano for independent rows. Coverage is as
/// that of [`brier`](crate::brier), from some 100 rows.
///
/// Scores are probabilities from 0 to 1; one class is no hindrance. Cost: O(n), no memory.
///
/// Diebold & Mariano, *Journal of Business & Economic Statistics* 13 (1995), 253–263.
///
/// # Errors
/// Those of [`brier`](crate::brier) for either score; invalid when the lengths differ.
///
/// ```
/// let labels = [false, true, true, false];
/// let difference =
///     tiltmeter_stats::brier_difference(&labels, &[0.1, 0.9, 0.6, 0.3], &[0.2, 0.9, 0.8, 0.1])?;
/// assert_eq!(format!("{:.4}", difference.difference), "0.0425");
/// assert_eq!(difference.standard_error.map(|error| format!("{error:.3}")), Some("0.035".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn brier_difference(labels: &[bool], first: &[f64], second: &[f64]) -> Result<LossDifference> {
    LossDifference::of(&ScoredLabels::new(labels, first)?, &ScoredLabels::new(labels, second)?, squared_error)
}

/// The same of weighted rows.
///
/// # Errors
/// As [`brier_difference`]; invalid too when a weight is negative, NaN or infinite, or all are 0.
pub fn brier_difference_weighted(
    labels: &[bool],
    first: &[f64],
    second: &[f64],
    weights: &[f64],
) -> Result<LossDifference> {
    let rows = |scores| ScoredLabels::weighted(labels, scores, weights);
    LossDifference::of(&rows(first)?, &rows(second)?, squared_error)
}
