//! The index as feature_engine defines it.

use super::{FLOOR, Psi, psi};
use crate::bins::QuantileBins;
use crate::error::Result;
use crate::sample::Sample;
use crate::sorted::sort_values;
use crate::two_samples::shares::Shares;

/// The population stability index as feature_engine's `DropHighPSIFeatures` computes it, to compare with its
/// numbers.
///
/// It differs from [`psi_numeric`](super::psi_numeric) in two ways. The bins are (a, b] between the reference's
/// interpolated deciles, without the repeated ones: a reference that is constant has one bin, and so PSI is 0
/// whatever becomes of it. And only shares of 0 are replaced by 10⁻⁴, so that a rarer bin can count for more
/// than an empty one. NaN is left out. O(n log n).
///
/// To the last bit its deciles are those of `numpy.percentile(reference, numpy.linspace(0, 1, 11) * 100)`: three of the
/// levels are a rounding above 0.3, 0.6 and 0.7, which decides where a repeated value is counted.
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
    let mut edges = deciles(reference);
    edges.retain(|edge| !edge.is_nan());
    edges.dedup_by(|edge, before| *edge <= *before);
    let inner = if edges.len() > 2 { edges[1..edges.len() - 1].to_vec() } else { Vec::new() };
    let atoms = vec![false; inner.len()];
    let bins = QuantileBins::from_cuts(inner, atoms);
    let [reference, current] = [reference, current].map(|values| bins.count(Sample::new(values)));
    // their rows are the sizes: nothing is weighted
    let shares = Shares::of_bins(&reference, &current)?;
    Ok(psi(&shares, |share, _| if share > 0.0 { share } else { FLOOR }))
}

/// The edges between bins, the smallest and the largest value among them; none without values.
fn deciles(reference: &[f64]) -> Vec<f64> {
    let mut sorted = reference.to_vec();
    sort_values(&mut sorted);
    let Some(last) = sorted.len().checked_sub(1) else {
        return Vec::new();
    };
    let decile = |step: u32| {
        // not step / 10: the levels of linspace are multiples of a rounded tenth
        let place = last as f64 * (f64::from(step) * 0.1).min(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the last place"
        )]
        let before = (place.floor() as usize).min(last);
        let (low, high) = (sorted[before], sorted[last.min(before + 1)]);
        // as numpy interpolates
        let (part, range) = (place - place.floor(), high - low);
        if part < 0.5 { low + range * part } else { high - range * (1.0 - part) }
    };
    (0..=10).map(decile).collect()
}
