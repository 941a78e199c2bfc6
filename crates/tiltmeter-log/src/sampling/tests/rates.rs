//! Rates over time.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::{ShutdownOutcome, ThreadHealth};

/// What a change says: the rate, before, after, and why.
fn said(change: &RateChange) -> (&str, Option<f64>, f64, &str) {
    (change.rate, change.before, change.after, change.because)
}

#[test]
fn rates_are_noted_at_the_start_and_with_each_change() {
    let tiers = VolumeTiers::default();
    let bench = bench(Policy::tails().with_tiers(tiers).build(&[]).unwrap());
    bench.record("a", scored(0.5));
    let changes = bench.rate_changes();
    let found: Vec<_> = changes.iter().map(said).collect();
    assert_eq!(found, [("base", None, 1.0, "start"), ("thinning", None, 1.0, "start")]);
    assert_eq!(changes.iter().map(|change| change.sequence).collect::<Vec<_>>(), [0, 1]);
    assert!(changes.iter().all(|change| &*change.model_name == "churn"));
    assert_eq!(changes[0].at.to_string(), "2026-03-01T12:00:00Z");

    assert!(!bench.log.set_fleet_predictions_per_day(&churn(), f64::NAN));
    assert!(!bench.log.set_fleet_predictions_per_day(&"fraud".parse().unwrap(), 1.0));
    assert!(bench.log.set_fleet_predictions_per_day(&churn(), 5e6));
    bench.record("b", scored(0.5));
    assert_eq!(bench.rate_changes(), [], "not within an interval");
    bench.clock.advance(60_000);
    let id = id(0.1..0.4);
    wait_for(|| bench.log.sampling(&churn()).unwrap().base_rate < 1.0);
    bench.record(&id, scored(0.5));
    let changes = bench.rate_changes();
    assert_eq!(changes.iter().map(said).collect::<Vec<_>>(), [("base", Some(1.0), 0.1, "volume")]);
    assert_eq!((changes[0].sequence, changes[0].fleet_predictions_per_day), (2, Some(5e6)));
    assert_eq!(bench.sink.take().len(), 2, "the third is sampled out");
    assert_eq!(bench.state().fleet_predictions_per_day, Some(5e6));
    assert_eq!((bench.state().totals.predictions, bench.state().totals.kept), (3, 2), "over intervals");
    bench.close();
}

#[test]
fn a_budget_in_bytes_knows_what_rows_take() {
    let budget = Budget::BytesPerSecond(1_000.0);
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(1.0)).with_budget(budget);
    let bench = bench(policy.build(&[]).unwrap());
    (0..1_000).for_each(|number| bench.record(&number.to_string(), scored(0.5)));
    bench.flush();
    bench.clock.advance(60_000);
    wait_for(|| bench.state().base_rate < 1.0);
    let per_row = std::mem::size_of::<Prediction>() as f64;
    // 60,000 bytes in an interval of 1,000 rows
    let rate = bench.state().base_rate;
    assert!((0.3..1.0).contains(&(rate * per_row * 1_000.0 / 60_000.0)), "{rate} of rows of {per_row} bytes");
    bench.close();
}

#[test]
fn it_is_said_when_rules_eat_the_saving() {
    let bench = bench(tails(0.1));
    for number in 0..400 {
        bench.record(&number.to_string(), scored(if number % 2 == 0 { 0.99 } else { 0.5 }));
    }
    bench.flush();
    assert_eq!(bench.state().warning, None);
    bench.clock.advance(60_000);
    wait_for(|| bench.state().warning.is_some());
    let state = bench.state();
    assert!((0.35..0.55).contains(&state.kept_by_rules_share.unwrap()), "{state:?}");
    assert_eq!(state.warning.as_ref().unwrap().rules[0].rule, Rule::HighScore);
    assert_eq!(bench.log.health().sampling, [state]);
    assert!(bench.log.health().is_well());
    bench.close();
}

/// A clock that breaks the worker.
#[derive(Debug, Default)]
struct Breaking {
    clock: ManualClock,
    is_broken: AtomicBool,
}

impl Clock for Breaking {
    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn wall(&self) -> jiff::Timestamp {
        let is_worker = thread::current().name() == Some("tiltmeter-log");
        assert!(!(is_worker && self.is_broken.load(SeqCst)), "the clock is broken");
        self.clock.wall()
    }
}

#[test]
fn the_books_balance_when_the_worker_dies() {
    let clock = Arc::new(Breaking::default());
    let bench =
        bench_of(SPEC, tails(0.1), |builder| builder.with_clock(Arc::clone(&clock) as Arc<dyn Clock>));
    (0..300).for_each(|number| bench.record(&number.to_string(), scored(0.5)));
    bench.flush();
    clock.is_broken.store(true, SeqCst);
    let model = bench.log.model("churn").unwrap();
    (0..300).for_each(|_| model.record(scored(0.5)));
    wait_for(|| bench.log.health().worker == ThreadHealth::Panicked);
    let report = bench.end();
    assert_eq!(report.outcome, ShutdownOutcome::WorkerPanicked);
    assert!(report.ledgers.predictions.sampled_out > 200);
}
