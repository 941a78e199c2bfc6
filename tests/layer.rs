//! What a tower service sees of the layers around it: nothing, whatever becomes of the exchange.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::sync_channel;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use futures_util::FutureExt as _;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper_util::rt::TokioIo;
use tiltmeter::log::{Capture, LoggedBody, MemorySink};
use tiltmeter::record::{ErrorType, ExchangeDrop, Prediction, Value};
use tiltmeter::{Clock, FlushOutcome, LogBuilder, LogGuard, LogHandle, Observation, RequestLog};
use tiltmeter_tests::{Held, SPEC, Served, model, read_until, within, within_a_minute};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceBuilder, ServiceExt as _, service_fn};

const GOOD: &str = r#"{"id": "c1", "age": 40}"#;
const LONG: Duration = Duration::from_secs(20);

fn log() -> (LogHandle, LogGuard, MemorySink) {
    with(LogBuilder::new().with_model(model(SPEC)))
}

fn with(builder: LogBuilder) -> (LogHandle, LogGuard, MemorySink) {
    let rows = MemorySink::default();
    let (log, guard) = builder.with_sink(rows.clone()).build().unwrap();
    (log, guard, rows)
}

fn post_of<B>(body: B) -> Request<B> {
    Request::post("/predict").body(body).unwrap()
}

fn good() -> Request<Full<Bytes>> {
    post_of(Full::from(GOOD))
}

async fn predict<B: http_body::Body<Error: std::fmt::Debug> + Unpin>(
    request: Request<LoggedBody<B>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame.unwrap();
    }
    Ok(Response::new(Full::from(r#"{"score":0.5}"#)))
}

/// The time of the runtime, which a test has stopped.
#[derive(Debug)]
struct RuntimeClock(Instant);

impl Clock for RuntimeClock {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

/// The layer has no timer of its own that a stopped time would stop, and no other clock than the one it is given.
#[tokio::test(start_paused = true)]
async fn a_timeout_around_the_layer_is_a_client_that_left() {
    let clock = Arc::new(RuntimeClock(Instant::now()));
    let (log, guard, rows) = with(LogBuilder::new().with_model(model(SPEC)).with_clock(clock));
    let hanging = async |request: Request<LoggedBody<Full<Bytes>>>| {
        let answer = predict(request).await;
        pending::<()>().await;
        answer
    };
    let slow = async |request: Request<LoggedBody<Full<Bytes>>>| {
        let answer = predict(request).await;
        tokio::time::sleep(Duration::from_secs(4)).await;
        answer
    };
    let limited = || ServiceBuilder::new().timeout(Duration::from_secs(5)).layer(log.layer());
    let error = limited().service_fn(hanging).oneshot(good()).await.err().unwrap();
    assert!(error.is::<tower::timeout::error::Elapsed>(), "{error}");
    assert!(limited().service_fn(slow).oneshot(good()).await.is_ok());
    let report = guard.shutdown(LONG).await;
    assert_eq!((report.ledgers.exchanges.observed, report.ledgers.exchanges.decoded), (2, 2));
    let rows = rows.take();
    assert_eq!((rows[0].error_type, rows[0].status), (Some(ErrorType::Cancelled), None));
    assert_eq!(rows[0].features[0], Value::Float(40.0), "what was asked is known all the same");
    let seconds: Vec<_> = rows.iter().map(|row| row.latency.as_secs()).collect();
    assert_eq!(seconds, [5, 4]);
}

/// What a reader can learn of `body` before each of its frames, and after the last.
async fn learnt<B: http_body::Body<Error: std::fmt::Debug> + Unpin>(
    mut body: B,
) -> Vec<(u64, Option<u64>, bool)> {
    let mut learnt = Vec::new();
    loop {
        let hint = body.size_hint();
        learnt.push((hint.lower(), hint.upper(), body.is_end_stream()));
        match body.frame().await {
            Some(frame) => drop(frame.unwrap()),
            None => return learnt,
        }
    }
}

fn chunks() -> impl http_body::Body<Data = Bytes, Error = Infallible> + Unpin + Send + 'static {
    let trailers = http::HeaderMap::from_iter([("x-sum".parse().unwrap(), "7".parse().unwrap())]);
    StreamBody::new(futures_util::stream::iter([
        Ok(Frame::data(Bytes::from_static(br#"{"age":"#))),
        Ok(Frame::data(Bytes::from_static(b"40}"))),
        Ok(Frame::trailers(trailers)),
    ]))
}

#[tokio::test]
async fn the_handler_learns_of_the_request_body_what_it_would_learn_without_the_log() {
    let (log, guard, _) = log();
    let bodies: [fn() -> Body; 4] = [
        || Body::new(Full::from(GOOD)),
        || Body::new(Full::<Bytes>::default()),
        || Body::new(Empty::new()),
        || Body::new(chunks()),
    ];
    for (at, make) in bodies.into_iter().enumerate() {
        let plain = learnt(make()).await;
        for capture in [Capture::Bodies, Capture::Handler, Capture::BodiesAndHandler] {
            for path in ["/predict", "/other"] {
                let service = service_fn(async |request: Request<LoggedBody<Body>>| {
                    assert_eq!(learnt(request.into_body()).await, plain, "body {at}, {capture:?}, {path}");
                    Ok::<_, Infallible>(Response::new(Body::empty()))
                });
                let request = Request::post(path).body(make()).unwrap();
                log.layer().with_capture(capture).layer(service).oneshot(request).await.unwrap();
            }
        }
    }
    let _ = guard.shutdown(LONG).await;
}

/// Says that it is ready at the second time of asking, and may then be called once. A clone starts anew.
#[derive(Debug, Default)]
struct Picky {
    asked: u64,
    all_asked: Arc<AtomicU64>,
    is_broken: Arc<AtomicBool>,
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self { asked: 0, all_asked: Arc::clone(&self.all_asked), is_broken: Arc::clone(&self.is_broken) }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Broken;

impl<R> Service<R> for Picky {
    type Response = Response<Full<Bytes>>;
    type Error = Broken;
    type Future = Ready<Result<Self::Response, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.all_asked.fetch_add(1, SeqCst);
        self.asked += 1;
        if self.is_broken.load(SeqCst) {
            return Poll::Ready(Err(Broken));
        }
        if self.asked < 2 { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn call(&mut self, _: R) -> Self::Future {
        assert!(self.asked >= 2, "called before it was ready");
        self.asked = 0;
        ready(Ok(Response::new(Full::default())))
    }
}

/// Whether `layer` leaves the readiness of a service to the service.
fn forwards_readiness<L, R>(layer: &L, mut request: impl FnMut() -> R)
where
    L: Layer<Picky, Service: Service<R, Error = Broken> + Clone>,
{
    let inner = Picky::default();
    let (asked, is_broken) = (Arc::clone(&inner.all_asked), Arc::clone(&inner.is_broken));
    let mut service = layer.layer(inner);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut cx).is_pending());
    assert_eq!(service.poll_ready(&mut cx), Poll::Ready(Ok(())));
    let mut clone = service.clone();
    assert!(clone.poll_ready(&mut cx).is_pending(), "a clone is not ready because its original is");
    // the one that is ready is the one that is called
    drop(service.call(request()));
    assert!(service.poll_ready(&mut cx).is_pending(), "its readiness has been used");
    assert_eq!(clone.poll_ready(&mut cx), Poll::Ready(Ok(())));
    drop(clone.call(request()));
    is_broken.store(true, SeqCst);
    assert_eq!(service.poll_ready(&mut cx), Poll::Ready(Err(Broken)));
    assert_eq!(asked.load(SeqCst), 6, "asked as often as the layer was");
}

#[test]
fn both_layers_leave_readiness_to_the_service() {
    let (go, held) = sync_channel(0);
    let builder = LogBuilder::new().with_model_codec(model(SPEC), Held::new(SPEC, Some(held)));
    let (log, guard, _) = with(builder.with_queue_items(1));
    let observe = |_: &u8| |_: Option<&Response<Full<Bytes>>>| Observation::new().with("age", 40.0);
    // the second round meets a queue that is full
    for _ in 0..2 {
        forwards_readiness(&log.layer(), good);
        forwards_readiness(&log.observe("churn", observe).unwrap(), || 0_u8);
    }
    assert!(log.ledgers().exchanges.dropped.by(ExchangeDrop::QueueFull) > 0);
    drop(go);
    let report = guard.shutdown_blocking(LONG);
    assert_eq!((report.ledgers.exchanges.observed, report.balances()), (8, true));
}

/// What a thread can hold of an exchange when it panics.
fn panic_with(log: &LogHandle, holding: usize) {
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let said = Arc::new(std::sync::Mutex::new(None));
        let keep = Arc::clone(&said);
        let mut service = log.layer().with_capture(Capture::BodiesAndHandler).layer(service_fn(
            move |request: Request<LoggedBody<Full<Bytes>>>| {
                *keep.lock().unwrap() = Some(RequestLog::of(request.extensions()));
                predict(request)
            },
        ));
        let call = service.call(good());
        let _held: Box<dyn std::any::Any> = match holding {
            0 => Box::new(call),
            1 => Box::new(call.now_or_never().unwrap().unwrap()),
            _ => {
                drop(call.now_or_never());
                Box::new(said.lock().unwrap().take())
            }
        };
        panic!("the application is broken");
    }));
    assert!(unwound.is_err());
}

/// It would end the process: a panic in a drop while another one unwinds.
#[test]
fn an_exchange_that_ends_in_a_panic_neither_panics_nor_waits() {
    within_a_minute(|| {
        let (go, held) = sync_channel(0);
        let builder = LogBuilder::new().with_model_codec(model(SPEC), Held::new(SPEC, Some(held)));
        let (log, guard, rows) = with(builder.with_queue_items(4));
        // the first ones have room, the others meet a full queue, and nobody who empties it
        for _ in 0..4 {
            (0..3).for_each(|holding| panic_with(&log, holding));
        }
        let exchanges = log.ledgers().exchanges;
        let full = exchanges.dropped.by(ExchangeDrop::QueueFull);
        // the very first one, of which nothing has been read, may be through before the worker is held up
        assert!(exchanges.observed == 12 && (7..=8).contains(&full), "{exchanges:?}");
        drop(go);
        let report = guard.shutdown_blocking(LONG);
        (0..3).for_each(|holding| panic_with(&log, holding));
        let exchanges = log.ledgers().exchanges;
        assert_eq!((exchanges.observed, exchanges.dropped.by(ExchangeDrop::Closed)), (15, 3));
        assert!(report.balances() && exchanges.balances());
        let failed: Vec<_> = rows.take().iter().map(|row: &Prediction| row.error_type.is_some()).collect();
        assert_eq!(failed, vec![true; 12 - usize::try_from(full).unwrap()], "each was cut short");
    });
}

/// A name of a segment whose conversion a handler has got wrong.
struct Name(&'static str);

impl From<Name> for Cow<'static, str> {
    fn from(name: Name) -> Self {
        assert_ne!(name.0, "", "a name has letters");
        name.0.into()
    }
}

#[test]
fn a_conversion_that_panics_takes_nothing_else_with_it() {
    let (log, guard, rows) = log();
    let handler = service_fn(async |request: Request<LoggedBody<Full<Bytes>>>| {
        let log = RequestLog::of(request.extensions());
        assert!(catch_unwind(AssertUnwindSafe(|| log.set(Name(""), "x"))).is_err());
        log.set(Name("channel"), "web");
        predict(request).await
    });
    let service = log.layer().with_capture(Capture::BodiesAndHandler).layer(handler);
    let response = service.oneshot(good()).now_or_never().unwrap().unwrap();
    assert!(response.into_body().frame().now_or_never().is_some());
    assert_eq!(log.flush_blocking(LONG), FlushOutcome::Complete);
    let rows = rows.take();
    assert_eq!((rows[0].score, rows[0].error_type), (Some(0.5), None));
    assert_eq!((&*rows[0].segments[0].0, rows[0].segments.len()), ("channel", 1));
    let _ = guard.shutdown_blocking(LONG);
}

/// A value whose conversion says something itself.
struct Talkative(RequestLog);

impl From<Talkative> for Value {
    fn from(value: Talkative) -> Self {
        value.0.set("also", 1.0);
        Self::Float(2.0)
    }
}

#[test]

fn a_conversion_that_talks_to_the_log_does_not_wait_for_itself() {
    within_a_minute(|| {
        let (log, guard, rows) = log();
        let handler = service_fn(async |request: Request<LoggedBody<Full<Bytes>>>| {
            let log = RequestLog::of(request.extensions());
            log.set("talkative", Talkative(log.clone()));
            drop(log);
            predict(request).await
        });
        let service = log.layer().with_capture(Capture::BodiesAndHandler).layer(handler);
        drop(service.oneshot(good()).now_or_never().unwrap().unwrap());
        assert!(guard.shutdown_blocking(LONG).balances());
        assert_eq!(rows.take()[0].segments.len(), 2);
    });
}

/// Switches the protocol, and then says everything back.
async fn echo(mut request: Request<Body>) -> Response<Body> {
    let upgrade = hyper::upgrade::on(&mut request);
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame.unwrap();
    }
    tokio::spawn(async move {
        let (mut input, mut output) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
        tokio::io::copy(&mut input, &mut output).await.unwrap();
    });
    let head = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    head.header("connection", "upgrade").header("upgrade", "echo").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_connection_that_changes_its_protocol_passes() {
    let served = Served::start(Router::new().route("/predict", post(echo))).await;
    let mut connection = served.connect().await;
    let head = format!(
        "POST /predict HTTP/1.1\r\nhost: t\r\nconnection: upgrade\r\nupgrade: echo\r\ncontent-length: {}\r\n\r\n",
        GOOD.len()
    );
    connection.write_all([head.as_bytes(), GOOD.as_bytes()].concat().as_slice()).await.unwrap();
    let answer = read_until(&mut connection, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    assert!(answer.contains("upgrade: echo\r\n"), "{answer}");
    for word in ["one", "two"] {
        connection.write_all(word.as_bytes()).await.unwrap();
        let mut heard = [0; 3];
        within(connection.read_exact(&mut heard)).await.unwrap();
        assert_eq!(heard, word.as_bytes());
    }
    drop(connection);
    let (report, rows) = served.end().await;
    assert_eq!((report.ledgers.exchanges.observed, rows.len()), (1, 1));
    // no answer to read a score of, and no client that left
    assert_eq!((rows[0].status, rows[0].error_type), (Some(101), Some(ErrorType::Unreadable)));
    assert_eq!((rows[0].features[0].clone(), rows[0].score), (Value::Float(40.0), None));
}
