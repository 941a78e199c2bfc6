//! An application's subscriber that looks into the log, writes to it and flushes it, whatever thread complains.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tiltmeter_log::{
    Delivery, LogBuilder, LogHandle, MemorySink, Receipt, ShutdownOutcome, Sink, SinkFuture,
};
use tiltmeter_record::{Journal, ModelSpec, Observation, Observer, PredictionBatch, PredictionDrop};
use tracing::span;

const SPEC: &str = "{spec_version: 1, name: churn, type: regression, owner: crm, tier: 2,
    endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}";

static LOG: OnceLock<LogHandle> = OnceLock::new();
static EVENTS: AtomicU64 = AtomicU64::new(0);

struct Reentrant;

impl tracing::Subscriber for Reentrant {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("tiltmeter_log")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        let Some(log) = LOG.get() else { return };
        EVENTS.fetch_add(1, SeqCst);
        let _ = (log.health(), log.last_failure(), log.ledgers());
        log.model("churn").unwrap().record(Observation::new().with("age", 1.0));
        let _ = log.flush_blocking(Duration::from_millis(20));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Panics, which the worker complains of.
#[derive(Debug)]
struct Broken;

impl Observer for Broken {
    fn observe(&mut self, _: &PredictionBatch) {
        #[expect(clippy::panic, reason = "it is what this observer is for")]
        {
            panic!("the observer is broken")
        }
    }
}

/// Drops everything, of which the books complain.
#[derive(Debug)]
struct Failing;

impl Sink for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        delivery.dropped(PredictionDrop::SinkFailed, &"the sink is made to fail");
        Box::pin(async {})
    }

    fn write_journal(&mut self, _: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        receipt.declined();
        Box::pin(async {})
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(async {})
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async {})
    }
}

#[test]
fn a_subscriber_that_uses_the_log_does_not_stop_it() {
    tracing::subscriber::set_global_default(Reentrant).unwrap();
    let sink = MemorySink::default();
    let (log, guard) = LogBuilder::new()
        .with_model(ModelSpec::from_yaml("test", SPEC).unwrap())
        .with_sink(Failing)
        .with_sink(sink.clone())
        .with_observer(Broken)
        .build()
        .unwrap();
    let _ = LOG.set(log.clone());
    let churn = log.model("churn").unwrap();
    churn.record(Observation::new().with("age", 1.0));
    let _ = log.flush_blocking(Duration::from_secs(10));
    let report = guard.shutdown_blocking(Duration::from_secs(10));
    assert!(EVENTS.load(SeqCst) >= 2, "the worker has complained, and the sink");
    assert!(report.balances(), "{report:?}");
    assert_eq!(report.sinks[1].outcome, ShutdownOutcome::Complete);
    assert!(sink.take().len() >= 2);
}
