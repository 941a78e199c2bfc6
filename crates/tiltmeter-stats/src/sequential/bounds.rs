//! Where a quantity lies, however often one looks.

use crate::error::{Error, Result};
use crate::interval::Interval;

/// Two bounds that hold at all looks together. Of [`BoundedMean::bounds`](crate::BoundedMean::bounds) and
/// [`AsymptoticConfidenceSequence::bounds`](crate::AsymptoticConfidenceSequence::bounds).
///
/// The probability that `lower` is *ever* above the true value is at most `alpha`, and so is the probability that
/// `upper` is ever below it, as far as the sequence that they come of promises it: [`BoundedMean`](crate::BoundedMean)
/// always, the asymptotic one as its first look comes later. Both together then hold with the probability 1 − 2`alpha` at
/// least.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SequentialBounds {
    /// The estimate at this look. It may lie beside bounds that earlier looks have narrowed.
    pub estimate: f64,
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// The error of either bound by itself, at all looks together; above 0 and below ½.
    pub alpha: f64,
    /// Kish's effective number of rows that the look is made of, above 0.
    pub effective_size: f64,
}

impl SequentialBounds {
    /// The two-sided interval of level 1 − 2`alpha`; `None` for bounds that contradict each other.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let Self { lower, upper, alpha, .. } = *self;
        (lower <= upper).then_some(Interval { lower, upper, level: 1.0 - 2.0 * alpha })
    }

    /// These bounds, or the ones of an earlier look where those are closer: the running intersection, which holds with
    /// the same probability.
    ///
    /// Bounds that contradict each other, `lower` above `upper`, are evidence that the quantity was not the same all
    /// the time.
    #[must_use]
    pub fn within(self, earlier: &Self) -> Self {
        Self { lower: self.lower.max(earlier.lower), upper: self.upper.min(earlier.upper), ..self }
    }
}

pub(super) fn check_alpha(alpha: f64) -> Result<()> {
    if alpha > 0.0 && alpha < 0.5 {
        return Ok(());
    }
    Err(Error::invalid(format!("alpha is {alpha}, allowed: above 0 and below 0.5")))
}
