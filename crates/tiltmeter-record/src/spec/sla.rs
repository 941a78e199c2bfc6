//! What is promised to the callers of a model.

use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;

/// What is promised to the callers of a model: the spec's `sla`. What is absent is not promised.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Sla {
    /// The bound on the 99th percentile of the latency, in milliseconds; above zero.
    pub latency_p99_ms: Option<f64>,
    /// The share of requests that may fail, from 0 to 1.
    pub error_rate: Option<f64>,
    /// The share of time in which the service answers, from 0 to 1.
    pub availability: Option<f64>,
}

impl Sla {
    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        let fields = Fields::known(field, &["latency_p99_ms", "error_rate", "availability"], problems)?;
        let mut number =
            |key, allowed, fits| fields.optional(key).and_then(|field| field.number(allowed, fits, problems));
        let share: fn(f64) -> bool = |share| (0.0..=1.0).contains(&share);
        Some(Self {
            latency_p99_ms: number("latency_p99_ms", "a number of milliseconds above 0", |ms| ms > 0.0),
            error_rate: number("error_rate", "a number from 0 to 1", share),
            availability: number("availability", "a number from 0 to 1", share),
        })
    }
}
