//! What all rows would have shown, from those that were kept with known probabilities.
//!
//! Rows of a log that was sampled are uncertain twice: the model's rows of this month are some of all that there could
//! have been, and those that were kept are some of the month's. [`hajek_mean`](crate::hajek_mean),
//! [`roc_auc`](crate::roc_auc) and all that is weighted count both: their intervals are about *the model*, and are the
//! ones to judge a change by. The functions here count the second alone: their intervals are about *the figure that all
//! logged rows would have given*, and are the ones to compare sampling policies by, or to state a past month's figure.
//! A row that was kept for certain adds nothing to them; when all were, the figure is exact.
//!
//! | function | estimates, of all rows | interval |
//! |---|---|---|
//! | [`design_count`], [`design_total`] | how many there are, the sum of a value | Horvitz & Thompson |
//! | [`design_mean`], [`design_ratio`] | a mean, a ratio of two sums | Hájek, linearised |
//! | [`design_share`] | a share: the base rate, a match rate | the same, on the logit scale |
//! | [`design_roc_auc`] | the area under the ROC curve | placements, on the logit scale |
//! | [`design_brier`], [`design_log_loss`] | losses of probabilities | Hájek, linearised |
//! | [`design_calibration_error`] | the expected calibration error, without what chance adds | signs as given |
//! | [`Inclusion::standard_error`] | whatever else has influence values | |
//!
//! Särndal, Swensson & Wretman, *Model Assisted Survey Sampling* (1992), sections 3.5 (Poisson sampling), 5.5 (Taylor
//! linearisation), 5.7 (Hájek) and 8.2 (clusters); Deville, *Survey Methodology* 25 (1999), 193–203, for influence values.

mod calibration;
mod classifier;
mod estimate;
mod inclusion;
mod mean;

pub use calibration::design_calibration_error;
pub use classifier::{design_brier, design_log_loss, design_roc_auc};
pub use estimate::DesignEstimate;
pub use inclusion::Inclusion;
pub use mean::{design_count, design_mean, design_ratio, design_share, design_total};

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;
