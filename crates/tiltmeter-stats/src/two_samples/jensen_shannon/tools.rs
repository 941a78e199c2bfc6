//! The distance as NannyML and evidently define it.

use super::JensenShannon;
use crate::error::Result;
use crate::two_samples::tool_bins::ToolBins;

/// The Jensen-Shannon distance of two numeric samples in NannyML's bins (0.13), to compare with its numbers: its
/// `jensen_shannon` is `distance_bits`.
///
/// The bins are of equal width, by Doane's rule, between the smallest and the largest value of the reference; current
/// values outside share one bin more. A reference with at most 50 distinct values in ten times as many rows is taken
/// for categories. It differs from [`js_numeric`](crate::js_numeric) in its bins alone: an outlier in the reference
/// widens all of them, and their number grows with the reference.
///
/// NaN is left out. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; [`Infinite`](crate::Undefined::Infinite) when the reference has infinite values that are to
/// be binned.
///
/// ```
/// # use tiltmeter_stats::js_nannyml;
/// let reference: Vec<f64> = (0..200).map(f64::from).collect();
/// let current: Vec<f64> = (50..250).map(f64::from).collect();
/// assert!((js_nannyml(&reference, &current)?.distance_bits - 0.488527577).abs() < 1e-9);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn js_nannyml(reference: &[f64], current: &[f64]) -> Result<JensenShannon> {
    let bins = ToolBins::nannyml(reference, current)?;
    Ok(JensenShannon::of(&bins.shares()?))
}

/// The Jensen-Shannon distance of two numeric samples in evidently's bins (0.7), to compare with its numbers: its
/// `jensenshannon` is [`distance_nats`](JensenShannon::distance_nats).
///
/// The bins are of equal width, by Sturges' rule, over both samples together, so that they change with the current
/// sample and distances of different days are not in the same bins. A reference with at most 20 distinct values is
/// taken for categories, and then each value of a continuous current sample is a category too.
///
/// NaN and ±∞ are left out. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no finite values.
///
/// ```
/// # use tiltmeter_stats::js_evidently;
/// let reference: Vec<f64> = (0..200).map(f64::from).collect();
/// let current: Vec<f64> = (50..250).map(f64::from).collect();
/// assert!((js_evidently(&reference, &current)?.distance_nats() - 0.416277306).abs() < 1e-9);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn js_evidently(reference: &[f64], current: &[f64]) -> Result<JensenShannon> {
    let bins = ToolBins::evidently(reference, current)?;
    Ok(JensenShannon::of(&bins.shares()?))
}
