//! Stores that fail: whatever they do, every row is somewhere, once.

use std::sync::atomic::Ordering::SeqCst;

use object_store::ObjectStore;
use tokio::time::Instant;

use super::store::{Fault, FaultyStore};
use super::*;

const DAY: &str = "2013-04-03T00:00:00Z";

fn desk(store: &Arc<FaultyStore>) -> Desk {
    let store: Arc<dyn ObjectStore> = Arc::clone(store) as _;
    Desk::new(ParquetSink::object_store(store, Path::default()).with_max_file_rows(10))
}

fn counts(desk: &Desk) -> (u64, u64, u64) {
    let books = desk.books.read();
    assert!(books.balances(), "{books:?}");
    (books.written, books.dropped.by(PredictionDrop::SinkFailed), books.abandoned)
}

#[tokio::test(start_paused = true)]
async fn an_unclear_create_is_read_back_and_not_repeated() {
    for fault in [Fault::FailAfter, Fault::HangAfter, Fault::ExistsAfter] {
        let store = FaultyStore::new(move |_| fault);
        let mut desk = desk(&store);
        desk.write(&[DAY; 3]).await;
        desk.sink.flush().await;
        assert_eq!(counts(&desk), (3, 0, 0), "{fault:?}");
        assert_eq!(store.writes(), 1, "{fault:?}");
        assert_eq!(store.sequences().await, [0, 1, 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_once_is_written_by_the_next_attempt() {
    let once =
        [Fault::Fail, Fault::Refused, Fault::Hang, Fault::Late, Fault::Conflict, Fault::Full, Fault::Slow];
    for fault in once {
        let store = FaultyStore::new(move |nth| if nth == 0 { fault } else { Fault::None });
        let mut desk = desk(&store);
        desk.write(&[DAY; 3]).await;
        desk.sink.flush().await;
        assert_eq!(counts(&desk), (3, 0, 0), "{fault:?}");
        assert_eq!(store.sequences().await, [0, 1, 2], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded_and_the_last_failure_is_counted() {
    let store = FaultyStore::new(|_| Fault::Fail);
    let retry = RetryPolicy::new().with_max_attempts(3);
    let mut desk = Desk::new(ParquetSink::object_store(store.clone(), Path::default()).with_retry(retry));
    desk.write(&[DAY; 3]).await;
    desk.sink.flush().await;
    assert_eq!((store.writes(), counts(&desk)), (3, (0, 3, 0)));
    assert!(desk.books.last_failure().unwrap().contains("503"));
}

#[tokio::test(start_paused = true)]
async fn time_is_bounded_too_and_a_store_that_never_answers_leaves_it_open_what_was_written() {
    let store = FaultyStore::new(|_| Fault::Hang);
    let mut desk = desk(&store);
    let began = Instant::now();
    desk.write(&[DAY; 3]).await;
    desk.sink.flush().await;
    assert_eq!(counts(&desk), (0, 0, 3), "it may still appear");
    assert!(began.elapsed() < Duration::from_secs(700), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_back_is_not_taken_for_lost() {
    let store = FaultyStore::new(|_| Fault::FailAfter);
    store.is_blind.store(true, SeqCst);
    let retry = RetryPolicy::new().with_max_attempts(2);
    let mut desk = Desk::new(ParquetSink::object_store(store.clone(), Path::default()).with_retry(retry));
    desk.write(&[DAY; 3]).await;
    desk.sink.flush().await;
    assert_eq!(counts(&desk), (0, 0, 3));
    assert_eq!(store.sequences().await, [0, 1, 2], "indeed it is there");
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_not_there_costs_the_file_at_once() {
    let store = FaultyStore::new(|_| Fault::NoBucket);
    let mut desk = desk(&store);
    let began = Instant::now();
    desk.write(&[DAY; 3]).await;
    desk.sink.flush().await;
    assert_eq!((store.writes(), counts(&desk)), (1, (0, 3, 0)));
    assert!(began.elapsed() < Duration::from_secs(1));
    assert!(desk.books.last_failure().unwrap().contains("not found"));
}

/// Ten minutes without a store: the rows wait, few requests are made, and all are written afterwards.
#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_for_with_the_breaker_open() {
    for (fault, dead_from) in [(Fault::Fail, 0), (Fault::Refused, 3), (Fault::Hang, 3)] {
        let store = FaultyStore::new(move |nth| if nth >= dead_from { fault } else { Fault::None });
        let mut desk = desk(&store);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(500) {
            desk.sink.tick(began.elapsed()).await;
            desk.write(&[DAY; 4]).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        assert!(desk.sink.publisher.breaker.is_open());
        let attempts = store.writes() - dead_from;
        assert!((5..=60).contains(&attempts), "{fault:?}: {attempts} attempts");
        store.plan(|_| Fault::None);
        desk.sink.flush().await;
        let rows = desk.sequence;
        assert_eq!(counts(&desk), (rows, 0, 0), "{fault:?}");
        assert!(!desk.sink.publisher.breaker.is_open());
        let expected: Vec<_> = (0..i64::try_from(rows).unwrap()).collect();
        assert_eq!(store.sequences().await, expected, "each once, {fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn files_stay_open_while_the_store_is_out_of_reach() {
    let store = FaultyStore::new(|_| Fault::Refused);
    let mut desk = desk(&store);
    let began = Instant::now();
    desk.write(&[DAY; 10]).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(desk.sink.publisher.breaker.is_open());
    desk.write(&["2013-04-04T00:00:00Z"]).await;
    desk.sink.tick(began.elapsed() + Duration::from_secs(400)).await;
    assert_eq!(desk.sink.open.len(), 1, "old, and kept");
    store.plan(|_| Fault::None);
    desk.sink.uploads.settle().await;
    desk.sink.tick(began.elapsed() + Duration::from_secs(400)).await;
    assert_eq!(desk.sink.open.len(), 0);
    desk.sink.flush().await;
    assert_eq!(counts(&desk), (11, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_goes_takes_its_retries_with_it() {
    let store = FaultyStore::new(|_| Fault::Hang);
    let mut desk = desk(&store);
    desk.write(&[DAY; 20]).await;
    let flushed = tokio::time::timeout(Duration::from_secs(10), desk.sink.flush()).await;
    assert!(flushed.is_err());
    let writes = store.writes();
    let Desk { sink, books, .. } = desk;
    drop(sink);
    tokio::time::sleep(Duration::from_secs(1_000)).await;
    assert_eq!(store.writes(), writes, "nobody tries any more");
    assert_eq!((books.read().abandoned, books.read().balances()), (20, true));
}

/// A store that flaps, in every way, at random.
#[tokio::test(start_paused = true)]
async fn whatever_a_store_does_the_ledger_says_what_is_there() {
    const FAULTS: [Fault; 12] = [
        Fault::None,
        Fault::None,
        Fault::Fail,
        Fault::FailAfter,
        Fault::Hang,
        Fault::HangAfter,
        Fault::Late,
        Fault::ExistsAfter,
        Fault::Conflict,
        Fault::Refused,
        Fault::NoBucket,
        Fault::Slow,
    ];
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let store = FaultyStore::new(move |_| FAULTS[rng.usize(..FAULTS.len())]);
        let retry = RetryPolicy::new().with_max_attempts(3);
        let mut desk = Desk::new(
            ParquetSink::object_store(store.clone(), Path::default())
                .with_max_file_rows(10)
                .with_retry(retry),
        );
        let began = Instant::now();
        for _ in 0..40 {
            desk.sink.tick(began.elapsed()).await;
            desk.write(&[DAY; 7]).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        desk.sink.flush().await;
        let (written, dropped, abandoned) = counts(&desk);
        assert_eq!(written + dropped + abandoned, 280, "seed {seed}");
        // what hangs is carried out by now, if ever
        tokio::time::sleep(Duration::from_secs(100)).await;
        let there = store.sequences().await;
        let mut once = there.clone();
        once.dedup();
        assert_eq!(once, there, "no copies, seed {seed}");
        let there = there.len() as u64;
        assert!(there >= written, "what is written is there, seed {seed}: {there} of {written}");
        assert!(there <= written + abandoned, "what was dropped is not, seed {seed}: {there}");
    }
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_behind_and_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let pause = Duration::from_millis(1);
    let builder = ParquetSink::local(folder.path())
        .with_retry(RetryPolicy::new().with_pauses(pause, pause).with_max_attempts(3));
    let sink = builder.assemble(fastrand::Rng::with_seed(1), |target, fsync| {
        let mut place = place(target, fsync)?;
        place.store = FaultyStore::around(place.store, |nth| if nth < 5 { Fault::Full } else { Fault::None });
        Ok(place)
    });
    let mut desk = Desk { sink: sink.unwrap(), books: SinkBooks::new("parquet".into(), 1), sequence: 0 };
    desk.write(&[DAY; 3]).await;
    desk.sink.flush().await;
    assert_eq!(counts(&desk), (0, 3, 0));
    assert_eq!(all_files(folder.path()), Vec::<String>::new());
}

/// A sink that does not try again is done with what it has, whatever breaks and however often: nothing waits for the
/// breaker.
#[tokio::test(start_paused = true)]
async fn without_retries_a_flush_takes_no_time() {
    for fault in [Fault::NoBucket, Fault::Full, Fault::Fail, Fault::Refused] {
        let store = FaultyStore::new(move |_| fault);
        *store.journals.lock().unwrap() = fault;
        let mut desk = Desk::new(
            ParquetSink::object_store(store.clone(), Path::default()).with_retry(RetryPolicy::none()),
        );
        let began = Instant::now();
        for number in 1..=20 {
            desk.sink.tick(began.elapsed()).await;
            desk.write(&[DAY, "2013-04-04T00:00:00Z"]).await;
            super::journal::write(&mut desk, number, super::journal::journal(number, DAY, 1)).await;
            desk.sink.flush().await;
            assert_eq!(counts(&desk), (0, 2 * number, 0), "{fault:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{fault:?}: {:?}", began.elapsed());
        let is_open = desk.sink.publisher.breaker.is_open();
        assert_eq!(is_open, fault != Fault::NoBucket, "a store that answers is not given a rest");
        *store.journals.lock().unwrap() = Fault::None;
        store.plan(|_| Fault::None);
        tokio::time::sleep(Duration::from_secs(30)).await;
        desk.write(&[DAY; 3]).await;
        desk.write(&["2013-04-04T00:00:00Z"; 3]).await;
        desk.sink.flush().await;
        assert_eq!(counts(&desk), (6, 40, 0), "{fault:?}: all of them, once the probe has succeeded");
        assert_eq!(desk.books.latest_canary(), Some(Duration::from_secs(20)), "{fault:?}");
    }
}
