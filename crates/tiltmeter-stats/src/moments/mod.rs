//! Mean, variance, skewness and kurtosis, mergeable.

mod block;
mod content;
mod merge;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Undefined};
use crate::sample::Sample;

/// The first four moments of a sample, its range, and what was left out.
///
/// ```text
/// mean = Σ wᵢxᵢ / Σ wᵢ,    M_k = Σ wᵢ (xᵢ − mean)^k
/// ```
///
/// NaN and ±∞ are left out and counted. Central sums are taken about the mean of a block of values in a second pass,
/// and [merged](Self::merge) by differences of means, so that a large offset costs no digits: values near 10⁹ keep a
/// variance of 10⁻⁶ to six digits. An empty sample has moments too, which are all undefined; it is what merging, and
/// [updating](Self::update) batch by batch, starts with.
///
/// ```
/// # use tiltmeter_stats::Moments;
/// let moments = Moments::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN]);
/// assert_eq!((moments.mean()?, moments.population_variance()?), (5.0, 4.0));
/// assert_eq!((moments.count(), moments.missing(), moments.max()?), (8, 1, 9.0));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct Moments {
    rows: u64,
    missing: u64,
    infinite: u64,
    weight: f64,
    squared_weights: f64,
    mean: f64,
    /// M₂, M₃ and M₄.
    central: [f64; 3],
    /// The smallest and the largest value; 0 while there are none.
    range: [f64; 2],
}

impl Moments {
    /// The moments of no values.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            rows: 0,
            missing: 0,
            infinite: 0,
            weight: 0.0,
            squared_weights: 0.0,
            mean: 0.0,
            central: [0.0; 3],
            range: [0.0; 2],
        }
    }

    /// The moments of a sample. O(n).
    #[must_use]
    pub fn of<'a>(sample: impl Into<Sample<'a>>) -> Self {
        let mut moments = Self::empty();
        moments.update(sample);
        moments
    }

    /// How many rows have a finite value and count.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows
    }

    /// How many rows that count have no value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// How many rows that count are ±∞.
    #[must_use]
    pub fn infinite(&self) -> u64 {
        self.infinite
    }

    /// The sum of weights: [`count`](Self::count) when there are none.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Kish's effective sample size, (Σw)²/Σw²: `count` when there are no weights. 0 when the squares of weights leave the
    /// range of numbers, as those of 10²⁰⁰ and 10⁻²⁰⁰ do; weights are kept as they are, so that moments can be merged.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        if self.squared_weights > 0.0 { self.weight / self.squared_weights * self.weight } else { 0.0 }
    }

    pub(crate) fn squared_weights(&self) -> f64 {
        self.squared_weights
    }

    /// The mean.
    ///
    /// # Errors
    /// [`Undefined::Empty`]; invalid when sums overflow.
    pub fn mean(&self) -> Result<f64> {
        self.check()?;
        finite(self.mean)
    }

    /// The variance of these values alone, M₂ / Σw (ddof 0).
    ///
    /// # Errors
    /// [`Undefined::Empty`]; invalid when sums overflow.
    pub fn population_variance(&self) -> Result<f64> {
        self.check()?;
        finite(self.central[0] / self.weight)
    }

    /// The estimate of the variance of what the values were drawn from, M₂ / (Σw − 1) (ddof 1). Weights are
    /// numbers of rows here.
    ///
    /// # Errors
    /// [`Undefined::Empty`]; [`Undefined::TooFew`] when Σw is not above 1; invalid when sums overflow.
    pub fn sample_variance(&self) -> Result<f64> {
        self.check()?;
        if self.weight <= 1.0 {
            return Err(Undefined::TooFew { found: 1, needed: 2 }.into());
        }
        finite(self.central[0] / (self.weight - 1.0))
    }

    /// The skewness √(Σw) M₃ / M₂^(3/2), the biased estimate (scipy's default).
    ///
    /// # Errors
    /// [`Undefined::Empty`]; [`Undefined::Constant`] without spread; invalid when sums overflow.
    pub fn skewness(&self) -> Result<f64> {
        let variance = self.spread()?;
        finite(self.central[1] / self.weight / variance / variance.sqrt())
    }

    /// The excess kurtosis Σw M₄ / M₂² − 3, the biased estimate (scipy's default): 0 for a normal distribution.
    ///
    /// # Errors
    /// [`Undefined::Empty`]; [`Undefined::Constant`] without spread; invalid when sums overflow.
    pub fn excess_kurtosis(&self) -> Result<f64> {
        let variance = self.spread()?;
        finite(self.central[2] / self.weight / variance / variance - 3.0)
    }

    /// The smallest finite value.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn min(&self) -> Result<f64> {
        self.check().map(|()| self.range[0])
    }

    /// The largest finite value.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn max(&self) -> Result<f64> {
        self.check().map(|()| self.range[1])
    }

    fn check(&self) -> Result<()> {
        if self.rows == 0 { Err(Undefined::Empty.into()) } else { Ok(()) }
    }

    fn spread(&self) -> Result<f64> {
        let variance = self.population_variance()?;
        if variance > 0.0 { Ok(variance) } else { Err(Undefined::Constant.into()) }
    }
}

/// A mean that rounding has not put beside the values; one that has overflowed is left as it is.
fn within(mean: f64, [low, high]: [f64; 2]) -> f64 {
    if mean.is_finite() { mean.clamp(low, high) } else { mean }
}

fn finite(number: f64) -> Result<f64> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(Error::invalid("the values or weights are too large or too small for sums of their powers"))
    }
}
