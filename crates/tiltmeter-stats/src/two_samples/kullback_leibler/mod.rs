//! The divergence of Kullback and Leibler.

mod smoothed;

#[cfg(test)]
mod tests;

use std::f64::consts::LN_2;

pub use smoothed::{
    kl_evidently, kl_smoothed_categorical, kl_smoothed_categorical_weighted, kl_smoothed_from_counts,
    kl_smoothed_numeric,
};

use crate::bins::BinCounts;
use crate::error::Result;
use crate::sample::Sample;

use super::sampling_noise::SamplingNoise;
use super::shares::{Binned, Categories, Shares};

/// Below this relative difference of two shares the logarithm cancels, and a series is summed.
const SERIES: f64 = 1e-3;

/// How badly the current sample's shares explain the reference.
///
/// ```text
/// KL(reference ‖ current) = Σ pᵢ ln(pᵢ/qᵢ)
/// ```
///
/// From 0, the same shares, without an upper bound: +∞ as soon as the current sample lacks a category that the
/// reference has, which small samples do without any drift (`lacking_bins`). The `kl_smoothed_*` functions replace
/// rare shares first. Not symmetric; a category that is new in the current sample only counts through the shares it
/// takes from the others. Where both matter, or a bound does, prefer [`JensenShannon`](crate::JensenShannon).
///
/// Kullback and Leibler, *Annals of Mathematical Statistics* 22 (1951), 79.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct KullbackLeibler {
    /// The divergence in nats: from 0 to +∞.
    pub nats: f64,
    /// The divergence in bits, nats / ln 2: from 0 to +∞.
    pub bits: f64,
    /// The mean of `nats` without drift, by sampling alone and where it is finite: (B − 1)(1/n + 1/m)/2. Right within
    /// 10 % when bins expect five values each or more of both samples.
    pub expected: f64,
    /// The standard deviation of `nats` without drift: √((B − 1)/2) (1/n + 1/m). Too small by up to a quarter when
    /// bins expect five values, by a tenth when ten.
    pub expected_spread: f64,
    /// B: how many bins are not empty in both samples.
    pub bins: usize,
    /// How many of these the current sample lacks and the reference has: with one or more, `nats` is +∞ unless the
    /// shares are smoothed.
    pub lacking_bins: usize,
    /// How many bins have a share that was replaced; 0 without smoothing. For [`kl_evidently`] bins that are empty in
    /// both samples are among them.
    pub floored_bins: usize,
    /// n: the effective size of the reference.
    pub reference_effective_size: f64,
    /// m: the effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing (NaN; for evidently's definition ±∞ too); they are left out. 0 for
    /// plain counts and for categories.
    pub missing_reference: u64,
    /// How many values of the current sample are missing, likewise.
    pub missing_current: u64,
}

/// KL(reference ‖ current) of two samples counted in the same bins, each value once.
///
/// Counts or shares: they are normalised. Of shares `expected` means nothing, since their sum is no sample size; for
/// weighted counts use [`KullbackLeibler::between`]. O(bins).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; invalid when there are not as many counts, or one is negative or not finite.
///
/// ```
/// # use tiltmeter_stats::kl_from_counts;
/// let kl = kl_from_counts(&[50.0, 30.0, 20.0], &[30.0, 30.0, 40.0])?;
/// // scipy.stats.entropy(p, q)
/// assert!((kl.nats - 0.116783).abs() < 1e-6);
/// assert!((kl.expected - 0.02).abs() < 1e-12);
///
/// assert_eq!(kl_from_counts(&[9.0, 1.0], &[10.0, 0.0])?.nats, f64::INFINITY);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kl_from_counts(reference: &[f64], current: &[f64]) -> Result<KullbackLeibler> {
    Ok(KullbackLeibler::of(&Shares::of_counts(reference, current)?))
}

/// KL(reference ‖ current) of two samples of categories; every category of either sample is a bin. O(n log k) for k
/// categories.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::kl_categorical;
/// // "c" is new: Σ over "a" and "b" of ½ ln(½ / ¼)
/// let kl = kl_categorical(&["a", "b"], &["a", "b", "c", "c"])?;
/// assert!((kl.bits - 1.0).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kl_categorical<S: Ord>(reference: &[S], current: &[S]) -> Result<KullbackLeibler> {
    kl_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. Sizes are Kish's.
///
/// # Errors
/// As [`kl_categorical`]; invalid when there are not as many weights as values, or a weight is negative, NaN or
/// infinite, or all are 0.
pub fn kl_categorical_weighted<S: Ord>(
    reference: &[S],
    reference_weights: Option<&[f64]>,
    current: &[S],
    current_weights: Option<&[f64]>,
) -> Result<KullbackLeibler> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    Ok(KullbackLeibler::of(&categories.shares()?))
}

/// KL(reference ‖ current) of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the reference.
///
/// NaN is left out, ±∞ are in the outer bins. With weights the shares are weighted, and the sizes Kish's. To compare
/// one reference with many samples keep its bins and counts, and use [`KullbackLeibler::between`]. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::kl_numeric;
/// let reference: Vec<f64> = (0..1000).map(f64::from).collect();
/// let current: Vec<f64> = (0..1000).map(|row| f64::from(row) * 0.95).collect();
/// let kl = kl_numeric(&reference, &current)?;
/// // the last bin holds half of what it held, and the others 1/19 more
/// assert!((kl.nats - 0.01768).abs() < 1e-5 && kl.expected < 0.01);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kl_numeric<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<KullbackLeibler> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(KullbackLeibler::of(&binned.shares()?))
}

impl KullbackLeibler {
    /// KL(reference ‖ current) of two samples counted in the same bins, with Kish's effective sizes. O(bins).
    ///
    /// # Errors
    /// As [`kl_from_counts`].
    pub fn between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(Self::of(&Shares::of_bins(reference, current)?))
    }

    fn of(shares: &Shares<'_>) -> Self {
        Self::of_pairs(shares, shares.pairs(), 0)
    }

    /// Of shares that each add up to 1, perhaps smoothed.
    fn of_pairs(shares: &Shares<'_>, pairs: impl Iterator<Item = [f64; 2]>, floored_bins: usize) -> Self {
        let nats = pairs.map(divergence_of_bin).sum::<f64>();
        let noise = SamplingNoise::of(shares, 0.5);
        Self {
            nats,
            bits: nats / LN_2,
            expected: noise.mean(),
            expected_spread: noise.spread(),
            bins: shares.bins(),
            lacking_bins: shares.pairs().filter(|[p, q]| *p > 0.0 && *q <= 0.0).count(),
            floored_bins,
            reference_effective_size: shares.reference_effective_size,
            current_effective_size: shares.current_effective_size,
            missing_reference: shares.missing[0],
            missing_current: shares.missing[1],
        }
    }
}

/// What a bin adds: p ln(p/q) − p + q. The last two add up to 0 over all bins, and with them no bin's part is
/// negative, so that nearly equal shares do not cancel.
fn divergence_of_bin([p, q]: [f64; 2]) -> f64 {
    if p <= 0.0 {
        return q;
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    let x = (q - p) / p;
    if x.abs() < SERIES {
        // p (x − ln(1 + x))
        return p * x * x * (0.5 - x * (1.0 / 3.0 - x * (0.25 - x * (0.2 - x / 6.0))));
    }
    // not of p/q, which may overflow
    (p * (p.ln() - q.ln()) - p + q).max(0.0)
}
