//! Clients and bodies that mean ill, over real sockets: the model answers as if nobody watched, and every exchange is in
//! the books.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use http::StatusCode;
use http_body_util::BodyExt as _;
use tiltmeter::log::Capture;
use tiltmeter::record::{ErrorType, ExchangeDrop, Value};
use tiltmeter::{LogBuilder, Priorities};
use tiltmeter_tests::{Held, SPEC, Served, model, post_head, read_until, streaming, until, within};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

const GOOD: &[u8] = br#"{"id": "c1", "age": 40}"#;

/// Reads whatever comes, and answers the same.
fn indifferent() -> Router {
    Router::new()
        .route("/predict", post(async |_: Bytes| r#"{"score":0.5}"#))
        .layer(DefaultBodyLimit::disable())
}

/// Counts the bytes of the request as they stream past, and keeps none.
async fn counting(body: Body) -> String {
    let (mut body, mut bytes) = (body, 0);
    while let Some(frame) = body.frame().await {
        bytes += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    format!("{{\"score\":{bytes}}}")
}

#[tokio::test]
async fn a_head_that_trickles_is_no_exchange_and_keeps_nobody_waiting() {
    let served = Served::start(indifferent()).await;
    let mut slow = served.connect().await;
    let head = post_head(GOOD.len());
    let (almost_all, rest) = head.as_bytes().split_at(head.len() - 2);
    for (at, byte) in almost_all.iter().enumerate() {
        slow.write_all(&[*byte]).await.unwrap();
        if at % 40 == 0 {
            assert!(served.post(GOOD).await.ends_with(r#"{"score":0.5}"#));
        }
    }
    let others = served.log().ledgers().exchanges.observed;
    // in the end it is an exchange like any other
    slow.write_all(rest).await.unwrap();
    for byte in GOOD {
        slow.write_all(&[*byte]).await.unwrap();
        slow.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(read_until(&mut slow, "0.5}").await.starts_with("HTTP/1.1 200"));
    // and one that stops before its end is none
    let mut stopped = served.connect().await;
    stopped.write_all(almost_all).await.unwrap();
    drop(stopped);
    let (report, rows) = served.end().await;
    assert_eq!(report.ledgers.exchanges.observed, others + 1);
    assert_eq!(rows.len() as u64, others + 1);
    assert!(rows.iter().all(|row| row.features[0] == Value::Float(40.0) && row.score == Some(0.5)));
}

#[tokio::test]
async fn a_body_that_never_ends_outlives_the_log_and_is_counted() {
    let served = Served::start(indifferent()).await;
    let mut slow = served.connect().await;
    slow.write_all(post_head(1_000).as_bytes()).await.unwrap();
    slow.write_all(br#"{"age":"#).await.unwrap();
    assert!(served.post(GOOD).await.ends_with(r#"{"score":0.5}"#));
    let log = served.log().clone();
    let report = {
        let (report, rows) = served.end().await;
        assert_eq!(rows.len(), 1);
        report
    };
    assert_eq!(report.ledgers.exchanges.observed, 1, "it has not ended, and so has not been observed");
    assert!(log.ledgers().balance());
}

#[tokio::test]
async fn clients_that_leave_at_any_point_are_counted() {
    let served = Served::start(indifferent()).await;
    let whole = [post_head(GOOD.len()).as_bytes(), GOOD].concat();
    let head = whole.len() - GOOD.len();
    for cut in [0, 1, head / 2, head - 1] {
        let mut connection = served.connect().await;
        connection.write_all(&whole[..cut]).await.unwrap();
    }
    for cut in [head, head + 1, whole.len() - 1] {
        let mut connection = served.connect().await;
        connection.write_all(&whole[..cut]).await.unwrap();
    }
    let begun = served.until_observed(3).await;
    assert_eq!(begun.observed, 3, "without a whole head there is no exchange");
    // and one that does not wait for its answer
    let mut connection = served.connect().await;
    connection.write_all(&whole).await.unwrap();
    drop(connection);
    served.until_observed(4).await;
    assert!(served.post(GOOD).await.ends_with(r#"{"score":0.5}"#));
    let (report, rows) = served.end().await;
    assert_eq!(report.ledgers.exchanges.observed, 5);
    assert_eq!(report.ledgers.exchanges.dropped.total(), 0);
    let outcomes: Vec<_> =
        rows.iter().map(|row| (row.error_type.is_some(), row.features[0].is_missing())).collect();
    assert_eq!(
        outcomes[..3],
        [(true, true); 3],
        "a request that breaks off is a failed one, without features"
    );
    assert!(outcomes[3..].iter().all(|(_, is_missing)| !is_missing));
}

#[tokio::test]
async fn answers_without_a_body_are_no_clients_that_left() {
    for status in
        [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED, StatusCode::RESET_CONTENT, StatusCode::OK]
    {
        let served = Served::start(Router::new().route("/predict", post(async move |_: Bytes| status))).await;
        let answer = served.post(GOOD).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {}", status.as_u16())), "{answer}");
        let (_, rows) = served.end().await;
        assert_eq!(
            (rows[0].status, rows[0].features[0].clone()),
            (Some(status.as_u16()), Value::Float(40.0))
        );
        // a status of 300 or more would be an error of its own; neither is one of the client
        assert_ne!(rows[0].error_type, Some(ErrorType::Cancelled), "{status}");
    }
}

#[tokio::test]
async fn trailers_pass_and_end_a_body_once() {
    let echo = async |body: Body| {
        let trailers = http::HeaderMap::from_iter([("x-sum".parse().unwrap(), "7".parse().unwrap())]);
        let mut body = body;
        let mut seen = String::new();
        while let Some(frame) = body.frame().await {
            if let Ok(found) = frame.unwrap().into_trailers() {
                seen = found["x-check"].to_str().unwrap().to_owned();
            }
        }
        let answer = futures_util::stream::iter([
            Ok::<_, std::convert::Infallible>(http_body::Frame::data(Bytes::from_static(
                br#"{"score":0.5}"#,
            ))),
            Ok(http_body::Frame::trailers(trailers)),
        ]);
        (
            [("trailer", "x-sum".to_owned()), ("x-seen", seen)],
            Body::new(http_body_util::StreamBody::new(answer)),
        )
    };
    let served = Served::start(Router::new().route("/predict", post(echo))).await;
    let answer = served
        .say(
            b"POST /predict HTTP/1.1\r\nhost: t\r\nte: trailers\r\nconnection: close, te\r\ntrailer: x-check\r\n\
              transfer-encoding: chunked\r\n\r\nb\r\n{\"age\": 40}\r\n0\r\nx-check: 3\r\n\r\n",
        )
        .await;
    assert!(answer.contains("x-seen: 3\r\n"), "{answer}");
    assert!(answer.ends_with("0\r\nx-sum: 7\r\n\r\n"), "{answer}");
    let (report, rows) = served.end().await;
    assert_eq!(report.ledgers.exchanges.observed, 1);
    assert_eq!(
        (rows[0].features[0].clone(), rows[0].score, rows[0].error_type),
        (Value::Float(40.0), Some(0.5), None)
    );
}

/// Writes 100 MB of a chunked or of an announced body, and returns the answer.
async fn send_100_mb(served: &Served, is_chunked: bool) -> String {
    const CHUNK: usize = 1 << 20;
    let mut connection = served.connect().await;
    let head = if is_chunked {
        post_head(0).replace("content-length: 0", "transfer-encoding: chunked")
    } else {
        post_head(100 * CHUNK)
    };
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut chunk = Vec::new();
    let pad = vec![b' '; CHUNK];
    for _ in 0..100 {
        chunk.clear();
        if is_chunked {
            chunk.extend_from_slice(format!("{CHUNK:x}\r\n").as_bytes());
        }
        chunk.extend_from_slice(&pad);
        if is_chunked {
            chunk.extend_from_slice(b"\r\n");
        }
        connection.write_all(&chunk).await.unwrap();
    }
    if is_chunked {
        connection.write_all(b"0\r\n\r\n").await.unwrap();
    }
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_body_of_100_mb_streams_through_and_takes_no_more_memory_than_the_cap() {
    const CAP: usize = 64 << 10;
    let (go, held) = sync_channel(0);
    let builder =
        LogBuilder::new().with_model_codec(model(SPEC), Held::new(SPEC, Some(held))).with_body_cap(CAP);
    let served =
        Served::behind(builder, Capture::Bodies, Router::new().route("/predict", post(counting))).await;
    // the worker stands still, so that what is captured stays in the queue
    assert!(served.post(GOOD).await.ends_with(r#"{"score":23}"#));
    for is_chunked in [true, false] {
        let answer = within(send_100_mb(&served, is_chunked)).await;
        assert!(answer.ends_with(r#"{"score":104857600}"#), "{answer}");
    }
    served.until_queued(3).await;
    let depth = served.log().queue_depth();
    assert!(depth.bytes < 3 * 2 * CAP as u64, "{depth:?}");
    drop(go);
    let (report, rows) = served.end().await;
    assert_eq!(report.ledgers.exchanges.dropped.by(ExchangeDrop::RequestTooLarge), 2);
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn an_answer_of_100_mb_streams_through() {
    let endless = async |_: Bytes| {
        let (send, frames) = mpsc::channel::<Result<Bytes, std::convert::Infallible>>(1);
        tokio::spawn(async move {
            let pad = Bytes::from(vec![b' '; 1 << 20]);
            for _ in 0..100 {
                let _ = send.send(Ok(pad.clone())).await;
            }
        });
        let frames = futures_util::stream::unfold(frames, async |mut frames| {
            let next = frames.recv().await?;
            Some((next, frames))
        });
        Body::from_stream(frames)
    };
    let served = Served::with(
        SPEC,
        |builder| builder.with_body_cap(64 << 10),
        Router::new().route("/predict", post(endless)),
    )
    .await;
    assert!(served.post(GOOD).await.matches(' ').count() >= 100 << 20);
    let (_, rows) = served.end().await;
    assert_eq!(
        (rows[0].status, rows[0].score, rows[0].error_type),
        (Some(200), None, Some(ErrorType::Unreadable))
    );
}

fn gzip(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for part in parts {
        encoder.write_all(&part).unwrap();
    }
    encoder.finish().unwrap()
}

fn gzip_head(len: usize) -> String {
    post_head(len).replace("content-length", "content-encoding: gzip\r\ncontent-length")
}

#[tokio::test]
async fn compressed_requests_are_read_and_bombs_are_not() {
    let served = Served::start(indifferent()).await;
    let good = gzip([GOOD.to_vec()]);
    // 256 MiB of blanks before the end of the JSON text
    let bomb = gzip((0..256).map(|_| vec![b' '; 1 << 20]).chain([GOOD.to_vec()]));
    assert!(bomb.len() < 1 << 20, "the bomb is below the cap: {}", bomb.len());
    let cut = &good[..good.len() - 9];
    for body in [&good, &bomb, cut, b"no gzip at all", GOOD] {
        let answer = served.say(&[gzip_head(body.len()).as_bytes(), body].concat()).await;
        assert!(answer.ends_with(r#"{"score":0.5}"#), "{answer}");
    }
    let (report, rows) = served.end().await;
    let dropped = report.ledgers.exchanges.dropped;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].features[0], Value::Float(40.0));
    assert_eq!((dropped.total(), dropped.by(ExchangeDrop::RequestEncoding)), (4, 4), "{dropped:?}");
}

#[tokio::test]
async fn hostile_bodies_change_no_answer_and_cost_themselves() {
    let many_keys = with_keys(60_000);
    let bodies: [(&[u8], bool); 14] = [
        (b"", false),
        (b"{", false),
        (b"{\"age\": 40", false),
        (b"{\"age\": 40}}", false),
        (b"nothing", false),
        (b"{\"age\": NaN}", false),
        (b"{\"age\": \"\xff\xfe\"}", false),
        (b"\xef\xbb\xbf{\"age\": 40}", false),
        (&[b'['; 100_000], false),
        (&[br#"{"a":"#.repeat(100_000).as_slice(), b"1"].concat(), false),
        (b"{\"age\": 1, \"age\": 40}", true),
        (b"{\"age\": 1e999}", false),
        (b"[40]", true),
        (many_keys.as_bytes(), true),
    ];
    let served = Served::start(indifferent()).await;
    for (at, (body, _)) in bodies.iter().enumerate() {
        let head = post_head(body.len()).replace("r1", &format!("body-{at}"));
        let answer = served.say(&[head.as_bytes(), body].concat()).await;
        assert!(answer.ends_with(r#"{"score":0.5}"#), "body {at}");
    }
    let (report, rows) = served.end().await;
    let exchanges = report.ledgers.exchanges;
    let expected =
        bodies.iter().enumerate().filter(|(_, (_, read))| *read).map(|(at, _)| format!("body-{at}"));
    assert_eq!(exchanges.observed, bodies.len() as u64);
    assert!(rows.iter().map(|row| row.request_id.to_string()).eq(expected), "{rows:?}");
    assert_eq!(rows[0].features[0], Value::Float(40.0), "of duplicate keys the last counts");
    assert_eq!(exchanges.dropped.total(), exchanges.dropped.by(ExchangeDrop::RequestMalformed));
    assert!(rows.iter().all(|row| row.score == Some(0.5)));
}

/// A body with so many keys that nobody asks for, before the one that is asked for.
fn with_keys(keys: usize) -> String {
    use std::fmt::Write as _;
    let mut body = String::from("{");
    for n in 0..keys {
        let _ = write!(body, "\"k{n}\":1,");
    }
    body + "\"age\": 40}"
}

#[tokio::test]
async fn a_million_keys_are_above_the_cap_that_is_usual_and_are_read_below_a_larger_one() {
    let body = with_keys(1_000_000);
    for (cap, is_read) in [(None, false), (Some(16 << 20), true)] {
        let set = |builder: LogBuilder| match cap {
            Some(cap) => builder.with_body_cap(cap),
            None => builder,
        };
        let served = Served::with(SPEC, set, indifferent()).await;
        assert!(served.post(body.as_bytes()).await.ends_with(r#"{"score":0.5}"#));
        let (report, rows) = served.end().await;
        let dropped = report.ledgers.exchanges.dropped;
        assert_eq!(dropped.by(ExchangeDrop::RequestTooLarge), u64::from(!is_read));
        assert_eq!((dropped.total(), rows.len()), if is_read { (0, 1) } else { (1, 0) });
        assert!(rows.iter().all(|row| row.features[0] == Value::Float(40.0) && row.score == Some(0.5)));
    }
}

#[tokio::test]
async fn a_panic_of_the_codec_costs_one_exchange() {
    let builder = LogBuilder::new().with_model_codec(model(SPEC), Held::new(SPEC, None));
    let echo = Router::new().route(
        "/predict",
        post(async |body: Bytes| match &body[..] {
            b"{}" => "panic".to_owned(),
            _ => r#"{"score":0.5}"#.to_owned(),
        }),
    );
    let served = Served::behind(builder, Capture::Bodies, echo).await;
    for body in [GOOD, b"panic", GOOD, b"{}", GOOD] {
        assert!(served.post(body).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(served.log().flush(Duration::from_secs(20)).await, tiltmeter::FlushOutcome::Complete);
    assert!(served.log().health().is_well());
    let (report, rows) = served.end().await;
    assert_eq!(report.ledgers.exchanges.dropped.by(ExchangeDrop::CodecPanic), 2);
    let sequences: Vec<_> = rows.iter().map(|row| row.sequence).collect();
    assert_eq!(sequences, [0, 1, 2], "no number is spent on it");
}

/// A handler that panics after its answer has begun.
#[tokio::test]
async fn a_panic_in_the_body_of_an_answer_is_logged() {
    let broken = async |_: Bytes| {
        let frames = futures_util::stream::iter(0..2).map_panicking();
        Body::from_stream(frames)
    };
    let served = Served::start(Router::new().route("/predict", post(broken))).await;
    let answer = served.post(GOOD).await;
    assert!(!answer.ends_with("0\r\n\r\n"), "the client sees that it is not whole: {answer}");
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(200), Some(ErrorType::Panic)));
}

trait MapPanicking: futures_util::Stream<Item = i32> + Sized {
    fn map_panicking(self) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> + Send
    where
        Self: Send,
    {
        futures_util::StreamExt::map(self, |n| match n {
            0 => Ok(Bytes::from_static(b"begun")),
            _ => panic!("the handler is broken"),
        })
    }
}

impl<S: futures_util::Stream<Item = i32>> MapPanicking for S {}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_log_that_ends_under_load_changes_no_answer_and_counts_all() {
    let builder =
        LogBuilder::new().with_model(model(SPEC)).with_queue_items(64).with_priorities(Priorities::new());
    let served = Served::behind(builder, Capture::Bodies, indifferent()).await;
    let (log, address) = (served.log().clone(), served.address());
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    static ANSWERED: AtomicU64 = AtomicU64::new(0);
    let clients: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn(async move {
                let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
                let request =
                    [post_head(GOOD.len()).replace("connection: close\r\n", "").as_bytes(), GOOD].concat();
                while !IS_OVER.load(SeqCst) {
                    connection.write_all(&request).await.unwrap();
                    assert!(read_until(&mut connection, "0.5}").await.starts_with("HTTP/1.1 200"));
                    ANSWERED.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    served.until_observed(500).await;
    let (guard, rows, server) = served.into_parts();
    let report = guard.shutdown(Duration::from_secs(20)).await;
    assert_eq!(report.outcome, tiltmeter::ShutdownOutcome::Complete);
    assert!(report.balances(), "{report:?}");
    let at_the_end = ANSWERED.load(SeqCst);
    until(|| ANSWERED.load(SeqCst) >= at_the_end + 200).await;
    IS_OVER.store(true, SeqCst);
    for client in clients {
        within(client).await.unwrap();
    }
    server.abort();
    assert_eq!(rows.take().len() as u64, report.ledgers.predictions.written);
    let ledgers = log.ledgers();
    assert!(ledgers.balance() && ledgers.exchanges.dropped.by(ExchangeDrop::Closed) >= 200, "{ledgers:?}");
    assert_eq!(ledgers.exchanges.observed, ANSWERED.load(SeqCst));
}

const TEXT: &str = "{spec_version: 1, name: chat, type: text, owner: crm, tier: 2, endpoint: {path: /predict}, \
    response: {generated_text: {pointer: /text, stream: /delta, max_bytes: 16}}, features: {age: float}}";

#[tokio::test]
async fn events_pass_one_by_one_and_the_beginning_of_the_text_is_logged() {
    let (frames, router) = streaming("text/event-stream");
    let served = Served::with(TEXT, |builder| builder.with_body_cap(256), router).await;
    let mut connection = served.connect().await;
    connection.write_all([post_head(GOOD.len()).as_bytes(), GOOD].concat().as_slice()).await.unwrap();
    let words = ["one ", "two ", "three ", "four ", "five "];
    let events = words.map(|word| format!("data: {{\"delta\": \"{word}\"}}\n\n").leak() as &'static str);
    // far beyond the cap, and each event is there before the next one has been made
    for event in events.into_iter().cycle().take(100) {
        frames.send(event).await.unwrap();
        read_until(&mut connection, event).await;
    }
    frames.send("data: [DONE]\n\n").await.unwrap();
    drop(frames);
    read_until(&mut connection, "0\r\n\r\n").await;
    let (_, rows) = served.end().await;
    assert_eq!(rows[0].generated_text.as_deref(), Some("one two three fo"));
    assert_eq!((rows[0].status, rows[0].error_type), (Some(200), None));
}

#[tokio::test]
async fn what_was_generated_before_the_client_left_is_logged() {
    let (frames, router) = streaming("text/event-stream");
    let served = Served::with(TEXT, |builder| builder, router).await;
    let mut connection = served.connect().await;
    connection.write_all([post_head(GOOD.len()).as_bytes(), GOOD].concat().as_slice()).await.unwrap();
    frames.send("data: {\"delta\": \"half\"}\n\n").await.unwrap();
    read_until(&mut connection, "half").await;
    drop(connection);
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!(rows[0].error_type, Some(ErrorType::Cancelled));
    assert_eq!(rows[0].features[0], Value::Float(40.0));
}

/// A worker that stands still: the queue fills, what is more important has room, and no answer waits.
#[tokio::test]
async fn a_queue_that_is_full_refuses_the_less_important_first() {
    let (go, held): (SyncSender<()>, _) = sync_channel(0);
    let header = http::HeaderName::from_static("x-log-priority");
    let builder = LogBuilder::new()
        .with_model_codec(model(SPEC), Held::new(SPEC, Some(held)))
        .with_queue_items(16)
        .with_priorities(Priorities::new().with_header(header));
    let served = Served::behind(builder, Capture::Bodies, indifferent()).await;
    for round in 0..60 {
        let word = ["low", "normal", "high"][round / 20];
        let head = post_head(GOOD.len()).replace("host:", &format!("x-log-priority: {word}\r\nhost:"));
        assert!(served.say(&[head.as_bytes(), GOOD].concat()).await.ends_with(r#"{"score":0.5}"#));
    }
    let full = served.log().ledgers().exchanges.dropped.by(ExchangeDrop::QueueFull);
    assert!((60 - 16 - 1..=60 - 16).contains(&full), "{full}");
    drop(go);
    let (report, rows) = served.end().await;
    assert_eq!(rows.len() as u64 + full, 60);
    assert_eq!(report.ledgers.exchanges.dropped.total(), full);
}
