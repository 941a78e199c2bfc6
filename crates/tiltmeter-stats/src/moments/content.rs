//! What stored moments must satisfy.

use serde::Deserialize;

use super::Moments;
use crate::error::{Error, Result};
use crate::sample::are_sums_of_weights;

/// For the terms of a merge, which are up to 8 times their sum, and for a mean that is rounded by as much as the range
/// is wide, when values are neighbouring numbers.
const ROOM: f64 = 64.0;

/// As stored, field by field in the order of [`Moments`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    rows: u64,
    missing: u64,
    infinite: u64,
    weight: f64,
    squared_weights: f64,
    mean: f64,
    central: [f64; 3],
    range: [f64; 2],
}

impl TryFrom<Unchecked> for Moments {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { rows, missing, infinite, weight, squared_weights, mean, central, range } = stored;
        let moments = Self { rows, missing, infinite, weight, squared_weights, mean, central, range };
        if rows == 0 {
            let nothing = Self { missing, infinite, ..Self::empty() };
            return if moments == nothing {
                Ok(moments)
            } else {
                Err(Error::invalid("moments of no rows have values"))
            };
        }
        let refuse = |clause: &str| Err(Error::invalid(format!("no moments: {clause}")));
        let [low, high] = range;
        let is_ordered = low.is_finite() && high.is_finite() && low <= high;
        if !is_ordered || (rows == 1 && low < high) {
            return refuse("the smallest value must not be above the largest, and one value must be both");
        }
        if !are_sums_of_weights(rows, weight, squared_weights) {
            return refuse("the weight must be above 0, and the effective size from 1 to the number of rows");
        }
        let span = high - low;
        let square = span * span;
        if !is_mean(mean, range, weight * span) {
            return refuse("the mean must be between the smallest and the largest value");
        }
        let most = [weight * square, weight * square * span, weight * square * square];
        let are_sums = central.iter().zip(most).all(|(&sum, most)| is_sum(sum, most));
        if !are_sums || central[0] < 0.0 || central[2] < 0.0 {
            return refuse(
                "its sums of powers must be possible in its range, and those of even powers not negative",
            );
        }
        Ok(moments)
    }
}

/// Sums that have overflowed are kept, ∞ or NaN: their moments say so when they are asked for. `most` is what the sum
/// can be at the most, computed in the order in which the sums are.
fn may_overflow(most: f64) -> bool {
    !(ROOM * most).is_finite()
}

fn is_sum(sum: f64, most: f64) -> bool {
    may_overflow(most) || sum.abs() <= ROOM * most + f64::MIN_POSITIVE
}

/// `most` is the largest sum that the mean can have been made of.
fn is_mean(mean: f64, [low, high]: [f64; 2], most: f64) -> bool {
    if !mean.is_finite() {
        return may_overflow(most);
    }
    let rounding = 1e-9 * low.abs().max(high.abs());
    low - rounding <= mean && mean <= high + rounding
}
