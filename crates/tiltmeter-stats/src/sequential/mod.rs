//! What one may look at every day: bounds and tests whose error does not grow with the number of looks.
//!
//! | function | bounds of | holds |
//! |---|---|---|
//! | [`BoundedMean`] | a mean of values in a known range: agreement, errors, timeouts, accuracy | always |
//! | [`AsymptoticConfidenceSequence`] | whatever has a standard error: means, differences of AUCs | from some hundred rows on |
//! | [`NonInferiority`] | is a challenger not worse than by a margin? | as the bounds it is given |
//!
//! A 95 % interval is wrong in 5 % of cases *once*. Looked at daily until it says what one hopes for, it is wrong far
//! more often: in up to half of the cases after two months, in all of them in the end. The bounds here are wrong *at any
//! time at all* in no more than the share that they state (always, or in the limit: see the table), so that one may stop whenever one likes, for whatever reason. The
//! price is width: some 1.7 to 2.2 times that of a single interval, and so three to five times the rows.
//!
//! **Not when** there is one look only, at a time that is fixed beforehand: take the interval of the statistic.

mod asymptotic;
mod bounded_mean;
mod bounds;
mod look;
mod non_inferiority;
mod running_mean;

#[cfg(test)]
mod tests;

pub use asymptotic::AsymptoticConfidenceSequence;
pub use bounded_mean::BoundedMean;
pub use bounds::SequentialBounds;
pub use look::Look;
pub use non_inferiority::{NonInferiority, NonInferiorityDecision, NonInferiorityTest};
pub use running_mean::RunningMean;
