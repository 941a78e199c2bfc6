//! The index of categories.

use std::collections::BTreeMap;

use super::{FLOOR, Psi, Side, psi};
use crate::error::Result;
use crate::sample::{check_weights, effective_sample_size};

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
    let mut counts: BTreeMap<&S, [f64; 2]> = BTreeMap::new();
    for (side, (values, weights)) in
        [(reference, reference_weights), (current, current_weights)].into_iter().enumerate()
    {
        if let Some(weights) = weights {
            check_weights(values.len(), weights)?;
        }
        for (row, value) in values.iter().enumerate() {
            counts.entry(value).or_default()[side] += weights.map_or(1.0, |weights| weights[row]);
        }
    }
    let (reference, current): (Vec<f64>, Vec<f64>) = counts.into_values().map(|[p, q]| (p, q)).unzip();
    let size =
        |weights: Option<&[f64]>| weights.map(|weights| effective_sample_size(weights.iter().copied()));
    psi(
        Side { counts: &reference, size: size(reference_weights) },
        Side { counts: &current, size: size(current_weights) },
        |share| share.max(FLOOR),
    )
}
