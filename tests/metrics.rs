//! What the books say, the metrics say: exactly, and without a label that grows with the traffic.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tiltmeter::log::faults::{Failing, Hanging, Panicking};
use tiltmeter::log::{Capture, LoggedBody, MemorySink};
use tiltmeter::record::{ExchangeDrop, PredictionDrop, Reason, SinkLedger};
use tiltmeter::{Clock, LogBuilder, LogHandle, ShutdownOutcome};
use tiltmeter_tests::{Held, model, until};
use tower::{Layer as _, ServiceExt as _, service_fn};

const SPEC: &str = "{spec_version: 1, name: churn, type: regression, owner: crm, tier: 2, \
    endpoint: {path: '/models/{name}'}, request: {features: /rows/*}, response: {score: /scores/*}, \
    features: {age: float}}";

/// Every counter and gauge, by its name and labels.
static SERIES: Mutex<BTreeMap<String, Arc<AtomicU64>>> = Mutex::new(BTreeMap::new());

/// The recorder is the process's: one log at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

struct Recording;

impl Recording {
    fn series(key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::clone(SERIES.lock().unwrap().entry(name).or_default())
    }
}

impl Recorder for Recording {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Self::series(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Self::series(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("{key} is a histogram, which nobody has asked for")
    }
}

fn recording() -> MutexGuard<'static, ()> {
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = metrics::set_global_recorder(Recording);
    SERIES.lock().unwrap().clear();
    alone
}

/// The metrics that are of the books.
fn recorded() -> BTreeMap<String, u64> {
    let of_books = |name: &str| {
        name.starts_with("tiltmeter_log_exchanges_") || name.starts_with("tiltmeter_log_predictions_")
    };
    let series = SERIES.lock().unwrap();
    series
        .iter()
        .filter(|(name, _)| of_books(name))
        .map(|(name, value)| (name.clone(), value.load(SeqCst)))
        .collect()
}

/// What the metrics should be, of these books.
fn expected(exchanges: &tiltmeter::record::ExchangeLedger, sinks: &[SinkLedger]) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    let mut add = |name: &str, labels: &str, value| {
        all.insert(format!("tiltmeter_log_{name}_total{{{labels}}}"), value);
    };
    add("exchanges_observed", "", exchanges.observed);
    add("exchanges_decoded", "", exchanges.decoded);
    add("exchanges_abandoned", "", exchanges.abandoned);
    for &reason in ExchangeDrop::ALL {
        add("exchanges_dropped", &format!("reason={reason}"), exchanges.dropped.by(reason));
    }
    for SinkLedger { sink, predictions, .. } in sinks {
        add("predictions_decoded", &format!("sink={sink}"), predictions.decoded);
        add("predictions_written", &format!("sink={sink}"), predictions.written);
        add("predictions_abandoned", &format!("sink={sink}"), predictions.abandoned);
        add("predictions_sampled_out", &format!("sink={sink}"), predictions.sampled_out);
        for &reason in PredictionDrop::ALL {
            let labels = format!("sink={sink},reason={reason}");
            add("predictions_dropped", &labels, predictions.dropped.by(reason));
        }
    }
    all
}

/// Each look at it is a second later, so that the worker publishes whenever it comes round.
#[derive(Debug, Default)]
struct Hasty(AtomicU64);

impl Clock for Hasty {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(1, SeqCst))
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

/// Waits until the metrics are what the books are.
async fn until_published(log: &LogHandle) {
    until(|| recorded() == expected(&log.ledgers().exchanges, &log.sink_ledgers())).await;
}

/// Answers as many scores as there are rows; or one only, or without reading, as the request wants it.
async fn predict(request: Request<LoggedBody<Body>>) -> Result<Response<String>, Infallible> {
    let wish = request.headers().get("x-handler").map(|wish| wish.to_str().unwrap().to_owned());
    if wish.as_deref() == Some("unread") {
        return Ok(Response::new("{}".to_owned()));
    }
    let (mut body, mut rows) = (request.into_body(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.unwrap();
        rows += frame.data_ref().map_or(0, |data| data.iter().filter(|&&byte| byte == b'}').count());
    }
    let rows = if wish.is_some() { 1 } else { rows.saturating_sub(1) };
    Ok(Response::new(format!("{{\"scores\":[{}]}}", vec!["0.5"; rows].join(","))))
}

/// Sends `body` to the model, with `header`, and reads the answer.
async fn send(log: &LogHandle, capture: Capture, header: (&str, &str), body: impl Into<Bytes>) {
    let request =
        Request::post("/models/a").header(header.0, header.1).body(Body::from(body.into())).unwrap();
    ask(log, capture, request).await;
}

async fn ask(log: &LogHandle, capture: Capture, request: Request<Body>) {
    let layer = log.layer().with_capture(capture);
    let mut body = layer.layer(service_fn(predict)).oneshot(request).await.unwrap().into_body();
    while let Some(frame) = body.frame().await {
        frame.unwrap();
    }
}

const NOTHING: (&str, &str) = ("x-nothing", "");
const ROW: &str = r#"{"rows":[{"age":1}]}"#;

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "a runtime of one thread, and a lock that tests take in turn")]
async fn each_kind_of_drop_is_in_the_metrics_as_in_the_books() {
    const CAP: usize = 64 << 10;
    let _alone = recording();
    let (go, held) = sync_channel(0);
    let (log, guard) = LogBuilder::new()
        .with_model_codec(model(SPEC), Held::new(SPEC, Some(held)))
        .with_clock(Arc::new(Hasty::default()))
        .with_body_cap(CAP)
        .with_queue_items(8)
        .with_queue_bytes(3 * CAP)
        .with_sink_queue_bytes(10_000)
        .with_named_sink("good", MemorySink::default())
        .with_named_sink("failing", Failing::every(2, MemorySink::default()))
        .with_named_sink("panicking", Panicking::after(1, MemorySink::default()))
        .with_named_sink("hanging", Hanging::after(1, MemorySink::default()))
        .build()
        .unwrap();
    let dropped = |reason| log.ledgers().exchanges.dropped.by(reason);

    // the worker stands still: the queue is full of bytes first, and then of exchanges
    send(&log, Capture::Bodies, NOTHING, ROW).await;
    for _ in 0..4 {
        send(&log, Capture::Bodies, NOTHING, vec![b' '; CAP - 100]).await;
    }
    assert!(dropped(ExchangeDrop::QueueBytes) > 0);
    for _ in 0..10 {
        send(&log, Capture::Bodies, NOTHING, ROW).await;
    }
    assert!(dropped(ExchangeDrop::QueueFull) > 0);
    drop(go);

    let decoded = async || {
        until(|| {
            let exchanges = log.ledgers().exchanges;
            exchanges.observed == exchanges.decoded + exchanges.dropped.total()
        })
        .await;
    };
    decoded().await;
    send(&log, Capture::Bodies, NOTHING, vec![b' '; CAP + 1]).await;
    send(&log, Capture::Bodies, ("x-handler", "unread"), ROW).await;
    send(&log, Capture::Bodies, NOTHING, "{").await;
    send(&log, Capture::Bodies, ("x-handler", "one"), r#"{"rows":[{"age":1},{"age":2}]}"#).await;
    send(&log, Capture::Bodies, NOTHING, "panic").await;
    send(&log, Capture::Bodies, ("content-encoding", "gzip"), "no gzip").await;
    send(&log, Capture::Handler, NOTHING, ROW).await;
    for _ in 0..200 {
        // one batch after the other: the sinks are to see many
        decoded().await;
        send(&log, Capture::Bodies, NOTHING, ROW).await;
    }
    decoded().await;
    until_published(&log).await;

    let exchanges = log.ledgers().exchanges;
    let needs_an_end = [ExchangeDrop::WorkerGone, ExchangeDrop::Closed];
    for &reason in ExchangeDrop::ALL {
        assert_eq!(exchanges.dropped.by(reason) > 0, !needs_an_end.contains(&reason), "{reason}");
    }
    let sinks = log.sink_ledgers();
    for (&reason, sink) in PredictionDrop::ALL.iter().zip([1, 3, 2]) {
        assert!(sinks[sink].predictions.dropped.by(reason) > 0, "{reason} at {}", sinks[sink].sink);
    }
    assert!(sinks[0].predictions.written > 0);
    let report = guard.shutdown(Duration::from_millis(100)).await;
    assert!(report.balances(), "{report:?}");
}

/// What a scraper sees last should be what became of everything.
#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "a runtime of one thread, and a lock that tests take in turn")]
async fn the_metrics_of_a_log_that_has_ended_are_those_of_its_report() {
    let _alone = recording();
    let (log, guard) = LogBuilder::new()
        .with_model(model(SPEC))
        .with_named_sink("good", MemorySink::default())
        .with_named_sink("failing", Failing::every(2, MemorySink::default()))
        .build()
        .unwrap();
    for _ in 0..100 {
        send(&log, Capture::Bodies, NOTHING, ROW).await;
    }
    let report = guard.shutdown(Duration::from_secs(20)).await;
    // whether the failing one has taken its last journal depends on how many there were
    assert!(report.outcome <= ShutdownOutcome::JournalUnwritten, "{:?}", report.outcome);
    let sinks: Vec<_> =
        report.sinks.iter().map(|sink| SinkLedger::new(Arc::clone(&sink.name), sink.predictions)).collect();
    assert_eq!(recorded(), expected(&report.ledgers.exchanges, &sinks));
}

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "a runtime of one thread, and a lock that tests take in turn")]
async fn ten_thousand_requests_have_as_many_series_as_ten() {
    let _alone = recording();
    let (log, guard) = LogBuilder::new()
        .with_model(model(SPEC))
        .with_clock(Arc::new(Hasty::default()))
        .with_named_sink("good", MemorySink::default())
        .build()
        .unwrap();
    let request = |n: usize| {
        // every other one has a value that does not fit
        let age = if n.is_multiple_of(2) { n.to_string() } else { format!("\"marker-{n}\"") };
        Request::post(format!("/models/marker-{n}?q=marker-{n}"))
            .header("x-request-id", format!("marker-{n}"))
            .header("user-agent", format!("marker-{n}"))
            .body(Body::from(format!("{{\"rows\":[{{\"age\":{age},\"marker-{n}\":1}}]}}")))
            .unwrap()
    };
    let mut names = Vec::new();
    for requests in [0..10, 10..10_010] {
        for n in requests {
            ask(&log, Capture::Bodies, request(n)).await;
        }
        until(|| {
            let exchanges = log.ledgers().exchanges;
            exchanges.observed == exchanges.decoded + exchanges.dropped.total()
        })
        .await;
        until_published(&log).await;
        until(|| SERIES.lock().unwrap().keys().any(|name| name.contains("misfits"))).await;
        names.push(SERIES.lock().unwrap().keys().cloned().collect::<Vec<_>>());
    }
    assert_eq!(log.ledgers().exchanges.observed, 10_010);
    assert_eq!(names[0], names[1]);
    assert!(names[1].iter().all(|name| !name.contains("marker")), "{names:?}");
    let _ = guard.shutdown(Duration::from_secs(20)).await;
}
