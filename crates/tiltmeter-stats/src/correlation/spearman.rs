//! Whether two quantities rise together, by their ranks.

use super::midranks::centred_midranks;
use super::product_moment::ProductMoment;
use super::rows::Rows;
use crate::error::{Result, Undefined};
use crate::pairs::Pairs;

/// Spearman's rank correlation. See [`spearman`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spearman {
    /// −1 when one falls strictly as the other rises, 1 when both rise together, about 0 when they are unrelated.
    pub coefficient: f64,
    /// The two-sided p-value of independence, 0 to 1; `None` below three pairs (in effect, with weights).
    pub p_value: Option<f64>,
    /// What independent columns would show: a coefficient of 0 on average, with this standard deviation, 0 to 1.
    pub standard_deviation_if_independent: f64,
    /// How many pairs were used, at least two.
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
/// # Weights
/// The weighted Pearson correlation of weighted mid-ranks: the mid-rank of a value is the weight below it plus half the
/// weight of those equal to it. Whole weights give the coefficient of repeated pairs; their scale does not matter, and
/// equal ones are none. The p-value takes for n the size of the linearised variance, as [`pearson`](crate::pearson)
/// does: at a nominal 5 % it rejects 4 to 6 % of independent columns, also where the weights depend on x.
///
/// # Its interval
/// There is none in closed form that holds for any distribution: resample the pairs, with their weights if they have some.
///
/// ```
/// use tiltmeter_stats::{Bootstrap, Pairs, spearman};
///
/// let x: Vec<f64> = (0..60).map(|row| f64::from(row * 37 % 60)).collect();
/// let y: Vec<f64> = x.iter().map(|x| x + 15.0 * x.sin()).collect();
/// let coefficient = |weights: &[f64]| Ok(spearman(Pairs::weighted(&x, &y, weights)?)?.coefficient);
/// let interval = Bootstrap::rows(60).of_weights(1, coefficient)?.bca_interval(0.95).unwrap();
/// assert_eq!(format!("{:.2} to {:.2}", interval.lower, interval.upper), "0.79 to 0.91");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
///
/// Spearman, *American Journal of Psychology* 15 (1904), 72–101; Kendall & Gibbons, *Rank Correlation Methods*
/// (5th edition, 1990).
///
/// # Errors
/// Undefined without pairs ([`Undefined::Empty`]), for one ([`Undefined::TooFew`]), and when all values of a side are
/// the same ([`Undefined::Constant`]).
///
/// ```
/// use tiltmeter_stats::{Pairs, spearman};
///
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]);
/// let spearman = spearman(Pairs::new(&x, &y)?)?;
/// assert_eq!(format!("{:.4}", spearman.coefficient), "0.8208");
/// assert_eq!(spearman.p_value.map(|p| format!("{p:.4}")), Some("0.0886".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn spearman(pairs: Pairs<'_>) -> Result<Spearman> {
    let rows = Rows::of(&pairs)?;
    let [x, y] = [&rows.x, &rows.y].map(|values| centred_midranks(values.iter().copied(), &rows.weights));
    let ranks = x.iter().zip(&y).zip(&rows.weights).map(|((&x, &y), &weight)| (x, y, weight));
    let found = ProductMoment::of(ranks, rows.is_weighted).ok_or(Undefined::Constant)?;
    Ok(Spearman {
        coefficient: found.coefficient,
        p_value: found.p_value(),
        standard_deviation_if_independent: found.spread_if_independent(),
        count: rows.count(),
        missing: rows.missing,
    })
}

#[cfg(test)]
mod tests;
