//! Gaps and heartbeats, through the sink.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use object_store::ObjectStore;
use tiltmeter_record::{ExchangeDrop, Gap, Heartbeat};
use tokio::time::Instant;

use super::store::{Fault, FaultyStore};
use super::*;

fn desk(store: &Arc<FaultyStore>) -> Desk {
    let store: Arc<dyn ObjectStore> = Arc::clone(store) as _;
    Desk::new(ParquetSink::object_store(store, Path::default()))
}

pub(super) fn journal(sequence: u64, minute: &str, gaps: u64) -> Journal {
    let minute = minute.parse().unwrap();
    Journal {
        writer_id: WriterId::new("node", Uuid::from_u128(1)),
        serving_node: "node".into(),
        gaps: (0..gaps)
            .map(|gap| Gap::of_exchanges(sequence * 10 + gap, minute, ExchangeDrop::QueueFull, 1))
            .collect(),
        heartbeats: vec![Heartbeat::new(sequence, minute, minute)],
        shadows: vec![],
        profiles: Vec::new(),
        rates: Vec::new(),
    }
}

pub(super) async fn write(desk: &mut Desk, number: u64, journal: Journal) {
    let receipt = Receipt::new(Some(Duration::from_secs(number)), Arc::clone(&desk.books));
    desk.sink.write_journal(Arc::new(journal), receipt).await;
}

/// Lets what has been begun come to its end.
async fn settle(desk: &mut Desk) {
    while let Some(ended) = desk.sink.pages.join_next().await {
        desk.sink.settle_pages(ended);
    }
}

async fn sequences(store: &FaultyStore, kind: &str, date: &str) -> Vec<i64> {
    let objects = store.objects(&format!("{kind}/date={date}")).await;
    assert!(objects.len() <= 1, "one object per writer and day");
    let mut sequences = Vec::new();
    for (path, bytes) in objects {
        assert!(path.ends_with(&format!("{INCARNATION}.parquet")), "{path}");
        for batch in ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let column = batch.column_by_name("sequence").unwrap().as_primitive::<Int64Type>().clone();
            sequences.extend(column.values().iter());
        }
    }
    sequences
}

#[tokio::test]
async fn a_day_of_a_writer_is_one_object_that_grows() {
    let store = FaultyStore::new(|_| Fault::None);
    let mut desk = desk(&store);
    for (number, minute) in
        ["2013-04-03T23:58:00Z", "2013-04-03T23:59:00Z", "2013-04-04T00:00:00Z"].into_iter().enumerate()
    {
        let number = number as u64;
        write(&mut desk, number + 1, journal(number, minute, number)).await;
        settle(&mut desk).await;
        assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), number + 1);
    }
    assert_eq!(sequences(&store, "heartbeats", "2013-04-03").await, [0, 1]);
    assert_eq!(sequences(&store, "heartbeats", "2013-04-04").await, [2]);
    assert_eq!(sequences(&store, "gaps", "2013-04-03").await, [10]);
    assert_eq!(sequences(&store, "gaps", "2013-04-04").await, [20, 21]);
    assert_eq!(store.objects("predictions").await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_written_comes_with_the_next() {
    let store = FaultyStore::new(|_| Fault::None);
    let mut desk = desk(&store);
    store.is_dead.store(true, SeqCst);
    write(&mut desk, 1, journal(0, "2013-04-03T10:00:00Z", 2)).await;
    settle(&mut desk).await;
    assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), 0, "not signed");
    store.is_dead.store(false, SeqCst);
    write(&mut desk, 2, journal(1, "2013-04-03T10:01:00Z", 1)).await;
    settle(&mut desk).await;
    assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), 2);
    assert_eq!(sequences(&store, "gaps", "2013-04-03").await, [0, 1, 10]);
    assert_eq!(sequences(&store, "heartbeats", "2013-04-03").await, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_journal_does_not_hold_up_predictions_and_the_last_one_is_waited_for() {
    let store = FaultyStore::new(|_| Fault::None);
    let mut desk = desk(&store);
    let began = Instant::now();
    store.is_dead.store(true, SeqCst);
    for number in 0..30 {
        write(&mut desk, number + 1, journal(number, "2013-04-03T10:00:00Z", 0)).await;
        desk.sink.tick(began.elapsed()).await;
        assert!(desk.sink.pages.len() <= 1);
    }
    assert!(began.elapsed() < Duration::from_millis(100));
    store.is_dead.store(false, SeqCst);
    let mut last = journal(30, "2013-04-03T10:01:00Z", 1);
    last.heartbeats[0].is_last = true;
    write(&mut desk, 31, last).await;
    assert_eq!(
        desk.books.latest_canary().map_or(0, |sent| sent.as_secs()),
        31,
        "nothing has to come after it"
    );
    assert_eq!(sequences(&store, "heartbeats", "2013-04-03").await.len(), 31);
}

#[tokio::test(start_paused = true)]
async fn a_flush_writes_what_is_due_and_gives_up_in_time() {
    let store = FaultyStore::new(|_| Fault::None);
    let mut desk = desk(&store);
    store.is_dead.store(true, SeqCst);
    write(&mut desk, 1, journal(0, "2013-04-03T10:00:00Z", 1)).await;
    let began = Instant::now();
    desk.sink.flush().await;
    assert!(began.elapsed() < Duration::from_secs(700));
    assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), 0);
    store.is_dead.store(false, SeqCst);
    desk.sink.flush().await;
    assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), 1);
}

#[test]
fn a_reader_never_sees_half_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let done = AtomicBool::new(false);
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut read = 0;
            while !done.load(Relaxed) {
                for kind in ["gaps", "heartbeats"] {
                    let table = folder.path().join(kind);
                    for file in if table.exists() { all_files(&table) } else { Vec::new() } {
                        assert!(rows_in(table.join(file)) > 0);
                        read += 1;
                    }
                }
            }
            read
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut desk = Desk::new(ParquetSink::local(folder.path()).with_fsync(true));
            for number in 0..50 {
                write(&mut desk, number + 1, journal(number, "2013-04-03T10:00:00Z", 3)).await;
                settle(&mut desk).await;
            }
            desk.sink.flush().await;
            assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), 50);
        });
        done.store(true, Relaxed);
        reader.join().unwrap()
    });
    assert!(read > 0);
    assert_eq!(rows_in(folder.path().join(format!("gaps/date=2013-04-03/{INCARNATION}.parquet"))), 150);
}

/// A request whose answer was lost is carried out after the one that came next.
#[tokio::test(start_paused = true)]
async fn an_older_journal_does_not_replace_a_newer_one() {
    for earlier in [0, 1, 3] {
        let store = FaultyStore::new(|_| Fault::None);
        let mut desk = desk(&store);
        for number in 0..earlier {
            write(&mut desk, number + 1, journal(number, "2013-04-03T10:00:00Z", 1)).await;
            settle(&mut desk).await;
        }
        *store.journals.lock().unwrap() = Fault::Late;
        write(&mut desk, earlier + 1, journal(earlier, "2013-04-03T10:00:00Z", 1)).await;
        settle(&mut desk).await;
        *store.journals.lock().unwrap() = Fault::None;
        write(&mut desk, earlier + 2, journal(earlier + 1, "2013-04-03T10:01:00Z", 1)).await;
        settle(&mut desk).await;
        assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), earlier + 2);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let gaps = sequences(&store, "gaps", "2013-04-03").await;
        assert_eq!(gaps.len() as u64, earlier + 2, "what is signed stays: {gaps:?}");
        // and it goes on
        write(&mut desk, earlier + 3, journal(earlier + 2, "2013-04-03T10:02:00Z", 1)).await;
        settle(&mut desk).await;
        assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), earlier + 3);
    }
}

/// One that is carried out at once, and whose answer is lost all the same.
#[tokio::test(start_paused = true)]
async fn a_journal_takes_the_place_of_whatever_version_is_there() {
    let store = FaultyStore::new(|_| Fault::None);
    let mut desk = desk(&store);
    for number in 0..12 {
        let faults = [Fault::None, Fault::HangAfter, Fault::FailAfter, Fault::Hang];
        *store.journals.lock().unwrap() = faults[usize::try_from(number).unwrap() % faults.len()];
        write(&mut desk, number + 1, journal(number, "2013-04-03T10:00:00Z", 1)).await;
        settle(&mut desk).await;
        // longer than the store is ever given a rest
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    desk.sink.flush().await;
    *store.journals.lock().unwrap() = Fault::None;
    desk.sink.flush().await;
    assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), 12);
    assert_eq!(sequences(&store, "heartbeats", "2013-04-03").await, (0..12).collect::<Vec<_>>());
}

/// A store that cannot compare versions, as `object_store`'s own local one.
#[tokio::test]
async fn a_store_that_cannot_compare_versions_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let local = object_store::local::LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let store = FaultyStore::around(Arc::new(local), |_| Fault::None);
    let mut desk = desk(&store);
    for number in 0..4 {
        write(&mut desk, number + 1, journal(number, "2013-04-03T10:00:00Z", 1)).await;
        settle(&mut desk).await;
        assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), number + 1);
    }
    assert_eq!(sequences(&store, "heartbeats", "2013-04-03").await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn two_sinks_of_one_log_do_not_take_each_other_s_pages() {
    let folder = tempfile::tempdir().unwrap();
    let mut desks = [(); 2].map(|()| Desk::new(ParquetSink::local(folder.path())));
    for number in 0..50 {
        for desk in &mut desks {
            write(desk, number + 1, journal(number, "2013-04-03T10:00:00Z", 1)).await;
        }
        for desk in &mut desks {
            settle(desk).await;
            assert_eq!(desk.books.latest_canary().map_or(0, |sent| sent.as_secs()), number + 1);
        }
    }
    assert_eq!(rows_in(folder.path().join(format!("gaps/date=2013-04-03/{INCARNATION}.parquet"))), 50);
}

/// A write to a disk cannot be taken back, and does not say what it replaces: the next one waits for its end.
#[tokio::test(start_paused = true)]
async fn on_a_disk_that_hangs_no_journal_overtakes_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut faulty = None;
    let sink = ParquetSink::local(folder.path()).assemble(fastrand::Rng::with_seed(1), |target, fsync| {
        let mut place = place(target, fsync)?;
        let store = FaultyStore::around(place.store, |_| Fault::None);
        (place.store, faulty) = (Arc::clone(&store) as _, Some(store));
        Ok(place)
    });
    let store = faulty.unwrap();
    let mut desk = Desk { sink: sink.unwrap(), books: SinkBooks::new("parquet".into(), 1), sequence: 0 };
    *store.journals.lock().unwrap() = Fault::Late;
    write(&mut desk, 1, journal(0, "2013-04-03T10:00:00Z", 0)).await;
    settle(&mut desk).await;
    *store.journals.lock().unwrap() = Fault::Stuck;
    for number in 1..5 {
        write(&mut desk, number + 1, journal(number, "2013-04-03T10:01:00Z", 0)).await;
        settle(&mut desk).await;
    }
    assert_eq!(desk.books.latest_canary(), None, "none is signed");
    assert_eq!(store.stuck.load(SeqCst), 0, "and none has begun");
}
