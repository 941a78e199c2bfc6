//! The flights service, whose handler says what it predicts: to a log, or as an event.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use example_flights::deployments::Deployments;
use example_flights::flight::{Answer, Flight};
use http::HeaderMap;
use tiltmeter::{Observation, RequestLog};

/// Says it to the log.
pub(super) fn recording(models: Deployments) -> Router {
    Router::new().route("/predict", post(record)).with_state(Arc::new(models))
}

/// Says it as an event of `tracing`.
pub(super) fn emitting(models: Deployments) -> Router {
    Router::new().route("/predict", post(emit)).with_state(Arc::new(models))
}

async fn record(
    log: RequestLog,
    State(models): State<Arc<Deployments>>,
    Json(flight): Json<Flight>,
) -> Json<Answer> {
    let model = models.serving_at(flight.event_time);
    let answer = Answer::new(model.version(), model.score(&flight));
    log.record(
        Observation::with_capacity(13)
            .with("carrier", flight.carrier.as_str())
            .with("origin", flight.origin.as_str())
            .with("dest", flight.dest.as_str())
            .with("distance", f64::from(flight.distance))
            .with("sched_hour", i64::from(flight.sched_hour))
            .with("day_of_week", i64::from(flight.day_of_week))
            .with("dep_delay", flight.dep_delay)
            .with("temp", flight.temp)
            .with("humid", flight.humid)
            .with("wind_speed", flight.wind_speed)
            .with("precip", flight.precip)
            .with("pressure", flight.pressure)
            .with("visib", flight.visib)
            .with_entity_id(flight.entity_id)
            .with_score(answer.score)
            .with_prediction(answer.prediction),
    );
    Json(answer)
}

async fn emit(
    State(models): State<Arc<Deployments>>,
    headers: HeaderMap,
    Json(flight): Json<Flight>,
) -> Json<Answer> {
    let model = models.serving_at(flight.event_time);
    let answer = Answer::new(model.version(), model.score(&flight));
    let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info!(
        target: "predictions",
        request_id,
        model_name = "flight-delay",
        model_version = answer.model_version,
        status = 200,
        entity_id = flight.entity_id,
        carrier = flight.carrier,
        origin = flight.origin,
        dest = flight.dest,
        distance = flight.distance,
        sched_hour = flight.sched_hour,
        day_of_week = flight.day_of_week,
        dep_delay = flight.dep_delay,
        temp = flight.temp,
        humid = flight.humid,
        wind_speed = flight.wind_speed,
        precip = flight.precip,
        pressure = flight.pressure,
        visib = flight.visib,
        score = answer.score,
        prediction = answer.prediction,
    );
    Json(answer)
}
