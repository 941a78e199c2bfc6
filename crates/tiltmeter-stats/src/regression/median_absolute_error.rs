//! The error that half of the rows stay below.

use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::sample::scale_of;

/// The median of the absolute errors. See [`median_absolute_error`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MedianAbsoluteError {
    /// The median of |ŷ − y|, 0 or more, in units of y.
    pub value: f64,
    /// How many rows have both numbers and count, whatever their weights.
    pub count: usize,
    /// How many rows lack one of the two numbers (NaN), and were left out.
    pub missing: usize,
}

/// The median absolute error, in units of y: half of the rows are off by no more.
///
/// [`Pairs`] with what came first and what was predicted second. Of an even number of rows it is the mean of the two
/// in the middle. With weights it is the same of rows that are repeated: the error at which half of the weight is
/// reached, and where it is reached exactly (to 12 digits), the mean of it and the next (as scikit-learn since 1.8).
/// It does not see how large the larger half of the errors is.
///
/// Its standard error depends on how dense the errors are at the median, and has no formula of use:
/// [`Bootstrap`](crate::Bootstrap) gives an interval.
///
/// NaN on either side leaves a row out, and is counted. Cost: O(n) and O(n) memory, with weights one sort.
///
/// # Errors
/// Undefined without rows ([`Empty`](Undefined::Empty)), when a number is ±∞ ([`Infinite`](Undefined::Infinite)), and
/// when the median is too large for a number ([`Overflow`](Undefined::Overflow)).
///
/// ```
/// use tiltmeter_stats::{Pairs, median_absolute_error};
///
/// let (y, predicted) = ([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]);
/// assert_eq!(median_absolute_error(Pairs::new(&y, &predicted)?)?.value, 0.5);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn median_absolute_error(pairs: Pairs<'_>) -> Result<MedianAbsoluteError> {
    let rows = pairs.present();
    if rows.clone().any(|(y, predicted, _)| y.is_infinite() || predicted.is_infinite()) {
        return Err(Undefined::Infinite.into());
    }
    let errors = rows.map(|(y, predicted, weight)| ((predicted - y).abs(), weight));
    let (value, count) = match pairs.weights() {
        None => median(errors.map(|(error, _)| error).collect())?,
        Some(_) => weighted_median(errors.collect())?,
    };
    if !value.is_finite() {
        return Err(Undefined::Overflow.into());
    }
    Ok(MedianAbsoluteError { value, count, missing: pairs.missing() })
}

fn median(mut errors: Vec<f64>) -> Result<(f64, usize)> {
    let count = errors.len();
    if count == 0 {
        return Err(Undefined::Empty.into());
    }
    let (below, &mut middle, _) = errors.select_nth_unstable_by(count / 2, f64::total_cmp);
    let before = below.iter().copied().fold(0.0, f64::max);
    Ok((if count % 2 == 1 { middle } else { before + (middle - before) / 2.0 }, count))
}

fn weighted_median(mut errors: Vec<(f64, f64)>) -> Result<(f64, usize)> {
    /// So small a share of the weight is a rounding of its sum.
    const ROUNDING: f64 = 1e-12;
    if errors.is_empty() {
        return Err(Undefined::Empty.into());
    }
    errors.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
    let scale = scale_of(errors.iter().map(|(_, weight)| *weight));
    let total: f64 = errors.iter().map(|(_, weight)| weight * scale).sum();
    let (mut reached, mut at) = (0.0, errors.len() - 1);
    for (place, (_, weight)) in errors.iter().enumerate() {
        reached += weight * scale;
        if reached >= total * (0.5 - ROUNDING) {
            at = place;
            break;
        }
    }
    let (here, next) = (errors[at].0, errors[(at + 1).min(errors.len() - 1)].0);
    let is_exactly_half = reached <= total * (0.5 + ROUNDING);
    Ok((if is_exactly_half { here + (next - here) / 2.0 } else { here }, errors.len()))
}
