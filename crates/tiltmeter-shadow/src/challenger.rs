//! A challenger, and what it may cost.

use std::fmt;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use tiltmeter_log::Observe;
use tiltmeter_record::ModelName;
use tiltmeter_sample::SampleRate;
use tower_service::Service;

use crate::breaker::ShadowBreaker;
use crate::copied::CopiedBody;
use crate::dispatch::Challenge;
use crate::gate::Bounds;
use crate::layer::{CopiedRequest, HttpChallenge};
use crate::values::{CopiedValue, ValueChallenge};

/// A challenger: any service, and what it may cost.
///
/// It runs on the threads of the shadow, never on those of the champion; one that blocks its thread keeps other challengers
/// waiting, and nobody else. It is cloned for each request, and the clone's readiness awaited until the deadline.
///
/// `R` is what it is asked: a [`CopiedRequest`] of HTTP, or a [`CopiedValue`].
pub struct Challenger<R> {
    pub(crate) name: String,
    pub(crate) challenge: Box<dyn Challenge<R>>,
    pub(crate) rate: SampleRate,
    pub(crate) bounds: Bounds,
    pub(crate) timeout: Duration,
    pub(crate) breaker: Option<ShadowBreaker>,
}

impl Challenger<CopiedRequest> {
    /// A challenger called `name` that speaks HTTP or gRPC: in this process, or a client of one that is elsewhere, such as
    /// `RemoteChallenger` (feature `client`).
    pub fn http<S, B>(name: &str, service: S) -> Self
    where
        S: Service<Request<CopiedBody>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
        B: Body<Data: Send + 'static> + Send + 'static,
    {
        Self::new(name, Box::new(HttpChallenge(service)))
    }
}

impl<Req> Challenger<CopiedValue<Req>> {
    /// A challenger called `name` that gets values, of whose answers `observe` says what is recorded, as
    /// [`LogHandle::observe`](tiltmeter_log::LogHandle::observe) takes it.
    pub fn observed<S, O>(name: &str, service: S, observe: O) -> Self
    where
        Req: Send + 'static,
        S: Service<Req, Future: Send> + Clone + Send + 'static,
        O: Observe<Req, S::Response, Seen: Send> + Send + Sync + 'static,
    {
        Self::new(name, Box::new(ValueChallenge::new(service, observe)))
    }
}

impl<R> Challenger<R> {
    /// The longest deadline.
    pub const MAX_TIMEOUT: Duration = Duration::from_secs(60 * 60);

    fn new(name: &str, challenge: Box<dyn Challenge<R>>) -> Self {
        Self {
            name: name.to_owned(),
            challenge,
            rate: SampleRate::ALL,
            bounds: Bounds { items: 1_024, bytes: 64 << 20 },
            timeout: Duration::from_secs(1),
            breaker: Some(ShadowBreaker::new()),
        }
    }

    /// Shows it a sample of the requests, drawn by their ids: all that a smaller sample has are in it. Without, all of them.
    #[must_use]
    pub fn with_rate(mut self, rate: SampleRate) -> Self {
        self.rate = rate;
        self
    }

    /// So many pairs may be under way, from the request's arrival until both have answered: 1 to 2^20, 1,024 without.
    ///
    /// The champion's side has no deadline here. A client that stalls, or a response that streams for hours, holds a permit
    /// of each challenger for as long: put timeouts in front of the champion, and do not list routes of endless streams.
    #[must_use]
    pub fn with_permits(mut self, permits: u32) -> Self {
        self.bounds.items = permits.into();
        self
    }

    /// The pairs that are under way may hold so many bytes of bodies: up to 2^36, 64 MiB without.
    ///
    /// Their heads come besides: until the challenger has answered, each pair keeps the request's URI and headers, and with
    /// them the buffer of the server's that they lie in. So bound these there: the permits times the longest head, some
    /// 400 KB with hyper's own limits, is the most.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u64) -> Self {
        self.bounds.bytes = bytes;
        self
    }

    /// From when its task begins until it has answered: up to an hour, 1 s without. What it takes to become ready counts.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// When it is given a rest; `None`: never.
    #[must_use]
    pub fn with_breaker(mut self, breaker: impl Into<Option<ShadowBreaker>>) -> Self {
        self.breaker = breaker.into();
        self
    }

    /// Its name, or everything that is wrong with it.
    pub(crate) fn check(&self, faults: &mut Vec<String>) -> Option<ModelName> {
        let Self { name, bounds, timeout, breaker, .. } = self;
        let mut fault = |what: &str| faults.push(format!("challenger {name:?}: {what}"));
        if !(1..=Bounds::MOST.items).contains(&bounds.items) {
            fault("its permits are not from 1 to 2^20");
        }
        if !(1..=Bounds::MOST.bytes).contains(&bounds.bytes) {
            fault("its bytes are not from 1 to 2^36");
        }
        if timeout.is_zero() || *timeout > Self::MAX_TIMEOUT {
            fault("its timeout is not above 0 and at most an hour");
        }
        if let Some(what) = breaker.as_ref().and_then(ShadowBreaker::fault) {
            fault(what);
        }
        name.parse().map_err(|error| faults.push(format!("challenger: {error}"))).ok()
    }
}

impl<R> fmt::Debug for Challenger<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenger")
            .field("name", &self.name)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}
