//! Processes that end in every way there is: what a reader finds afterwards is what the books said, and the rest is bounded
//! and has a number. The process that ends is this test binary once more.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use tiltmeter::log::{JsonLinesSink, Profiler};
use tiltmeter::record::WindowWidth;
use tiltmeter::{
    Clock as _, LogBuilder, LogGuard, LogHandle, Observation, ParquetSink, RetryPolicy, ShutdownOutcome,
};
use tiltmeter_store::{
    Location, PredictionTable, PredictionsRead, ProfileAccount, ProfileQuery, ProfilesRead,
    read_profile_accounts, read_profiles,
};
use tiltmeter_tests::{SPEC, Served, Stepped, Written, files_below, model};

const LONG: Duration = Duration::from_secs(20);
const BATCH: usize = 50;
/// Rows that the Parquet sink publishes together.
const FILE_ROWS: usize = 500;

fn start(folder: &Path) -> (LogHandle, LogGuard) {
    let builder = LogBuilder::new().with_model(model(SPEC)).with_journal_interval(Duration::from_secs(1));
    both_sinks(builder, folder).build().unwrap()
}

fn both_sinks(builder: LogBuilder, folder: &Path) -> LogBuilder {
    let lines = JsonLinesSink::below(folder.join("lines")).with_flush_interval(Duration::from_millis(1));
    let parquet = ParquetSink::local(folder.join("parquet"))
        .with_max_file_rows(FILE_ROWS)
        .with_retry(RetryPolicy::none());
    builder
        .with_named_sink("lines", lines.build().unwrap())
        .with_named_sink("parquet", parquet.build().unwrap())
}

/// A step of the clock of a log that profiles, in seconds: a dozen are a minute.
const STEP: u64 = 5;
/// Between two journals, in seconds.
const JOURNAL: u64 = 10;
/// For how many seconds a minute that is over waits for predictions that come late.
const GRACE: u64 = 5;
/// Predictions that are recorded at each step.
const OF_STEP: u64 = 2 * BATCH as u64;
/// Seconds until the parent is told.
const FIVE_MINUTES: u64 = 300;

/// A log that profiles all predictions, and keeps the rows of half of the requests.
fn profiled(folder: &Path, clock: &Arc<Stepped>) -> (LogHandle, LogGuard) {
    let builder = LogBuilder::new()
        .with_model(model(&sampled_spec()))
        .with_profiles(
            Profiler::builder()
                .with_hand_over_interval(Duration::ZERO)
                .with_grace(Duration::from_secs(GRACE)),
        )
        .with_journal_interval(Duration::from_secs(JOURNAL))
        .with_clock(Arc::clone(clock) as _);
    both_sinks(builder, folder).build().unwrap()
}

fn sampled_spec() -> String {
    SPEC.replace("tier: 2", "tier: 2, sampling: {policy: tails, rate: 0.5}")
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
        "profiles" => profiles_until_killed(Path::new(&folder)),
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

fn profiles_until_killed(folder: &Path) -> ! {
    let clock = Arc::new(Stepped::default());
    let (log, _guard) = profiled(folder, &clock);
    loop {
        record(&log, BATCH);
        let _ = log.flush_blocking(LONG);
        record(&log, BATCH);
        if clock.step(STEP) == FIVE_MINUTES {
            say("ready");
        }
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

/// Kills a process that profiles and samples, in the middle of a minute.
fn killed_in_a_window(folder: &Path) {
    let mut child = child_of(again(), "profiles", folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("said: ready")));
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
}

async fn account_of_profiles(root: &Location) -> ProfileAccount {
    let read = read_profile_accounts(root, "parquet").await.unwrap();
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    assert_eq!(read.accounts.len(), 1, "one writer");
    read.accounts[0].clone()
}

async fn minutes(root: &Location) -> ProfilesRead {
    let query = ProfileQuery::new(model(SPEC).name, WindowWidth::Minute);
    let read = read_profiles(&root.join("profiles"), &query).await.unwrap();
    assert!(read.problems.is_empty() && read.unreadable.is_empty(), "{:?}", read.problems);
    read
}

#[tokio::test]
async fn a_kill_in_a_window_loses_its_profiles_and_says_of_how_many() {
    let folder = tempfile::tempdir().unwrap();
    killed_in_a_window(folder.path());
    let root = Location::local(folder.path().join("parquet"));
    let account = account_of_profiles(&root).await;
    assert!(!account.ended_in_order && account.tail_since.is_some(), "{account:?}");
    assert_eq!((account.decoded, account.lost_by_sink), (account.profiled + account.missing, 0));
    // what was recorded in five minutes, but for what came after the last heartbeat
    let of_journal = (JOURNAL / STEP + 2) * OF_STEP;
    assert!(account.decoded + of_journal >= FIVE_MINUTES / STEP * OF_STEP, "{account:?}");
    // four minutes are over, and have been handed over
    assert!(account.profiled >= 240 / STEP * OF_STEP, "{account:?}");
    // the window that was open, and what was under way when it ended
    let unflushed = (60 + GRACE + JOURNAL) / STEP + 2;
    assert!(account.missing <= unflushed * OF_STEP, "{account:?}");

    // whole windows, with all predictions of each: also those whose rows were not kept
    let read = minutes(&root).await;
    let counts =
        read.windows.iter().map(|window| window.cells.iter().map(|cell| cell.counts.predictions).sum());
    let counts: Vec<u64> = counts.collect();
    assert_eq!(counts.iter().sum::<u64>(), account.profiled);
    for (minute, (window, count)) in read.windows.iter().zip(counts).enumerate() {
        assert_eq!(window.window.start().as_second(), 60 * i64::try_from(minute).unwrap());
        // what is recorded while the clock goes on belongs to either side
        assert!(count.abs_diff(60 / STEP * OF_STEP) <= OF_STEP, "{minute}: {count}");
        let score = window.cells[0].column("score").unwrap().numeric().unwrap();
        assert_eq!((window.cells.len(), score.count(), score.missing()), (1, count, 0));
    }

    // the rows, beside them
    let written = Written::lines_below(&folder.path().join("lines"));
    assert!(written.heartbeats_are_whole() && written.gaps.is_empty());
    for (sink, sequences) in [("lines", &written.sequences), ("parquet", &parquet_sequences(folder.path()))] {
        let account = written.account(sink, sequences);
        assert!(account.sampled_out > 0 && account.found > 0, "{account:?}");
        assert_eq!(account.decoded, account.found + account.sampled_out + account.unaccounted, "{account:?}");
        let bound = of_journal + (4 * BATCH + FILE_ROWS) as u64;
        assert!(account.unaccounted <= bound, "{account:?}");
    }
}

/// What was delivered twice, as whoever ships files does after a failure, counts once.
#[tokio::test]
async fn files_that_are_there_twice_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    killed_in_a_window(folder.path());
    let root = Location::local(folder.path().join("parquet"));
    let spec = model(&sampled_spec());
    let table = PredictionTable::local(folder.path().join("parquet"));
    let before = (account_of_profiles(&root).await, minutes(&root).await, table.read(&spec).await.unwrap());
    assert_eq!((before.1.copies, before.2.copies), (0, 0));
    for file in files_below(&folder.path().join("parquet")) {
        if file.extension().is_some_and(|extension| extension == "parquet") {
            let name = file.file_name().unwrap().to_string_lossy();
            std::fs::copy(&file, file.with_file_name(format!("again-{name}"))).unwrap();
        }
    }
    let after = (account_of_profiles(&root).await, minutes(&root).await, table.read(&spec).await.unwrap());
    assert_eq!(after.0, before.0);
    assert_eq!(after.1.windows, before.1.windows);
    assert!(after.1.copies > 0 && after.1.files == 2 * before.1.files, "{}", after.1.copies);
    // the order of files is another one
    let rows = |read: &PredictionsRead| {
        let inclusion = read.predictions.inclusion().unwrap();
        let mut rows: Vec<_> = inclusion.request().iter().zip(read.predictions.event_time()).collect();
        rows.sort_unstable();
        format!("{rows:?}")
    };
    assert_eq!(rows(&after.2), rows(&before.2));
    assert_eq!((after.2.copies, after.2.files), (before.2.predictions.len() as u64, 2 * before.2.files));
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
