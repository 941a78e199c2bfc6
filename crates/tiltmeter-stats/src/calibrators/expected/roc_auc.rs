//! The ROC AUC that is expected.

use super::confusion::itself;
use super::{ExpectedMetric, Row, Rows};
use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::sample::Sample;

/// The ROC AUC that probabilities promise before the labels are known. **The warning of
/// [`expected_confusion`](crate::expected_confusion) holds: it may raise an alarm, and can never give an all-clear.**
///
/// NannyML's estimate, but that its code adds a row that is certainly positive above all others: the area under the curve through the expected rates at each threshold,
///
/// ```text
/// TPR(t) = Σ_{s ≥ t} wp / Σ wp        FPR(t) = Σ_{s ≥ t} w(1 − p) / Σ w(1 − p)
///
/// A = Σ_i Σ_j w_i p_i w_j (1 − p_j) ([s_i > s_j] + ½[s_i = s_j]) / (Σ wp · Σ w(1 − p))
/// ```
///
/// A row is paired with itself too, as if it might be both: that draws A towards ½ by the share
/// `Σ w²p(1−p) / (Σ wp Σ w(1−p))`, about 1/n, far below the standard error. It makes whole weights the same as repeated
/// rows. The standard error is that of the realised AUC of these rows, if labels are independent and true with the
/// probability p, linearised in the labels:
///
/// ```text
/// se² = Σ w² p(1−p) ((V⁻ − A)/Σwp − (V⁺ − A)/Σw(1−p))²
/// ```
///
/// V⁻ is the expected share of negatives below the row (ties ½), V⁺ of positives above it. Ranked by the probability
/// itself; to rank by the model's own score use [`expected_roc_auc_of`]. Rows with NaN are left out. One sort,
/// O(n log n), and O(n) memory.
///
/// # Errors
/// Undefined when no row counts ([`Undefined::Empty`]), and when every probability is 0, or every one is 1
/// ([`Undefined::OneClass`]); invalid when a probability is not within 0 and 1.
///
/// ```
/// let auc = tiltmeter_stats::expected_roc_auc(&[0.1, 0.2, 0.6, 0.9])?;
/// assert_eq!(format!("{:.4} ± {:.4}", auc.value, auc.standard_error), "0.8535 ± 0.1795");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn expected_roc_auc<'a>(probabilities: impl Into<Sample<'a>>) -> Result<ExpectedMetric> {
    expected_roc_auc_of(itself(probabilities.into())?)
}

/// The same ranked by the model's own score: pairs of score and calibrated probability. **The warning of
/// [`expected_confusion`](crate::expected_confusion) holds.**
///
/// A calibrator ties scores that the model does not; ranked by the model they differ by little. Scores may be of any
/// scale, ±∞ among them.
///
/// # Errors
/// As [`expected_roc_auc`].
pub fn expected_roc_auc_of(scores_and_probabilities: Pairs<'_>) -> Result<ExpectedMetric> {
    let Rows { mut rows, .. } = Rows::new(&scores_and_probabilities)?;
    // −0 and 0 are one score
    rows.iter_mut().for_each(|row| row.score += 0.0);
    rows.sort_unstable_by(|one, other| one.score.total_cmp(&other.score));
    let positive_of = |row: &Row| row.weight * row.probability;
    let negative_of = |row: &Row| row.weight * (1.0 - row.probability);
    let (positives, negatives): (f64, f64) =
        (rows.iter().map(positive_of).sum(), rows.iter().map(negative_of).sum());
    if positives <= 0.0 || negatives <= 0.0 {
        return Err(Undefined::OneClass.into());
    }
    let tied = || rows.chunk_by(|one, other| one.score.to_bits() == other.score.to_bits());

    let (mut area, mut negative_below) = (0.0, 0.0);
    for tied in tied() {
        let (positive, negative): (f64, f64) =
            (tied.iter().map(positive_of).sum(), tied.iter().map(negative_of).sum());
        area += positive / positives * ((negative_below + negative / 2.0) / negatives);
        negative_below += negative;
    }
    let area = area.clamp(0.0, 1.0);

    let (mut variance, mut positive_below, mut negative_below) = (0.0, 0.0, 0.0);
    for tied in tied() {
        let (positive, negative): (f64, f64) =
            (tied.iter().map(positive_of).sum(), tied.iter().map(negative_of).sum());
        let as_positive = (negative_below + negative / 2.0) / negatives - area;
        let as_negative = 1.0 - (positive_below + positive / 2.0) / positives - area;
        let worth = as_positive / positives - as_negative / negatives;
        variance += tied.iter().map(|row| row.variance(worth)).sum::<f64>();
        positive_below += positive;
        negative_below += negative;
    }
    Ok(ExpectedMetric::new(area, variance))
}
