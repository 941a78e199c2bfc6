//! Each day against the days before it.

mod window;

#[cfg(test)]
mod tests;

use self::window::{Spread, Window};
use crate::error::{Error, Result};
use crate::special::student_t_sf;

/// The parameters of [`rolling_window`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RollingOptions {
    /// How many days the window reaches back, those without a number among them; at least 2, 30 if nothing is said.
    pub window: usize,
    /// How many days of the window must have a number, at least 2; 10 if nothing is said.
    pub minimum: usize,
    /// k: how many standard deviations a day may be off, above 0; 3 if nothing is said.
    pub sigmas: f64,
}

impl Default for RollingOptions {
    fn default() -> Self {
        Self { window: 30, minimum: 10, sigmas: 3.0 }
    }
}

/// A day, and what the days before it were like. See [`rolling_window`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RollingDay {
    /// The mean of the window; `None` when too few of its days have a number.
    pub mean: Option<f64>,
    /// The standard deviation of the window (ddof 1), 0 or more; `None` when too few of its days have a number.
    pub standard_deviation: Option<f64>,
    /// How many standard deviations the day is off, ±∞ for ±∞; `None` when the day has no number, the window too few,
    /// or no spread.
    pub z: Option<f64>,
    /// Whether the day is off by more than so many standard deviations. Behind a window without spread every other
    /// number is.
    pub is_flagged: bool,
    /// How many days of the window have a finite number.
    pub count: usize,
}

/// Each day against the mean and the standard deviation of the window of days before it, which does not hold the day
/// itself.
///
/// ```text
/// z_t = (x_t − x̄) / s        flagged when |x_t − x̄| > k s,   x̄ and s of x_{t−w} … x_{t−1}
/// ```
///
/// Without a change the share of flagged days is not the normal 0.27 % of 3 σ but more, since mean and deviation are
/// themselves estimates: 0.62 % for 30 days and 1.9 % for 10, see [`RollingDay::false_alarm_rate`]. Days are taken as
/// independent and normal; with heavy tails more are flagged. A flagged day stays in the windows of the days after it, and
/// widens them: a second outlier is less likely to be flagged.
///
/// A day with NaN is never flagged, and is no part of a window; ±∞ is flagged where there is a window, and is no part of
/// one. Numbers so large that their squares overflow count as infinite. With pandas:
/// `x.rolling(window, min_periods=minimum).mean().shift(1)`.
///
/// O(n) time in all, O(window) memory beside the result. Nothing is ever taken out of a sum, so that no rounding stays
/// behind: the deviation after 10⁶ days is as good as after 30, and that of a constant is 0.
///
/// Shewhart, *Economic Control of Quality of Manufactured Product* (1931); the window of two stacks: Tangwongsan, Hirzel &
/// Schneider, *DEBS* (2017), 66–77; sums of joined windows: Chan, Golub & LeVeque, *American Statistician* 37 (1983),
/// 242–247.
///
/// # Errors
/// Invalid when the window or the minimum is below 2, the minimum is above the window, or `sigmas` is not above 0 and
/// finite.
///
/// ```
/// use tiltmeter_stats::{RollingOptions, rolling_window};
///
/// let mut days: Vec<f64> = (0..40).map(|day| f64::from(day % 5)).collect();
/// days[35] = 9.0;
/// let judged = rolling_window(&days, RollingOptions::default())?;
/// assert_eq!((judged[9].mean, judged[10].mean), (None, Some(2.0)));
/// assert_eq!(judged[35].z.map(|z| format!("{z:.3}")), Some("4.867".to_owned()));
/// assert_eq!(judged.iter().filter(|day| day.is_flagged).count(), 1);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn rolling_window(series: &[f64], options: RollingOptions) -> Result<Vec<RollingDay>> {
    let RollingOptions { window, minimum, sigmas } = options;
    if window < 2 || minimum < 2 || minimum > window {
        return Err(Error::invalid(format!(
            "the window has {window} days and needs {minimum}, allowed: 2 or more, and no more needed than there are"
        )));
    }
    if !(sigmas > 0.0 && sigmas.is_finite()) {
        return Err(Error::invalid(format!("sigmas is {sigmas}, allowed: finite numbers above 0")));
    }
    let mut before = Window::default();
    let judged = series.iter().enumerate().map(|(day, &number)| {
        if day > window {
            before.forget_oldest();
        }
        let judged = judge(number, before.spread(), minimum, sigmas);
        before.add(number);
        judged
    });
    Ok(judged.collect())
}

fn judge(number: f64, before: Spread, minimum: usize, sigmas: f64) -> RollingDay {
    let known = before.count() >= minimum;
    let mean = known.then(|| before.mean());
    let deviation = known.then(|| before.standard_deviation());
    let distance = mean.map(|mean| number - mean).filter(|distance| !distance.is_nan());
    let z = distance.zip(deviation).filter(|(_, deviation)| *deviation > 0.0);
    RollingDay {
        mean,
        standard_deviation: deviation,
        z: z.map(|(distance, deviation)| distance / deviation),
        is_flagged: distance.zip(deviation).is_some_and(|(off, deviation)| off.abs() > sigmas * deviation),
        count: before.count(),
    }
}

impl RollingDay {
    /// How likely the day was to be flagged without a change, at k standard deviations, if days are independent and
    /// normal: `P(|T| > k / sqrt(1 + 1/n))` of Student's t with n − 1 degrees of freedom, n the days of the window. `None`
    /// without a mean, and for a k that is NaN or below 0.
    #[must_use]
    pub fn false_alarm_rate(&self, sigmas: f64) -> Option<f64> {
        self.mean?;
        let n = self.count as f64;
        (sigmas >= 0.0)
            .then(|| (2.0 * student_t_sf(sigmas / (1.0 + 1.0 / n).sqrt(), n - 1.0)).clamp(0.0, 1.0))
    }
}
