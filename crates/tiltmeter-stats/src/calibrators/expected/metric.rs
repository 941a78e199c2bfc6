//! A metric that is expected, not measured.

use crate::interval::Interval;

/// A metric that calibrated probabilities promise. **It may raise an alarm, and can never give an all-clear**: see
/// [`expected_confusion`](crate::expected_confusion).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExpectedMetric {
    /// What the metric is expected to be, from 0 to 1.
    pub value: f64,
    /// The standard deviation of the metric that the labels of these very rows will show, if they are independent and
    /// the probabilities true: 0 to ½, 0 when all that matter are 0 or 1. How wrong the probabilities are is not in it.
    pub standard_error: f64,
}

impl ExpectedMetric {
    /// From a value and its variance, which is not above ¼ for a number from 0 to 1; products that
    /// overflow are too much, NaN among them.
    pub(super) fn new(value: f64, variance: f64) -> Self {
        let variance = if variance <= 0.25 { variance } else { 0.25 };
        Self { value: value.clamp(0.0, 1.0), standard_error: variance.sqrt() }
    }

    /// Where the realised metric will lie if the probabilities are true: `value ± z·standard_error`, cut at 0 and 1.
    /// `None` when the standard error is 0, or the level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Some(Interval::normal(self.value, self.standard_error, level)?.clipped(0.0, 1.0))
    }
}
