//! The books, through the public interface: whatever the sink does, every exchange and every prediction is somewhere.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tiltmeter_log::{
    Clock, Delivery, FlushOutcome, LogBuilder, LogGuard, LogHandle, LoggedBody, MemorySink, Receipt,
    ShutdownOutcome, Sink, SinkFuture, ThreadHealth, WhenFull,
};
use tiltmeter_record::{ExchangeDrop, Journal, ModelSpec, Observation, PredictionBatch, PredictionDrop};
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
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn write_journal(&mut self, _: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        receipt.declined();
        Box::pin(async {})
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
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

/// Waits until the worker has come so far.
fn wait_for(mut condition: impl FnMut() -> bool) {
    for _ in 0..20_000 {
        if condition() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("it never came to that");
}

/// Stops the threads of a scope also where the test fails: the scope waits for them before the panic goes on.
struct SetWhenDropped<'f>(&'f AtomicBool);

impl Drop for SetWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
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
            let _stop = SetWhenDropped(&stop);
            for _ in 0..3 {
                scope.spawn(|| {
                    while !stop.load(SeqCst) {
                        send_blocking(&log, 10, 1);
                        sent.fetch_add(10, SeqCst);
                    }
                });
            }
            wait_for(|| sent.load(SeqCst) > 300);
            guard.shutdown_blocking(LONG)
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
    let (log, guard) = builder().with_sink(hanging).with_sink_queue_bytes(10_000).build().unwrap();
    for _ in 0..10 {
        send_blocking(&log, 100, 2);
        wait_for(|| log.queue_depth().exchanges == 0);
    }
    let report = guard.shutdown_blocking(Duration::from_millis(50));
    assert_eq!(report.outcome, ShutdownOutcome::DeadlinePassed);
    let ledgers = report.ledgers;
    assert_eq!((ledgers.exchanges.observed, ledgers.exchanges.decoded), (1_000, 1_000), "the worker goes on");
    let predictions = ledgers.predictions;
    assert_eq!(predictions.written, 0, "what nobody confirmed is not written");
    assert!(predictions.dropped.by(PredictionDrop::SinkQueueFull) > 0 && predictions.abandoned > 0);
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
fn a_sink_that_panics_ends_itself_and_nothing_else() {
    let panicking = Scripted(|_: Delivery| -> std::future::Ready<()> { panic!("the sink is broken") });
    let sink = MemorySink::default();
    let (log, guard) = builder().with_sink(panicking).with_sink(sink.clone()).build().unwrap();
    send_blocking(&log, 1, 2);
    wait_for(|| log.health().sinks[0].thread == ThreadHealth::Panicked);
    assert!(!log.health().is_well());
    send_blocking(&log, 3, 1);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!(
        (report.outcome, report.sinks[1].outcome),
        (ShutdownOutcome::SinkPanicked, ShutdownOutcome::Complete)
    );
    assert!(report.balances(), "{report:?}");
    let broken = report.sinks[0].predictions;
    assert_eq!((broken.abandoned, broken.dropped.by(PredictionDrop::SinkGone)), (2, 3));
    assert_eq!((report.sinks[1].predictions.written, sink.take().len()), (5, 5));
}

/// Whichever way the first sink is broken, the second one has everything.
#[test]
fn one_dead_sink_starves_nobody() {
    let (release, released): (SyncSender<()>, Receiver<()>) = sync_channel(0);
    let blocking = Scripted(move |delivery: Delivery| {
        let _ = released.recv();
        async move { delivery.written() }
    });
    let hanging = Scripted(|delivery: Delivery| async move {
        pending::<()>().await;
        delivery.written();
    });
    let sink = MemorySink::default();
    let (log, guard) = builder()
        .with_sink(blocking)
        .with_sink(hanging)
        .with_sink(sink.clone())
        // room for the hundred that are sent at a time, in however many batches they come, and not for all
        .with_sink_queue_bytes(200_000)
        .build()
        .unwrap();
    for _ in 0..20 {
        send_blocking(&log, 100, 1);
        wait_for(|| log.sink_ledgers()[2].predictions.decoded == log.sink_ledgers()[2].predictions.written);
    }
    wait_for(|| log.sink_ledgers()[2].predictions.written == 2_000);
    let report = guard.shutdown_blocking(Duration::from_millis(100));
    assert_eq!(sink.take().len(), 2_000);
    assert!(report.balances(), "{report:?}");
    let names: Vec<_> = report.sinks.iter().map(|sink| &*sink.name).collect();
    assert_eq!(names, ["scripted", "scripted-2", "memory"]);
    for dead in &report.sinks[..2] {
        assert_eq!((dead.predictions.decoded, dead.predictions.written), (2_000, 0));
        assert!(dead.predictions.dropped.by(PredictionDrop::SinkQueueFull) > 0);
    }
    drop(release);
}

#[test]
fn a_batch_job_waits_for_its_sink_and_loses_nothing() {
    let slow = Scripted(|delivery: Delivery| async move {
        tokio::time::sleep(Duration::from_millis(2)).await;
        delivery.written();
    });
    let (log, guard) = builder()
        .with_sink(slow)
        .with_queue_items(4)
        .with_sink_queue_bytes(1_000)
        .with_when_full(WhenFull::Wait(LONG))
        .build()
        .unwrap();
    let churn = log.model("churn").unwrap();
    for age in 0..300 {
        let rows =
            vec![Observation::new().with("age", age).with_score(0.5), Observation::new().with("age", age)];
        assert!(churn.record_within(rows, LONG));
        // somebody who cannot wait for it does not cut the patience of the log short
        if age % 10 == 0 {
            let _ = log.flush_blocking(Duration::ZERO);
        }
    }
    let report = guard.shutdown_blocking(LONG);
    assert_eq!((report.ledgers.exchanges.observed, report.ledgers.predictions.written), (300, 600));
    assert!(!churn.record_within(vec![Observation::new()], LONG), "the log is closed");
}

#[test]
fn a_flush_takes_no_batch_from_a_job_that_waits_for_its_sink() {
    let slow = Scripted(|delivery: Delivery| async move {
        tokio::time::sleep(Duration::from_millis(2)).await;
        delivery.written();
    });
    let builder = builder().with_sink(slow).with_queue_items(4).with_sink_queue_bytes(1_000);
    let (log, guard) = builder.with_when_full(WhenFull::Wait(LONG)).build().unwrap();
    let churn = log.model("churn").unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(log.flush_blocking(LONG), FlushOutcome::Complete);
                }
            });
        }
        for age in 0..200 {
            assert!(churn.record_within(Observation::new().with("age", age), LONG));
        }
    });
    let report = guard.shutdown_blocking(LONG);
    assert_eq!((report.ledgers.predictions.written, report.ledgers.predictions.dropped.total()), (200, 0));
}

#[test]
fn a_sink_that_is_waited_for_does_not_keep_the_others_from_ending_in_order() {
    let hanging = Scripted(|delivery: Delivery| async move {
        pending::<()>().await;
        drop(delivery);
    });
    let sink = MemorySink::default();
    let builder = builder().with_sink(hanging).with_sink(sink.clone()).with_sink_queue_bytes(1_000);
    let (log, guard) = builder.with_when_full(WhenFull::Wait(Duration::from_secs(3_600))).build().unwrap();
    let churn = log.model("churn").unwrap();
    for age in 0..50 {
        churn.record(Observation::new().with("age", age));
    }
    // flushes that wait for the sink that hangs must not stand before the word to end
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| log.flush_blocking(Duration::from_millis(300)));
        }
    });
    let clock = tiltmeter_log::SystemClock::new();
    let started = clock.monotonic();
    let report = guard.shutdown_blocking(Duration::from_secs(2));
    let took = clock.monotonic().saturating_sub(started);
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    assert!(report.balances(), "{report:?}");
    assert_eq!(report.sinks[1].outcome, ShutdownOutcome::Complete);
    assert_eq!(report.sinks[1].predictions.written, report.sinks[1].predictions.decoded);
    let journals = sink.take_journals();
    let last = journals.last().unwrap().heartbeats.last().unwrap();
    assert!(last.is_last, "what hangs is another sink");
}

#[test]
fn a_flush_includes_exchanges_of_many_predictions() {
    let sink = MemorySink::default();
    let (log, guard) = start(sink.clone());
    let churn = log.model("churn").unwrap();
    for round in 1..=3 {
        for _ in 0..50 {
            churn.record(vec![Observation::new().with("age", 1.0); 1_000]);
        }
        assert_eq!(log.flush_blocking(LONG), FlushOutcome::Complete);
        assert_eq!(log.ledgers().predictions.written, round * 50_000);
        let _ = sink.take();
    }
    drop(guard);
}

/// Loses the journals until it is told not to.
#[derive(Debug)]
struct Forgetful {
    sink: MemorySink,
    is_well: Arc<AtomicBool>,
}

impl Sink for Forgetful {
    fn name(&self) -> &'static str {
        "forgetful"
    }

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        self.sink.write(batch, delivery)
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        if self.is_well.load(SeqCst) {
            return self.sink.write_journal(journal, receipt);
        }
        Box::pin(async { drop(receipt) })
    }

    fn tick(&mut self, now: Duration) -> SinkFuture<'_> {
        self.sink.tick(now)
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        self.sink.flush()
    }
}

#[test]
fn gaps_that_a_sink_has_lost_come_with_a_later_journal_and_once() {
    let (sink, other, is_well) =
        (MemorySink::default(), MemorySink::default(), Arc::new(AtomicBool::new(false)));
    let forgetful = Forgetful { sink: sink.clone(), is_well: Arc::clone(&is_well) };
    let (log, guard) = builder().with_sink(forgetful).with_sink(other.clone()).build().unwrap();
    let lose = |count: usize| {
        for _ in 0..count {
            // the observations are fewer than the instances that the model has: dropped, and in a gap
            send_mismatch(&log);
        }
        assert_eq!(log.flush_blocking(LONG), FlushOutcome::Complete);
    };
    lose(3);
    lose(2);
    is_well.store(true, SeqCst);
    lose(4);
    lose(0);
    let report = guard.shutdown_blocking(LONG);
    let lost = report.ledgers.exchanges.dropped.by(ExchangeDrop::InstanceMismatch);
    assert_eq!(lost, 9);
    for sink in [sink, other] {
        let journals = sink.take_journals();
        let gaps: Vec<_> = journals.iter().flat_map(|journal| &journal.gaps).collect();
        assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), lost);
        let mut sequences: Vec<_> = gaps.iter().map(|gap| gap.sequence).collect();
        sequences.sort_unstable();
        sequences.dedup();
        assert_eq!(sequences.len(), gaps.len(), "each once");
    }
}

/// A request of two instances for which the handler records one prediction.
fn send_mismatch(log: &LogHandle) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let layer = log.layer().with_capture(tiltmeter_log::Capture::BodiesAndHandler);
    let handler = service_fn(async |request: Request<LoggedBody<Full<Bytes>>>| {
        tiltmeter_log::RequestLog::of(request.extensions()).record(Observation::new().with_score(0.5));
        predict(request).await
    });
    let request = Request::post("/predict").body(Full::from(r#"{"rows":[{"age":1},{"age":2}]}"#)).unwrap();
    runtime.block_on(async {
        let response = layer.layer(handler).oneshot(request).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "the body is one that this file makes")]
        let _ = response.into_body().collect().await.unwrap();
    });
}

#[test]
fn the_books_balance_at_every_moment_after_the_log_has_ended() {
    let (log, guard) = start(MemorySink::default());
    send_blocking(&log, 1, 1);
    let _ = guard.shutdown_blocking(LONG);
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
