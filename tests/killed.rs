//! Processes that end in every way there is: what a reader finds afterwards is what the books said, and the rest is bounded
//! and has a number. The process that ends is this test binary once more.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use tiltmeter::log::JsonLinesSink;
use tiltmeter::{
    Clock as _, LogBuilder, LogGuard, LogHandle, Observation, ParquetSink, RetryPolicy, ShutdownOutcome,
};
use tiltmeter_tests::{SPEC, Served, Written, files_below, model};

const LONG: Duration = Duration::from_secs(20);
const BATCH: usize = 50;
/// Rows that the Parquet sink publishes together.
const FILE_ROWS: usize = 500;

fn start(folder: &Path) -> (LogHandle, LogGuard) {
    let lines = JsonLinesSink::below(folder.join("lines")).with_flush_interval(Duration::from_millis(1));
    let parquet = ParquetSink::local(folder.join("parquet"))
        .with_max_file_rows(FILE_ROWS)
        .with_retry(RetryPolicy::none());
    LogBuilder::new()
        .with_model(model(SPEC))
        .with_named_sink("lines", lines.build().unwrap())
        .with_named_sink("parquet", parquet.build().unwrap())
        .with_journal_interval(Duration::from_secs(1))
        .build()
        .unwrap()
}

/// One sink alone: it counts as on a disk of its own.
fn one_sink(folder: &Path, is_parquet: bool) -> (LogHandle, LogGuard) {
    let builder = LogBuilder::new().with_model(model(SPEC));
    let builder = if is_parquet {
        let parquet = ParquetSink::local(folder.join("parquet")).with_retry(RetryPolicy::none());
        builder.with_sink(parquet.build().unwrap())
    } else {
        builder.with_sink(JsonLinesSink::below(folder.join("lines")).build().unwrap())
    };
    builder.build().unwrap()
}

fn record(log: &LogHandle, rows: usize) {
    let rows: Vec<_> =
        (0..rows).map(|age| Observation::new().with("age", age as f64).with_score(0.5)).collect();
    assert!(log.model("churn").unwrap().record_within(rows, LONG));
}

/// The process that ends. Its arguments are in the environment; without them it is a test that does nothing.
#[test]
fn child() {
    let (Ok(mode), Ok(folder)) =
        (std::env::var("TILTMETER_TEST_MODE"), std::env::var("TILTMETER_TEST_FOLDER"))
    else {
        return;
    };
    let (log, guard) = match &*mode {
        "full" | "full-parquet" => one_sink(Path::new(&folder), mode == "full-parquet"),
        _ => start(Path::new(&folder)),
    };
    match &*mode {
        "killed" => {
            let clock = tiltmeter::log::SystemClock::new();
            let mut is_told = false;
            loop {
                record(&log, BATCH);
                let _ = log.flush_blocking(LONG);
                record(&log, BATCH);
                if !is_told && clock.monotonic() > Duration::from_millis(2_200) {
                    say("ready");
                    is_told = true;
                }
            }
        }
        "exits" => {
            record(&log, BATCH);
            assert_eq!(log.flush_blocking(LONG), tiltmeter::FlushOutcome::Complete);
            record(&log, BATCH);
            let _guard = guard;
            std::process::exit(0);
        }
        // files may have so many bytes at most, as on a disk that is full
        "full" | "full-parquet" => {
            for turn in 0..40 {
                // every second file of a table is small enough
                record(&log, if mode == "full" || turn % 2 == 0 { BATCH } else { 100 * BATCH });
                assert_eq!(log.flush_blocking(LONG), tiltmeter::FlushOutcome::Complete);
            }
            let report = guard.shutdown_blocking(LONG);
            assert!(report.balances(), "{report:?}");
            // there is no room for the last lines either; the table of heartbeats is small enough
            let outcome =
                if mode == "full" { ShutdownOutcome::JournalUnwritten } else { ShutdownOutcome::Complete };
            assert_eq!(report.outcome, outcome);
            let books = report.sinks[0].predictions;
            say(&format!("{} {} {}", books.decoded, books.written, books.dropped.total()));
        }
        mode => unreachable_mode(mode),
    }
}

fn unreachable_mode(mode: &str) {
    assert_eq!(mode, "a mode that there is");
}

/// Says a line to the parent, past what the test harness captures.
fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\nsaid: {line}").unwrap();
    out.flush().unwrap();
}

fn child_of(mut command: Command, mode: &str, folder: &Path) -> Child {
    command
        .env("TILTMETER_TEST_MODE", mode)
        .env("TILTMETER_TEST_FOLDER", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

fn again() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]);
    command
}

/// The sequences in all Parquet files of predictions, each of which must be whole.
fn parquet_sequences(folder: &Path) -> Vec<u64> {
    let mut sequences = Vec::new();
    for file in files_below(&folder.join("parquet")) {
        let is_table = file.to_string_lossy().contains("/predictions/model_name=");
        if !is_table || file.extension().is_none_or(|extension| extension != "parquet") {
            continue;
        }
        let reader = SerializedFileReader::new(std::fs::File::open(file).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let at = row.get_column_iter().position(|(name, _)| name == "sequence").unwrap();
            sequences.push(u64::try_from(row.get_long(at).unwrap()).unwrap());
        }
    }
    sequences
}

#[test]
fn after_a_kill_the_tail_is_bounded_and_has_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child_of(again(), "killed", folder.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("said: ready")));
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());

    let written = Written::lines_below(&folder.path().join("lines"));
    assert!(written.heartbeats.len() >= 3 && written.heartbeats_are_whole());
    assert!(written.gaps.is_empty(), "{:?}", written.gaps);
    assert!(written.broken <= 1, "half a line at most: {}", written.broken);
    let in_parquet = parquet_sequences(folder.path());
    for (sink, sequences) in [("lines", &written.sequences), ("parquet", &in_parquet)] {
        let account = written.account(sink, sequences);
        assert!(!account.ended_in_order && account.tail_since.is_some(), "{account:?}");
        assert_eq!(account.decoded, account.found + account.missing(), "{account:?}");
        assert_eq!(account.dropped + account.sampled_out, 0);
        let books = written.last_books(sink).predictions;
        assert!(books.written > 0 && account.found >= books.written, "{account:?}: {books:?}");
        // what one round has under way, and what a file holds back
        let bound = (4 * BATCH + FILE_ROWS) as u64;
        assert!(account.missing() <= bound, "{account:?}: {books:?}");
    }
}

#[test]
fn a_process_that_exits_loses_what_was_not_flushed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    assert!(child_of(again(), "exits", folder.path()).wait().unwrap().success());
    let written = Written::lines_below(&folder.path().join("lines"));
    for (sink, sequences) in [("lines", &written.sequences), ("parquet", &parquet_sequences(folder.path()))] {
        let account = written.account(sink, sequences);
        assert!(!account.ended_in_order);
        assert!((BATCH as u64..=2 * BATCH as u64).contains(&account.found), "{account:?}");
        assert_eq!(account.decoded, account.found + account.missing(), "{account:?}");
    }
}

/// The limit on the size of files of the operating system, in place of a disk that is full.
#[test]
#[cfg(target_os = "linux")]
fn files_that_cannot_grow_cost_counts_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [decoded, written, dropped] = full("full", 8, folder.path());
    let found = Written::lines_below(&folder.path().join("lines")).sequences.len() as u64;
    assert_eq!((decoded, written, written + dropped), (40 * BATCH as u64, found, decoded));
    assert!(dropped > 0, "the test fills the disk");
}

/// The same for tables: the files that fit are there, of the others nothing is left, and nobody waits for room.
#[test]
#[cfg(target_os = "linux")]
fn tables_that_do_not_fit_cost_counts_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [decoded, written, dropped] = full("full-parquet", 64, folder.path());
    let found = parquet_sequences(folder.path()).len() as u64;
    assert_eq!((decoded, written, written + dropped), (20 * 101 * BATCH as u64, found, decoded));
    assert!(written > 0 && dropped > 0, "the test fills the disk, and not at once: {written}");
    let staged = folder.path().join("parquet/.staging");
    assert!(!staged.exists(), "{:?}", files_below(&staged));
}

/// What the books of a process say whose files may have so many `blocks` of half a KiB: decoded, written, dropped.
#[cfg(target_os = "linux")]
fn full(mode: &str, blocks: u32, folder: &Path) -> [u64; 3] {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --exact child --nocapture");
    command.args(["-c", &script]).arg(std::env::current_exe().unwrap());
    let mut child = child_of(command, mode, folder);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said: Vec<Vec<u64>> = lines
        .filter_map(|line| {
            Some(line.unwrap().strip_prefix("said: ")?.split(' ').map(|n| n.parse().unwrap()).collect())
        })
        .collect();
    assert!(child.wait().unwrap().success());
    said[0].clone().try_into().unwrap()
}

#[test]
fn a_guard_that_is_dropped_ends_the_log_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (log, guard) = start(folder.path());
    record(&log, BATCH);
    drop(guard);
    let written = Written::lines_below(&folder.path().join("lines"));
    for (sink, sequences) in [("lines", &written.sequences), ("parquet", &parquet_sequences(folder.path()))] {
        let account = written.account(sink, sequences);
        assert!(account.ended_in_order && account.tail_since.is_none(), "{account:?}");
        assert_eq!((account.decoded, account.found, account.unaccounted), (50, 50, 0));
    }
}

#[test]
fn a_runtime_that_ends_before_the_guard_costs_nothing_but_what_was_under_way() {
    use axum::routing::post;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    let (served, _hanging) = runtime.block_on(async {
        let entered = std::sync::Arc::new(tokio::sync::Notify::new());
        let is_in = std::sync::Arc::clone(&entered);
        let handler = post(async move |body: axum::body::Bytes| {
            if body == "{}" {
                is_in.notify_one();
                std::future::pending::<()>().await;
            }
            r#"{"score":0.5}"#
        });
        let served = Served::start(axum::Router::new().route("/predict", handler)).await;
        assert!(served.post(br#"{"age": 40}"#).await.ends_with(r#"{"score":0.5}"#));
        let mut hanging = served.connect().await;
        let request = [tiltmeter_tests::post_head(2).as_bytes(), b"{}"].concat();
        tokio::io::AsyncWriteExt::write_all(&mut hanging, &request).await.unwrap();
        entered.notified().await;
        (served, hanging)
    });
    let (guard, rows, _) = served.into_parts();
    drop(runtime);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!((report.outcome, report.balances()), (ShutdownOutcome::Complete, true));
    let rows = rows.take();
    assert_eq!((rows.len(), report.ledgers.exchanges.observed), (2, 2));
    assert_eq!(rows[1].error_type, Some(tiltmeter::record::ErrorType::Cancelled));
}
