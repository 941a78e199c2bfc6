//! Wasserstein's distance.

#[cfg(test)]
mod tests;

use std::f64::consts::FRAC_2_PI;

use crate::ecdf::Ecdf;
use crate::error::{Result, Undefined};
use crate::sample::Sample;
use crate::sorted::Sorted;

use super::distribution::{Distribution, area_between};
use super::samples::{check_both, ecdfs};

/// evidently divides by no less than this.
const EVIDENTLY_SMALLEST: f64 = 0.001;

/// How far values would have to be moved, on average, to make one sample of the other.
///
/// ```text
/// W₁ = ∫ |F(x) − G(x)| dx
/// ```
///
/// The earth mover's distance of order 1, in the unit of the values: a shift of all values by δ gives |δ|. From 0,
/// the same, without an upper bound. A metric. Unlike [`KsTest`](crate::KsTest) it sees how far values moved, and one
/// outlier far away can outweigh all others. To compare columns with each other see [`normalised`](Self::normalised).
///
/// +∞ when one sample has −∞ or +∞ and the other has not, and undefined when both have the same one. There is no
/// p-value that does not depend on the distribution; `expected` does too, and takes the reference's.
///
/// Vallender, *Theory of Probability & Its Applications* 18 (1974), 784.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Wasserstein {
    /// W₁, from 0 to +∞, in the unit of the values.
    pub distance: f64,
    /// The mean of W₁ without drift, by sampling alone: √(2/π) √(1/n + 1/m) ∫ √(F(1 − F)) dx with the reference's F,
    /// in the unit of the values; +∞ when the reference has infinite values.
    ///
    /// Each |F − G| is then about that of a normal variable; without the factor √(2/π) = 0.80 it is an upper bound
    /// for all sizes (Bobkov and Ledoux, *Memoirs of the AMS* 261 (2019), section 3). Of a sample the tails are
    /// missing: too small by 3 % for 100 normal values each, by 8 % for 30, by 17 % for 10; by 10 to 25 % for so many
    /// of Student's t with two or three degrees of freedom. There is no formula for the spread that takes less than
    /// O(n²).
    pub expected: f64,
    /// The standard deviation of the reference (ddof 0); `None` when it has infinite values.
    pub reference_sd: Option<f64>,
    /// How many values the reference has.
    pub reference_size: u64,
    /// How many values the current sample has.
    pub current_size: u64,
    /// Kish's effective size of the reference.
    pub reference_effective_size: f64,
    /// Kish's effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing; they are left out.
    pub missing_reference: u64,
    /// How many values of the current sample are missing; they are left out.
    pub missing_current: u64,
}

/// Wasserstein's distance of order 1 of two samples.
///
/// NaN is left out. With weights the distribution functions are weighted. To compare one reference with many samples
/// keep its [`Ecdf`], and use [`Wasserstein::between`]; for values in order, [`wasserstein_sorted`]. O(n log n) for
/// sorting.
///
/// # Errors
/// [`EmptyReference`](Undefined::EmptyReference), [`EmptyCurrent`](Undefined::EmptyCurrent) when a sample has no
/// values; [`Infinite`](Undefined::Infinite) when both have the same infinity.
///
/// ```
/// # use tiltmeter_stats::wasserstein;
/// // scipy.stats.wasserstein_distance([0, 1, 3], [5, 6, 8])
/// let moved = wasserstein(&[0.0, 1.0, 3.0], &[5.0, 6.0, 8.0])?;
/// assert!((moved.distance - 5.0).abs() < 1e-12);
/// assert!((moved.normalised()? - 4.00892).abs() < 1e-5);
/// // three values each: half of a standard deviation is nothing
/// assert!((moved.expected - 0.92).abs() < 0.01);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn wasserstein<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<Wasserstein> {
    let [reference, current] = ecdfs(reference.into(), current.into())?;
    Wasserstein::of(&reference, &current)
}

/// The same of values in order, each once. O(n + m), without allocation.
///
/// # Errors
/// As [`wasserstein`].
///
/// ```
/// # use tiltmeter_stats::{Sorted, wasserstein_sorted};
/// let moved = wasserstein_sorted(Sorted::new(&[0.0, 1.0, 3.0])?, Sorted::new(&[5.0, 6.0, 8.0])?)?;
/// assert!((moved.distance - 5.0).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn wasserstein_sorted(reference: Sorted<'_>, current: Sorted<'_>) -> Result<Wasserstein> {
    check_both(reference.is_empty(), current.is_empty())?;
    Wasserstein::of(&reference, &current)
}

/// The normalised distance as evidently's `wasserstein` (0.7) computes it, to compare with its numbers: W₁ divided by
/// the reference's standard deviation, but by no less than 0.001.
///
/// So a constant that changes by ½ is reported as 500; [`Wasserstein::normalised`] is undefined then. NaN and ±∞ are
/// left out. O(n log n).
///
/// # Errors
/// [`EmptyReference`](Undefined::EmptyReference), [`EmptyCurrent`](Undefined::EmptyCurrent) when a sample has no
/// finite values.
///
/// ```
/// # use tiltmeter_stats::wasserstein_evidently;
/// assert!((wasserstein_evidently(&[3.5; 50], &[4.0; 50])? - 500.0).abs() < 1e-9);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn wasserstein_evidently(reference: &[f64], current: &[f64]) -> Result<f64> {
    let finite =
        |values: &[f64]| values.iter().copied().filter(|value| value.is_finite()).collect::<Vec<f64>>();
    let moved = wasserstein(&finite(reference), &finite(current))?;
    Ok(moved.distance / moved.reference_sd.unwrap_or(0.0).max(EVIDENTLY_SMALLEST))
}

impl Wasserstein {
    /// The distance of two distribution functions. O(n + m) for n and m distinct values. Of thinned ones right within
    /// their resolution times the range of values.
    ///
    /// # Errors
    /// [`Infinite`](Undefined::Infinite) when both have the same infinity.
    pub fn between(reference: &Ecdf, current: &Ecdf) -> Result<Self> {
        Self::of(reference, current)
    }

    /// The distance in standard deviations of the reference (ddof 0): about 0.1 is small, as Cohen's d is.
    ///
    /// # Errors
    /// [`Constant`](Undefined::Constant) when the reference has no spread, [`Infinite`](Undefined::Infinite) when it
    /// has infinite values.
    pub fn normalised(&self) -> Result<f64> {
        match self.reference_sd {
            None => Err(Undefined::Infinite.into()),
            Some(sd) if sd > 0.0 => Ok(self.distance / sd),
            Some(_) => Err(Undefined::Constant.into()),
        }
    }

    fn of(reference: &impl Distribution, current: &impl Distribution) -> Result<Self> {
        let distance = match infinite(reference, current)? {
            true => f64::INFINITY,
            false => area_between(reference, current, f64::abs),
        };
        let per_value = 1.0 / reference.size() + 1.0 / current.size();
        let spread = reference.integral(|share| (share * (1.0 - share)).sqrt());
        Ok(Self {
            distance,
            expected: (FRAC_2_PI * per_value).sqrt() * spread,
            reference_sd: standard_deviation(reference),
            reference_size: reference.rows(),
            current_size: current.rows(),
            reference_effective_size: reference.size(),
            current_effective_size: current.size(),
            missing_reference: reference.without_value(),
            missing_current: current.without_value(),
        })
    }
}

/// Whether there are infinite values, so that the area between the distribution functions is +∞.
pub(super) fn infinite(reference: &impl Distribution, current: &impl Distribution) -> Result<bool> {
    let ends = reference.infinite().into_iter().zip(current.infinite());
    if ends.clone().any(|(one, other)| one && other) {
        // ∞ − ∞ is no distance
        return Err(Undefined::Infinite.into());
    }
    Ok(ends.into_iter().any(|(one, other)| one || other))
}

/// Of distinct values with their shares; `None` when one is infinite.
fn standard_deviation(of: &impl Distribution) -> Option<f64> {
    let [low, high] = of.range();
    if low.is_infinite() || high.is_infinite() {
        return None;
    }
    // in halves, since the range may overflow, and as parts of it, since squares may
    let scale = 0.5 * high - 0.5 * low;
    if scale <= 0.0 {
        return Some(0.0);
    }
    let centre = 0.5 * high + 0.5 * low;
    let parts = || {
        of.corners().scan(0.0, move |before, (value, share)| {
            let weight = share - *before;
            *before = share;
            Some(((0.5 * value - 0.5 * centre) / (0.5 * scale), weight))
        })
    };
    let mean: f64 = parts().map(|(x, weight)| weight * x).sum();
    let variance: f64 = parts().map(|(x, weight)| weight * (x - mean).powi(2)).sum();
    Some(scale * variance.sqrt())
}
