use std::sync::Mutex;

use proptest::prelude::*;
use tiltmeter_record::{PredictionBatch, PredictionDrop};

use super::*;
use crate::sink::conformance::{Books, model, row, writer};
use crate::sink::faults::{Failing, Hanging};
use crate::sink::{JsonLinesSink, MemorySink};

fn batch(rows: u64) -> Arc<PredictionBatch> {
    let rows = (0..rows).map(row).collect();
    Arc::new(PredictionBatch {
        rows,
        ..PredictionBatch::new(model("churn").unwrap(), writer(), "node".into())
    })
}

fn journal() -> Arc<Journal> {
    let (gaps, heartbeats) = (Vec::new(), Vec::new());
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

#[tokio::test]
async fn what_one_part_drops_is_dropped_though_the_other_has_it() {
    let (books, memory) = (Books::new(), MemorySink::default());
    let mut tee = Tee::new(memory.clone(), Failing::every(2, MemorySink::default()));
    for _ in 0..4 {
        tee.write(batch(3), books.delivery(0, 3)).await;
        tee.write_journal(journal(), books.receipt(1)).await;
    }
    tee.flush().await;
    let ledger = books.ledger();
    assert_eq!((ledger.written, ledger.dropped.by(PredictionDrop::SinkFailed)), (6, 6));
    assert_eq!(memory.take().len(), 12);
}

#[tokio::test]
async fn a_journal_is_signed_when_all_parts_have_it() {
    let books = Books::new();
    let mut tee = Tee::new(MemorySink::default(), Failing::every(2, MemorySink::default()));
    let mut signed = Vec::new();
    for number in 1..=4 {
        tee.write_journal(journal(), books.receipt(number)).await;
        signed.push(books.latest_journal());
    }
    assert_eq!(signed, [1, 1, 3, 3]);
}

#[tokio::test]
async fn a_part_that_hangs_keeps_the_others_from_nothing_but_the_next_batch() {
    let folder = tempfile::tempdir().unwrap();
    let (books, memory) = (Books::new(), MemorySink::default());
    let files = JsonLinesSink::below(folder.path()).build().unwrap();
    let mut tee = Tee::new(Hanging::after(1, MemorySink::default()), memory.clone()).with(files);
    tee.write(batch(2), books.delivery(0, 2)).await;
    let patience = Duration::from_millis(1);
    assert!(tokio::time::timeout(patience, tee.write(batch(2), books.delivery(0, 2))).await.is_err());
    assert_eq!(memory.take().len(), 4, "the others got it");
    assert!(tokio::time::timeout(Duration::from_secs(1), tee.flush()).await.is_err());
    drop(tee);
    let ledger = books.ledger();
    assert_eq!((ledger.written, ledger.abandoned, ledger.balances()), (2, 2, true));
}

/// A sink that settles its deliveries as a test says, bit by bit.
#[derive(Debug)]
struct Scripted {
    held: Option<Delivery>,
    script: Arc<Mutex<Vec<(u64, u8)>>>,
}

impl Scripted {
    fn settle(&mut self) {
        let Some(held) = &mut self.held else { return };
        let step = self.script.lock().unwrap().pop();
        let Some((rows, fate)) = step else { return };
        let part = held.split(rows);
        match fate {
            0 => part.written(),
            1 => part.dropped(PredictionDrop::SinkFailed, &"full"),
            _ => drop(part),
        }
    }
}

impl Sink for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        match &mut self.held {
            Some(held) => held.merge(delivery).unwrap(),
            None => self.held = Some(delivery),
        }
        self.settle();
        Box::pin(async {})
    }

    fn write_journal(&mut self, _: Arc<Journal>, _: Receipt) -> SinkFuture<'_> {
        Box::pin(async {})
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        self.settle();
        Box::pin(async {})
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async {})
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the parts do, in whatever pieces: every row is counted once, and none as written that a part lost.
    #[test]
    fn the_books_balance_and_written_means_everywhere(
        batches in prop::collection::vec(0_u64..20, 1..8),
        scripts in prop::collection::vec(prop::collection::vec((0_u64..15, 0_u8..3), 0..10), 3..=3),
    ) {
        let books = Books::new();
        let scripts: Vec<_> = scripts.into_iter().map(|script| Arc::new(Mutex::new(script))).collect();
        let part = |n: usize| Scripted { held: None, script: Arc::clone(&scripts[n]) };
        // a tee in a tee is a tee
        let mut tee = Tee::new(part(0), Tee::new(part(1), part(2)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for &rows in &batches {
                tee.write(batch(rows), books.delivery(0, rows)).await;
                tee.tick(Duration::ZERO).await;
            }
        });
        drop(tee);
        let ledger = books.ledger();
        prop_assert_eq!(ledger.decoded, batches.iter().sum::<u64>());
        prop_assert!(ledger.balances(), "{:?}", ledger);
    }
}
