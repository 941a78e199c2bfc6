//! The index of categories as deepchecks defines it.

use super::{Psi, psi};
use crate::error::Result;
use crate::two_samples::shares::Categories;

/// The smallest share, `PSI_MIN_PERCENTAGE` of deepchecks.
const FLOOR: f64 = 0.01;

/// The population stability index of categories as deepchecks's `psi` computes it, to compare with its numbers.
///
/// It differs from [`psi_categorical`](super::psi_categorical) in the smallest share, which is 1 % and not 0.01 %:
/// categories that come or go count for less, and what happens below 1 % not at all. For numeric columns deepchecks has
/// no PSI. Its drift checks put categories that are rarer than 1 % in the reference together before; that is not done
/// here. O(n log k) for k categories.
///
/// `expected` and `p_value` are those of the chi-square rule, and too large where categories are rarer than 1 %.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::{psi_categorical, psi_deepchecks};
/// let (reference, current) = (["a", "a", "b"], ["a", "a", "a"]);
/// assert_eq!(format!("{:.4}", psi_deepchecks(&reference, &current)?.value), "1.2689");
/// assert_eq!(format!("{:.4}", psi_categorical(&reference, &current)?.value), "2.8383");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_deepchecks<S: Ord>(reference: &[S], current: &[S]) -> Result<Psi> {
    let categories = Categories::of(reference, None, current, None)?;
    Ok(psi(&categories.shares()?, |share, _| share.max(FLOOR)))
}
