//! The divergence of smoothed shares, which is finite.

use super::KullbackLeibler;
use crate::bins::BinCounts;
use crate::error::Result;
use crate::sample::Sample;
use crate::two_samples::shares::{Binned, Categories, FLOOR, Shares};
use crate::two_samples::tool_bins::{ToolBins, evidently_floor};

/// KL(reference ‖ current) of smoothed shares: finite whatever is missing.
///
/// ```text
/// p′ᵢ = max(pᵢ, 10⁻⁴) / Σ max(pᵢ, 10⁻⁴)
/// ```
///
/// and q′ in the same way. A bin that the current sample lacks adds up to p ln(10⁴ p); the whole is at most ln 10⁴ =
/// 9.2 nats for two bins. Without the second normalising the divergence could be negative. Each floored bin moves the
/// divergence: with thousands of rare categories it says more about the floor than about the samples. O(bins).
///
/// # Errors
/// As [`kl_from_counts`](crate::kl_from_counts).
///
/// ```
/// # use tiltmeter_stats::kl_smoothed_from_counts;
/// let kl = kl_smoothed_from_counts(&[9.0, 1.0], &[10.0, 0.0])?;
/// assert!((kl.nats - 0.59605).abs() < 1e-5);
/// assert_eq!((kl.lacking_bins, kl.floored_bins), (1, 1));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kl_smoothed_from_counts(reference: &[f64], current: &[f64]) -> Result<KullbackLeibler> {
    Ok(smoothed(&Shares::of_counts(reference, current)?))
}

/// The same of two samples of categories; every category of either sample is a bin. O(n log k) for k categories.
///
/// # Errors
/// As [`kl_categorical`](crate::kl_categorical).
pub fn kl_smoothed_categorical<S: Ord>(reference: &[S], current: &[S]) -> Result<KullbackLeibler> {
    kl_smoothed_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. Sizes are Kish's.
///
/// # Errors
/// As [`kl_categorical_weighted`](crate::kl_categorical_weighted).
pub fn kl_smoothed_categorical_weighted<S: Ord>(
    reference: &[S],
    reference_weights: Option<&[f64]>,
    current: &[S],
    current_weights: Option<&[f64]>,
) -> Result<KullbackLeibler> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    Ok(smoothed(&categories.shares()?))
}

/// The same of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the reference. O(n log n).
///
/// # Errors
/// As [`kl_numeric`](crate::kl_numeric).
///
/// ```
/// # use tiltmeter_stats::{kl_numeric, kl_smoothed_numeric};
/// let (before, after) = ([3.5; 500], [4.0; 500]);
/// assert_eq!(kl_numeric(&before, &after)?.nats, f64::INFINITY);
/// assert!((kl_smoothed_numeric(&before, &after)?.nats - 9.209).abs() < 1e-3);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kl_smoothed_numeric<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<KullbackLeibler> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(smoothed(&binned.shares()?))
}

/// KL(reference ‖ current) of two numeric samples as evidently's `kl_div` (0.7) computes it, to compare with its
/// numbers.
///
/// The bins are those of [`js_evidently`](crate::js_evidently). Only shares of 0 are replaced, by 10⁻⁴, or by a
/// millionth of the sample's smallest share when that is at most 10⁻⁴; then the shares are normalised again. So an
/// empty bin may count for more than a rare one, and bins that are empty in both samples take a part of the shares.
///
/// NaN and ±∞ are left out. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no finite values.
///
/// ```
/// # use tiltmeter_stats::kl_evidently;
/// let reference: Vec<f64> = (0..200).map(f64::from).collect();
/// let current: Vec<f64> = (50..250).map(f64::from).collect();
/// assert!((kl_evidently(&reference, &current)?.nats - 1.780942339).abs() < 1e-9);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kl_evidently(reference: &[f64], current: &[f64]) -> Result<KullbackLeibler> {
    let bins = ToolBins::evidently(reference, current)?;
    let shares = bins.shares()?;
    let instead = shares.smallest().map(evidently_floor);
    Ok(replaced(&shares, shares.all_pairs(), |[p, q]| {
        [if p > 0.0 { p } else { instead[0] }, if q > 0.0 { q } else { instead[1] }]
    }))
}

impl KullbackLeibler {
    /// KL(reference ‖ current) of smoothed shares of two samples counted in the same bins, with Kish's effective
    /// sizes; see [`kl_smoothed_from_counts`]. O(bins).
    ///
    /// # Errors
    /// As [`kl_from_counts`](crate::kl_from_counts).
    pub fn smoothed_between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(smoothed(&Shares::of_bins(reference, current)?))
    }
}

fn smoothed(shares: &Shares<'_>) -> KullbackLeibler {
    replaced(shares, shares.pairs(), |pair| pair.map(|share| share.max(FLOOR)))
}

/// Replaces shares, and normalises them again.
fn replaced(
    shares: &Shares<'_>,
    pairs: impl Iterator<Item = [f64; 2]> + Clone,
    by: impl Fn([f64; 2]) -> [f64; 2],
) -> KullbackLeibler {
    let (mut totals, mut floored_bins) = ([0.0; 2], 0);
    for pair in pairs.clone() {
        let [p, q] = by(pair);
        totals = [totals[0] + p, totals[1] + q];
        floored_bins += usize::from(p > pair[0] || q > pair[1]);
    }
    let normalised = pairs.map(|pair| {
        let [p, q] = by(pair);
        [p / totals[0], q / totals[1]]
    });
    KullbackLeibler::of_pairs(shares, normalised, floored_bins)
}
