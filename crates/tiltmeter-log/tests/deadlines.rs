//! How long a log may take to end, or to settle what it holds, when a sink does not answer.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests, of which the clock is the subject"
)]

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tiltmeter_log::{
    Delivery, FlushOutcome, LogBuilder, LogGuard, LogHandle, MemorySink, Receipt, ShutdownOutcome, Sink,
    SinkFuture, WhenFull,
};
use tiltmeter_record::{Journal, ModelSpec, Observation, PredictionBatch};

const SPEC: &str = "{spec_version: 1, name: churn, type: regression, owner: crm, tier: 2,
    endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}";

/// What a machine with much to do may take longer.
const GENEROUS: Duration = Duration::from_secs(8);

/// Never comes back from a write.
#[derive(Debug)]
struct Hanging;

impl Sink for Hanging {
    fn name(&self) -> &'static str {
        "hanging"
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            pending::<()>().await;
            delivery.written();
        })
    }

    fn write_journal(&mut self, _: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        receipt.written();
        Box::pin(async {})
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(async {})
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(pending())
    }
}

fn hung(settings: impl FnOnce(LogBuilder) -> LogBuilder) -> (LogHandle, LogGuard, MemorySink) {
    let sink = MemorySink::default();
    let builder = LogBuilder::new()
        .with_model(ModelSpec::from_yaml("test", SPEC).unwrap())
        .with_sink(Hanging)
        .with_sink(sink.clone());
    let (log, guard) = settings(builder).build().unwrap();
    (log, guard, sink)
}

fn record(log: &LogHandle, predictions: u32) {
    let churn = log.model("churn").unwrap();
    for age in 0..predictions {
        churn.record(Observation::new().with("age", f64::from(age)).with_score(0.5));
    }
}

#[test]
fn a_flush_returns_at_its_deadline() {
    let (log, guard, _) = hung(|builder| builder);
    record(&log, 10);
    let began = Instant::now();
    assert_eq!(log.flush_blocking(Duration::from_millis(300)), FlushOutcome::DeadlinePassed);
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(300) && took < GENEROUS, "{took:?}");
    let _ = guard.shutdown_blocking(Duration::ZERO);
}

#[test]
fn a_shutdown_returns_at_its_deadline() {
    let (log, guard, sink) = hung(|builder| builder);
    record(&log, 10);
    let began = Instant::now();
    let report = guard.shutdown_blocking(Duration::from_millis(2_000));
    assert!(began.elapsed() < GENEROUS, "{:?}", began.elapsed());
    assert_eq!((report.outcome, report.balances()), (ShutdownOutcome::DeadlinePassed, true));
    assert_eq!((report.sinks[1].outcome, sink.take().len()), (ShutdownOutcome::Complete, 10));
}

/// A worker that waits for one sink still hears the shutdown, and gives the others what is queued.
#[test]
fn a_shutdown_ends_the_patience_with_a_sink_and_the_others_lose_nothing() {
    let patient = WhenFull::Wait(Duration::from_secs(3_600));
    let (log, guard, sink) = hung(|builder| builder.with_sink_queue_bytes(1).with_when_full(patient));
    let churn = log.model("churn").unwrap();
    // the second is a batch of its own, which the worker is stuck behind
    for age in 0..300 {
        churn.record(Observation::new().with("age", f64::from(age)).with_score(0.5));
        if age < 2 {
            while log.queue_depth().exchanges > 0 {
                std::thread::yield_now();
            }
        }
    }
    let began = Instant::now();
    let report = guard.shutdown_blocking(Duration::from_millis(1_600));
    assert!(began.elapsed() < GENEROUS, "{:?}", began.elapsed());
    assert!(report.balances(), "{report:?}");
    assert_eq!((report.sinks[1].outcome, sink.take().len()), (ShutdownOutcome::Complete, 300));
    let last = sink.take_journals().pop().unwrap().heartbeats.pop().unwrap();
    assert!(last.is_last, "its data do not say that the writer was killed");
    assert_eq!(last.next_prediction, 300);
}

#[tokio::test]
async fn a_guard_that_is_dropped_on_a_runtime_of_one_thread_ends_within_its_bound() {
    let (log, guard, sink) = hung(|builder| builder);
    record(&log, 10);
    let began = Instant::now();
    drop(guard);
    assert!(began.elapsed() < GENEROUS, "{:?}", began.elapsed());
    assert_eq!(sink.take().len(), 10);
    assert!(log.sink_ledgers().iter().all(|ledger| ledger.predictions.balances()));
}
