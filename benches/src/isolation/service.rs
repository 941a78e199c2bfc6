//! The flights service with a model that takes as long as a larger one.

use std::hint::black_box;
use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use example_flights::deployments::Deployments;
use example_flights::flight::{Answer, Flight};

/// Scores each flight so many times, at least once.
pub(super) fn router(models: Deployments, scorings: u32) -> Router {
    Router::new().route("/predict", post(predict)).with_state(Arc::new((models, scorings)))
}

async fn predict(State(state): State<Arc<(Deployments, u32)>>, Json(flight): Json<Flight>) -> Json<Answer> {
    let (models, scorings) = &*state;
    let model = models.serving_at(flight.event_time);
    for _ in 1..*scorings {
        black_box(model.score(black_box(&flight)));
    }
    Json(Answer::new(model.version(), model.score(&flight)))
}
