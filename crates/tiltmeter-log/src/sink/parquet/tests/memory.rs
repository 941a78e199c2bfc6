//! What the sink holds while the store takes nothing.

use object_store::ObjectStore;

use super::store::{Fault, FaultyStore};
use super::*;

/// As the builder's documentation says.
fn bound(sink: &ParquetSink) -> usize {
    let Limits { open_bytes, uploads, file_bytes, .. } = sink.limits;
    open_bytes + (uploads + 1) * file_bytes
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded_whatever_the_store_does() {
    for fault in [Fault::Hang, Fault::Refused, Fault::Fail] {
        let store: Arc<dyn ObjectStore> = FaultyStore::new(move |_| fault);
        let mut desk = Desk::new(
            ParquetSink::object_store(store, Path::default())
                .with_max_file_bytes(60_000)
                .with_max_open_bytes(150_000)
                .with_max_open_partitions(5),
        );
        let mut most = 0;
        for batch in 0..150 {
            desk.sink.tick(Duration::from_secs(batch)).await;
            let day = format!("2013-04-{:02}T00:00:00Z", 1 + batch % 7);
            desk.write(&[&*day; 100]).await;
            let held = desk.sink.open_bytes + desk.sink.uploads.held();
            assert!(held <= bound(&desk.sink), "{fault:?}: {held} of {}", bound(&desk.sink));
            most = most.max(held);
        }
        assert!(most > 150_000, "the test fills the sink: {most}");
        desk.sink.flush().await;
        assert_eq!((desk.sink.open_bytes, desk.sink.uploads.held()), (0, 0));
        let books = desk.books.read();
        assert!(books.balances(), "{books:?}");
        assert_eq!((books.decoded, books.written), (15_000, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_larger_than_all_that_may_wait_still_gets_its_turn() {
    let store: Arc<dyn ObjectStore> =
        FaultyStore::new(|nth| if nth < 5 { Fault::Refused } else { Fault::None });
    let mut desk = Desk::new(
        ParquetSink::object_store(store, Path::default()).with_max_file_bytes(1).with_max_open_bytes(1),
    );
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    assert_eq!(desk.written(), 1);
}

/// A thread that waits for a disk keeps the bytes of a file that was given up long ago.
#[tokio::test(start_paused = true)]
async fn a_disk_that_hangs_holds_no_more_than_the_bound() {
    for failures in [1, u32::MAX] {
        let folder = tempfile::tempdir().unwrap();
        let (mut faulty, second) = (None, Duration::from_secs(1));
        let sink = ParquetSink::local(folder.path())
            .with_max_file_bytes(60_000)
            .with_max_open_bytes(150_000)
            .with_put_timeout(second)
            .with_retry(RetryPolicy::new().with_pauses(second, second).with_max_attempts(3))
            .with_breaker(BreakerPolicy::new().with_failures(failures).with_cool_down(second))
            .assemble(fastrand::Rng::with_seed(1), |target, fsync| {
                let mut place = place(target, fsync)?;
                let store = FaultyStore::around(place.store, |_| Fault::Stuck);
                *store.journals.lock().unwrap() = Fault::Stuck;
                (place.store, faulty) = (Arc::clone(&store) as _, Some(store));
                Ok(place)
            })
            .unwrap();
        let store = faulty.unwrap();
        let mut desk = Desk { sink, books: SinkBooks::new("parquet".into(), 1), sequence: 0 };
        for turn in 1..=200 {
            desk.sink.tick(Duration::from_secs(turn)).await;
            desk.write(&["2013-04-03T00:00:00Z"; 300]).await;
            super::journal::write(&mut desk, turn, super::journal::journal(turn, "2013-04-03T00:00:00Z", 1))
                .await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        desk.sink.flush().await;
        let stuck = store.stuck.load(std::sync::atomic::Ordering::SeqCst);
        assert!((1..=bound(&desk.sink)).contains(&stuck), "{stuck} of {}", bound(&desk.sink));
        assert!(desk.sink.uploads.held() > 0, "they count as held");
        let books = desk.books.read();
        assert!(books.balances() && books.abandoned > 0, "{books:?}");
        assert!(books.dropped.by(PredictionDrop::SinkFailed) > books.abandoned, "{books:?}");
    }
}
