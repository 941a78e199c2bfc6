//! The straight line through a series.

use super::{finite, present_and_finite};
use crate::error::Result;
use crate::interval::Interval;
use crate::special::{student_t_quantile, student_t_sf};

/// The straight line through a series. See [`linear_trend`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LinearTrend {
    /// By how much the line rises each day.
    pub slope: f64,
    /// The line at day 0.
    pub intercept: f64,
    /// The standard error of the slope, for independent days: what it is expected to be off from 0 without a trend;
    /// `None` below three days.
    pub standard_error: Option<f64>,
    /// The two-sided p-value of no trend, by Student's t with n − 2 degrees of freedom; 1 for a constant series, 0 for
    /// a straight line, `None` below three days.
    pub p_value: Option<f64>,
    /// The sum of squared distances from the line, 0 or more.
    pub residual_sum_of_squares: f64,
    /// How many days have a number.
    pub count: usize,
    /// How many days have none.
    pub missing: usize,
}

/// The least-squares line through a series, the number of the day on its x axis.
///
/// ```text
/// slope = Σ (d − d̄)(x − x̄) / Σ (d − d̄)²        se² = RSS / (n − 2) / Σ (d − d̄)²        t = slope / se
/// ```
///
/// Days with NaN are left out, and the others keep their place. One outlier moves the slope; [`sen_slope`](crate::sen_slope)
/// is not moved. The p-value takes days as independent: with a correlation of 0.4 from day to day it is below 0.05 in
/// some 20 % of series without a trend. O(n) time and memory.
///
/// scipy's `linregress`; Draper & Smith, *Applied Regression Analysis* (3rd edition, 1998), chapter 1.
///
/// # Errors
/// Undefined below two days ([`Empty`](crate::Undefined::Empty), [`TooFew`](crate::Undefined::TooFew)) and with ±∞
/// ([`Infinite`](crate::Undefined::Infinite)); invalid when sums overflow.
///
/// ```
/// let trend = tiltmeter_stats::linear_trend(&[1.0, 3.0, 2.0, 5.0, 4.0])?;
/// assert!((trend.slope - 0.8).abs() < 1e-15);
/// // scipy.stats.linregress(range(5), [1, 3, 2, 5, 4]).pvalue
/// assert!(trend.p_value.is_some_and(|p| (p - 0.104088038662).abs() < 1e-10));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn linear_trend(series: &[f64]) -> Result<LinearTrend> {
    let days = present_and_finite(series, 2)?;
    let n = days.len() as f64;
    let origin = days[0].1;
    let middle = days.iter().map(|(day, _)| *day as f64).sum::<f64>() / n;
    // about one of the values: a constant has exactly its mean, and offsets cost no digits
    let mean = origin + days.iter().map(|(_, x)| x - origin).sum::<f64>() / n;
    let (mut days_squared, mut product) = (0.0, 0.0);
    for (day, x) in &days {
        let distance = *day as f64 - middle;
        days_squared += distance * distance;
        product += distance * (x - mean);
    }
    let slope = finite(product / days_squared)?;
    let residual = |(day, x): &(usize, f64)| (x - mean) - slope * (*day as f64 - middle);
    let rest = finite(days.iter().map(|day| residual(day).powi(2)).sum())?;
    let standard_error = (n > 2.0).then(|| (rest / (n - 2.0) / days_squared).sqrt());
    let p_value = standard_error.map(|error| match (slope.abs() > 0.0, error > 0.0) {
        (false, _) => 1.0,
        (true, false) => 0.0,
        (true, true) => (2.0 * student_t_sf((slope / error).abs(), n - 2.0)).clamp(0.0, 1.0),
    });
    Ok(LinearTrend {
        slope,
        intercept: finite(mean - slope * middle)?,
        standard_error,
        p_value,
        residual_sum_of_squares: rest,
        count: days.len(),
        missing: series.len() - days.len(),
    })
}

impl LinearTrend {
    /// The confidence interval of the slope, `slope ± t·standard_error`; `None` when the standard error is unknown or 0,
    /// or the level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        let half = student_t_quantile((1.0 + level) / 2.0, self.count as f64 - 2.0) * self.standard_error?;
        let (lower, upper) = (self.slope - half, self.slope + half);
        (half > 0.0 && lower.is_finite() && upper.is_finite()).then_some(Interval { lower, upper, level })
    }
}
