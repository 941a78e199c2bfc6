//! Whether two quantities lie along a straight line.

use super::product_moment::ProductMoment;
use super::rows::Weighting;
use crate::error::{Result, Undefined};
use crate::interval::Interval;
use crate::pairs::Pairs;
use crate::sample::{WeightedMeans, to_about_one};

/// Pearson's correlation, and how far it can be trusted. See [`pearson`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Pearson {
    /// From −1, a falling line, to 1, a rising one; 0 when no line explains anything.
    pub coefficient: f64,
    /// The two-sided p-value of independence, 0 to 1; `None` below three pairs (in effect, with weights).
    pub p_value: Option<f64>,
    /// What independent columns would show: a coefficient of 0 on average, with this standard deviation, 0 to 1.
    pub standard_deviation_if_independent: f64,
    /// How many pairs were used, at least two.
    pub count: usize,
    /// How many pairs were left out because one of the two values is NaN.
    pub missing: usize,
    /// The number of pairs without weights that would tell as much about the coefficient: `count` without weights.
    pub effective_size: f64,
}

/// Pearson's product-moment correlation.
///
/// ```text
/// r = Σw(x − x̄)(y − ȳ) / sqrt(Σw(x − x̄)² Σw(y − ȳ)²)        t = r sqrt((n − 2)/(1 − r²)), n − 2 degrees of freedom
/// ```
///
/// The means are weighted too. The p-value is exact when one of the columns is normal, and about right for others:
/// at a nominal 5 % the size is 5 % with uniform columns from n = 5, and 6 %, 5.4 % and 4.8 % with lognormal ones for
/// n = 10, 20 and 100. A single far outlier on both sides makes any coefficient; [`spearman`](crate::spearman) is not
/// moved by it.
///
/// # Weights
/// Whole weights give the coefficient of repeated pairs; their scale does not matter, and equal ones are none. The p-value
/// then takes as n the size that matches the linearised (Hájek) variance of r if the columns are independent,
/// `n = 1 / Σw²a²b²` for weights that sum to 1 and a and b in units of their standard deviations. It is
/// about Kish's effective size when the weights have nothing to do with x or y, and holds when they do: for 200 pairs of
/// which one in ten was kept where |x| is large, or where it is small, Kish's size would reject 17 % or 0 % instead of
/// 5 %; this one 3 to 5 %.
///
/// A pair with NaN on either side is left out and counted; with ±∞ there is no mean, and so no r. Centred before it is
/// squared: an offset of 10⁸ costs no digits that the values have. Cost: O(n) time, no memory.
///
/// Pearson, *Philosophical Transactions A* 187 (1896), 253–318; Fisher, *Biometrika* 10 (1915), 507–521, for the
/// distribution of r; Deville, *Survey Methodology* 25 (1999), 193–203, for linearised variances.
///
/// # Errors
/// Undefined without pairs ([`Undefined::Empty`]), for one ([`Undefined::TooFew`]), when all values of a side are
/// the same ([`Undefined::Constant`]), and with an infinite value ([`Undefined::Infinite`]).
///
/// ```
/// use tiltmeter_stats::{Pairs, pearson};
///
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]);
/// let pearson = pearson(Pairs::new(&x, &y)?)?;
/// assert_eq!(format!("{:.4}", pearson.coefficient), "0.8321");
/// assert_eq!(pearson.p_value.map(|p| format!("{p:.4}")), Some("0.0805".to_owned()));
/// let interval = pearson.interval(0.95).unwrap();
/// assert_eq!(format!("{:.3} to {:.3}", interval.lower, interval.upper), "-0.189 to 0.989");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn pearson(pairs: Pairs<'_>) -> Result<Pearson> {
    let Weighting { count, scale: weight_scale, is_weighted } = Weighting::of(&pairs)?;
    let (mut x_largest, mut y_largest) = (0.0_f64, 0.0_f64);
    for (x, y, _) in pairs.present() {
        x_largest = x_largest.max(x.abs());
        y_largest = y_largest.max(y.abs());
    }
    if x_largest.is_infinite() || y_largest.is_infinite() {
        return Err(Undefined::Infinite.into());
    }
    let (x_scale, y_scale) = (to_about_one(x_largest), to_about_one(y_largest));
    let rows = pairs.present().map(|(x, y, weight)| {
        (x * x_scale, y * y_scale, if is_weighted { weight * weight_scale } else { 1.0 })
    });
    let [x_mean, y_mean] = WeightedMeans::of(rows.clone().map(|(x, y, weight)| ([x, y], weight))).mean;
    let found = ProductMoment::of(rows.map(|(x, y, weight)| (x - x_mean, y - y_mean, weight)), is_weighted)
        .ok_or(Undefined::Constant)?;
    Ok(Pearson {
        coefficient: found.coefficient,
        p_value: found.p_value(),
        standard_deviation_if_independent: found.spread_if_independent(),
        count,
        missing: pairs.missing(),
        effective_size: found.size,
    })
}

impl Pearson {
    /// Fisher's confidence interval, `tanh(atanh r ± z/√(n − 3))` with n the effective size.
    ///
    /// For normal columns intervals of level 0.95 hold the true correlation 95 % of the time from n = 5. It relies on
    /// that: for correlated columns with long tails the interval is too short, at any n. With lognormal ones of
    /// correlation 0.59 it is 82 % for n = 10, 70 % for 100 and 56 % for 1000; take logarithms, or ranks, first.
    ///
    /// With weights the linearised variance of r takes the place of (1 − r²)²/n. For normal columns that holds the true
    /// correlation 92 to 97 % of the time from a Kish size of 10, also where the weights depend on x; but where
    /// nine in ten of the rows with a large |x| are left out, on which r depends most, 85 to 93 % for 100 to 200.
    ///
    /// `None` up to three pairs, for a coefficient of ±1, where the pairs do not tell how uncertain it is, and for a level
    /// that is not between 0 and 1.
    ///
    /// Fisher, *Metron* 1 (1921), 3–32.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let standard_error = 1.0 / (self.effective_size - 3.0).sqrt();
        let interval = Interval::normal(self.coefficient.atanh(), standard_error, level)?;
        Some(interval.mapped(f64::tanh))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;
