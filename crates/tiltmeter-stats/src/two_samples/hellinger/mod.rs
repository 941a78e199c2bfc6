//! Hellinger's distance.

#[cfg(test)]
mod tests;

use crate::bins::BinCounts;
use crate::error::Result;
use crate::sample::Sample;

use super::sampling_noise::SamplingNoise;
use super::shares::{Binned, Categories, Shares};
use super::tool_bins::ToolBins;

/// How far two samples are apart, by the roots of their shares.
///
/// ```text
/// H = √(½ Σ (√pᵢ − √qᵢ)²) = √(1 − Σ √(pᵢqᵢ))
/// ```
///
/// From 0, the same shares, to 1, no overlap. A metric, and symmetric in the two samples once the bins are given;
/// nothing is smoothed. It weighs rare categories more than [`JensenShannon`](crate::JensenShannon) does: a category
/// of share ε that vanishes adds ε/2 to H².
///
/// Tools' fixed thresholds, 0.1 mostly, are below what sampling alone gives for 100 values each: see `expected`. For
/// a p-value of the same counts take [`chi_square_from_counts`](crate::chi_square_from_counts), whose limit is right
/// for much rarer bins.
///
/// Hellinger, *Journal für die reine und angewandte Mathematik* 136 (1909), 210; Le Cam and Yang, *Asymptotics in
/// Statistics* (2nd edition, 2000), section 3.3, with this factor ½.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Hellinger {
    /// H, from 0 to 1.
    pub distance: f64,
    /// The mean of H without drift, by sampling alone: √((1/n + 1/m)/8) times the mean of χ with B − 1 degrees of
    /// freedom, at most 1. Too small by about 2 % where bins expect ten values each of both samples, by 7 % where
    /// five, by 30 % where two.
    pub expected: f64,
    /// The standard deviation of H without drift, from the same χ: too small by up to a fifth where bins expect five
    /// values, by 4 % where ten.
    pub expected_spread: f64,
    /// B: how many bins are not empty in both samples.
    pub bins: usize,
    /// n: the effective size of the reference.
    pub reference_effective_size: f64,
    /// m: the effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing (NaN); they are left out. 0 for plain counts and for categories.
    pub missing_reference: u64,
    /// How many values of the current sample are missing, likewise.
    pub missing_current: u64,
}

/// Hellinger's distance of two samples counted in the same bins, each value once.
///
/// Counts or shares: they are normalised. Of shares `expected` means nothing, since their sum is no sample size; for
/// weighted counts use [`Hellinger::between`]. O(bins).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; invalid when there are not as many counts, or one is negative or not finite.
///
/// ```
/// # use tiltmeter_stats::hellinger_from_counts;
/// let hellinger = hellinger_from_counts(&[50.0, 30.0, 20.0], &[30.0, 30.0, 40.0])?;
/// assert!((hellinger.distance - 0.172797).abs() < 1e-6);
/// assert!((hellinger.expected - 0.0627).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hellinger_from_counts(reference: &[f64], current: &[f64]) -> Result<Hellinger> {
    Ok(Hellinger::of(&Shares::of_counts(reference, current)?))
}

/// Hellinger's distance of two samples of categories; every category of either sample counts. O(n log k) for k
/// categories.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::hellinger_categorical;
/// // the roots of the shares are (1, 0) and (½, √¾): H² = 1 − ½
/// let hellinger = hellinger_categorical(&["a"], &["a", "b", "b", "b"])?;
/// assert!((hellinger.distance - 0.5_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hellinger_categorical<S: Ord>(reference: &[S], current: &[S]) -> Result<Hellinger> {
    hellinger_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. Sizes are Kish's.
///
/// # Errors
/// As [`hellinger_categorical`]; invalid when there are not as many weights as values, or a weight is negative, NaN
/// or infinite, or all are 0.
pub fn hellinger_categorical_weighted<S: Ord>(
    reference: &[S],
    reference_weights: Option<&[f64]>,
    current: &[S],
    current_weights: Option<&[f64]>,
) -> Result<Hellinger> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    Ok(Hellinger::of(&categories.shares()?))
}

/// Hellinger's distance of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the reference.
///
/// NaN is left out, ±∞ are in the outer bins. With weights the shares are weighted, and the sizes Kish's. To compare
/// one reference with many samples keep its bins and counts, and use [`Hellinger::between`]. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::hellinger_numeric;
/// // whylogs, NannyML and evidently give 0.18 to 0.33 without drift for 100 values each
/// let (odd, even): (Vec<f64>, Vec<f64>) = (0..100).map(|row| (f64::from(2 * row + 1), f64::from(2 * row))).unzip();
/// let hellinger = hellinger_numeric(&odd, &even)?;
/// assert!(hellinger.distance < 0.03);
/// assert!((hellinger.expected - 0.146).abs() < 1e-3);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hellinger_numeric<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<Hellinger> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(Hellinger::of(&binned.shares()?))
}

/// Hellinger's distance of two numeric samples in NannyML's bins (0.13), to compare with its numbers: those of
/// [`js_nannyml`](crate::js_nannyml). NaN is left out. O(n log n).
///
/// # Errors
/// As [`js_nannyml`](crate::js_nannyml).
///
/// ```
/// # use tiltmeter_stats::hellinger_nannyml;
/// let reference: Vec<f64> = (0..200).map(f64::from).collect();
/// let current: Vec<f64> = (50..250).map(f64::from).collect();
/// assert!((hellinger_nannyml(&reference, &current)?.distance - 0.488164523).abs() < 1e-9);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hellinger_nannyml(reference: &[f64], current: &[f64]) -> Result<Hellinger> {
    let bins = ToolBins::nannyml(reference, current)?;
    Ok(Hellinger::of(&bins.shares()?))
}

impl Hellinger {
    /// The distance of two samples counted in the same bins, with Kish's effective sizes. O(bins).
    ///
    /// # Errors
    /// As [`hellinger_from_counts`].
    pub fn between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(Self::of(&Shares::of_bins(reference, current)?))
    }

    fn of(shares: &Shares<'_>) -> Self {
        // this form, since 1 − Σ √(pq) cancels for small distances
        let squares: f64 = shares.pairs().map(|[p, q]| (p.sqrt() - q.sqrt()).powi(2)).sum();
        let noise = SamplingNoise::of(shares, 0.125);
        Self {
            distance: (0.5 * squares).sqrt().min(1.0),
            expected: noise.mean_of_root().min(1.0),
            expected_spread: noise.spread_of_root(),
            bins: shares.bins(),
            reference_effective_size: shares.reference_effective_size,
            current_effective_size: shares.current_effective_size,
            missing_reference: shares.missing[0],
            missing_current: shares.missing[1],
        }
    }
}
