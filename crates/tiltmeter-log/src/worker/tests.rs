use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver};

use http::StatusCode;
use jiff::Timestamp;
use tiltmeter_record::{
    CellCounts, CellKey, Journal, ModelSpec, Observation, Observer, PredictionBatch, Priority, ProfileCell,
    ProfileDelta, SizeClass, Window, WindowWidth,
};

use super::*;
use crate::books::Stratum;
use crate::faults::{Failing, Flapping, Hanging};
use crate::layer::{Format, Offered, RequestId, tape_of};
use crate::sink::{MemorySink, Sink, SinkFuture};
use crate::testing::{ManualClock, SPEC, spec};
use crate::{
    Delivery, FlushOutcome, LogBuilder, LogGuard, LogHandle, Receipt, ShutdownOutcome, ThreadHealth, WhenFull,
};

const LONG: Duration = Duration::from_secs(20);

struct Bench {
    log: LogHandle,
    guard: LogGuard,
    clock: Arc<ManualClock>,
    sink: MemorySink,
}

fn bench(settings: impl FnOnce(LogBuilder) -> LogBuilder) -> Bench {
    let clock = Arc::new(ManualClock::default());
    let sink = MemorySink::default();
    let builder = LogBuilder::new()
        .with_model(ModelSpec::clone(&spec(SPEC)))
        .with_sink(sink.clone())
        .with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let (log, guard) = settings(builder).build().unwrap();
    Bench { log, guard, clock, sink }
}

impl Bench {
    fn offer(&self, request: &[u8], started_millis: u64) {
        self.offer_answered(request, b"{\"score\": 1}", started_millis);
    }

    fn offer_answered(&self, request: &[u8], response: &[u8], started_millis: u64) {
        let mut offered = Offered::default();
        *offered.captured() = Captured {
            route: 0,
            request_id: RequestId::Taped,
            tape: tape_of(b"r", request, response),
            status: Some(StatusCode::OK),
            error: None,
            started: Duration::from_millis(started_millis),
            latency: Duration::from_millis(1),
            request_format: Format::default(),
            response_format: Format::default(),
            said: None,
        };
        let stratum = Stratum { route: 0, size: SizeClass::UpTo1KiB, priority: Priority::Normal };
        self.log.queue().offer(Item::Exchange(offered), 1, stratum, || false);
    }

    fn flush(&self) {
        assert_eq!(self.log.flush_blocking(LONG), FlushOutcome::Complete);
    }
}

#[test]
fn a_panic_while_decoding_costs_one_exchange_and_no_sequence_number() {
    let bench = bench(|builder| builder);
    for body in [&b"{}"[..], b"\"panic\"", b"{}", b"no json", b"{}"] {
        bench.offer(body, 0);
    }
    bench.flush();
    let exchanges = bench.log.ledgers().exchanges;
    assert_eq!((exchanges.decoded, exchanges.dropped.by(ExchangeDrop::CodecPanic)), (3, 1));
    assert!(exchanges.balances());
    assert_eq!(bench.sink.take().iter().map(|row| row.sequence).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(bench.log.queue_depth().bytes, 0, "the bytes of all of them are given back");
}

#[test]
fn the_time_of_observation_is_that_of_the_arrival() {
    let bench = bench(|builder| builder);
    bench.clock.advance(10_000);
    bench.offer(b"{}", 2_500);
    bench.flush();
    assert_eq!(bench.sink.take()[0].observed_at.to_string(), "2026-03-01T12:00:02.5Z");
}

#[test]
fn a_flush_includes_all_that_was_offered_before_it() {
    let bench = bench(|builder| builder);
    for round in 1..=20 {
        for _ in 0..500 {
            bench.offer(b"{}", 0);
        }
        bench.flush();
        assert_eq!(bench.log.ledgers().predictions.written, 500 * round);
    }
    let Bench { log, guard, .. } = bench;
    let _ = guard.shutdown_blocking(LONG);
    assert_eq!(log.flush_blocking(LONG), FlushOutcome::LogEnded);
}

#[test]
fn losses_stand_in_the_data_by_the_minute() {
    let bench = bench(|builder| builder);
    bench.offer(b"no json", 0);
    bench.offer(b"no json", 0);
    bench.flush();
    bench.clock.advance(61_000);
    bench.offer(b"no json", 61_000);
    bench.offer(b"{}", 61_000);
    bench.flush();
    let journals = bench.sink.take_journals();
    let gaps: Vec<_> = journals
        .iter()
        .flat_map(|journal| &journal.gaps)
        .map(|gap| (gap.sequence, gap.minute.to_string(), gap.reason, gap.count))
        .collect();
    let malformed = "request_malformed";
    assert_eq!(
        gaps,
        [
            (0, "2026-03-01T12:00:00Z".to_owned(), malformed, 2),
            (1, "2026-03-01T12:01:00Z".to_owned(), malformed, 1)
        ]
    );
    let gap = &journals.iter().flat_map(|journal| &journal.gaps).next().unwrap();
    assert_eq!((gap.model_name.as_deref(), gap.endpoint.as_deref()), (Some("churn"), Some("/predict")));
    assert_eq!((gap.size_class, gap.priority), (Some(SizeClass::UpTo1KiB), Some(Priority::Normal)));
    let heartbeats: Vec<_> = journals.iter().flat_map(|journal| &journal.heartbeats).collect();
    assert!(heartbeats.iter().enumerate().all(|(place, heartbeat)| heartbeat.sequence == place as u64));
    assert!(heartbeats.iter().all(|heartbeat| !heartbeat.is_last));
    assert_eq!(heartbeats.last().unwrap().exchanges.observed, 4);
    let report = bench.guard.shutdown_blocking(LONG);
    let last = bench.sink.take_journals().pop().unwrap().heartbeats.pop().unwrap();
    assert!(last.is_last);
    assert_eq!((last.next_prediction, last.exchanges), (1, report.ledgers.exchanges));
    assert_eq!(last.sinks[0].predictions, report.ledgers.predictions, "the sink had settled everything");
}

#[test]
fn a_canary_arrives_beside_the_predictions_and_has_an_age() {
    let bench = bench(|builder| builder);
    assert_eq!(bench.log.health().sinks[0].canary_age, None);
    assert!(bench.log.send_canary());
    bench.flush();
    bench.clock.advance(5_000);
    assert_eq!(bench.log.health().sinks[0].canary_age, Some(Duration::from_secs(5)));
    let journals = bench.sink.take_journals();
    assert_eq!(
        journals.iter().flat_map(|journal| &journal.heartbeats).filter(|beat| beat.is_canary).count(),
        1
    );
    assert_eq!(bench.log.ledgers(), tiltmeter_record::Ledgers::default(), "it is in no ledger");
}

#[test]
fn canaries_come_by_themselves_when_they_are_asked_for() {
    let bench = bench(|builder| builder.with_canary_interval(Duration::from_secs(30)));
    bench.clock.advance(31_000);
    for _ in 0..2_000_000 {
        if bench.log.health().sinks[0].canary_age.is_some() {
            return;
        }
        thread::yield_now();
    }
    panic!("no canary came");
}

#[derive(Debug)]
struct Counting(Arc<AtomicU64>, Arc<AtomicU64>);

impl Observer for Counting {
    fn observe(&mut self, batch: &PredictionBatch) {
        self.0.fetch_add(batch.rows.len() as u64, SeqCst);
        let scores: f64 = batch.rows.iter().filter_map(|row| row.score).sum();
        assert!(scores < 1e6, "the observer breaks");
    }

    fn tick(&mut self, _: Duration) {
        self.1.fetch_add(1, SeqCst);
    }
}

#[test]
fn observers_see_every_prediction_once_and_cost_nobody_anything() {
    let [first, second, ticks]: [Arc<AtomicU64>; 3] = Default::default();
    let observer = |rows: &Arc<AtomicU64>| Counting(Arc::clone(rows), Arc::clone(&ticks));
    let bench = bench(|builder| builder.with_observer(observer(&first)).with_observer(observer(&second)));
    for _ in 0..700 {
        bench.offer(b"{}", 0);
    }
    bench.flush();
    assert_eq!((first.load(SeqCst), second.load(SeqCst)), (700, 700));
    bench.log.model("churn").unwrap().record(Observation::new().with_score(1e9));
    bench.flush();
    bench.offer(b"{}", 0);
    bench.flush();
    assert_eq!(bench.log.health().observers_panicked, 2);
    assert_eq!(first.load(SeqCst), 701, "it is not called again");
    let report = bench.guard.shutdown_blocking(LONG);
    assert_eq!((report.ledgers.predictions.written, report.balances()), (702, true));
    assert!(ticks.load(SeqCst) > 0);
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

/// Holds the worker up at every batch, until it may go on.
#[derive(Debug)]
struct Holding {
    entered: Arc<AtomicU64>,
    goes_on: Receiver<()>,
}

impl Observer for Holding {
    fn observe(&mut self, _: &PredictionBatch) {
        self.entered.fetch_add(1, SeqCst);
        let _ = self.goes_on.recv();
    }
}

const ROWS: &str = "{spec_version: 1, name: churn, type: regression, owner: crm, tier: 2, \
    endpoint: {path: /rows}, request: {features: /rows/*}, response: {score: /s/*}, features: {age: float}}";

#[test]
fn a_flush_waits_for_the_last_of_several_large_batches() {
    let (release, goes_on) = mpsc::channel();
    let entered = Arc::new(AtomicU64::new(0));
    let holding = Holding { entered: Arc::clone(&entered), goes_on };
    let sink = MemorySink::default();
    let builder = LogBuilder::new().with_model(ModelSpec::clone(&spec(ROWS))).with_sink(sink.clone());
    let (log, guard) = builder.with_observer(holding).build().unwrap();
    let bench = Bench { log, guard, clock: Arc::default(), sink };
    bench.offer_answered(b"{\"rows\": [{}]}", b"{\"s\": [1]}", 0);
    wait_for(|| entered.load(SeqCst) == 1);
    let request = format!("{{\"rows\": [{}{{}}]}}", "{},".repeat(4_095));
    let response = format!("{{\"s\": [{}1]}}", "1,".repeat(4_095));
    for _ in 0..3 {
        bench.offer_answered(request.as_bytes(), response.as_bytes(), 0);
    }
    let outcome = thread::scope(|scope| {
        let flush = scope.spawn(|| bench.log.flush_blocking(LONG));
        wait_for(|| bench.log.wishes() == 1);
        // the first batch, and those of which the flush has to know
        release.send(()).unwrap();
        for turn in 2..=4 {
            wait_for(|| entered.load(SeqCst) == turn || flush.is_finished());
            assert!(!flush.is_finished(), "there is more to decode");
            release.send(()).unwrap();
        }
        flush.join().unwrap()
    });
    assert_eq!(outcome, FlushOutcome::Complete);
    assert_eq!(bench.log.ledgers().predictions.written, 1 + 3 * 4_096);
}

#[test]
fn a_shutdown_is_heard_behind_any_number_of_flushes() {
    let hanging = Hanging::after(0, MemorySink::default());
    let bench = bench(|builder| {
        builder
            .with_clock(Arc::new(crate::SystemClock::new()))
            .with_sink(hanging)
            .with_sink_queue_bytes(1)
            .with_when_full(WhenFull::Wait(Duration::from_secs(3_600)))
    });
    for _ in 0..2 {
        bench.offer(b"{}", 0);
        wait_for(|| bench.log.queue_depth().exchanges == 0);
    }
    // the worker waits for the sink that hangs
    bench.offer(b"{}", 0);
    let Bench { log, guard, .. } = bench;
    thread::scope(|scope| {
        let flushes: Vec<_> = (0..20).map(|_| scope.spawn(|| log.flush_blocking(LONG))).collect();
        wait_for(|| log.wishes() == 16);
        let report = guard.shutdown_blocking(Duration::from_millis(400));
        assert!(report.balances(), "{report:?}");
        assert_eq!(log.health().worker, ThreadHealth::Ended);
        assert_eq!(report.sinks[0].predictions.written, 3, "the other sink has everything");
        for flush in flushes {
            assert_eq!(flush.join().unwrap(), FlushOutcome::LogEnded);
        }
    });
}

/// What a reader finds of the losses: each gap once.
fn losses(sink: &MemorySink) -> u64 {
    let journals = sink.take_journals();
    let gaps: BTreeMap<_, _> =
        journals.iter().flat_map(|journal| &journal.gaps).map(|gap| (gap.sequence, gap.count)).collect();
    gaps.values().sum()
}

#[test]
fn gaps_that_a_sink_refused_come_when_it_is_back() {
    let inner = MemorySink::default();
    let (sink, switch) = Flapping::new(inner.clone());
    let bench = bench(|builder| builder.with_named_sink("flapping", sink));
    switch.turn_off();
    for minute in 0..5 {
        bench.offer(b"{}", minute * 60_000);
        bench.offer(b"no json", minute * 60_000);
        bench.flush();
        bench.clock.advance(60_000);
    }
    switch.turn_on();
    bench.offer(b"{}", 300_000);
    bench.flush();
    let report = bench.guard.shutdown_blocking(LONG);
    assert_eq!(report.outcome, ShutdownOutcome::Complete);
    let dropped = report.sinks[1].predictions.dropped.total() + report.ledgers.exchanges.dropped.total();
    assert_eq!((dropped, losses(&inner)), (10, 10));
    assert_eq!(losses(&bench.sink), 10, "the other one has them as well");
}

#[test]
fn a_sink_that_never_writes_its_last_journal_is_not_complete() {
    let bench = bench(|builder| builder.with_named_sink("failing", Failing::always(MemorySink::default())));
    bench.offer(b"{}", 0);
    let report = bench.guard.shutdown_blocking(LONG);
    let outcomes: Vec<_> = report.sinks.iter().map(|sink| sink.outcome).collect();
    assert_eq!(outcomes, [ShutdownOutcome::Complete, ShutdownOutcome::JournalUnwritten]);
    assert_eq!(report.outcome, ShutdownOutcome::JournalUnwritten);
}

/// A sink of any kind, which settles nothing before it is flushed, and says of journals that it keeps none.
#[derive(Debug, Default)]
struct Keeping(Vec<Delivery>);

impl Sink for Keeping {
    fn name(&self) -> &'static str {
        "keeping"
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        self.0.push(delivery);
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
        self.0.drain(..).for_each(Delivery::written);
        Box::pin(async {})
    }
}

#[test]
fn a_sink_that_keeps_no_journals_can_be_complete() {
    let bench = bench(|builder| builder.with_sink(Keeping::default()));
    bench.offer(b"{}", 0);
    bench.offer(b"no json", 0);
    let report = bench.guard.shutdown_blocking(LONG);
    assert_eq!((report.outcome, report.sinks[1].predictions.written), (ShutdownOutcome::Complete, 1));
}

#[test]
fn a_dead_sink_does_not_make_the_data_of_the_others_say_killed() {
    let bench = bench(|builder| {
        let clock = Arc::new(crate::SystemClock::new());
        builder.with_clock(clock).with_sink(Hanging::after(0, MemorySink::default()))
    });
    bench.offer(b"{}", 0);
    bench.offer(b"no json", 0);
    let report = bench.guard.shutdown_blocking(Duration::from_millis(1_600));
    let outcomes: Vec<_> = report.sinks.iter().map(|sink| sink.outcome).collect();
    assert_eq!(outcomes, [ShutdownOutcome::Complete, ShutdownOutcome::DeadlinePassed]);
    let last = bench.sink.take_journals().pop().unwrap().heartbeats.pop().unwrap();
    assert!(last.is_last);
    assert_eq!((last.next_prediction, last.sinks[0].predictions), (1, report.sinks[0].predictions));
}

/// A clock that breaks the worker, which nothing else does.
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
fn after_the_death_of_the_worker_the_sinks_settle_what_they_hold() {
    let clock = Arc::new(Breaking::default());
    let bench = bench(|builder| {
        builder.with_clock(Arc::clone(&clock) as Arc<dyn Clock>).with_sink(Keeping::default())
    });
    bench.offer(b"{}", 0);
    wait_for(|| bench.log.ledgers().predictions.written == 1);
    assert_eq!(bench.log.sink_ledgers()[1].predictions.written, 0);
    clock.is_broken.store(true, SeqCst);
    bench.offer(b"{}", 0);
    wait_for(|| bench.log.health().worker == ThreadHealth::Panicked);
    wait_for(|| bench.log.sink_ledgers()[1].predictions.written == 1);
    let report = bench.guard.shutdown_blocking(LONG);
    assert_eq!((report.outcome, report.balances()), (ShutdownOutcome::WorkerPanicked, true));
}

#[test]
fn a_flush_for_which_a_sink_has_no_room_is_not_the_end_of_the_log() {
    let bench = bench(|builder| builder.with_sink(Hanging::after(0, MemorySink::default())));
    bench.offer(b"{}", 0);
    wait_for(|| bench.log.ledgers().predictions.written == 1);
    for _ in 0..2_500 {
        let _ = bench.log.flush_blocking(Duration::ZERO);
        wait_for(|| bench.log.wishes() < 16);
    }
    assert_eq!(bench.log.flush_blocking(Duration::from_millis(100)), FlushOutcome::DeadlinePassed);
    let _ = bench.guard.shutdown_blocking(Duration::ZERO);
}

/// Hands over a profile of what it has seen.
#[derive(Debug, Default)]
struct Profiling(u64);

impl Observer for Profiling {
    fn observe(&mut self, batch: &PredictionBatch) {
        self.0 += batch.rows.len() as u64;
    }

    fn take_profiles(&mut self, is_last: bool) -> Vec<ProfileDelta> {
        if self.0 == 0 {
            return Vec::new();
        }
        let width = if is_last { WindowWidth::Hour } else { WindowWidth::Minute };
        let mut delta = ProfileDelta::new("churn".into(), Window::of(Timestamp::UNIX_EPOCH, width), None);
        let key = CellKey { role: CellKey::CHAMPION.into(), model_version: None, segment: None };
        let mut counts = CellCounts::default();
        counts.predictions = std::mem::take(&mut self.0);
        delta.cells.push(ProfileCell::new(key, counts));
        vec![delta]
    }
}

#[test]
fn what_observers_say_goes_through_the_sinks_with_the_journals() {
    let bench = bench(|builder| builder.with_observer(Profiling::default()));
    let told = |bench: &Bench| {
        let journals = bench.sink.take_journals();
        let deltas = journals.iter().flat_map(|journal| &journal.profiles);
        let told = |delta: &Arc<ProfileDelta>| {
            (delta.sequence, delta.window.width(), delta.cells[0].counts.predictions)
        };
        deltas.map(told).collect::<Vec<_>>()
    };
    bench.offer(b"{}", 0);
    bench.offer(b"{}", 0);
    bench.flush();
    assert_eq!(told(&bench), [(0, WindowWidth::Minute, 2)]);
    bench.flush();
    assert_eq!(told(&bench), [], "the sink has signed");
    bench.offer(b"{}", 0);
    let Bench { guard, sink, .. } = bench;
    let _ = guard.shutdown_blocking(LONG);
    let last = sink.take_journals().pop().unwrap();
    assert_eq!(last.profiles[0].sequence, 1);
    assert_eq!(last.profiles[0].window.width(), WindowWidth::Hour, "the time to flush what is open");
    assert!(last.heartbeats[0].is_last);
}
