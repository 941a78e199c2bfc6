//! A total of all rows, from those that were kept.

use crate::error::{Error, Result, Undefined};
use crate::interval::Interval;
use crate::sample::{Sample, to_about_one};

/// An estimated total. See [`horvitz_thompson_total`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HorvitzThompsonTotal {
    /// Σwx.
    pub value: f64,
    /// Its standard error, 0 or more; 0 when every row was kept for certain.
    pub standard_error: f64,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// How many rows are missing (NaN), and were left out: as if they were 0.
    pub missing: usize,
}

/// The total of a population of which each row was kept, independently of the others, with the probability 1/w.
///
/// ```text
/// T = Σ w x        se² = Σ w(w − 1) x²
/// ```
///
/// Both are unbiased for such (Poisson) sampling. With x = 1 in all rows the total estimates how many there were.
/// Unlike in all other statistics here, the scale of the weights matters: they are inverse probabilities, 1 or more,
/// and without weights all rows are there and nothing is uncertain. The random number of kept rows is part of the
/// standard error; where the size N of the population is known, [`HajekMean::total`](crate::HajekMean::total) is
/// usually much more precise, and is the one to take.
///
/// NaN is left out and counted. Cost: O(n), no memory.
///
/// Horvitz & Thompson, *JASA* 47 (1952), 663–685; Särndal, Swensson & Wretman, *Model Assisted Survey Sampling* (1992),
/// section 3.5.
///
/// # Errors
/// Undefined without rows ([`Empty`](Undefined::Empty)), when a value is ±∞ ([`Infinite`](Undefined::Infinite)) or a
/// sum is too large for a number ([`Overflow`](Undefined::Overflow)); invalid when a weight is between 0 and 1.
///
/// ```
/// use tiltmeter_stats::{Sample, horvitz_thompson_total};
///
/// let total = horvitz_thompson_total(Sample::weighted(&[3.0, 1.0, 2.0], &[1.0, 10.0, 10.0])?)?;
/// assert_eq!(total.value, 33.0);
/// assert!((total.standard_error - 450_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn horvitz_thompson_total<'a>(sample: impl Into<Sample<'a>>) -> Result<HorvitzThompsonTotal> {
    let sample = sample.into();
    let (mut count, mut largest) = (0, [0.0_f64; 2]);
    for (value, weight) in sample.present() {
        if weight < 1.0 {
            let clause = format!("a weight is {weight}, allowed: inverse probabilities, which are 1 or more");
            return Err(Error::invalid(clause));
        }
        count += 1;
        largest = [largest[0].max(value.abs()), largest[1].max(weight)];
    }
    if count == 0 {
        return Err(Undefined::Empty.into());
    }
    if largest[0].is_infinite() {
        return Err(Undefined::Infinite.into());
    }
    let [scale, one] = largest.map(to_about_one);
    let (mut total, mut variance) = (0.0, 0.0);
    for (value, weight) in sample.present() {
        let (value, weight) = (value * scale, weight * one);
        total += weight * value;
        variance += weight * (weight - one) * value * value;
    }
    let (value, standard_error) = (total / scale / one, variance.max(0.0).sqrt() / scale / one);
    if !(value.is_finite() && standard_error.is_finite()) {
        return Err(Undefined::Overflow.into());
    }
    Ok(HorvitzThompsonTotal { value, standard_error, count, missing: sample.missing() })
}

impl HorvitzThompsonTotal {
    /// The confidence interval `value ± z·standard_error`; `None` when the standard error is 0, and for a level that is
    /// not between 0 and 1. Right from some 50 kept rows, more when the values are skewed.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Interval::normal(self.value, self.standard_error, level)
    }
}
