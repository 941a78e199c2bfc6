//! The index of categories.

use super::{FLOOR, Psi, psi};
use crate::error::Result;
use crate::two_samples::shares::Categories;

/// The population stability index of two samples of categories; every category of either sample is a bin.
///
/// A category that one of them does not have counts with a share of 10⁻⁴, as does a rarer one. Each category
/// that is new or gone thus adds to the index: with many of them `p_value` is no longer right. O(n log k) for k
/// categories.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::psi_categorical;
/// let psi = psi_categorical(&["a", "a", "b", "b"], &["a", "b", "b", "b"])?;
/// // (1/4 − 1/2) ln(1/2) + (3/4 − 1/2) ln(3/2) = ln(3) / 4
/// assert!((psi.value - 3_f64.ln() / 4.0).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_categorical<S: Ord>(reference: &[S], current: &[S]) -> Result<Psi> {
    psi_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. Sizes are Kish's.
///
/// # Errors
/// As [`psi_categorical`]; invalid when there are not as many weights as values, or a weight is negative, NaN or
/// infinite, or all are 0.
pub fn psi_categorical_weighted<S: Ord>(
    reference: &[S],
    reference_weights: Option<&[f64]>,
    current: &[S],
    current_weights: Option<&[f64]>,
) -> Result<Psi> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    Ok(psi(&categories.shares()?, |share, _| share.max(FLOOR)))
}
