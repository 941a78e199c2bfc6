//! Whether one ROC AUC differs from another.

use super::classes::Classes;
use super::roc_auc::RocAuc;
use crate::error::{Result, Undefined};
use crate::interval::{Interval, two_sided_p};
use crate::scored::ScoredLabels;

/// The difference of two ROC AUCs, and the test of the hypothesis that it is 0.
///
/// Of independent rows by [`RocAuc::difference`], of the same rows by [`RocAucPaired::difference`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RocAucDifference {
    /// The first AUC minus the second: −1 to 1.
    pub difference: f64,
    /// The standard error of the difference, above 0.
    pub standard_error: f64,
    /// `difference / standard_error`, about standard normal when the true difference is 0.
    pub z: f64,
    /// The probability of a |z| this large when the true difference is 0, from the normal distribution.
    pub p_value: f64,
}

impl RocAucDifference {
    /// `fewest` is the number of rows of the smallest class.
    pub(super) fn new(difference: f64, variance: Option<f64>, fewest: usize) -> Result<Self> {
        let variance = variance.ok_or(Undefined::TooFew { found: fewest, needed: 2 })?;
        if variance <= 0.0 {
            return Err(Undefined::Constant.into());
        }
        let standard_error = variance.sqrt();
        let z = difference / standard_error;
        Ok(Self { difference, standard_error, z, p_value: two_sided_p(z) })
    }

    /// The confidence interval `difference ± z·standard_error`, cut at ±1; `None` for a level that is not between 0
    /// and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Some(Interval::normal(self.difference, self.standard_error, level)?.clipped(-1.0, 1.0))
    }
}

/// The ROC AUCs of two scores of the same rows. See [`roc_auc_paired`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RocAucPaired {
    /// The AUC of the first scores.
    pub a: RocAuc,
    /// The AUC of the second scores.
    pub b: RocAuc,
    /// The variance of `a.value - b.value`, Var a + Var b − 2 Cov(a, b); `None` when a class has fewer than two rows.
    pub variance_of_difference: Option<f64>,
}

impl RocAucPaired {
    /// `a` minus `b`, tested.
    ///
    /// # Errors
    /// Undefined when a class has fewer than two rows ([`Undefined::TooFew`]), or both scores rank the rows alike
    /// ([`Undefined::Constant`]).
    pub fn difference(&self) -> Result<RocAucDifference> {
        let fewest = self.a.positives.min(self.a.negatives);
        RocAucDifference::new(self.a.value - self.b.value, self.variance_of_difference, fewest)
    }
}

/// The ROC AUCs of two scores of the same rows, champion and challenger, and DeLong's variance of their difference.
///
/// With the placements V of [`roc_auc`](crate::roc_auc), now one per score, the variance is that of the
/// AUC with `V_a − V_b` in the place of V. Scores that agree on most rows are told apart with far fewer rows than
/// two independent samples would need.
///
/// Scores, NaN, ties: as [`roc_auc`](crate::roc_auc). Cost: two sorts.
///
/// DeLong, DeLong & Clarke-Pearson, *Biometrics* 44 (1988), 837–845.
///
/// # Errors
/// Those of [`roc_auc`](crate::roc_auc) for either score; invalid when the lengths differ.
///
/// ```
/// use tiltmeter_stats::roc_auc_paired;
///
/// let labels = [false, false, false, true, true, true];
/// let champion = [0.1, 0.4, 0.2, 0.35, 0.8, 0.7];
/// let challenger = [0.3, 0.6, 0.2, 0.1, 0.8, 0.7];
/// let paired = roc_auc_paired(&labels, &champion, &challenger)?;
/// assert_eq!(format!("{:.3} {:.3}", paired.a.value, paired.b.value), "0.889 0.667");
/// assert_eq!(format!("{:.3}", paired.difference()?.p_value), "0.371");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn roc_auc_paired(labels: &[bool], scores_a: &[f64], scores_b: &[f64]) -> Result<RocAucPaired> {
    paired(&ScoredLabels::new(labels, scores_a)?, &ScoredLabels::new(labels, scores_b)?)
}

/// The same of weighted rows; see [`roc_auc`](crate::roc_auc) for what the weights do to the variance.
///
/// # Errors
/// As [`roc_auc_paired`]; invalid too when a weight is negative, NaN or infinite, or all are 0.
pub fn roc_auc_paired_weighted(
    labels: &[bool],
    scores_a: &[f64],
    scores_b: &[f64],
    weights: &[f64],
) -> Result<RocAucPaired> {
    let rows = |scores| ScoredLabels::weighted(labels, scores, weights);
    paired(&rows(scores_a)?, &rows(scores_b)?)
}

fn paired(rows_a: &ScoredLabels<'_>, rows_b: &ScoredLabels<'_>) -> Result<RocAucPaired> {
    let (a, b) = (Classes::new(rows_a)?, Classes::new(rows_b)?);
    let variance_of_difference = a.variance_of_difference(&b);
    Ok(RocAucPaired { a: RocAuc::of(&a), b: RocAuc::of(&b), variance_of_difference })
}
