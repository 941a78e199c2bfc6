//! What is observed of one request without HTTP.

use std::time::Duration;

use tiltmeter_record::{ErrorType, Observation, Priority};

use crate::layer::{Observations, is_usable_id};

/// What is observed of one request: an [`Observation`] for each prediction, and what else is known.
///
/// An observation, a list of them and an `Option` of one are converted. Without an observation it says that there is
/// nothing to record, unless it says that the request failed: a failure is a record of its own.
///
/// ```
/// use std::time::Duration;
///
/// use tiltmeter_log::Observed;
/// use tiltmeter_record::{ErrorType, Observation};
///
/// let scored = Observed::from(Observation::new().with_score(0.12))
///     .with_request_id("order-4711")
///     .with_latency(Duration::from_millis(3));
/// let failed = Observed::default().with_error(ErrorType::Timeout);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "what is observed does nothing until it is recorded"]
pub struct Observed {
    pub(crate) observations: Observations,
    pub(crate) request_id: Vec<u8>,
    pub(crate) error: Option<ErrorType>,
    pub(crate) priority: Option<Priority>,
    pub(crate) latency: Option<Duration>,
    pub(crate) keep: bool,
}

impl Observed {
    /// What others call the request, so that its predictions can be joined with theirs: 1 to 128 visible ASCII characters.
    /// Anything else is left out; a request without an id gets one.
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = if is_usable_id(id.as_bytes()) { id.as_bytes().to_vec() } else { Vec::new() };
        self
    }

    /// What went wrong.
    pub fn with_error(mut self, error: ErrorType) -> Self {
        self.error = Some(error);
        self
    }

    /// How important it is: see [`Priorities`](crate::Priorities).
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Says that its predictions are to be kept, whatever is sampled: see [`sampling`](crate::sampling).
    pub fn with_keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// How long the prediction took. Otherwise it is 0, or what [`ObserveLayer`](crate::ObserveLayer) has measured.
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    /// What was observed, one for each prediction.
    pub fn observations(&self) -> &[Observation] {
        self.observations.as_slice()
    }

    /// Whether there is nothing to record.
    pub(crate) fn is_nothing(&self) -> bool {
        self.observations.as_slice().is_empty() && self.error.is_none()
    }
}

impl From<Observation> for Observed {
    fn from(observation: Observation) -> Self {
        Self { observations: Observations::One(observation), ..Self::default() }
    }
}

impl From<Vec<Observation>> for Observed {
    fn from(observations: Vec<Observation>) -> Self {
        Self { observations: observations.into(), ..Self::default() }
    }
}

/// `None`: there is nothing to record.
impl From<Option<Observation>> for Observed {
    fn from(observation: Option<Observation>) -> Self {
        observation.map_or_else(Self::default, Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_hurt_a_reader_is_left_out() {
        let id_of = |id: &str| Observed::default().with_request_id(id).request_id;
        assert_eq!(id_of("order-4711"), b"order-4711");
        for id in ["", "two words", "ä", &"x".repeat(129)] {
            assert!(id_of(id).is_empty(), "{id}");
        }
    }

    #[test]
    fn a_failure_without_an_observation_is_something() {
        assert!(Observed::default().is_nothing());
        assert!(Observed::from(Vec::new()).is_nothing());
        assert!(!Observed::default().with_error(ErrorType::Timeout).is_nothing());
        assert!(!Observed::from(Observation::new()).is_nothing());
    }
}
