//! Recording without a server: batch jobs, consumers of a queue, services without tower.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::SizeClass;

use crate::books::Stratum;
use crate::layer::Offered;
use crate::observed::Observed;
use crate::queue::PATIENCE;
use crate::shared::Shared;

/// Records predictions of one model. Made by [`LogHandle::model`](crate::LogHandle::model); clones are cheap.
///
/// What is recorded at once counts as one exchange, and its predictions share a request id: what [`Observed`] says, or one
/// that is made here.
///
/// ```
/// # use tiltmeter_log::{LogBuilder, MemorySink};
/// # use tiltmeter_record::{ModelSpec, Observation};
/// # use std::time::Duration;
/// # let spec = ModelSpec::from_yaml("model.yaml", "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, \
/// #     endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}")?;
/// let (log, guard) = LogBuilder::new().with_model(spec).with_sink(MemorySink::default()).build()?;
/// let churn = log.model("churn")?;
/// churn.record(Observation::new().with("age", 30.0).with_score(0.12));
/// let report = guard.shutdown_blocking(Duration::from_secs(10));
/// assert_eq!(report.ledgers.predictions.written, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ModelLog {
    shared: Arc<Shared>,
    route: u16,
}

impl ModelLog {
    pub(crate) fn new(shared: Arc<Shared>, route: u16) -> Self {
        Self { shared, route }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Records what was predicted for one request: an [`Observation`](tiltmeter_record::Observation), a list of them (one
    /// for each instance, all under one request id), or an [`Observed`] that says more. It never waits: when the queue is
    /// full, the exchange is dropped and counted. An empty list is nothing to record.
    pub fn record(&self, observed: impl Into<Observed>) {
        let observed = observed.into();
        let (started, latency) = self.now(&observed);
        self.offer(observed, started, latency);
    }

    /// Records the same, and waits up to `patience` for room in the queue; tells whether it was taken. If not, it is dropped
    /// and counted.
    ///
    /// It blocks the thread. For jobs that would rather take longer than lose a prediction: let the log wait for its sinks
    /// as well ([`WhenFull::Wait`](crate::WhenFull::Wait)). Not for the request path, and not for the threads of an async
    /// runtime.
    #[must_use = "it says whether the predictions were taken"]
    pub fn record_within(&self, observed: impl Into<Observed>, patience: Duration) -> bool {
        let observed = observed.into();
        if observed.is_nothing() {
            return true;
        }
        let (started, latency) = self.now(&observed);
        let (exchange, weight, stratum) = self.exchange(observed, started, latency);
        let until = self.shared.clock.monotonic().saturating_add(patience);
        self.shared.offer(exchange, weight, stratum, || {
            let goes_on = self.shared.clock.monotonic() < until;
            if goes_on {
                std::thread::sleep(PATIENCE);
            }
            goes_on
        })
    }

    /// When it began, and how long it took.
    fn now(&self, observed: &Observed) -> (Duration, Duration) {
        let latency = observed.latency.unwrap_or_default();
        (self.shared.clock.monotonic().saturating_sub(latency), latency)
    }

    pub(crate) fn offer(&self, observed: Observed, started: Duration, latency: Duration) {
        if observed.is_nothing() {
            return;
        }
        let (exchange, weight, stratum) = self.exchange(observed, started, latency);
        self.shared.offer(exchange, weight, stratum, || false);
    }

    /// What it is counted by, if it is lost.
    pub(crate) fn stratum(&self, has_failed: bool, size: SizeClass) -> Stratum {
        Stratum { route: self.route, size, priority: self.shared.priority(self.route, has_failed, None) }
    }

    fn exchange(&self, observed: Observed, started: Duration, latency: Duration) -> (Offered, u64, Stratum) {
        let Observed { observations, request_id, error, priority, latency: _, keep } = observed;
        let mut offered = self.shared.spares.take().unwrap_or_default();
        let captured = offered.recorded(observations, &request_id, keep);
        (captured.route, captured.started, captured.latency) = (self.route, started, latency);
        captured.error = error;
        let weight = captured.weight();
        let mut stratum = self.stratum(captured.has_failed(), captured.size_class());
        stratum.priority = priority.unwrap_or(stratum.priority);
        (offered, weight, stratum)
    }
}

impl fmt::Debug for ModelLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelLog")
            .field("model", &self.shared.routes.model(self.route))
            .finish_non_exhaustive()
    }
}
