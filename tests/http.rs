//! A real axum service on a real port, and clients that do what clients do: the model answers as if nobody watched,
//! and every exchange is in the books.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use http::StatusCode;
use serde_json::{Value as Json_, json};
use tiltmeter::record::{ErrorType, ExchangeDrop, Value};
use tiltmeter_tests::{SPEC, Served, post_head, read_until, streaming, within};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;

async fn predict(Json(body): Json<Json_>) -> Result<Json<Json_>, StatusCode> {
    match body["age"].as_f64() {
        Some(age) => Ok(Json(json!({"score": age / 100.0}))),
        None => Err(StatusCode::UNPROCESSABLE_ENTITY),
    }
}

fn service() -> Router {
    Router::new().route("/predict", post(predict)).route("/healthz", get(async || "ok"))
}

#[tokio::test]
async fn a_prediction_is_answered_and_logged() {
    let served = Served::start(service()).await;
    let answer = served.post(br#"{"id": "c1", "age": 40}"#).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("x-request-id: r1\r\n"), "{answer}");
    assert!(answer.contains("content-length: 13\r\n"), "the framing is the handler's: {answer}");
    assert!(answer.ends_with(r#"{"score":0.4}"#), "{answer}");
    let (report, rows) = served.end().await;
    assert_eq!(report.ledgers.exchanges.observed, 1);
    let row = &rows[0];
    assert_eq!((&*row.request_id, row.entity_id.as_deref()), ("r1", Some("c1")));
    assert_eq!((row.features[0].clone(), row.score), (Value::Float(40.0), Some(0.4)));
    assert_eq!((&*row.endpoint, row.status, row.error_type), ("/predict", Some(200), None));
    assert!(!row.latency.is_zero());
}

#[tokio::test]
async fn requests_on_one_connection_are_exchanges_of_their_own() {
    let served = Served::start(service()).await;
    let body = br#"{"age": 40}"#;
    let head = format!(
        "POST /predict HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut text = Vec::new();
    for _ in 0..3 {
        text.extend_from_slice(head.as_bytes());
        text.extend_from_slice(body);
    }
    text.extend_from_slice(b"GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
    let answer = served.say(&text).await;
    assert_eq!(answer.matches("\"score\":0.4").count(), 3);
    assert_eq!(answer.matches("x-request-id: ").count(), 3, "other routes are left as they are");
    let (_, rows) = served.end().await;
    let mut ids: Vec<_> = rows.iter().map(|row| row.request_id.clone()).collect();
    assert!(ids.iter().all(|id| answer.contains(&**id)), "the client knows the id that is logged");
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_missing_feature_is_a_failed_prediction_that_is_logged() {
    let served = Served::start(service()).await;
    let answer = served.post(br#"{"id": "c1"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(422), Some(ErrorType::Status)));
    assert_eq!((rows[0].entity_id.as_deref(), rows[0].score), (Some("c1"), None));
    assert!(rows[0].features[0].is_missing());
}

#[tokio::test]
async fn a_body_that_is_not_json_is_a_failed_prediction_without_features() {
    let served = Served::start(service()).await;
    let answer = served.post(b"age=40").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(400), Some(ErrorType::Status)));
    assert!(rows[0].features[0].is_missing());
}

#[tokio::test]
async fn a_body_of_20_mb_is_answered_as_without_the_log_and_counted() {
    let large = format!(r#"{{"age": 40, "pad": "{}"}}"#, "x".repeat(20 << 20));
    let refusing = Served::start(service()).await;
    assert!(refusing.post(large.as_bytes()).await.starts_with("HTTP/1.1 413"));
    let (_, rows) = refusing.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(413), Some(ErrorType::Status)));

    let taking = Served::start(service().layer(DefaultBodyLimit::disable())).await;
    assert!(taking.post(large.as_bytes()).await.ends_with(r#"{"score":0.4}"#));
    let (report, _) = taking.end().await;
    assert_eq!(report.ledgers.exchanges.dropped.by(ExchangeDrop::RequestTooLarge), 1);
}

#[tokio::test]
async fn a_chunked_body_is_read_to_its_end() {
    let served = Served::start(service()).await;
    let answer = served
        .say(
            b"POST /predict HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\nconnection: close\r\n\
              transfer-encoding: chunked\r\n\r\n7\r\n{\"age\":\r\n4\r\n 40}\r\n0\r\n\r\n",
        )
        .await;
    assert!(answer.ends_with(r#"{"score":0.4}"#), "{answer}");
    let (_, rows) = served.end().await;
    assert_eq!(rows[0].features[0], Value::Float(40.0));
}

#[tokio::test]
async fn a_client_that_leaves_while_it_sends_is_logged() {
    let served = Served::start(service()).await;
    let mut connection = served.connect().await;
    connection.write_all(post_head(100).as_bytes()).await.unwrap();
    connection.write_all(b"{\"age\":").await.unwrap();
    connection.shutdown().await.unwrap();
    drop(connection);
    let ledger = served.until_observed(1).await;
    assert_eq!(ledger.observed, 1);
    let (_, rows) = served.end().await;
    assert_eq!((rows.len(), rows[0].error_type.is_some()), (1, true));
    assert!(rows[0].features[0].is_missing());
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_is_logged() {
    let entered = Arc::new(Notify::new());
    let is_in = Arc::clone(&entered);
    let hanging = Router::new().route(
        "/predict",
        post(async move |_: Bytes| {
            is_in.notify_one();
            std::future::pending::<()>().await;
        }),
    );
    let served = Served::start(hanging).await;
    let mut connection = served.connect().await;
    connection.write_all(post_head(11).as_bytes()).await.unwrap();
    connection.write_all(br#"{"age": 40}"#).await.unwrap();
    within(entered.notified()).await;
    drop(connection);
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (None, Some(ErrorType::Cancelled)));
    assert_eq!(rows[0].features[0], Value::Float(40.0));
}

#[tokio::test]
async fn a_streamed_answer_passes_without_delay_and_is_logged_whole() {
    let (frames, router) = streaming("application/json");
    let served = Served::start(router).await;
    let mut connection = served.connect().await;
    connection.write_all(post_head(2).as_bytes()).await.unwrap();
    connection.write_all(b"{}").await.unwrap();
    frames.send("{\"score\":").await.unwrap();
    // the first part is there before the second has been made
    read_until(&mut connection, "{\"score\":").await;
    frames.send(" 0.5}").await.unwrap();
    drop(frames);
    read_until(&mut connection, "0\r\n\r\n").await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].score, rows[0].error_type), (Some(0.5), None));
}

#[tokio::test]
async fn a_client_that_leaves_during_the_answer_is_logged() {
    let (frames, router) = streaming("application/json");
    let served = Served::start(router).await;
    let mut connection = served.connect().await;
    connection.write_all(post_head(11).as_bytes()).await.unwrap();
    connection.write_all(br#"{"age": 40}"#).await.unwrap();
    frames.send("{\"score\":").await.unwrap();
    read_until(&mut connection, "{\"score\":").await;
    drop(connection);
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(200), Some(ErrorType::Cancelled)));
    assert_eq!(rows[0].score, None);
    assert!(frames.is_closed(), "the handler's body is dropped as without the log");
}

#[tokio::test]
async fn an_answer_without_a_body_is_logged_without_a_score() {
    let served =
        Served::start(Router::new().route("/predict", post(async |_: Bytes| StatusCode::NO_CONTENT))).await;
    assert!(served.post(br#"{"age": 40}"#).await.starts_with("HTTP/1.1 204"));
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(204), Some(ErrorType::Unreadable)));
}

#[tokio::test]
async fn head_and_other_methods_pass_by() {
    let served = Served::start(Router::new().route("/predict", any(async || "{}"))).await;
    for method in ["HEAD", "GET", "OPTIONS", "DELETE"] {
        let request = format!("{method} /predict HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
        assert!(served.say(request.as_bytes()).await.starts_with("HTTP/1.1 200"), "{method}");
    }
    let (report, _) = served.end().await;
    assert_eq!(report.ledgers.exchanges.observed, 0, "only POST is the model's");
}

#[tokio::test]
async fn a_handler_that_panics_is_logged() {
    let panicking = async |_: Bytes| -> StatusCode { panic!("the handler is broken") };
    let served = Served::start(Router::new().route("/predict", post(panicking))).await;
    assert_eq!(served.post(br#"{"age": 40}"#).await, "", "the connection goes down, as without the log");
    served.until_observed(1).await;
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (None, Some(ErrorType::Panic)));
}

#[tokio::test]
async fn a_request_that_nobody_reads_is_counted() {
    let unread = Router::new().route("/predict", post(async || "{\"score\": 1}"));
    let served = Served::start(unread).await;
    assert!(served.post(br#"{"age": 40}"#).await.ends_with("{\"score\": 1}"));
    let (report, _) = served.end().await;
    assert_eq!(report.ledgers.exchanges.dropped.by(ExchangeDrop::RequestUnread), 1);
}

#[tokio::test]
async fn an_answer_above_the_cap_is_logged_without_a_score() {
    let large = Router::new().route("/predict", post(async |_: Bytes| "x".repeat(5_000)));
    let served = Served::with(SPEC, |builder| builder.with_body_cap(1_000), large).await;
    assert!(served.post(br#"{"age": 40}"#).await.ends_with(&"x".repeat(5_000)));
    let (_, rows) = served.end().await;
    assert_eq!((rows[0].status, rows[0].error_type), (Some(200), Some(ErrorType::Unreadable)));
}

#[tokio::test]
async fn a_route_template_stands_for_its_paths() {
    let spec = SPEC.replace("/predict", "'/models/{name}/predict'");
    let router = Router::new().route("/models/{name}/predict", post(predict));
    let served = Served::with(&spec, |builder| builder, router).await;
    let body = br#"{"age": 40}"#;
    for name in ["a", "b"] {
        let head = post_head(body.len()).replace("/predict", &format!("/models/{name}/predict"));
        assert!(served.say(&[head.as_bytes(), body].concat()).await.starts_with("HTTP/1.1 200"));
    }
    let (_, rows) = served.end().await;
    assert!(rows.iter().all(|row| &*row.endpoint == "/models/{name}/predict"));
    assert_eq!(rows.len(), 2);
}
