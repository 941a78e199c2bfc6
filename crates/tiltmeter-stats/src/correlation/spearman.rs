//! Whether two quantities rise together, by their ranks.

use crate::error::{Error, Result, Undefined};
use crate::sample::{check_weights, effective_sample_size};
use crate::special::student_t_sf;

/// Spearman's rank correlation. See [`spearman`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spearman {
    /// −1 when one falls strictly as the other rises, 1 when both rise together, about 0 when they are unrelated.
    pub coefficient: f64,
    /// The two-sided p-value of independence; `None` below three pairs (of Kish's effective size, with weights).
    pub p_value: Option<f64>,
    /// How many pairs were used.
    pub count: usize,
    /// How many pairs were left out because one of the two values is NaN.
    pub missing: usize,
}

/// Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the mean of their ranks.
///
/// ```text
/// ρ = Σ(r_x − r̄)(r_y − r̄) / sqrt(Σ(r_x − r̄)² Σ(r_y − r̄)²)        t = ρ sqrt((n − 2)/(1 − ρ²)), n − 2 degrees
/// ```
///
/// The p-value is from the t approximation. Without ties its true size at a nominal 5 % is 5.9 % for n = 9 and 5.5 %
/// for n = 10 (all permutations, and a million of them), so trust it from about 10 pairs; single small p-values are
/// too small by up to 40 % there. A serial dependence of the pairs makes it too small at any n.
///
/// A pair with NaN on either side is left out and counted; ±∞ have ranks like any number. Cost: two sorts,
/// O(n log n), and O(n) memory.
///
/// Spearman, *American Journal of Psychology* 15 (1904), 72–101; Kendall & Gibbons, *Rank Correlation Methods*
/// (5th edition, 1990).
///
/// # Errors
/// Undefined without pairs ([`Undefined::Empty`]), for one ([`Undefined::TooFew`]), and when all values of a side are
/// the same ([`Undefined::Constant`]); invalid when the lengths differ.
///
/// ```
/// let spearman = tiltmeter_stats::spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0])?;
/// assert_eq!(format!("{:.4}", spearman.coefficient), "0.8208");
/// assert_eq!(spearman.p_value.map(|p| format!("{p:.4}")), Some("0.0886".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Spearman> {
    of(x, y, |_| 1.0)
}

/// Spearman's rank correlation of weighted pairs: the weighted Pearson correlation of weighted mid-ranks.
///
/// The mid-rank of a value is the weight below it plus half the weight of those equal to it. Whole weights give the
/// coefficient of repeated pairs; a weight of 0 leaves its pair out. The p-value takes Kish's effective size for n.
///
/// # Errors
/// As [`spearman`]; invalid too when a weight is negative, NaN or infinite, or all are 0.
pub fn spearman_weighted(x: &[f64], y: &[f64], weights: &[f64]) -> Result<Spearman> {
    check_weights(x.len(), weights)?;
    of(x, y, |pair| weights[pair])
}

fn of(x: &[f64], y: &[f64], weight: impl Fn(usize) -> f64) -> Result<Spearman> {
    if x.len() != y.len() {
        return Err(Error::invalid(format!("{} values are paired with {}", x.len(), y.len())));
    }
    let missing = |pair: &usize| x[*pair].is_nan() || y[*pair].is_nan();
    let counts = (0..x.len()).filter(|&pair| weight(pair) > 0.0);
    let pairs: Vec<usize> = counts.clone().filter(|pair| !missing(pair)).collect();
    let missing = counts.filter(missing).count();
    match pairs.len() {
        0 => return Err(Undefined::Empty.into()),
        1 => return Err(Undefined::TooFew { found: 1, needed: 2 }.into()),
        _ => {}
    }
    // the scale of the weights does not matter, but products of three of them must not leave the range of numbers
    let largest = pairs.iter().map(|&pair| weight(pair)).fold(0.0, f64::max);
    let weights: Vec<f64> = pairs.iter().map(|&pair| weight(pair) / largest).collect();
    let centred = |values: &[f64]| centred_midranks(pairs.iter().map(|&pair| values[pair]), &weights);
    let coefficient = correlation(&centred(x), &centred(y), &weights).ok_or(Undefined::Constant)?;
    let p_value = p_value(coefficient, effective_sample_size(weights));
    Ok(Spearman { coefficient, p_value, count: pairs.len(), missing })
}

/// Mid-ranks minus their mean, which is half the sum of the weights.
fn centred_midranks(values: impl Iterator<Item = f64>, weights: &[f64]) -> Vec<f64> {
    // −0 and 0 are one value
    let mut order: Vec<(f64, usize)> = values.map(|value| value + 0.0).zip(0..).collect();
    order.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
    let middle = weights.iter().sum::<f64>() / 2.0;
    let mut ranks = vec![0.0; order.len()];
    let mut below = 0.0;
    for tied in order.chunk_by(|(one, _), (other, _)| one.to_bits() == other.to_bits()) {
        let here: f64 = tied.iter().map(|&(_, pair)| weights[pair]).sum();
        for &(_, pair) in tied {
            ranks[pair] = if tied.len() == order.len() { 0.0 } else { below + here / 2.0 - middle };
        }
        below += here;
    }
    ranks
}

/// Weighted Pearson correlation of values with the mean 0; `None` when one side is constant.
fn correlation(x: &[f64], y: &[f64], weights: &[f64]) -> Option<f64> {
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for ((x, y), weight) in x.iter().zip(y).zip(weights) {
        xx += weight * x * x;
        yy += weight * y * y;
        xy += weight * x * y;
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / xx * (xx / yy).sqrt()).clamp(-1.0, 1.0))
}

/// P(|T| ≥ |t|) with n − 2 degrees of freedom.
fn p_value(coefficient: f64, size: f64) -> Option<f64> {
    let free = size - 2.0;
    let unexplained = (1.0 - coefficient) * (1.0 + coefficient);
    // three equal weights make a size of 3 only up to rounding; t is ∞ where nothing is unexplained
    let t = coefficient.abs() * (free / unexplained).sqrt();
    (free > 1.0 - 1e-9).then(|| (2.0 * student_t_sf(t, free)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
