//! The largest difference of shares.

#[cfg(test)]
mod tests;

use crate::bins::BinCounts;
use crate::error::Result;
use crate::interval::two_sided_p;
use crate::sample::Sample;

use super::shares::{Binned, Categories, Shares};

/// Steps of the integral that `expected` is: the error is below 0.1 % of it, and 1 % where the sizes of bins differ
/// most.
const STEPS: u32 = 64;
/// So many standard deviations no difference exceeds, for fewer than 10¹² bins.
const BEYOND: f64 = 8.0;
/// The logarithm of a probability that 1 is not changed by.
const NOTHING_BELOW: f64 = -40.0;

/// How much the share of the category changed that changed most.
///
/// ```text
/// L∞ = max |pᵢ − qᵢ|
/// ```
///
/// From 0 to 1: the change in percentage points that a person would name. A metric, and symmetric in the two samples
/// once the bins are given. It is blind to many small changes, and to a rare category that vanishes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LInfinity {
    /// The largest difference, from 0 to 1.
    pub distance: f64,
    /// The mean of `distance` without drift, by sampling alone: that of the largest of independent |N(0, σᵢ²)| with
    /// σᵢ² = rᵢ(1 − rᵢ)(1/n + 1/m), where rᵢ is the share of both samples together. Since differences of shares are
    /// dependent this is an upper bound in the limit (Šidák, *JASA* 62, 1967, 626), and near: too large by 11 to 15 %
    /// for three bins, by 1 or 2 % for ten. Too small by 6 to 11 % where bins expect one value or less.
    pub expected: f64,
    /// The standard deviation of `distance` without drift: that of the same largest one.
    pub expected_spread: f64,
    /// The probability of such a distance or a larger one without drift, or rather an upper bound of it in the limit,
    /// by the same inequality: 1 − Π P(|N(0, σᵢ²)| < L∞). At a nominal 5 % it rejects 4 to 5 % of samples without
    /// drift, and fewer where bins expect one value or less.
    pub p_value: f64,
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

/// The largest difference of shares of two samples counted in the same bins, each value once.
///
/// Counts or shares: they are normalised. Of shares `expected` and `p_value` mean nothing, since their sum is no
/// sample size; for weighted counts use [`LInfinity::between`]. O(bins log bins) for `expected`.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; invalid when there are not as many counts, or one is negative or not finite.
///
/// ```
/// # use tiltmeter_stats::l_infinity_from_counts;
/// let largest = l_infinity_from_counts(&[50.0, 30.0, 20.0], &[30.0, 30.0, 40.0])?;
/// assert!((largest.distance - 0.2).abs() < 1e-12);
/// assert!((largest.expected - 0.0880).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn l_infinity_from_counts(reference: &[f64], current: &[f64]) -> Result<LInfinity> {
    Ok(LInfinity::of(&Shares::of_counts(reference, current)?))
}

/// The largest difference of shares of two samples of categories; every category of either sample counts. O(n log k)
/// for k categories.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::l_infinity_categorical;
/// let largest = l_infinity_categorical(&["a", "a", "b", "c"], &["a", "b", "b", "b"])?;
/// assert_eq!(largest.distance, 0.5);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn l_infinity_categorical<S: Ord>(reference: &[S], current: &[S]) -> Result<LInfinity> {
    l_infinity_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. Sizes are Kish's.
///
/// # Errors
/// As [`l_infinity_categorical`]; invalid when there are not as many weights as values, or a weight is negative, NaN
/// or infinite, or all are 0.
pub fn l_infinity_categorical_weighted<S: Ord>(
    reference: &[S],
    reference_weights: Option<&[f64]>,
    current: &[S],
    current_weights: Option<&[f64]>,
) -> Result<LInfinity> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    Ok(LInfinity::of(&categories.shares()?))
}

/// The largest difference of shares of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the
/// reference. For numbers [`ks_two_sample`](crate::ks_two_sample), the largest difference of cumulative shares, sees
/// more.
///
/// NaN is left out, ±∞ are in the outer bins. With weights the shares are weighted, and the sizes Kish's. To compare
/// one reference with many samples keep its bins and counts, and use [`LInfinity::between`]. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
pub fn l_infinity_numeric<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<LInfinity> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(LInfinity::of(&binned.shares()?))
}

impl LInfinity {
    /// The largest difference of two samples counted in the same bins, with Kish's effective sizes.
    ///
    /// # Errors
    /// As [`l_infinity_from_counts`].
    pub fn between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(Self::of(&Shares::of_bins(reference, current)?))
    }

    fn of(shares: &Shares<'_>) -> Self {
        let distance = shares.pairs().map(|[p, q]| (p - q).abs()).fold(0.0, f64::max).min(1.0);
        let noise = LargestDifference::of(shares);
        let [mean, spread] = noise.mean_and_spread();
        Self {
            distance,
            expected: mean.min(1.0),
            expected_spread: spread.min(1.0),
            p_value: noise.p_value(distance),
            bins: shares.bins(),
            reference_effective_size: shares.reference_effective_size,
            current_effective_size: shares.current_effective_size,
            missing_reference: shares.missing[0],
            missing_current: shares.missing[1],
        }
    }
}

/// The largest of independent |N(0, σᵢ²)|.
struct LargestDifference {
    /// The distinct σ, falling, each with how many bins have it.
    deviations: Vec<(f64, f64)>,
    bins: f64,
}

impl LargestDifference {
    fn of(shares: &Shares<'_>) -> Self {
        let deviation = |pair: [f64; 2]| {
            let pooled = shares.pooled(pair);
            (pooled * (1.0 - pooled) * shares.per_value()).max(0.0).sqrt()
        };
        let mut deviations: Vec<f64> = shares.pairs().map(deviation).filter(|&sigma| sigma > 0.0).collect();
        // what one of two bins gains the other loses
        if shares.bins() == 2 {
            deviations.pop();
        }
        deviations.sort_unstable_by(|a, b| b.total_cmp(a));
        // equal up to rounding: many rare categories have the same few counts
        let equal = deviations.chunk_by(|sigma, next| sigma - next <= 1e-9 * sigma);
        let bins = deviations.len() as f64;
        Self { deviations: equal.map(|equal| (equal[0], equal.len() as f64)).collect(), bins }
    }

    /// P(max > t), by P(|N(0, 1)| > x) of one's choice.
    fn beyond(&self, t: f64, two_sided: impl Fn(f64) -> f64) -> f64 {
        let mut log_below: f64 = 0.0;
        for &(sigma, bins) in &self.deviations {
            let tail = two_sided(t / sigma);
            // the bins that follow have smaller tails, and would change nothing
            if log_below < NOTHING_BELOW || tail * self.bins <= -log_below * f64::EPSILON {
                break;
            }
            log_below += bins * (-tail).ln_1p();
        }
        (-f64::exp_m1(log_below)).clamp(0.0, 1.0)
    }

    fn p_value(&self, distance: f64) -> f64 {
        if distance > 0.0 { self.beyond(distance, two_sided_p) } else { 1.0 }
    }

    /// ∫ P(max > t) dt, and the standard deviation by ∫ 2t P(max > t) dt, both by Simpson's rule.
    fn mean_and_spread(&self) -> [f64; 2] {
        let Some(&(largest, _)) = self.deviations.first() else { return [0.0; 2] };
        let step = BEYOND / f64::from(STEPS);
        let weight = |place: u32| match place {
            0 | STEPS => 1.0,
            place if place % 2 == 1 => 4.0,
            _ => 2.0,
        };
        // in units of the largest deviation, so that squares are numbers
        let add = |[mean, square]: [f64; 2], place: u32| {
            let t = f64::from(place) * step;
            let height = weight(place) * self.beyond(t * largest, rough_two_sided_p);
            [mean + height, square + 2.0 * t * height]
        };
        let [mean, square] = (0..=STEPS).fold([0.0; 2], add).map(|sum| sum * step / 3.0);
        [mean * largest, (square - mean * mean).max(0.0).sqrt() * largest]
    }
}

/// P(|N(0, 1)| > x) to 10⁻⁷ of itself, in a fraction of the time: many bins times many steps are needed, and few
/// digits. The fit to erfc is that of Press and others, *Numerical Recipes* (1986), section 6.2.
fn rough_two_sided_p(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    ];
    let z = x * std::f64::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * z);
    let exponent = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
    (t * (exponent - z * z).exp()).min(1.0)
}
