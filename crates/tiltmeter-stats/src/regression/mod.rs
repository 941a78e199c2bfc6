//! How far predicted numbers are from what came.
//!
//! Each takes [`Pairs`](crate::Pairs): what came first, what was predicted second. The error of a row is
//! *prediction − y*, so that a bias above 0 is a prediction that is too high.
//!
//! | of | asks | in units of |
//! |---|---|---|
//! | [`RegressionQuality::mean_absolute_error`] | how far off, typically? | y |
//! | [`RegressionQuality::root_mean_squared_error`] | the same, large errors counting more | y |
//! | [`RegressionQuality::bias`] | too high, or too low? | y |
//! | [`RegressionQuality::mean_absolute_percentage_error`], [`symmetric_mean_absolute_percentage_error`](RegressionQuality::symmetric_mean_absolute_percentage_error) | how far off, relative to y? | 1 |
//! | [`RegressionQuality::r2`] | how much better than the mean of y? | 1 |
//! | [`median_absolute_error`] | how far off in half of the rows, whatever the others? | y |
//! | [`pinball_loss`] | is a predicted quantile where it should be? | y |
//!
//! Estimates treat whole weights as repeated rows; standard errors treat every row as one observation, however large
//! its weight, as [`hajek_mean`](crate::hajek_mean) does.

mod mean_error;
mod median_absolute_error;
mod pinball_loss;
mod quality;

pub use mean_error::MeanError;
pub use median_absolute_error::{MedianAbsoluteError, median_absolute_error};
pub use pinball_loss::{PinballLoss, pinball_loss};
pub use quality::RegressionQuality;

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;
