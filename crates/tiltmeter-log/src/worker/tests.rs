use http::StatusCode;
use tiltmeter_record::WriterId;
use uuid::Uuid;

use super::*;
use crate::layer::{RequestId, tape_of};
use crate::queue::{Queue, QueueBounds, queue};
use crate::sink::MemorySink;
use crate::testing::{ManualClock, SPEC, spec};

struct Bench {
    queue: Queue<Captured>,
    worker: Worker,
    books: Arc<Books>,
    clock: Arc<ManualClock>,
    rows: MemorySink,
}

fn bench() -> Bench {
    let books = Books::new();
    let clock = Arc::new(ManualClock::default());
    let (queue, intake) = queue(QueueBounds { items: 1_000, bytes: 1 << 20 }, Arc::clone(&books));
    let model = spec(SPEC);
    let batch = PredictionBatch::new(Arc::clone(&model), WriterId::new("node", Uuid::nil()), "node".into());
    let rows = MemorySink::default();
    let worker = Worker {
        intake,
        commands: mpsc::channel(1).1,
        models: vec![Model::new(Decoder::new(model, "/predict".into()).unwrap(), batch, &books)],
        sink: Box::new(rows.clone()),
        books: Arc::clone(&books),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        sequence: 0,
    };
    Bench { queue, worker, books, clock, rows }
}

fn exchange(request: &[u8], started_millis: u64) -> Captured {
    Captured {
        route: 0,
        request_id: RequestId::Taped,
        tape: tape_of(b"r", request, b"{\"score\": 1}"),
        status: Some(StatusCode::OK),
        error: None,
        started: Duration::from_millis(started_millis),
        latency: Duration::from_millis(1),
    }
}

#[test]
fn a_panic_while_decoding_costs_one_exchange_and_no_sequence_number() {
    let mut bench = bench();
    for body in [&b"{}"[..], b"\"panic\"", b"{}", b"no json", b"{}"] {
        bench.queue.offer(exchange(body, 0));
    }
    assert_eq!(bench.worker.decode_some(), 5);
    let exchanges = bench.books.read().exchanges;
    assert_eq!((exchanges.decoded, exchanges.dropped.by(ExchangeDrop::CodecPanic)), (3, 1));
    assert!(exchanges.balances());
    let rows = &bench.worker.models[0].batch.rows;
    assert_eq!(rows.iter().map(|row| row.sequence).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(bench.worker.intake.is_drained(), "the bytes of all of them are given back");
}

#[test]
fn the_time_of_observation_is_that_of_the_arrival() {
    let mut bench = bench();
    bench.clock.advance(10_000);
    bench.queue.offer(exchange(b"{}", 2_500));
    bench.worker.decode_some();
    let observed = bench.worker.models[0].batch.rows[0].observed_at;
    assert_eq!(observed.to_string(), "2026-03-01T12:00:02.5Z");
}

#[test]
fn what_a_worker_leaves_is_abandoned() {
    let mut bench = bench();
    for _ in 0..300 {
        bench.queue.offer(exchange(b"{}", 0));
    }
    bench.worker.decode_some();
    drop(bench.worker);
    bench.queue.offer(exchange(b"{}", 0));
    let ledgers = bench.books.read();
    assert_eq!((ledgers.exchanges.abandoned, ledgers.predictions.abandoned), (44, 256));
    assert_eq!(ledgers.exchanges.dropped.by(ExchangeDrop::Closed), 1);
    assert!(ledgers.balance());
    assert!(bench.rows.take().is_empty());
}
