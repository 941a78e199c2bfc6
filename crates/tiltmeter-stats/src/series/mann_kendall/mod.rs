//! The test of Mann and Kendall.

mod score;

use super::{present, sen_slope};
use crate::error::{Result, Undefined};
use crate::interval::two_sided_p;

/// Whether a series tends to rise or to fall. See [`mann_kendall`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MannKendall {
    /// S, how many pairs of days rise minus how many fall: whole, from −n(n−1)/2 to n(n−1)/2; 0 is expected without a
    /// trend.
    pub s: f64,
    /// The variance of S without a trend, 0 or more: 0 for a constant series.
    pub variance: f64,
    /// S over its standard deviation, after a step of 1 towards 0 (continuity correction); 0 when S is 0.
    pub z: f64,
    /// The two-sided p-value of no trend; 1 when S is 0.
    pub p_value: f64,
    /// Kendall's τ_a, S over the number of pairs, −1 to 1.
    pub tau: f64,
    /// How many days have a number.
    pub count: usize,
    /// How many days have none.
    pub missing: usize,
}

/// The test of Mann and Kendall for a trend of any shape, as long as it goes one way.
///
/// ```text
/// S = Σ_{i<j} sign(x_j − x_i)        Var = (n(n−1)(2n+5) − Σ_t t(t−1)(2t+5)) / 18,  t the sizes of ties
///
/// z = (S − sign S) / √Var
/// ```
///
/// Only the order counts, so that outliers do not matter and ±∞ are numbers like others; NaN days are left out. The
/// normal approximation holds from some 10 days (Kendall; without ties the size at a nominal 5 % is 4 to 5 %); below 5
/// no series can be significant at 5 %. How large the trend is says [`sen_slope`](crate::sen_slope). O(n log n) time
/// and O(n) memory.
///
/// **Days that resemble the day before make it find trends that are not there**, since it takes them as independent.
/// Size at a nominal 5 %, with x_t = ρ x_{t−1} + noise:
///
/// | ρ | n = 30 | n = 60 | n = 120 | [`mann_kendall_yue_wang`], n = 60 |
/// |---|---|---|---|---|
/// | 0 | 4 % | 4 % | 4 % | 6 % |
/// | 0.2 | 10 % | 10 % | 10 % | 6 % |
/// | 0.4 | 19 % | 18 % | 18 % | 7 % |
/// | 0.6 | 31 % | 30 % | 31 % | 9 % |
///
/// pymannkendall's `original_test`; Mann, *Econometrica* 13 (1945), 245–259; Kendall, *Rank Correlation Methods* (4th
/// edition, 1975); Gilbert, *Statistical Methods for Environmental Pollution Monitoring* (1987), section 16.4.
///
/// # Errors
/// Undefined below two days ([`Empty`](crate::Undefined::Empty), [`TooFew`](crate::Undefined::TooFew)).
///
/// ```
/// let test = tiltmeter_stats::mann_kendall(&[1.0, 3.0, 2.0, 5.0, 4.0, 6.0, 8.0, 7.0])?;
/// assert_eq!((test.s, test.tau), (22.0, 22.0 / 28.0));
/// // pymannkendall.original_test([1, 3, 2, 5, 4, 6, 8, 7]).p
/// assert!((test.p_value - 0.0093747685).abs() < 1e-9);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn mann_kendall(series: &[f64]) -> Result<MannKendall> {
    of(series, 1.0)
}

/// The test with the variance of a series in which each day resembles the day before it (Yue & Wang).
///
/// With r the lag-1 autocorrelation of what is left after [`sen_slope`](crate::sen_slope) is taken out, the variance of
/// S is multiplied by the factor that the variance of a mean has in a first-order autoregressive series,
///
/// ```text
/// 1 + 2 Σ_{k=1}^{n−1} (1 − k/n) r^k
/// ```
///
/// It repairs most of the size, see the table at [`mann_kendall`], and costs power. r is of pairs of neighbouring days
/// that both have a number; with few days it is too near to 0. pymannkendall's `yue_wang_modification_test` sums the
/// sample's autocorrelations of all lags, which add up to −½ for any series, and leave next to no variance; the
/// correction of Hamed and Rao, tried on the same series as in the table, rejects 9 % at ρ = 0 and 20 % at 0.6. A
/// longer memory than a day's, as of a week, is not repaired.
///
/// O(n²) time and memory for the slope.
///
/// Yue & Wang, *Water Resources Management* 18 (2004), 201–218.
///
/// # Errors
/// As [`sen_slope`](crate::sen_slope); [`Undefined::Infinite`] when a day is infinite, or sums of squares overflow.
///
/// ```
/// # use tiltmeter_stats::{mann_kendall, mann_kendall_yue_wang};
/// // slow waves: each day resembles the one before, and nothing goes anywhere
/// let days: Vec<f64> = (0..30).map(|day| f64::from(day) / 4.0).map(|t| t.sin() + 0.3 * t).collect();
/// let (plain, corrected) = (mann_kendall(&days)?, mann_kendall_yue_wang(&days)?);
/// assert!(plain.p_value < 0.05 && corrected.p_value > 0.4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn mann_kendall_yue_wang(series: &[f64]) -> Result<MannKendall> {
    let slope = sen_slope(series)?.slope;
    let days = present(series, 2)?;
    let level = |&(day, x): &(usize, f64)| x - slope * day as f64;
    let mean = days.iter().map(level).sum::<f64>() / days.len() as f64;
    let (mut together, mut alone) = (0.0, 0.0);
    for (place, day) in days.iter().enumerate() {
        let distance = level(day) - mean;
        alone += distance * distance;
        if let Some(next) = days.get(place + 1).filter(|next| next.0 == day.0 + 1) {
            together += distance * (level(next) - mean);
        }
    }
    // without a number for the memory there is nothing to correct by
    if !(together.is_finite() && alone.is_finite()) {
        return Err(Undefined::Infinite.into());
    }
    // what is left of a straight line is rounding, and has no memory
    let noise = f64::EPSILON * days.iter().map(|(_, x)| x.abs()).fold(0.0, f64::max);
    let has_noise = alone > days.len() as f64 * noise * noise * 16.0;
    let ratio = if has_noise { together / alone } else { 0.0 };
    of(series, factor(ratio.clamp(-0.999_999, 0.999_999), days.len()))
}

/// 1 + 2 Σ (1 − k/n) r^k, above 0 for |r| < 1; until the powers are too small to count.
fn factor(r: f64, n: usize) -> f64 {
    let mut sum = 0.0;
    let mut power = 1.0;
    for lag in 1..n {
        power *= r;
        if power.abs() < f64::EPSILON * f64::EPSILON {
            break;
        }
        sum += (1.0 - lag as f64 / n as f64) * power;
    }
    (1.0 + 2.0 * sum).max(0.0)
}

fn of(series: &[f64], factor: f64) -> Result<MannKendall> {
    let days = present(series, 2)?;
    let numbers: Vec<f64> = days.iter().map(|(_, number)| *number).collect();
    let (s, variance) = score::of(&numbers);
    let variance = variance * factor;
    let deviation = variance.sqrt();
    let z = if s.abs() > 0.0 && deviation > 0.0 { (s - s.signum()) / deviation } else { 0.0 };
    let n = days.len() as f64;
    Ok(MannKendall {
        s,
        variance,
        z,
        p_value: two_sided_p(z),
        tau: s / (n * (n - 1.0) / 2.0),
        count: days.len(),
        missing: series.len() - days.len(),
    })
}
