//! The part of a shadow that an application passes around.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{ModelName, ShadowLedger, ShadowUsage};

use crate::books::usage;
use crate::core::Core;
use crate::dispatch::Shared;
use crate::layer::{CopiedRequest, ShadowLayer};
use crate::running::Running;
use crate::values::{CopiedValue, ValueShadowLayer};

/// Makes layers, and tells how the shadow is doing. Clones are cheap and keep nothing running.
pub struct ShadowHandle<R> {
    running: Arc<Running>,
    shared: Arc<Shared<R>>,
}

/// How a challenger is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengerHealth {
    /// The challenger.
    pub name: ModelName,
    /// Its books as they stand.
    pub ledger: ShadowLedger,
    /// Bytes of the bodies of requests that it was sent; 0 without HTTP.
    pub request_bytes: u64,
    /// Bytes of the bodies of its answers, as far as they were read; 0 without HTTP.
    pub answer_bytes: u64,
    /// Permits that are taken.
    pub permits: u64,
    /// Bytes that the pairs under way hold.
    pub bytes: u64,
    /// Whether it is given a rest.
    pub is_resting: bool,
}

/// How a shadow is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowHealth {
    /// Each challenger, in the order in which they were added.
    pub challengers: Vec<ChallengerHealth>,
    /// Whether the challengers yield to the champion, which has become slower, or which nobody has looked at for five windows.
    pub is_shedding: bool,
    /// Whether the challengers have used up their budget of CPU time.
    pub is_cpu_spent: bool,
    /// CPU time that the shadow's threads have used.
    pub cpu: Duration,
}

impl ShadowHealth {
    pub(crate) fn read(core: &Core) -> Self {
        let challengers = core.standings.iter().map(|standing| {
            let ShadowUsage { request_bytes, answer_bytes, .. } = usage(core, standing);
            ChallengerHealth {
                name: standing.name.clone(),
                ledger: standing.books.read(),
                request_bytes,
                answer_bytes,
                permits: standing.gate.items(),
                bytes: standing.gate.bytes(),
                is_resting: standing.breaker.as_ref().is_some_and(crate::breaker::Breaker::is_open),
            }
        });
        let latencies = core.latencies.as_ref();
        Self {
            challengers: challengers.collect(),
            is_shedding: latencies.is_some_and(|latencies| latencies.is_shedding(core.clock.monotonic())),
            is_cpu_spent: core.cpu.is_spent(),
            cpu: core.cpu.used(),
        }
    }
}

impl<R> ShadowHandle<R> {
    pub(crate) fn new(running: Arc<Running>, shared: Arc<Shared<R>>) -> Self {
        Self { running, shared }
    }

    /// How the shadow is doing.
    #[must_use]
    pub fn health(&self) -> ShadowHealth {
        ShadowHealth::read(&self.running.core)
    }

    /// The books of the challenger of that name as they stand.
    #[must_use]
    pub fn ledger(&self, challenger: &str) -> Option<ShadowLedger> {
        let mut standings = self.running.core.standings.iter();
        standings.find(|standing| standing.name.as_str() == challenger).map(|standing| standing.books.read())
    }
}

impl ShadowHandle<CopiedRequest> {
    /// The layer that copies the requests of the champion that it wraps.
    #[must_use]
    pub fn layer(&self) -> ShadowLayer {
        ShadowLayer::new(Arc::clone(&self.shared))
    }
}

impl<Req: Clone + Send + 'static> ShadowHandle<CopiedValue<Req>> {
    /// The layer that copies the requests of the champion that it wraps, of which `observe` says what is recorded, as
    /// [`LogHandle::observe`](tiltmeter_log::LogHandle::observe) takes it.
    #[must_use]
    pub fn observe<O>(&self, observe: O) -> ValueShadowLayer<Req, O> {
        ValueShadowLayer::new(Arc::clone(&self.shared), observe)
    }
}

impl<R> Clone for ShadowHandle<R> {
    fn clone(&self) -> Self {
        Self { running: Arc::clone(&self.running), shared: Arc::clone(&self.shared) }
    }
}

impl<R> fmt::Debug for ShadowHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShadowHandle").field("running", &self.running).finish_non_exhaustive()
    }
}
