//! The index as feature_engine defines it.

use super::{FLOOR, Psi, psi};
use crate::bins::QuantileBins;
use crate::error::Result;
use crate::quantile::quantile_linear;
use crate::sample::Sample;
use crate::two_samples::shares::Shares;

/// The population stability index as feature_engine's `DropHighPSIFeatures` computes it, to compare with its
/// numbers.
///
/// It differs from [`psi_numeric`](super::psi_numeric) in two ways. The bins are (a, b] between the reference's
/// interpolated deciles, without the repeated ones: a reference that is constant has one bin, and so PSI is 0
/// whatever becomes of it. And only shares of 0 are replaced by 10⁻⁴, so that a rarer bin can count for more
/// than an empty one. NaN is left out. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::psi_feature_engine;
/// assert_eq!(psi_feature_engine(&[3.5; 500], &[4.0; 500])?.value, 0.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_feature_engine(reference: &[f64], current: &[f64]) -> Result<Psi> {
    let deciles: Vec<f64> = (0..=10).map(|step| f64::from(step) / 10.0).collect();
    // without a reference any bins will do: the counts tell
    let mut edges = quantile_linear(reference, &deciles).unwrap_or_default();
    edges.retain(|edge| !edge.is_nan());
    edges.dedup_by(|edge, before| *edge <= *before);
    let inner = if edges.len() > 2 { edges[1..edges.len() - 1].to_vec() } else { Vec::new() };
    let atoms = vec![false; inner.len()];
    let bins = QuantileBins::from_cuts(inner, atoms);
    let [reference, current] = [reference, current].map(|values| bins.count(Sample::new(values)).counts);
    let shares = Shares::of_counts(&reference, &current)?;
    Ok(psi(&shares, |share, _| if share > 0.0 { share } else { FLOOR }))
}
