//! The divergence and the distance of Jensen and Shannon.

mod tools;

#[cfg(test)]
mod tests;

use std::f64::consts::LN_2;

pub use tools::{js_evidently, js_nannyml};

use crate::bins::BinCounts;
use crate::error::Result;
use crate::sample::Sample;

use super::sampling_noise::SamplingNoise;
use super::shares::{Binned, Categories, Shares};

/// Below this difference of two shares, as a part of their sum, the logarithms cancel, and a series is summed.
const SERIES: f64 = 0.01;

/// How far two samples are apart, by what a value tells about the sample that it is from.
///
/// ```text
/// JSD = ½ Σ pᵢ log₂(pᵢ/mᵢ) + ½ Σ qᵢ log₂(qᵢ/mᵢ)     mᵢ = (pᵢ + qᵢ)/2        distance = √JSD
/// ```
///
/// From 0, the same shares, to 1 bit, no overlap. Symmetric in the two samples once the bins are given; the distance
/// is a metric, the divergence is not. Nothing is smoothed: a category that one sample does not have is an ordinary
/// one.
///
/// It is reported in two units that differ by the factor √(ln 2) = 0.83: NannyML's and scipy's with `base=2` are
/// bits, evidently's and scipy's default are nats. Without any drift it is not 0: see `expected`. For a p-value of
/// the same counts take [`chi_square_from_counts`](crate::chi_square_from_counts), whose limit is right for much
/// rarer bins.
///
/// Lin, *IEEE Transactions on Information Theory* 37 (1991), 145; the distance: Endres and Schindelin, the same 49
/// (2003), 1858.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct JensenShannon {
    /// The distance, the root of the divergence in bits: from 0 to 1.
    pub distance_bits: f64,
    /// The divergence in bits: from 0 to 1.
    pub divergence_bits: f64,
    /// The mean of `distance_bits` without drift, by sampling alone: √((1/n + 1/m)/(8 ln 2)) times the mean of χ with
    /// B − 1 degrees of freedom, at most 1. Too small by about 2 % where bins expect ten values each of both samples,
    /// by 4 % where five, by 15 % where two.
    pub expected: f64,
    /// The standard deviation of `distance_bits` without drift, from the same χ; as right as `expected`.
    pub expected_spread: f64,
    /// B: how many bins are not empty in both samples.
    pub bins: usize,
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

/// The Jensen-Shannon distance of two samples counted in the same bins, each value once.
///
/// Counts or shares: they are normalised. Of shares `expected` means nothing, since their sum is no sample size; for
/// weighted counts use [`JensenShannon::between`]. O(bins).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; invalid when there are not as many counts, or one is negative or not finite.
///
/// ```
/// # use tiltmeter_stats::js_from_counts;
/// let js = js_from_counts(&[50.0, 30.0, 20.0], &[30.0, 30.0, 40.0])?;
/// // scipy.spatial.distance.jensenshannon(p, q, base=2)
/// assert!((js.distance_bits - 0.206731).abs() < 1e-6);
/// // of 100 values each a third of that is usual without drift
/// assert!((js.expected - 0.0753).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn js_from_counts(reference: &[f64], current: &[f64]) -> Result<JensenShannon> {
    Ok(JensenShannon::of(&Shares::of_counts(reference, current)?))
}

/// The Jensen-Shannon distance of two samples of categories; every category of either sample counts. O(n log k) for k
/// categories.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::js_categorical;
/// let js = js_categorical(&["a", "a"], &["b", "c"])?;
/// assert_eq!((js.distance_bits, js.bins), (1.0, 3));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn js_categorical<S: Ord>(reference: &[S], current: &[S]) -> Result<JensenShannon> {
    js_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. Sizes are Kish's.
///
/// # Errors
/// As [`js_categorical`]; invalid when there are not as many weights as values, or a weight is negative, NaN or
/// infinite, or all are 0.
pub fn js_categorical_weighted<S: Ord>(
    reference: &[S],
    reference_weights: Option<&[f64]>,
    current: &[S],
    current_weights: Option<&[f64]>,
) -> Result<JensenShannon> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    Ok(JensenShannon::of(&categories.shares()?))
}

/// The Jensen-Shannon distance of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the reference:
/// those of [`psi_numeric`](crate::psi_numeric), which see a constant that changes.
///
/// NaN is left out, ±∞ are in the outer bins. With weights the shares are weighted, and the sizes Kish's. To compare
/// one reference with many samples keep its bins and counts, and use [`JensenShannon::between`]. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::js_numeric;
/// // NannyML's bins of equal width give 0 here
/// assert_eq!(js_numeric(&[3.5; 500], &[4.0; 500])?.distance_bits, 1.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn js_numeric<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<JensenShannon> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(JensenShannon::of(&binned.shares()?))
}

impl JensenShannon {
    /// The distance of two samples counted in the same bins, with Kish's effective sizes. O(bins).
    ///
    /// # Errors
    /// As [`js_from_counts`].
    pub fn between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(Self::of(&Shares::of_bins(reference, current)?))
    }

    /// The divergence in nats: from 0 to ln 2.
    #[must_use]
    pub fn divergence_nats(&self) -> f64 {
        self.divergence_bits * LN_2
    }

    /// The distance in nats, the root of [`divergence_nats`](Self::divergence_nats): from 0 to √(ln 2) = 0.83.
    #[must_use]
    pub fn distance_nats(&self) -> f64 {
        self.divergence_nats().sqrt()
    }

    fn of(shares: &Shares<'_>) -> Self {
        let nats = shares.pairs().map(divergence_of_bin).sum::<f64>().clamp(0.0, LN_2);
        let divergence_bits = (nats / LN_2).min(1.0);
        let noise = SamplingNoise::of(shares, 0.125);
        Self {
            distance_bits: divergence_bits.sqrt(),
            divergence_bits,
            expected: (noise.mean_of_root() / LN_2.sqrt()).min(1.0),
            expected_spread: noise.spread_of_root() / LN_2.sqrt(),
            bins: shares.bins(),
            reference_effective_size: shares.reference_effective_size,
            current_effective_size: shares.current_effective_size,
            missing_reference: shares.missing[0],
            missing_current: shares.missing[1],
        }
    }
}

/// What a bin adds to the divergence, in nats.
fn divergence_of_bin([p, q]: [f64; 2]) -> f64 {
    // of the sum and not of its half, which is 0 for the smallest of shares
    let sum = p + q;
    let x = (p - q) / sum;
    if x.abs() < SERIES {
        // ½ ((1 + x) ln(1 + x) + (1 − x) ln(1 − x)) = Σ x^2k / (2k (2k − 1))
        let square = x * x;
        return 0.5 * sum * square * (0.5 + square * (1.0 / 12.0 + square * (1.0 / 30.0 + square / 56.0)));
    }
    let part = |share: f64| if share > 0.0 { share * (2.0 * (share / sum)).ln() } else { 0.0 };
    0.5 * part(p) + 0.5 * part(q)
}
