//! The rate of true against that of false alarms at every threshold.

use super::sweep::Sweep;
use crate::error::{Result, Undefined};
use crate::scored::ScoredLabels;

/// The rates of true and false alarms when scores from a threshold upwards are called positive.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RocPoint {
    /// A score of some row; rows with this score or a higher one are predicted positive.
    pub threshold: f64,
    /// The weighted share of the negatives that is predicted positive, 0 to 1.
    pub false_positive_rate: f64,
    /// The weighted share of the positives that is predicted positive (recall), 0 to 1.
    pub true_positive_rate: f64,
}

/// The receiver operating characteristic: a point for each distinct score, from the highest to the lowest.
///
/// Both rates rise from point to point, to 1 at the last one. The curve starts at (0, 0), which is the threshold above
/// all scores and not among the points; scikit-learn's `roc_curve` has it as ∞, and with its default leaves out points
/// that lie on a line between others. The area under the curve, its points joined by lines, is
/// [`roc_auc`](crate::roc_auc).
///
/// Scores may be of any scale, ±∞ among them. Rows with weight 0 are left out.
///
/// Cost: a sort of either class, O(n log n), and 8 bytes a row, 16 with weights; and 24 bytes for each distinct score.
///
/// # Errors
/// Undefined without rows ([`Undefined::Empty`]), with one class ([`Undefined::OneClass`]), and with scores that are
/// NaN ([`Undefined::MissingScores`]).
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, roc_curve};
///
/// let labels = [false, false, true, true];
/// let curve = roc_curve(ScoredLabels::new(&labels, &[0.1, 0.4, 0.35, 0.8])?)?;
/// let points: Vec<_> = curve.iter().map(|at| (at.false_positive_rate, at.true_positive_rate)).collect();
/// assert_eq!(points, [(0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn roc_curve(rows: ScoredLabels<'_>) -> Result<Vec<RocPoint>> {
    let sweep = Sweep::new(&rows)?;
    if sweep.positive.rows == 0 || sweep.negative.rows == 0 {
        return Err(Undefined::OneClass.into());
    }
    let (mut points, mut positive, mut negative) = (Vec::new(), 0.0, 0.0);
    sweep.for_each(|step| {
        positive += step.positive.weight;
        negative += step.negative.weight;
        points.push(RocPoint {
            threshold: step.score,
            false_positive_rate: (negative / sweep.negative.weight).min(1.0),
            true_positive_rate: (positive / sweep.positive.weight).min(1.0),
        });
    });
    Ok(points)
}
