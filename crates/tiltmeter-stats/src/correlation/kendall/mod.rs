//! Whether two quantities rise together, pair of rows by pair of rows.

mod counts;
mod exact;

#[cfg(test)]
mod tests;

pub(crate) use self::counts::exchanges;
pub(crate) use self::exact::p_value as exact_p_value;

use self::counts::Counts;
use super::midranks::centred_midranks;
use super::rows::Rows;
use crate::error::{Result, Undefined};
use crate::interval::two_sided_p;
use crate::pairs::Pairs;

/// How the p-value of a [`KendallTau`], or of a [`RankingTau`](crate::RankingTau), was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KendallMethod {
    /// The share of permutations that have such a coefficient, all equally likely for independent columns. Only without
    /// ties and weights.
    Exact,
    /// The normal distribution with the variance over all permutations, which ties change.
    Asymptotic,
    /// The normal distribution with the linearised variance of weighted rows, as if the columns were independent.
    Hajek,
}

/// Kendall's rank correlation. See [`kendall_tau`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct KendallTau {
    /// τ-b: −1 when one falls strictly as the other rises, 1 when both rise together, about 0 when they are unrelated.
    pub coefficient: f64,
    /// The two-sided p-value of independence, 0 to 1; `None` below three rows of Kish's effective size, with weights.
    pub p_value: Option<f64>,
    /// How the p-value was found.
    pub method: KendallMethod,
    /// What independent columns would show: a coefficient of 0 on average, with this standard deviation, 0 to 1.
    pub standard_deviation_if_independent: f64,
    /// How many rows were used, at least two.
    pub count: usize,
    /// How many rows were left out because one of the two values is NaN.
    pub missing: usize,
}

/// Kendall's rank correlation τ-b: how many more pairs of rows agree in direction than disagree.
///
/// ```text
/// τ_b = Σ_(i<j) w_i w_j sgn(x_i − x_j) sgn(y_i − y_j) / sqrt(Σ_(i<j) w_i w_j [x_i ≠ x_j] · Σ_(i<j) w_i w_j [y_i ≠ y_j])
/// ```
///
/// Without ties that is the probability that two rows are in the same order in both columns minus the probability that
/// they are not: (1 + τ)/2 of the pairs agree. It is nearer to 0 than [`spearman`](crate::spearman), by about a third.
///
/// The p-value is scipy's (`method='auto'`): exact without ties up to 33 rows, or when at most one pair is out of order;
/// else normal, with the variance over permutations that the ties of both columns leave. At a nominal 5 % the
/// asymptotic test rejects 4.7 to 5.1 % of independent columns from 10 rows, with and without ties.
///
/// A row with NaN on either side is left out and counted; ±∞ are values. Cost: O(n log n) by merge sort (Knight), and
/// O(n) memory; the exact p-value up to 10 000 steps more.
///
/// # Weights
/// Whole weights give the coefficient of repeated rows; their scale does not matter, and equal ones are none. The p-value
/// is then from the linearised (Hájek) variance that τ has if the columns are independent,
///
/// ```text
/// Var = 4 Σ w²a²b² / D · (k + 5/2)/(k − 1)        a = 2F(x) − 1, b = 2G(y) − 1, from weighted mid-ranks
/// ```
///
/// for weights that sum to 1, D the product under the root above (over all i and j), and Kish's effective size k in a
/// factor that gives the exact variance for equal weights. It rejects 2 % of independent columns at a nominal 5 % for
/// k = 10 and 3 to 5 % from k = 20, also where the weights depend on x; Kish's size in the place of
/// n would reject 0 to 12 % there.
///
/// Kendall, *Biometrika* 33 (1945), 239–251, for ties; Knight, *JASA* 61 (1966), 436–439; Kendall & Gibbons, *Rank
/// Correlation Methods* (5th edition, 1990), chapters 4 and 5.
///
/// # Errors
/// Undefined without rows ([`Undefined::Empty`]), for one ([`Undefined::TooFew`]), and when all values of a side are
/// the same ([`Undefined::Constant`]).
///
/// ```
/// use tiltmeter_stats::{KendallMethod, Pairs, kendall_tau};
///
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 8.0, 9.0, 7.0]);
/// let tau = kendall_tau(Pairs::new(&x, &y)?)?;
/// // of the 10 pairs 8 agree
/// assert!((tau.coefficient - 0.6).abs() < 1e-15);
/// // 28 of the 120 permutations are as far from an even number
/// assert!((tau.p_value.unwrap() - 28.0 / 120.0).abs() < 1e-15);
/// assert_eq!(tau.method, KendallMethod::Exact);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kendall_tau(pairs: Pairs<'_>) -> Result<KendallTau> {
    let rows = Rows::of(&pairs)?;
    let counts = Counts::of(&rows);
    let norm = counts.x.apart.sqrt() * counts.y.apart.sqrt();
    if norm <= 0.0 {
        return Err(Undefined::Constant.into());
    }
    let coefficient = (counts.score / norm).clamp(-1.0, 1.0);
    let (p_value, method, spread) = if rows.is_weighted {
        let spread = hajek_spread(&rows, norm);
        let is_known = rows.effective_size() >= 3.0;
        (is_known.then(|| normal_p(coefficient, spread)), KendallMethod::Hajek, spread)
    } else {
        let spread = counts.variance_of_score(rows.count()).max(0.0).sqrt() / norm;
        match exact_p(&counts, rows.count()) {
            Some(p) => (Some(p), KendallMethod::Exact, spread),
            None => (Some(normal_p(coefficient, spread)), KendallMethod::Asymptotic, spread),
        }
    };
    Ok(KendallTau {
        coefficient,
        p_value,
        method,
        standard_deviation_if_independent: if spread.is_nan() { 1.0 } else { spread.min(1.0) },
        count: rows.count(),
        missing: rows.missing,
    })
}

fn normal_p(coefficient: f64, spread: f64) -> f64 {
    let z = coefficient / spread;
    if z.is_nan() { 1.0 } else { two_sided_p(z) }
}

fn exact_p(counts: &Counts, count: usize) -> Option<f64> {
    let all = count as f64 * (count as f64 - 1.0) / 2.0;
    let is_tied = counts.x.apart < all || counts.y.apart < all;
    if is_tied { None } else { exact::p_value(count, counts.discordant) }
}

/// `norm` is half the root of D, with weights as they are.
fn hajek_spread(rows: &Rows, norm: f64) -> f64 {
    let [x, y] = [&rows.x, &rows.y].map(|values| centred_midranks(values.iter().copied(), &rows.weights));
    // ranks to the mean 0 and the range ±½, so that their products cannot overflow
    let weight = rows.weight();
    let sum: f64 = (x.iter().zip(&y).zip(&rows.weights))
        .map(|((x, y), w)| (w / weight * (x / weight) * (y / weight)).powi(2))
        .sum();
    let k = rows.effective_size();
    // a = 2x, b = 2y, D = (2 norm / weight²)²
    let linear = 4.0 * weight * weight * sum.sqrt() / norm;
    linear * ((k + 2.5) / (k - 1.0)).sqrt()
}
