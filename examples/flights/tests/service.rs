//! What the service answers, to good requests and to bad ones.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::path::Path;

use axum::body::{Body, to_bytes};
use example_flights::{
    data::DataFolder,
    deployments::Deployments,
    service::{LARGEST_BODY, router},
};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

fn request() -> Value {
    json!({
        "event_time": "2013-03-01T09:54:43.788Z", "entity_id": "20130301-US1117-EWR", "carrier": "US",
        "origin": "EWR", "dest": "CLT", "distance": 529, "sched_hour": 5, "day_of_week": 5, "dep_delay": -6.0,
        "temp": 35.06, "humid": 78.13, "wind_speed": 4.60312, "precip": 0.0, "pressure": 1004.4, "visib": 10.0,
    })
}

async fn send(request: Request<Body>) -> Response<Body> {
    let data = DataFolder::locate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap();
    router(Deployments::read(&data).unwrap()).oneshot(request).await.unwrap()
}

async fn predict(body: impl Into<Body>) -> (StatusCode, Value) {
    let request =
        Request::post("/predict").header("content-type", "application/json").body(body.into()).unwrap();
    read(send(request).await).await
}

async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 64 * 1024).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_flight_is_answered_as_recorded() {
    let (status, answer) = predict(request().to_string()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer, json!({"model_version": "gbm-1", "score": 0.059_983, "prediction": false}));
}

#[tokio::test]
async fn the_model_is_the_one_of_the_event_time() {
    let mut body = request();
    body["event_time"] = json!("2013-10-01T04:00:00Z");
    assert_eq!(predict(body.to_string()).await.1["model_version"], "gbm-2");
}

#[tokio::test]
async fn weather_may_be_null_or_absent() {
    let weather = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"];
    let (mut null, mut absent) = (request(), request());
    for name in weather {
        null[name] = Value::Null;
        absent.as_object_mut().unwrap().remove(name);
    }
    let answers = [predict(null.to_string()).await, predict(absent.to_string()).await];
    assert_eq!(answers[0].0, StatusCode::OK);
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn every_other_field_is_required() {
    let required = [
        "event_time",
        "entity_id",
        "carrier",
        "origin",
        "dest",
        "distance",
        "sched_hour",
        "day_of_week",
        "dep_delay",
    ];
    for name in required {
        let mut body = request();
        body.as_object_mut().unwrap().remove(name);
        let (status, answer) = predict(body.to_string()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(&format!("missing field `{name}`")), "{error}");
    }
    let mut body = request();
    body["carrier"] = Value::Null;
    assert_eq!(predict(body.to_string()).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_not_json_is_refused_as_json() {
    let (status, answer) = predict("{\"carrier\": ").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"].is_string());

    let untyped = Request::post("/predict").body(Body::from(request().to_string())).unwrap();
    assert_eq!(read(send(untyped).await).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    for length in [LARGEST_BODY + 1, 20 * 1024 * 1024] {
        let (status, answer) = predict(vec![b' '; length]).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(answer["error"].is_string());
    }
}

#[tokio::test]
async fn other_paths_and_methods() {
    let get = |path| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(send(get("/healthz")).await.status(), StatusCode::OK);
    assert_eq!(read(send(get("/")).await).await.0, StatusCode::NOT_FOUND);
    assert_eq!(read(send(get("/predict")).await).await.0, StatusCode::METHOD_NOT_ALLOWED);
}
