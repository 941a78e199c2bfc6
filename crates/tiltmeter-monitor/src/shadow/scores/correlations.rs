//! Whether two sides score alike, with intervals that presume no distribution.

use tiltmeter_stats::{Pairs, pearson, spearman};

use crate::measured::NORMAL_975;
use crate::performance::measured;
use crate::shadow::rows::Rows;
use crate::{Estimate, Measured};

/// Pearson's and Spearman's correlation of the scores of the same rows, none of them missing.
///
/// Fisher's interval and Bonett and Wright's presume normal columns, which scores are not: they are skewed, and the
/// same in most rows when a challenger is its champion but for some. Here the variance is the linearised one,
/// Σ w²ι² / (Σ w)² of the influence ι of each row, on Fisher's scale atanh r. Deville, *Survey Methodology* 25 (1999),
/// 193–203; the influences: Croux & Dehon, *Statistical Methods & Applications* 19 (2010), 497–515.
pub(super) fn correlations(rows: &Rows, one: &[f64], other: &[f64]) -> [Measured; 2] {
    let pairs = || match rows.weights() {
        None => Pairs::new(one, other),
        Some(weights) => Pairs::weighted(one, other, weights),
    };
    let weights = rows.weights().map_or_else(|| vec![1.0; one.len()], <[f64]>::to_vec);
    let size = rows.effective_size();
    let [product_moment, ranks] = [
        pairs().and_then(pearson).map(|found| found.coefficient),
        pairs().and_then(spearman).map(|found| found.coefficient),
    ];
    let estimate = |r: f64, influences: Vec<f64>| estimate(r, &influences, &weights, size);
    [
        measured(product_moment.map(|r| estimate(r, of_values(r, one, other, &weights)))),
        measured(ranks.map(|r| estimate(r, of_ranks(r, one, other, &weights)))),
    ]
}

fn estimate(r: f64, influences: &[f64], weights: &[f64], size: f64) -> Estimate {
    let whole: f64 = weights.iter().sum();
    let squares: f64 =
        influences.iter().zip(weights).map(|(one, weight)| (one * weight / whole).powi(2)).sum();
    // the influences are measured on the very rows that r is fitted to
    let error = (squares * size / (size - 3.0)).sqrt();
    let half = NORMAL_975 * error / ((1.0 - r) * (1.0 + r));
    let ends = [-1.0, 1.0].map(|sign| (r.atanh() + sign * half).tanh());
    let is_known = size > 3.0 && half > 0.0 && ends.iter().all(|end| end.is_finite());
    Estimate::new(
        r,
        is_known.then(|| (ends[0].min(r), ends[1].max(r))),
        Some(error).filter(|error| is_known && error.is_finite()),
    )
}

/// ι = ab − r(a² + b²)/2 of values in units of their standard deviations.
fn of_values(r: f64, one: &[f64], other: &[f64], weights: &[f64]) -> Vec<f64> {
    let [one, other] = [one, other].map(|values| standardised(values, weights));
    one.iter().zip(&other).map(|(a, b)| a * b - r * (a * a + b * b) / 2.0).collect()
}

fn standardised(values: &[f64], weights: &[f64]) -> Vec<f64> {
    // squares of the largest numbers are none
    let largest = values.iter().fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    let scaled: Vec<f64> = values.iter().map(|value| value / largest).collect();
    let mean = weighted_mean(&scaled, weights);
    let squares: Vec<f64> = scaled.iter().map(|value| (value - mean).powi(2)).collect();
    let spread = weighted_mean(&squares, weights).sqrt();
    scaled.into_iter().map(|value| (value - mean) / spread).collect()
}

fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    sum / weights.iter().sum::<f64>()
}

/// The influence of a row on the correlation of ranks: by its own ranks, and by what it is to the ranks of others.
fn of_ranks(r: f64, one: &[f64], other: &[f64], weights: &[f64]) -> Vec<f64> {
    let [one, other] = [one, other].map(Order::of);
    let [x, y] = [&one, &other].map(|order| order.ranks(weights));
    let covariance = |x: &[f64], y: &[f64], of_x: &Order, of_y: &Order| -> (f64, Vec<f64>) {
        let (x_above, y_above) = (of_x.above(y, weights), of_y.above(x, weights));
        let own: Vec<f64> = x.iter().zip(y).map(|(x, y)| x * y).collect();
        let mut found: Vec<f64> =
            own.iter().zip(x_above).zip(y_above).map(|((own, one), other)| own + one + other).collect();
        let mean = weighted_mean(&found, weights);
        found.iter_mut().for_each(|value| *value -= mean);
        (weighted_mean(&own, weights), found)
    };
    let (x_variance, of_x) = covariance(&x, &x, &one, &one);
    let (y_variance, of_y) = covariance(&y, &y, &other, &other);
    let (_, of_both) = covariance(&x, &y, &one, &other);
    let unit = (x_variance * y_variance).sqrt();
    let variances = of_x.iter().zip(&of_y).map(|(x, y)| x / x_variance + y / y_variance);
    of_both.iter().zip(variances).map(|(both, variances)| both / unit - r / 2.0 * variances).collect()
}

/// Rows in the order of their values.
struct Order {
    rows: Vec<usize>,
    /// Where the rows with one value end.
    ends: Vec<usize>,
}

impl Order {
    fn of(values: &[f64]) -> Self {
        // −0 and 0 are one value
        let mut order: Vec<(f64, usize)> = values.iter().map(|value| value + 0.0).zip(0..).collect();
        order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut end = 0;
        let ends = order.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()).map(|tied| {
            end += tied.len();
            end
        });
        Self { ends: ends.collect(), rows: order.into_iter().map(|(_, row)| row).collect() }
    }

    /// The share of the weight below a row, and half of that beside it, less ½.
    fn ranks(&self, weights: &[f64]) -> Vec<f64> {
        self.above(&vec![1.0; weights.len()], weights).into_iter().map(|above| 0.5 - above).collect()
    }

    /// The weighted sum of `values` over the rows above each, and half of it beside it, by the whole weight.
    fn above(&self, values: &[f64], weights: &[f64]) -> Vec<f64> {
        let whole: f64 = weights.iter().sum();
        let mut above = vec![0.0; values.len()];
        let mut sum = 0.0;
        for (place, &end) in self.ends.iter().enumerate().rev() {
            let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            let tied = &self.rows[start..end];
            let here: f64 = tied.iter().map(|&row| values[row] * weights[row]).sum();
            tied.iter().for_each(|&row| above[row] = (sum + here / 2.0) / whole);
            sum += here;
        }
        above
    }
}
