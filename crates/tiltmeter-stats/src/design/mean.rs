//! Counts, totals, means and ratios.

use super::estimate::{Counted, DesignEstimate, Scale};
use super::inclusion::Inclusion;
use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::resampling::{hajek_mean, hajek_ratio};
use crate::sample::{CompensatedSum, Sample, effective_sample_size};

/// How many rows there were: Σ 1/π, with the variance Σ (1 − π)/π², by cluster.
///
/// Horvitz & Thompson (1952). Both are unbiased. There were at least as many as were kept: the interval begins there when it
/// would begin below. Cost: O(n).
///
/// # Errors
/// Undefined without rows ([`Empty`](Undefined::Empty)) and when the sum is too large for a number
/// ([`Overflow`](Undefined::Overflow)).
///
/// ```
/// use tiltmeter_stats::{Inclusion, design_count};
///
/// let rows = design_count(&Inclusion::new(&[1.0, 0.1, 0.1])?)?;
/// assert_eq!((rows.value, rows.count), (21.0, 3));
/// assert_eq!(rows.standard_error, Some(180_f64.sqrt()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn design_count(inclusion: &Inclusion) -> Result<DesignEstimate> {
    total(&vec![1.0; inclusion.len()], inclusion, Scale::AtLeast(inclusion.len() as f64))
}

/// The sum of a value over all rows: Σ x/π, with the variance Σ (1 − π)(x/π)², by cluster.
///
/// Of values that are never below 0 the sum is at least that of the rows that are there, where its interval begins when it
/// would begin below.
///
/// NaN is left out, as if it were 0, and counted. [`horvitz_thompson_total`](crate::horvitz_thompson_total) is the same
/// without clusters. Cost: O(n).
///
/// # Errors
/// As [`design_count`], undefined when a value is ±∞ ([`Infinite`](Undefined::Infinite)), and invalid when there are not
/// as many values as rows.
pub fn design_total(values: &[f64], inclusion: &Inclusion) -> Result<DesignEstimate> {
    let known = || values.iter().copied().filter(|value| !value.is_nan());
    // such as how many rows have a label
    let is_positive = known().all(|value| value >= 0.0);
    let scale =
        if is_positive { Scale::AtLeast(known().sum::<CompensatedSum>().value()) } else { Scale::Linear };
    total(values, inclusion, scale)
}

fn total(values: &[f64], inclusion: &Inclusion, scale: Scale) -> Result<DesignEstimate> {
    inclusion.check(values.len(), "values")?;
    let weights = inclusion.weights();
    let counts = |row: usize| !values[row].is_nan();
    let counted = counted(inclusion, counts)?;
    if values.iter().any(|value| value.is_infinite()) {
        return Err(Undefined::Infinite.into());
    }
    let parts = (0..values.len()).filter(|&row| counts(row)).map(|row| weights[row] * values[row]);
    let total = parts.sum::<CompensatedSum>().value();
    let spread = inclusion.spread(|row| weights[row] * values[row], counts);
    DesignEstimate::new(total, spread, counted, scale)
}

/// The mean of a value over all rows: m = Σwx/Σw with w = 1/π, and the variance Σ (1 − π) w²(x − m)²/(Σw)², by cluster.
///
/// Hájek's estimator; NaN is left out and counted, so that it is the mean of the rows that have a value. Cost: O(n).
///
/// # Errors
/// As [`hajek_mean`](crate::hajek_mean), and invalid when there are not as many values as rows.
///
/// ```
/// use tiltmeter_stats::{Inclusion, design_mean};
///
/// let inclusion = Inclusion::new(&[1.0, 1.0, 0.25, 0.25, 1.0, 0.1])?;
/// let mean = design_mean(&[1.2, 0.7, 3.1, 2.2, 1.9, 0.4], &inclusion)?;
/// assert_eq!(format!("{:.3} ± {:.3}", mean.value, mean.standard_error.unwrap()), "1.381 ± 0.543");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn design_mean(values: &[f64], inclusion: &Inclusion) -> Result<DesignEstimate> {
    mean(values, inclusion, Scale::Linear)
}

/// The share of all rows that are so: the base rate, a match rate. [`design_mean`] of zeroes and ones, with an interval
/// on the logit scale.
///
/// # Errors
/// As [`design_mean`].
pub fn design_share(is_so: &[bool], inclusion: &Inclusion) -> Result<DesignEstimate> {
    let values: Vec<f64> = is_so.iter().map(|is_so| f64::from(u8::from(*is_so))).collect();
    mean(&values, inclusion, Scale::Logit)
}

pub(super) fn mean(values: &[f64], inclusion: &Inclusion, scale: Scale) -> Result<DesignEstimate> {
    inclusion.check(values.len(), "values")?;
    let weights = inclusion.weights();
    let mean = hajek_mean(Sample::weighted(values, weights)?)?;
    let counts = |row: usize| !values[row].is_nan();
    let total = total_weight(inclusion, counts);
    let spread = inclusion.spread(|row| weights[row] / total * (values[row] - mean.value), counts);
    let counted = Counted { count: mean.count, missing: mean.missing, effective_size: mean.effective_size };
    DesignEstimate::new(mean.value, spread, counted, scale)
}

/// The ratio of two sums over all rows, y (first) by x (second): R = Σwy/Σwx, with the variance
/// Σ (1 − π) w²(y − Rx)²/(Σwx)², by cluster.
///
/// A row that lacks one of the two numbers (NaN) is left out and counted. The mean over a part of the rows is one too:
/// y·\[in the part\] by \[in the part\]. Cost: O(n).
///
/// # Errors
/// As [`hajek_ratio`](crate::hajek_ratio), and invalid when there are not as many numbers as rows.
pub fn design_ratio(first: &[f64], second: &[f64], inclusion: &Inclusion) -> Result<DesignEstimate> {
    inclusion.check(first.len(), "values")?;
    let weights = inclusion.weights();
    let ratio = hajek_ratio(Pairs::weighted(first, second, weights)?)?;
    let counts = |row: usize| !(first[row].is_nan() || second[row].is_nan());
    let parts = (0..first.len()).filter(|&row| counts(row)).map(|row| weights[row] * second[row]);
    let divisor = parts.sum::<CompensatedSum>().value();
    let residual = |row: usize| weights[row] / divisor * (first[row] - ratio.value * second[row]);
    let counted =
        Counted { count: ratio.count, missing: ratio.missing, effective_size: ratio.effective_size };
    DesignEstimate::new(ratio.value, inclusion.spread(residual, counts), counted, Scale::Linear)
}

fn total_weight(inclusion: &Inclusion, counts: impl Fn(usize) -> bool) -> f64 {
    let weights = inclusion.weights().iter().enumerate();
    weights.filter(|(row, _)| counts(*row)).map(|(_, weight)| *weight).sum::<CompensatedSum>().value()
}

fn counted(inclusion: &Inclusion, counts: impl Fn(usize) -> bool) -> Result<Counted> {
    let rows = || (0..inclusion.len()).filter(|&row| counts(row));
    let count = rows().count();
    if count == 0 {
        return Err(Undefined::Empty.into());
    }
    let effective_size = effective_sample_size(rows().map(|row| inclusion.weights()[row]));
    Ok(Counted { count, missing: inclusion.len() - count, effective_size })
}
