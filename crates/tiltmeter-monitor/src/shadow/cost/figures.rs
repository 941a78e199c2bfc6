//! What is counted of a shadow.

use serde::Serialize;

use crate::{Estimate, Measured};

/// CPU time and bytes. Counts, and so without intervals.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CostFigures {
    /// CPU time of the shadow's threads, in seconds.
    pub cpu_seconds: Measured,
    /// Bytes that were sent to the challenger.
    pub bytes_copied: Measured,
    /// Bytes that it answered.
    pub bytes_answered: Measured,
    /// Bytes of pairs that were written.
    pub bytes_written: Measured,
}

impl CostFigures {
    /// Each as `of` makes it.
    pub(super) fn map(&self, of: impl Fn(&Measured) -> Measured) -> Self {
        Self {
            cpu_seconds: of(&self.cpu_seconds),
            bytes_copied: of(&self.bytes_copied),
            bytes_answered: of(&self.bytes_answered),
            bytes_written: of(&self.bytes_written),
        }
    }
}

pub(super) fn undefined(reason: &str) -> Measured {
    Measured::Undefined(reason.to_owned())
}

/// A figure times a factor; undefined for the given reason without one, and where it is too large for a number.
pub(super) fn times(figure: &Measured, factor: Option<f64>, without: &str) -> Measured {
    let Some(factor) = factor else {
        return undefined(figure.reason().unwrap_or(without));
    };
    match figure.estimate() {
        Some(estimate) => known(estimate.value * factor),
        None => figure.clone(),
    }
}

pub(super) fn known(value: f64) -> Measured {
    if value.is_finite() {
        Measured::Known(Estimate::new(value, None, None))
    } else {
        undefined("it is too large for a number")
    }
}
