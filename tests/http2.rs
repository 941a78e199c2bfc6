//! HTTP/2 and gRPC: streams that are reset at any point, and a handler that says itself what it predicted.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use h2::client::SendRequest;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request, StatusCode};
use tiltmeter::log::Capture;
use tiltmeter::record::{ErrorType, Value};
use tiltmeter::{LogBuilder, Observation, RequestLog};
use tiltmeter_tests::{SPEC, Served, model, streaming, until, within};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tonic::codec::{DecodeBuf, Decoder, EncodeBuf, Encoder};

const GOOD: &[u8] = br#"{"id": "c1", "age": 40}"#;

async fn client(served: &Served) -> SendRequest<Bytes> {
    let connection = TcpStream::connect(served.address()).await.unwrap();
    let (client, connection) = h2::client::handshake(connection).await.unwrap();
    // when it takes too long, what waits for the connection fails rather than hangs
    tokio::spawn(tokio::time::timeout(Duration::from_secs(60), connection));
    client.ready().await.unwrap()
}

fn post_to(path: &str) -> Request<()> {
    Request::post(format!("http://test{path}")).header("content-type", "application/json").body(()).unwrap()
}

/// The whole of an answer, and its trailers.
async fn read(mut body: RecvStream) -> (Vec<u8>, Option<HeaderMap>) {
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        bytes.extend_from_slice(&data);
    }
    (bytes, body.trailers().await.unwrap())
}

fn indifferent() -> Router {
    Router::new().route("/predict", post(async |_: Bytes| r#"{"score":0.5}"#))
}

#[tokio::test]
async fn a_stream_that_is_reset_while_it_sends_is_logged() {
    let served = Served::start(indifferent()).await;
    let mut client = client(&served).await;
    let (answer, mut request) = client.send_request(post_to("/predict"), false).unwrap();
    request.send_data(Bytes::from_static(br#"{"age":"#), false).unwrap();
    // another stream of the same connection: what came before it has been seen
    let (other, mut whole) =
        client.clone().ready().await.unwrap().send_request(post_to("/predict"), false).unwrap();
    whole.send_data(Bytes::from_static(GOOD), true).unwrap();
    let (text, _) = read(other.await.unwrap().into_body()).await;
    assert_eq!(text, br#"{"score":0.5}"#);
    request.send_reset(Reason::CANCEL);
    assert!(answer.await.is_err());
    served.until_observed(2).await;
    let (_, mut rows) = served.end().await;
    rows.sort_by_key(|row| row.error_type.is_some());
    assert_eq!((rows.len(), rows[0].score, rows[0].error_type), (2, Some(0.5), None));
    assert!(rows[1].error_type.is_some() && rows[1].features[0].is_missing(), "{:?}", rows[1].error_type);
}

#[tokio::test]
async fn a_stream_that_is_reset_before_the_answer_is_logged() {
    let entered = Arc::new(Notify::new());
    let is_in = Arc::clone(&entered);
    let hanging = post(async move |_: Bytes| {
        is_in.notify_one();
        std::future::pending::<()>().await;
    });
    let served = Served::start(Router::new().route("/predict", hanging)).await;
    let mut client = client(&served).await;
    let (_answer, mut request) = client.send_request(post_to("/predict"), false).unwrap();
    request.send_data(Bytes::from_static(GOOD), true).unwrap();
    within(entered.notified()).await;
    request.send_reset(Reason::CANCEL);
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (None, Some(ErrorType::Cancelled)));
    assert_eq!(rows[0].features[0], Value::Float(40.0));
}

#[tokio::test]
async fn a_stream_that_is_reset_during_the_answer_is_logged() {
    let (frames, router) = streaming("application/json");
    let served = Served::start(router).await;
    let mut client = client(&served).await;
    let (answer, mut request) = client.send_request(post_to("/predict"), false).unwrap();
    request.send_data(Bytes::from_static(GOOD), true).unwrap();
    frames.send("{\"score\":").await.unwrap();
    let mut body = answer.await.unwrap().into_body();
    assert_eq!(body.data().await.unwrap().unwrap(), "{\"score\":");
    request.send_reset(Reason::CANCEL);
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(200), Some(ErrorType::Cancelled)));
    assert_eq!((rows[0].features[0].clone(), rows[0].score), (Value::Float(40.0), None));
}

#[tokio::test]
async fn of_many_streams_on_one_connection_each_is_an_exchange_of_its_own() {
    let entered = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&entered);
    let handler = post(async move |body: Bytes| {
        count.fetch_add(1, SeqCst);
        if body == "{}" {
            std::future::pending::<()>().await;
        }
        r#"{"score":0.5}"#
    });
    let served = Served::start(Router::new().route("/predict", handler)).await;
    let mut client = client(&served).await;
    let (mut answers, mut resets) = (Vec::new(), Vec::new());
    for n in 0..90 {
        client = client.ready().await.unwrap();
        let (answer, mut request) = client.send_request(post_to("/predict"), false).unwrap();
        let is_left = n % 3 == 0;
        request.send_data(Bytes::from_static(if is_left { b"{}" } else { GOOD }), true).unwrap();
        if is_left { resets.push((answer, request)) } else { answers.push(answer) }
    }
    for answer in answers {
        let (text, _) = read(answer.await.unwrap().into_body()).await;
        assert_eq!(text, br#"{"score":0.5}"#);
    }
    until(|| entered.load(SeqCst) == 90).await;
    for (_, request) in &mut resets {
        request.send_reset(Reason::CANCEL);
    }
    served.until_observed(90).await;
    let (report, rows) = served.end().await;
    assert_eq!((report.ledgers.exchanges.observed, rows.len()), (90, 90));
    let cancelled = rows.iter().filter(|row| row.error_type == Some(ErrorType::Cancelled)).count();
    assert_eq!((cancelled, rows.iter().filter(|row| row.score == Some(0.5)).count()), (30, 60));
}

/// Streams that are opened and reset at once, as in an attack: the server may close the connection, and may never show
/// some of them to the service. Those that it shows are in the books, each once.
#[tokio::test]
async fn a_storm_of_resets_is_counted() {
    const STREAMS: u64 = 100;
    // every exchange that the log begins, it hands on to this
    let shown = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&shown);
    let counting = axum::middleware::from_fn(move |request: Request<Body>, next: axum::middleware::Next| {
        count.fetch_add(1, SeqCst);
        next.run(request)
    });
    let served = Served::start(indifferent().layer(counting)).await;
    let mut opened = 0;
    for _ in 0..4 {
        let mut client = client(&served).await;
        for n in 0..STREAMS {
            let Ok(ready) = client.clone().ready().await else { break };
            client = ready;
            let before = shown.load(SeqCst);
            let Ok((answer, mut request)) = client.send_request(post_to("/predict"), false) else { break };
            opened += 1;
            let _ = request.send_data(Bytes::from_static(GOOD), n % 3 == 0);
            // the others are reset before the server has heard of them, or while it hears of them
            if n % 2 == 0 {
                tokio::select! {
                    () = until(|| shown.load(SeqCst) > before) => {}
                    _ = answer => {}
                }
            }
            request.send_reset(Reason::CANCEL);
        }
    }
    let last = Request::post("http://test/predict").header("x-request-id", "last").body(()).unwrap();
    let (answer, mut request) = { self::client(&served).await }.send_request(last, false).unwrap();
    request.send_data(Bytes::from_static(GOOD), true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(read(answer.into_body()).await.0, br#"{"score":0.5}"#);
    until(|| served.log().ledgers().exchanges.observed == shown.load(SeqCst)).await;
    let (report, rows) = served.end().await;
    let (exchanges, shown) = (report.ledgers.exchanges, shown.load(SeqCst));
    assert!((50..=opened + 1).contains(&shown), "{shown} of {opened} streams came to the service");
    assert_eq!(exchanges.observed, shown);
    assert_eq!(rows.len() as u64 + exchanges.dropped.total(), shown, "{exchanges:?}");
    let last: Vec<_> = rows.iter().filter(|row| &*row.request_id == "last").collect();
    assert_eq!((last.len(), last[0].score, last[0].error_type), (1, Some(0.5), None));
    let ids: std::collections::HashSet<_> = rows.iter().map(|row| row.prediction_id).collect();
    assert_eq!(ids.len(), rows.len());
}

/// Messages that are bytes as they come: what protobuf would make of them is not the log's concern.
#[derive(Clone, Copy, Default)]
struct Raw;

impl tonic::codec::Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = tonic::Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), tonic::Status> {
        bytes::BufMut::put(buffer, item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, tonic::Status> {
        let len = bytes::Buf::remaining(buffer);
        Ok(Some(bytes::Buf::copy_to_bytes(buffer, len)))
    }
}

/// The method: says what it predicted, and answers or fails as the message says.
async fn score(request: tonic::Request<Bytes>) -> Result<tonic::Response<Bytes>, tonic::Status> {
    let log = RequestLog::of(request.extensions());
    assert!(log.is_attached());
    log.record(Observation::new().with("age", 40.0).with_entity_id("c1").with_score(0.5));
    log.set("channel", "grpc");
    match &request.get_ref()[..] {
        b"late" => Err(tonic::Status::deadline_exceeded("too late")),
        b"wrong" => Err(tonic::Status::invalid_argument("no such customer")),
        _ => Ok(tonic::Response::new(Bytes::from_static(b"\x0d\x00\x00\x00\x3f"))),
    }
}

#[tokio::test]
async fn under_tonic_the_handler_fills_the_record_and_the_trailers_say_how_it_ended() {
    let method = tower::service_fn(async |request: Request<Body>| {
        let mut grpc = tonic::server::Grpc::new(Raw);
        let method = tower::service_fn(score);
        Ok::<_, Infallible>(grpc.unary(method, request).await)
    });
    let spec = SPEC.replace("/predict", "/churn.v1.Churn/Score");
    let router = Router::new().route_service("/churn.v1.Churn/Score", method);
    let builder = LogBuilder::new().with_model(model(&spec));
    let served = Served::behind(builder, Capture::Handler, router).await;
    let mut client = client(&served).await;
    for (message, status) in [("fine", "0"), ("late", "4"), ("wrong", "3")] {
        let request = Request::post("http://test/churn.v1.Churn/Score")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .unwrap();
        client = client.ready().await.unwrap();
        let (answer, mut body) = client.send_request(request, false).unwrap();
        let len = u32::try_from(message.len()).unwrap().to_be_bytes();
        body.send_data([&[0], &len[..], message.as_bytes()].concat().into(), true).unwrap();
        let (head, answer) = answer.await.unwrap().into_parts();
        let (bytes, trailers) = read(answer).await;
        assert_eq!(head.status, StatusCode::OK);
        assert!(head.headers.contains_key("x-request-id"));
        let said = trailers.as_ref().unwrap_or(&head.headers).get("grpc-status").unwrap().clone();
        assert_eq!((said.to_str().unwrap(), bytes.len()), (status, if status == "0" { 10 } else { 0 }));
    }
    let (report, rows) = served.end().await;
    assert_eq!((report.ledgers.exchanges.observed, rows.len()), (3, 3));
    let errors: Vec<_> = rows.iter().map(|row| row.error_type).collect();
    assert_eq!(errors, [None, Some(ErrorType::Timeout), Some(ErrorType::Status)]);
    for row in &rows {
        assert_eq!(
            (row.features[0].clone(), row.score, row.status),
            (Value::Float(40.0), Some(0.5), Some(200))
        );
        assert_eq!((&*row.segments[0].0, &*row.segments[0].1), ("channel", "grpc"));
    }
}
