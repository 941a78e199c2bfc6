//! One number per day: is there a trend, a step, an outlier?
//!
//! | asks | of a whole series | as values come |
//! |---|---|---|
//! | is this day unlike the days before it? | [`rolling_window`] | |
//! | does it rise or fall? | [`mann_kendall`], [`sen_slope`], [`linear_trend`] | |
//! | did it change at once, or little by little? | [`change_point`] | |
//! | has the mean changed? | | [`PageHinkley`], [`Adwin`] |
//!
//! A series is a slice with a number for each day; NaN is a day without one. All of these take days as independent.
//! Days seldom are: a high day follows a high day, and tests then find trends where there are none, see
//! [`mann_kendall`] for how often. A weekly pattern does the same; compare Mondays with Mondays, or weekly means.

mod adwin;
mod change_point;
mod detection;
mod linear_trend;
mod mann_kendall;
mod page_hinkley;
mod rolling;
mod sen_slope;

#[cfg(test)]
mod tests;

pub use adwin::{Adwin, AdwinOptions};
pub use change_point::{Change, ChangePoint, change_point};
pub use detection::{Detection, Direction};
pub use linear_trend::{LinearTrend, linear_trend};
pub use mann_kendall::{MannKendall, mann_kendall, mann_kendall_yue_wang};
pub use page_hinkley::{PageHinkley, PageHinkleyMode, PageHinkleyOptions};
pub use rolling::{RollingDay, RollingOptions, rolling_window};
pub use sen_slope::{SenSlope, sen_slope};

use crate::error::{Error, Result, Undefined};

/// The days that have a number, `(day, number)`; at least `needed` of them.
fn present(series: &[f64], needed: usize) -> Result<Vec<(usize, f64)>> {
    // −0 and 0 are one number
    let days: Vec<(usize, f64)> =
        series.iter().map(|number| number + 0.0).enumerate().filter(|(_, number)| !number.is_nan()).collect();
    match days.len() {
        0 => Err(Undefined::Empty.into()),
        found if found < needed => Err(Undefined::TooFew { found, needed }.into()),
        _ => Ok(days),
    }
}

/// The same for statistics that add numbers up.
fn present_and_finite(series: &[f64], needed: usize) -> Result<Vec<(usize, f64)>> {
    let days = present(series, needed)?;
    if days.iter().any(|(_, number)| number.is_infinite()) {
        return Err(Undefined::Infinite.into());
    }
    Ok(days)
}

fn finite(number: f64) -> Result<f64> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(Error::invalid("the numbers are too large for sums of them"))
    }
}
