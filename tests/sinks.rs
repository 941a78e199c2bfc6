//! Sinks that fail in every way, and a clock that jumps: no answer changes, a sink beside them has everything, and the books
//! balance.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use tiltmeter::log::faults::{Failing, Flapping, Hanging, Panicking, Slow};
use tiltmeter::log::{Capture, JsonLinesSink, MemorySink, SystemClock};
use tiltmeter::record::{PredictionDrop, PredictionLedger};
use tiltmeter::{Clock, LogBuilder, ParquetSink, RetryPolicy, ShutdownOutcome, Sink, Tee};
use tiltmeter_tests::{SPEC, Served, Written, files_below, model};

const GOOD: &[u8] = br#"{"id": "c1", "age": 40}"#;
const REQUESTS: u64 = 40;

fn builder() -> LogBuilder {
    LogBuilder::new().with_model(model(SPEC))
}

async fn serve(builder: LogBuilder) -> Served {
    let router = Router::new().route("/predict", post(async |_: Bytes| r#"{"score":0.5}"#));
    Served::behind(builder, Capture::Bodies, router).await
}

/// Sends requests, one flush after each few of them, with `between` before each; every answer is as without the log.
async fn send(served: &Served, mut between: impl FnMut(u64)) {
    for n in 0..REQUESTS {
        between(n);
        assert!(served.post(GOOD).await.ends_with(r#"{"score":0.5}"#));
        if n % 4 == 3 {
            // one that hangs or has panicked says so
            let _ = served.log().flush(Duration::from_millis(100)).await;
        }
    }
}

/// What becomes of the predictions at `sink`; one beside it has all of them.
async fn fate_at(
    sink: impl Sink,
    between: impl FnMut(u64),
    deadline: Duration,
) -> (PredictionLedger, ShutdownOutcome) {
    let served = serve(builder().with_named_sink("faulty", sink)).await;
    send(&served, between).await;
    let (report, rows) = served.end_within(deadline).await;
    assert_eq!((report.ledgers.exchanges.observed, rows.len() as u64), (REQUESTS, REQUESTS));
    assert_eq!(report.sinks[0].predictions.decoded, REQUESTS);
    (report.sinks[0].predictions, report.sinks[0].outcome)
}

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_sink_that_is_dead_from_the_start() {
    let (books, outcome) = fate_at(Failing::always(MemorySink::default()), |_| {}, LONG).await;
    assert_eq!(
        (books.dropped.by(PredictionDrop::SinkFailed), outcome),
        (REQUESTS, ShutdownOutcome::JournalUnwritten)
    );
}

#[tokio::test]
async fn a_sink_that_dies_and_one_that_flaps() {
    for period in [20, 8] {
        let sink = MemorySink::default();
        let (flapping, switch) = Flapping::new(sink.clone());
        let between = |n| if n / period % 2 == 0 { switch.turn_on() } else { switch.turn_off() };
        let (books, outcome) = fate_at(flapping, between, LONG).await;
        let off = (0..REQUESTS).filter(|n| n / period % 2 == 1).count() as u64;
        // the one that is dead at the end does not take its last journal
        let ends_well = ((REQUESTS - 1) / period).is_multiple_of(2);
        let end = if ends_well { ShutdownOutcome::Complete } else { ShutdownOutcome::JournalUnwritten };
        assert_eq!((books.dropped.by(PredictionDrop::SinkFailed), outcome), (off, end));
        assert_eq!(books.written, sink.take().len() as u64);
    }
}

#[tokio::test]
async fn a_sink_that_is_slow_has_everything_in_the_end() {
    let slow = Slow::by(Duration::from_millis(10), MemorySink::default());
    let (books, _) = fate_at(slow, |_| {}, LONG).await;
    assert_eq!(books.written, REQUESTS);
}

#[tokio::test]
async fn a_sink_that_hangs_and_one_that_panics() {
    let short = Duration::from_millis(500);
    let (books, outcome) = fate_at(Hanging::after(2, MemorySink::default()), |_| {}, short).await;
    assert_eq!((books.written + books.abandoned, outcome), (REQUESTS, ShutdownOutcome::DeadlinePassed));
    let (books, outcome) = fate_at(Panicking::after(2, MemorySink::default()), |_| {}, LONG).await;
    assert_eq!(outcome, ShutdownOutcome::SinkPanicked);
    assert_eq!(books.written + books.abandoned + books.dropped.by(PredictionDrop::SinkGone), REQUESTS);
}

#[tokio::test]
async fn all_of_them_at_once_starve_nobody() {
    let parts = Tee::new(MemorySink::default(), Failing::every(2, MemorySink::default()));
    let builder = builder()
        .with_sink(Failing::always(MemorySink::default()))
        .with_sink(Hanging::after(0, MemorySink::default()))
        .with_sink(Panicking::after(0, MemorySink::default()))
        .with_sink(Slow::by(Duration::from_millis(2), MemorySink::default()))
        .with_named_sink("tee", parts);
    let served = serve(builder).await;
    send(&served, |_| {}).await;
    let (report, rows) = served.end_within(Duration::from_secs(1)).await;
    assert_eq!(rows.len() as u64, REQUESTS);
    assert_eq!(report.sinks[3].predictions.written, REQUESTS);
    assert!(report.sinks.iter().all(|sink| sink.predictions.decoded == REQUESTS));
}

/// Folders that are taken away while the log runs.
#[tokio::test]
async fn folders_that_vanish_cost_counts_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (lines, parquet) = (folder.path().join("lines"), folder.path().join("parquet"));
    let retry = RetryPolicy::none();
    let builder = builder()
        .with_sink(JsonLinesSink::below(&lines).with_max_file_bytes(1_000).build().unwrap())
        .with_sink(ParquetSink::local(&parquet).with_max_file_rows(4).with_retry(retry).build().unwrap());
    let served = serve(builder).await;
    let vanish = |n| {
        if n == REQUESTS / 2 {
            for folder in [&lines, &parquet] {
                // a sink that is at work may put it back meanwhile
                while std::fs::write(folder, "a file").is_err() {
                    let _ = std::fs::remove_dir_all(folder);
                }
            }
        }
    };
    send(&served, vanish).await;
    let began = SystemClock::new();
    let (report, _) = served.end_within(LONG).await;
    assert!(
        began.monotonic() < LONG / 2,
        "nobody waits for a folder that has gone: {:?}: {report:?}",
        began.monotonic()
    );
    assert_eq!(report.outcome, ShutdownOutcome::JournalUnwritten);
    for sink in &report.sinks[..2] {
        assert!(sink.predictions.written > 0 && sink.predictions.dropped.total() > 0, "{sink:?}");
    }
}

/// Its wall jumps by days, back and forth.
#[derive(Debug)]
struct Jumping {
    steady: SystemClock,
    wall: AtomicI64,
}

impl Clock for Jumping {
    fn monotonic(&self) -> Duration {
        self.steady.monotonic()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_second(self.wall.load(SeqCst)).unwrap()
    }
}

#[tokio::test]
async fn a_clock_that_jumps_moves_times_and_nothing_else() {
    const NOON: i64 = 1_767_268_800;
    let clock = Arc::new(Jumping { steady: SystemClock::new(), wall: AtomicI64::new(NOON) });
    let folder = tempfile::tempdir().unwrap();
    let (flapping, switch) = Flapping::new(MemorySink::default());
    let lines = JsonLinesSink::below(folder.path().join("lines")).with_clock(clock.clone());
    let builder = builder()
        .with_clock(clock.clone())
        .with_named_sink("lines", lines.build().unwrap())
        .with_named_sink("parquet", ParquetSink::local(folder.path().join("parquet")).build().unwrap())
        .with_sink(flapping);
    let served = serve(builder).await;
    let ends = [Timestamp::MIN.as_second() + 1, Timestamp::MAX.as_second() - 1, 0, -1];
    let walls: Vec<i64> = (0..8).map(|n| NOON + [3, -40, 0, 400][n % 4] * 86_400).chain(ends).collect();
    for (n, wall) in walls.iter().enumerate() {
        clock.wall.store(*wall, SeqCst);
        // a worker that has just looked at the clock would take the next exchange for one of before the jump
        assert_eq!(served.log().flush(LONG).await, tiltmeter::FlushOutcome::Complete);
        if n % 2 == 0 {
            switch.turn_off();
        } else {
            switch.turn_on();
        }
        assert!(served.post(GOOD).await.ends_with(r#"{"score":0.5}"#));
        assert_eq!(served.log().flush(LONG).await, tiltmeter::FlushOutcome::Complete);
    }
    clock.wall.store(NOON, SeqCst);
    let (report, rows) = served.end().await;
    assert_eq!(report.outcome, ShutdownOutcome::Complete);
    let count = walls.len() as u64;
    for sink in &report.sinks[..2] {
        assert_eq!(sink.predictions.written, count, "{sink:?}");
    }
    for (row, wall) in rows.iter().zip(&walls) {
        let off = row.observed_at.duration_since(Timestamp::from_second(*wall).unwrap()).abs();
        assert!(off < SignedDuration::from_secs(60), "{} for {wall}", row.observed_at);
        assert_eq!(row.event_time, row.observed_at);
    }
    let written = Written::lines_below(&folder.path().join("lines"));
    assert!(written.heartbeats_are_whole() && !written.gaps.is_empty());
    let account = written.account("lines", &written.sequences);
    assert_eq!((account.ended_in_order, account.found, account.unaccounted), (true, count, 0), "{account:?}");
    let dates = files_below(&folder.path().join("parquet/predictions/model_name=churn"));
    assert!(dates.len() >= 8, "one file for each date: {dates:?}");
}
