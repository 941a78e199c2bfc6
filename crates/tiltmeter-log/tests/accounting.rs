//! The books, through the public interface: whatever the sink does, every exchange and every prediction is somewhere.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tiltmeter_log::{
    Delivery, LogBuilder, LogGuard, LogHandle, LoggedBody, MemorySink, ShutdownOutcome, Sink, SinkFuture,
};
use tiltmeter_record::{ExchangeDrop, ModelSpec, PredictionBatch, PredictionDrop};
use tower::{Layer, ServiceExt, service_fn};

const SPEC: &str = "{spec_version: 1, name: churn, type: regression, owner: crm, tier: 2,
    endpoint: {path: /predict}, request: {features: /rows/*}, response: {score: /scores/*}, features: {age: float}}";

const LONG: Duration = Duration::from_secs(20);

/// A sink that does with each batch what a test says.
struct Scripted<F>(F);

impl<F> std::fmt::Debug for Scripted<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl<F, T> Sink for Scripted<F>
where
    F: FnMut(Delivery) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    fn write(&mut self, _: PredictionBatch, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin((self.0)(delivery))
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(async {})
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async {})
    }
}

fn builder() -> LogBuilder {
    LogBuilder::new().with_model(ModelSpec::from_yaml("test", SPEC).unwrap())
}

fn start(sink: impl Sink) -> (LogHandle, LogGuard) {
    builder().with_sink(sink).build().unwrap()
}

/// Reads the request and scores each row of it with 0.5.
async fn predict(request: Request<LoggedBody<Full<Bytes>>>) -> Result<Response<Full<Bytes>>, Infallible> {
    #[expect(clippy::disallowed_methods, reason = "the body is one that this file makes")]
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let rows = serde_json::from_slice::<serde_json::Value>(&body).unwrap()["rows"].as_array().unwrap().len();
    let scores = vec!["0.5"; rows].join(",");
    Ok(Response::new(Full::from(format!("{{\"scores\":[{scores}]}}"))))
}

/// Sends a request with `rows` instances through the layer, and reads the answer.
async fn send(log: &LogHandle, rows: usize) {
    let body = format!("{{\"rows\":[{}]}}", vec!["{\"age\":1}"; rows].join(","));
    let request = Request::post("/predict").body(Full::from(body)).unwrap();
    let response = log.layer().layer(service_fn(predict)).oneshot(request).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the body is one that this file makes")]
    let answer = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer.iter().filter(|&&byte| byte == b'5').count(), rows, "the client gets its answer");
}

fn send_blocking(log: &LogHandle, requests: usize, rows: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..requests {
            send(log, rows).await;
        }
    });
}

/// Waits until the worker has come so far; the test's own time limit is the bound.
fn wait_for(mut condition: impl FnMut() -> bool) {
    for _ in 0..2_000_000 {
        if condition() {
            return;
        }
        thread::yield_now();
    }
    panic!("it never came to that");
}

#[test]
fn what_is_logged_arrives_once_and_in_order() {
    let sink = MemorySink::default();
    let (log, guard) = start(sink.clone());
    send_blocking(&log, 1_000, 3);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!(report.outcome, ShutdownOutcome::Complete);
    let ledgers = report.ledgers;
    assert_eq!((ledgers.exchanges.observed, ledgers.exchanges.decoded), (1_000, 1_000));
    assert_eq!((ledgers.predictions.decoded, ledgers.predictions.written), (3_000, 3_000));
    assert!(ledgers.balance());
    let rows = sink.take();
    assert!(rows.iter().map(|row| row.sequence).eq(0..3_000), "numbered without holes");
    assert!(rows.iter().all(|row| row.score == Some(0.5)));
}

#[test]
fn under_more_load_than_it_can_take_all_is_counted() {
    const TASKS: u64 = 64;
    const REQUESTS: u64 = 400;
    let sink = MemorySink::default();
    let (log, guard) = builder().with_sink(sink.clone()).with_queue_items(8).build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for task in 0..TASKS {
            let log = log.clone();
            tasks.push(tokio::spawn(async move {
                for request in 0..REQUESTS {
                    send(&log, usize::try_from((task + request) % 4).unwrap()).await;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    let report = guard.shutdown_blocking(LONG);
    let ledgers = report.ledgers;
    assert_eq!(ledgers.exchanges.observed, TASKS * REQUESTS);
    assert!(ledgers.exchanges.dropped.by(ExchangeDrop::QueueFull) > 0, "the test overloads the queue");
    assert!(ledgers.balance(), "{ledgers:?}");
    assert_eq!(ledgers.predictions.written, sink.take().len() as u64);
    assert_eq!(ledgers.exchanges.abandoned + ledgers.predictions.abandoned, 0);
}

#[test]
fn a_log_that_is_shut_down_under_load_balances() {
    for _ in 0..10 {
        let sink = MemorySink::default();
        let (log, guard) = builder().with_sink(sink.clone()).build().unwrap();
        let sent = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        let report = thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !stop.load(SeqCst) {
                        send_blocking(&log, 10, 1);
                        sent.fetch_add(10, SeqCst);
                    }
                });
            }
            wait_for(|| sent.load(SeqCst) > 300);
            let report = guard.shutdown_blocking(LONG);
            stop.store(true, SeqCst);
            report
        });
        assert!(report.ledgers.balance(), "{:?}", report.ledgers);
        assert_eq!(report.ledgers.predictions.written, sink.take().len() as u64);
        assert_eq!(report.outcome, ShutdownOutcome::Complete);
        let later = log.ledgers();
        assert_eq!(later.exchanges.observed, sent.load(SeqCst), "what came after the end is counted, too");
        assert!(later.balance());
    }
}

#[test]
fn a_sink_that_never_answers_fills_the_queue_and_no_more() {
    let hanging = Scripted(|delivery: Delivery| async move {
        pending::<()>().await;
        delivery.written();
    });
    let (log, guard) = builder().with_sink(hanging).with_queue_items(16).build().unwrap();
    send_blocking(&log, 1_000, 2);
    let depth = log.queue_depth();
    assert!(depth.exchanges <= 16);
    let report = guard.shutdown_blocking(Duration::from_millis(50));
    assert_eq!(report.outcome, ShutdownOutcome::DeadlinePassed);
    let ledgers = report.ledgers;
    assert_eq!(ledgers.exchanges.observed, 1_000);
    assert_eq!(ledgers.predictions.written, 0, "what nobody confirmed is not written");
    assert_eq!(ledgers.predictions.abandoned, ledgers.predictions.decoded);
    assert!(ledgers.exchanges.abandoned > 0 && ledgers.exchanges.dropped.by(ExchangeDrop::QueueFull) > 0);
    assert!(ledgers.balance(), "{ledgers:?}");
}

#[test]
fn a_sink_that_blocks_its_thread_cannot_hold_up_the_shutdown() {
    let (release, released): (SyncSender<()>, Receiver<()>) = sync_channel(0);
    let blocking = Scripted(move |delivery: Delivery| {
        let _ = released.recv();
        async move { delivery.written() }
    });
    let (log, guard) = start(blocking);
    send_blocking(&log, 10, 1);
    wait_for(|| log.ledgers().predictions.decoded > 0);
    let report = guard.shutdown_blocking(Duration::from_millis(20));
    assert_eq!(report.outcome, ShutdownOutcome::DeadlinePassed);
    assert_eq!(report.ledgers.predictions.written, 0);
    assert!(report.ledgers.balance(), "{:?}", report.ledgers);
    drop(release);
}

#[test]
fn a_sink_that_fails_costs_predictions_and_says_why() {
    let failing = Scripted(|delivery: Delivery| async move {
        delivery.dropped(PredictionDrop::SinkFailed, &"no space left");
    });
    let (log, guard) = start(failing);
    send_blocking(&log, 20, 1);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!(report.ledgers.predictions.dropped.by(PredictionDrop::SinkFailed), 20);
    assert!(report.ledgers.balance());
    assert_eq!(report.last_failure.as_deref(), Some("no space left"));
    assert_eq!(report.outcome, ShutdownOutcome::Complete);
}

#[test]
fn a_sink_that_panics_ends_the_log_and_not_the_service() {
    let panicking = Scripted(|_: Delivery| -> std::future::Ready<()> { panic!("the sink is broken") });
    let (log, guard) = start(panicking);
    send_blocking(&log, 1, 2);
    wait_for(|| {
        send_blocking(&log, 1, 1);
        log.ledgers().exchanges.dropped.by(ExchangeDrop::WorkerGone) > 0
    });
    let report = guard.shutdown_blocking(LONG);
    assert_eq!(report.outcome, ShutdownOutcome::WorkerPanicked);
    assert!(report.ledgers.balance(), "{:?}", report.ledgers);
    assert!(report.ledgers.predictions.abandoned >= 2);
}

#[test]
fn the_books_balance_at_every_moment_after_the_worker_has_died() {
    let panicking = Scripted(|_: Delivery| -> std::future::Ready<()> { panic!("the sink is broken") });
    let (log, guard) = start(panicking);
    send_blocking(&log, 1, 1);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!(report.outcome, ShutdownOutcome::WorkerPanicked);
    let sending = AtomicBool::new(true);
    let unbalanced = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while sending.load(SeqCst) {
                    send_blocking(&log, 50, 1);
                }
            });
        }
        let unbalanced = (0..20_000).map(|_| log.ledgers()).find(|ledgers| !ledgers.balance());
        sending.store(false, SeqCst);
        unbalanced
    });
    assert_eq!(unbalanced, None);
}

#[test]
fn a_delivery_that_a_sink_forgets_is_not_delivered() {
    let (log, guard) = start(Scripted(|delivery: Delivery| async move { drop(delivery) }));
    send_blocking(&log, 5, 1);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!((report.ledgers.predictions.written, report.ledgers.predictions.abandoned), (0, 5));
}

#[test]
fn a_guard_that_is_dropped_writes_what_it_can() {
    let sink = MemorySink::default();
    let (log, guard) = start(sink.clone());
    send_blocking(&log, 50, 1);
    drop(guard);
    assert_eq!(sink.take().len(), 50);
    send_blocking(&log, 1, 1);
    assert_eq!(log.ledgers().exchanges.dropped.by(ExchangeDrop::Closed), 1);
}

#[cfg(feature = "parquet")]
#[test]
fn a_file_is_published_when_it_is_old_though_nothing_else_comes() {
    let folder = tempfile::tempdir().unwrap();
    let sink = tiltmeter_log::ParquetSink::local(folder.path()).with_max_file_age(Duration::from_millis(1));
    let (log, guard) = start(sink.build().unwrap());
    send_blocking(&log, 1, 1);
    wait_for(|| log.ledgers().predictions.written == 1);
    assert!(folder.path().join("predictions/model_name=churn").is_dir());
    assert_eq!(guard.shutdown_blocking(LONG).outcome, ShutdownOutcome::Complete);
}

#[test]
fn a_handle_that_is_cloned_does_not_keep_the_log_open() {
    let (log, guard) = start(MemorySink::default());
    let clones: Vec<_> = (0..10).map(|_| (log.clone(), log.layer())).collect();
    send_blocking(&log, 1, 1);
    assert_eq!(guard.shutdown_blocking(LONG).outcome, ShutdownOutcome::Complete);
    drop(clones);
}

#[tokio::test]
async fn shutdown_is_at_home_on_a_runtime_of_one_thread() {
    let (log, guard) = start(MemorySink::default());
    for _ in 0..10 {
        send(&log, 1).await;
    }
    let report = guard.shutdown(LONG).await;
    assert_eq!(report.ledgers.predictions.written, 10);
}

#[test]
fn settings_out_of_range_are_refused() {
    let sink = MemorySink::default();
    assert!(LogBuilder::new().with_sink(sink.clone()).build().unwrap_err().is_configuration());
    assert!(builder().build().unwrap_err().is_configuration());
    let built = |builder: LogBuilder| builder.with_sink(MemorySink::default()).build();
    assert!(built(builder().with_queue_items(0)).unwrap_err().is_configuration());
    assert!(built(builder().with_queue_items(usize::MAX)).unwrap_err().is_configuration());
    assert!(built(builder().with_queue_bytes(1 << 20)).unwrap_err().is_configuration());
    assert!(built(builder().with_body_cap(usize::MAX)).unwrap_err().is_configuration());
    let again = |text: &str| built(builder().with_model(ModelSpec::from_yaml("test", text).unwrap()));
    let one_name = SPEC.replace("/predict", "/other").replace("churn", "Churn");
    assert!(again(&one_name).unwrap_err().is_configuration(), "two schemas in one table");
    let error = again(&SPEC.replace("churn", "other")).unwrap_err();
    assert!(error.is_route());
    assert!(error.to_string().contains("POST /predict"), "{error}");
}
