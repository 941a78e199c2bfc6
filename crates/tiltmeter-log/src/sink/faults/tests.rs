use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use tiltmeter_record::{Heartbeat, Journal, PredictionBatch};

use super::*;
use crate::sink::conformance::{Books, model, row, writer};
use crate::sink::{MemorySink, Sink};

fn batch() -> Arc<PredictionBatch> {
    let empty = PredictionBatch::new(model("churn").unwrap(), writer(), "node".into());
    Arc::new(PredictionBatch { rows: vec![row(0)], ..empty })
}

fn journal() -> Arc<Journal> {
    let at = row(0).observed_at;
    let (gaps, heartbeats) = (Vec::new(), vec![Heartbeat::new(0, at, at)]);
    Arc::new(Journal {
        writer_id: writer(),
        serving_node: "node".into(),
        gaps,
        heartbeats,
        shadows: Vec::new(),
        profiles: Vec::new(),
        rates: Vec::new(),
    })
}

/// Written, dropped, abandoned after `writes` writes of a row and the end of the sink.
async fn after(writes: u64, mut sink: impl Sink) -> (u64, u64, u64) {
    let books = Books::new();
    for _ in 0..writes {
        sink.tick(Duration::ZERO).await;
        sink.write(batch(), books.delivery(0, 1)).await;
    }
    sink.flush().await;
    drop(sink);
    let ledger = books.ledger();
    assert!(ledger.balances());
    (ledger.written, ledger.dropped.total(), ledger.abandoned)
}

#[tokio::test]
async fn failing_drops_all_or_every_nth() {
    assert_eq!(after(7, Failing::always(MemorySink::default())).await, (0, 7, 0));
    assert_eq!(after(7, Failing::every(3, MemorySink::default())).await, (5, 2, 0));
    assert_eq!(after(7, Failing::every(0, MemorySink::default())).await, (7, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn slow_takes_its_time_by_the_runtime() {
    let start = tokio::time::Instant::now();
    assert_eq!(after(3, Slow::by(Duration::from_secs(60), MemorySink::default())).await, (3, 0, 0));
    assert_eq!(start.elapsed(), Duration::from_secs(240), "three writes and a flush");
}

#[tokio::test]
async fn hanging_holds_what_it_was_given_until_it_is_dropped() {
    let books = Books::new();
    let mut sink = Hanging::after(1, MemorySink::default());
    sink.write(batch(), books.delivery(0, 1)).await;
    let mut cx = Context::from_waker(Waker::noop());
    {
        let mut write = pin!(sink.write(batch(), books.delivery(0, 1)));
        assert!(write.as_mut().poll(&mut cx).is_pending());
        assert!(!books.ledger().balances());
    }
    assert_eq!((books.ledger().written, books.ledger().abandoned), (1, 1));
    assert!(pin!(sink.flush()).poll(&mut cx).is_pending());
    assert!(pin!(sink.write_journal(journal(), books.receipt(1))).poll(&mut cx).is_pending());
    assert_eq!(books.latest_journal(), 0);
}

#[tokio::test]
async fn panicking_takes_its_delivery_with_it() {
    let books = Books::new();
    let delivery = books.delivery(0, 1);
    let write = tokio::spawn(async move {
        let mut sink = Panicking::after(0, MemorySink::default());
        sink.write(batch(), delivery).await;
    });
    assert!(write.await.unwrap_err().is_panic());
    assert_eq!((books.ledger().abandoned, books.ledger().balances()), (1, true));
}

#[tokio::test]
async fn flapping_does_what_its_switch_says() {
    let books = Books::new();
    let (mut sink, switch) = Flapping::new(MemorySink::default());
    for number in 1..=4 {
        if number % 2 == 0 {
            switch.turn_off();
        } else {
            switch.turn_on();
        }
        assert_eq!(switch.is_on(), number % 2 == 1);
        sink.write(batch(), books.delivery(0, 1)).await;
        sink.write_journal(journal(), books.receipt(number)).await;
    }
    let ledger = books.ledger();
    assert_eq!((ledger.written, ledger.dropped.total(), books.latest_journal()), (2, 2, 3));
}
