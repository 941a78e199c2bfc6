//! A weighted mean that grows day by day.

use super::look::Look;
use crate::error::{Result, Undefined};
use crate::sample::Sample;

/// The mean of weighted rows that keep coming, with its linearised standard error: what
/// [`hajek_mean`](crate::hajek_mean) gives of all rows so far, of which none is kept.
///
/// Days may be [merged](Self::merge) in any grouping, up to rounding. NaN and ±∞ are left out and counted. Weights are
/// kept as they are: their squares must be numbers, which those of 10²⁰⁰ and 10⁻²⁰⁰ are not.
///
/// Cost: O(1) a row, 8 numbers of memory. Sums are about running means (Welford's way), so that offsets cost no digits.
///
/// Welford, *Technometrics* 4 (1962), 419–420; Chan, Golub & LeVeque, *The American Statistician* 37 (1983), 242–247.
///
/// ```
/// use tiltmeter_stats::{RunningMean, Sample};
///
/// let mut mean = RunningMean::default();
/// mean.update(Sample::weighted(&[1.2, 0.7, 3.1], &[1.0, 1.0, 4.0])?);
/// mean.update(Sample::weighted(&[2.2, 1.9, 0.4], &[4.0, 1.0, 10.0])?);
/// let look = mean.look()?;
/// assert_eq!(format!("{:.3} ± {:.3}", look.estimate, look.standard_error), "1.381 ± 0.712");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunningMean {
    count: u64,
    missing: u64,
    infinite: u64,
    /// By weights.
    weight: f64,
    mean: f64,
    /// By squared weights, Σw²(x − centre)² among them.
    squared_weights: f64,
    centre: f64,
    squares: f64,
}

impl RunningMean {
    /// Takes more rows.
    pub fn update<'a>(&mut self, rows: impl Into<Sample<'a>>) {
        let rows = rows.into();
        self.missing += rows.missing() as u64;
        for (value, weight) in rows.present() {
            if value.is_infinite() {
                self.infinite += 1;
            } else {
                let one = Self {
                    count: 1,
                    weight,
                    mean: value,
                    squared_weights: weight * weight,
                    centre: value,
                    ..Self::default()
                };
                self.merge(&one);
            }
        }
    }

    /// Takes the rows of another one.
    pub fn merge(&mut self, other: &Self) {
        let (missing, infinite) = (self.missing + other.missing, self.infinite + other.infinite);
        let merged = if other.count == 0 {
            *self
        } else if self.count == 0 {
            *other
        } else {
            let weight = self.weight + other.weight;
            let squared_weights = self.squared_weights + other.squared_weights;
            let share = other.squared_weights / squared_weights;
            let gap = other.centre - self.centre;
            Self {
                count: self.count + other.count,
                weight,
                mean: self.mean + (other.mean - self.mean) * (other.weight / weight),
                squared_weights,
                centre: self.centre + gap * share,
                squares: self.squares + other.squares + gap * gap * share * self.squared_weights,
                ..*self
            }
        };
        *self = Self { missing, infinite, ..merged };
    }

    /// How many rows count.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
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

    /// The mean of the rows so far.
    ///
    /// # Errors
    /// Undefined without rows ([`Empty`](Undefined::Empty)), for one ([`TooFew`](Undefined::TooFew)), while all values
    /// are the same ([`NoVariance`](Undefined::NoVariance)), and when sums are no numbers
    /// ([`Overflow`](Undefined::Overflow)).
    pub fn look(&self) -> Result<Look> {
        if self.count == 0 {
            return Err(Undefined::Empty.into());
        }
        let size = self.weight / self.squared_weights * self.weight;
        let gap = self.centre - self.mean;
        let spread = self.squares + self.squared_weights * gap * gap;
        if !(size.is_finite() && spread.is_finite() && self.mean.is_finite()) {
            return Err(Undefined::Overflow.into());
        }
        let freedom = size - 1.0;
        // one row that outweighs all others is as good as alone
        if self.count < 2 || freedom <= 1e-12 {
            return Err(Undefined::TooFew { found: 1, needed: 2 }.into());
        }
        let error = (spread * (size / freedom)).sqrt() / self.weight;
        if !error.is_finite() {
            return Err(Undefined::Overflow.into());
        }
        Look::new(self.mean, error, size)
    }
}
