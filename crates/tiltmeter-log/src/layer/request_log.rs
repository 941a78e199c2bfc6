//! The handler's end of an exchange.

use std::borrow::Cow;
use std::fmt;

use http::Extensions;
use tiltmeter_record::{ErrorType, ModelVersion, Observation, Priority, Value};

use super::exchange::{Held, Progress};
use crate::error::UnknownModel;

/// What a handler says of the request that it answers.
///
/// It comes with the request, as an extension, behind a layer that captures what the handler says
/// ([`Capture::Handler`](crate::Capture::Handler), [`Capture::BodiesAndHandler`](crate::Capture::BodiesAndHandler)). With
/// the feature `axum` it is an extractor; elsewhere, as under tonic, [`RequestLog::of`] takes it out of the extensions.
///
/// What is said costs the handler a lock that nobody else holds, and is copied nowhere: the worker does the rest. The record
/// is offered when the response has ended *and* all clones of this are gone, so that a task that still generates text may
/// keep one. A request that no layer watches has a *detached* log: what is said to it goes nowhere, and the first time that
/// happens in a process there is a warning.
///
/// ```
/// use tiltmeter_log::RequestLog;
/// use tiltmeter_record::Observation;
///
/// async fn predict(request: http::Request<String>) -> http::Response<String> {
///     let log = RequestLog::of(request.extensions());
///     let score = 0.12;
///     log.record(Observation::new().with("age", 30.0).with_score(score));
///     http::Response::new(format!("{{\"score\":{score}}}"))
/// }
/// ```
#[derive(Clone)]
pub struct RequestLog {
    exchange: Held,
}

impl RequestLog {
    /// The log of the request with these extensions: of [`http::Request`] or `tonic::Request`.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_else(Self::detached)
    }

    pub(super) fn new(exchange: Held) -> Self {
        Self { exchange }
    }

    /// A log that what is said to goes nowhere.
    #[must_use]
    pub fn detached() -> Self {
        Self { exchange: Held::default() }
    }

    /// Whether what is said goes anywhere.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.exchange.get().is_some()
    }

    /// Says what was predicted: once for each instance of the request, in their order.
    pub fn record(&self, observation: Observation) {
        self.say(|progress| progress.said().observations.push(observation));
    }

    /// Says that all predictions of the request have the feature, or else the segment, `name` with `value`.
    pub fn set(&self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        // the conversions are the caller's code: not under the lock of the exchange
        let field = (name.into(), value.into());
        self.say(|progress| progress.said().segments.push(field));
    }

    /// Says which model answered, where that is not the one of the endpoint.
    ///
    /// # Errors
    /// When the log has no model of that name: the exchange keeps the one that it had.
    pub fn set_model(&self, name: &str) -> Result<(), UnknownModel> {
        let Some(exchange) = self.exchange.get() else { return Ok(()) };
        let Some(shared) = exchange.shared() else { return Ok(()) };
        let route = shared.routes.of_model(name).ok_or_else(|| UnknownModel::new(name))?;
        let mut progress = exchange.progress();
        progress.captured.route = route;
        progress.forget_path_version();
        Ok(())
    }

    /// Says which version of the model answered. It counts before the response's word, the path's and the spec's.
    pub fn set_model_version(&self, version: ModelVersion) {
        self.say(|progress| progress.said().model_version = Some(version));
    }

    /// Says how important the exchange is: see [`Priorities`](crate::Priorities).
    pub fn set_priority(&self, priority: Priority) {
        self.say(|progress| progress.priority = Some(priority));
    }

    /// Says that the predictions of the request are to be kept, whatever is sampled: see [`sampling`](crate::sampling).
    pub fn keep(&self) {
        self.say(|progress| progress.said().keep = true);
    }

    /// Says what went wrong, where the response does not show it: a fallback that was answered with status 200, or a
    /// timeout that the handler noticed.
    pub fn set_error(&self, error: ErrorType) {
        self.say(|progress| progress.captured.error = Some(error));
    }

    fn say(&self, what: impl FnOnce(&mut Progress)) {
        match self.exchange.get() {
            Some(exchange) => what(&mut exchange.progress()),
            None => warn_detached(),
        }
    }
}

/// On the request path, but once in the life of a process.
#[cold]
fn warn_detached() {
    use std::sync::Once;
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "a handler records predictions of a request that no prediction log watches: put a layer with \
             `Capture::Handler` around it, and see that the method and path are those of the model's endpoint"
        );
    });
}

impl fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLog").field("is_attached", &self.is_attached()).finish_non_exhaustive()
    }
}

/// As an extractor it never refuses a request: without a layer it is [detached](RequestLog::detached).
#[cfg(feature = "axum")]
impl<S: Sync> axum_core::extract::FromRequestParts<S> for RequestLog {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        _: &S,
    ) -> Result<Self, std::convert::Infallible> {
        // left there for who comes after: a middleware and a handler may both have something to say
        Ok(Self::of(&parts.extensions))
    }
}
