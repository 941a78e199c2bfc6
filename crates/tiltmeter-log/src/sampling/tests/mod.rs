#![expect(clippy::float_cmp, reason = "probabilities are exact")]

mod disagreements;
mod estimates;
mod rates;
mod rows;
mod waiting_estimates;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use tiltmeter_record::{
    ModelName, ModelSpec, Observation, Observer, Prediction, PredictionBatch, RateChange,
};

use super::*;
use crate::clock::Clock;
use crate::testing::{ManualClock, SPEC, spec};
use crate::{FlushOutcome, LogBuilder, LogGuard, LogHandle, MemorySink, Observed, ShutdownReport};

const LONG: Duration = Duration::from_secs(20);

/// A sampled log of the model `churn`.
struct Bench {
    log: LogHandle,
    guard: LogGuard,
    clock: Arc<ManualClock>,
    sink: MemorySink,
}

fn churn() -> ModelName {
    "churn".parse().unwrap()
}

fn tails(rate: f64) -> Policy {
    Policy::tails().with_tiers(VolumeTiers::constant(rate)).build(&[]).unwrap()
}

fn bench_of(model: &str, policy: Policy, settings: impl FnOnce(LogBuilder) -> LogBuilder) -> Bench {
    let clock = Arc::new(ManualClock::default());
    let sink = MemorySink::default();
    let builder = LogBuilder::new()
        .with_model(ModelSpec::clone(&spec(model)))
        .with_sampling(churn(), policy)
        .with_sink(sink.clone())
        .with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let (log, guard) = settings(builder).build().unwrap();
    Bench { log, guard, clock, sink }
}

fn bench(policy: Policy) -> Bench {
    bench_of(SPEC, policy, |builder| builder)
}

impl Bench {
    fn record(&self, id: &str, observed: impl Into<Observed>) {
        // the queue is bounded
        let observed = observed.into().with_request_id(id);
        assert!(self.log.model("churn").unwrap().record_within(observed, LONG));
    }

    fn flush(&self) {
        assert_eq!(self.log.flush_blocking(LONG), FlushOutcome::Complete);
    }

    /// The rows that have been written since the last time, once nothing is under way.
    fn rows(&self) -> Vec<Prediction> {
        self.flush();
        self.sink.take()
    }

    fn state(&self) -> SamplingState {
        self.log.sampling(&churn()).unwrap()
    }

    fn rate_changes(&self) -> Vec<RateChange> {
        self.flush();
        self.sink.take_journals().into_iter().flat_map(|journal| journal.rates).collect()
    }

    fn written(&self) -> u64 {
        self.log.ledgers().predictions.written
    }

    fn end(self) -> ShutdownReport {
        let report = self.guard.shutdown_blocking(LONG);
        assert!(report.balances(), "{report:?}");
        report
    }

    fn close(self) {
        drop(self.end());
    }
}

fn scored(score: f64) -> Observation {
    Observation::new().with_score(score)
}

fn draw(id: &str) -> f64 {
    SampleKey::PUBLIC.draw(id.as_bytes()).as_f64()
}

/// Ids whose draws lie in `range`.
fn ids(range: std::ops::Range<f64>) -> impl Iterator<Item = String> {
    (0..).map(|number| format!("r{number:07}")).filter(move |id| range.contains(&draw(id)))
}

fn id(range: std::ops::Range<f64>) -> String {
    ids(range).next().unwrap()
}

fn probability(row: &Prediction) -> f64 {
    row.inclusion.probability.get()
}

fn stratum(row: &Prediction) -> &str {
    row.inclusion.stratum.as_deref().unwrap()
}

/// Waits until it has come so far; the test's own time limit is the bound.
fn wait_for(mut condition: impl FnMut() -> bool) {
    for _ in 0..5_000_000 {
        if condition() {
            return;
        }
        thread::yield_now();
    }
    panic!("it never came to that");
}

#[derive(Debug, Default)]
struct Seen(Arc<AtomicU64>);

impl Observer for Seen {
    fn observe(&mut self, batch: &PredictionBatch) {
        self.0.fetch_add(batch.rows.len() as u64, SeqCst);
        assert!(batch.rows.iter().all(|row| row.inclusion.stratum.is_none()), "nothing is decided yet");
    }
}
