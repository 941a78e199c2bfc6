//! Precision against recall at every threshold.

use super::sweep::Sweep;
use crate::error::Result;
use crate::scored::ScoredLabels;

/// Precision and recall when scores from a threshold upwards are called positive.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PrecisionRecallPoint {
    /// A score of some row; rows with this score or a higher one are predicted positive.
    pub threshold: f64,
    /// The weighted share of positives among the rows predicted positive, 0 to 1.
    pub precision: f64,
    /// The weighted share of the positives that is predicted positive, 0 to 1.
    pub recall: f64,
}

/// The precision-recall curve: a point for each distinct score, from the highest to the lowest.
///
/// Recall rises from point to point to 1; precision goes up and down. scikit-learn's `precision_recall_curve` has the
/// points in the opposite order, and adds one of recall 0 and precision 1 that belongs to no threshold. Scores, ties,
/// NaN, weights and errors: as [`average_precision`](crate::average_precision).
///
/// Cost: as there; and 24 bytes for each distinct score.
///
/// # Errors
/// Those of [`average_precision`](crate::average_precision).
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, precision_recall_curve};
///
/// let labels = [false, false, true, true];
/// let curve = precision_recall_curve(ScoredLabels::new(&labels, &[0.1, 0.4, 0.35, 0.8])?)?;
/// let points: Vec<_> = curve.iter().map(|at| (at.threshold, at.precision, at.recall)).collect();
/// assert_eq!(points, [(0.8, 1.0, 0.5), (0.4, 0.5, 0.5), (0.35, 2.0 / 3.0, 1.0), (0.1, 0.5, 1.0)]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn precision_recall_curve(rows: ScoredLabels<'_>) -> Result<Vec<PrecisionRecallPoint>> {
    let mut points = Vec::new();
    walk(&Sweep::with_positives(&rows)?, |point| points.push(point));
    Ok(points)
}

/// The area under the precision-recall curve with its points joined by lines, from recall 0 and precision 1 on.
///
/// scikit-learn's `auc(recall, precision)`, to compare with numbers of that kind. It is optimistic, above all when
/// scores are tied: scores that are all equal have an area of (1 + base rate)/2, whereas
/// [`average_precision`](crate::average_precision) gives the base rate. Lines between points are not what thresholds
/// between them would reach (Davis & Goadrich, *ICML* 2006).
///
/// # Errors
/// Those of [`average_precision`](crate::average_precision).
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, precision_recall_auc};
///
/// let labels = [false, false, true, true];
/// let area = precision_recall_auc(ScoredLabels::new(&labels, &[0.1, 0.4, 0.35, 0.8])?)?;
/// assert!((area - 19.0 / 24.0).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn precision_recall_auc(rows: ScoredLabels<'_>) -> Result<f64> {
    let (mut area, mut recall, mut precision) = (0.0, 0.0, 1.0);
    walk(&Sweep::with_positives(&rows)?, |point| {
        area += (point.recall - recall) * (point.precision + precision) / 2.0;
        (recall, precision) = (point.recall, point.precision);
    });
    Ok(area.clamp(0.0, 1.0))
}

fn walk(sweep: &Sweep, mut visit: impl FnMut(PrecisionRecallPoint)) {
    let (mut positive, mut negative) = (0.0, 0.0);
    sweep.for_each(|step| {
        positive += step.positive.weight;
        negative += step.negative.weight;
        visit(PrecisionRecallPoint {
            threshold: step.score,
            precision: positive / (positive + negative),
            recall: (positive / sweep.positive.weight).min(1.0),
        });
    });
}
