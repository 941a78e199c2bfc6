//! The service that is watched: an ordinary axum application, which knows nothing of logging.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State, rejection::JsonRejection},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::Serialize;

use crate::{
    deployments::Deployments,
    flight::{Answer, Flight},
};

/// The longest request body that is read; a flight takes about 300 bytes.
pub const LARGEST_BODY: usize = 64 * 1024;

/// `POST /predict` takes a [`Flight`] and answers an [`Answer`]; `GET /healthz` answers `ok`.
///
/// Every error is JSON, `{"error": "..."}`: 400 for a body that is not JSON, 413 for one above
/// [`LARGEST_BODY`], 415 for one that does not say it is JSON, 422 for one that is not a flight.
pub fn router(models: Deployments) -> Router {
    Router::new()
        .route("/predict", post(predict))
        .route("/healthz", get(async || "ok"))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "there are POST /predict and GET /healthz"))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "there are POST /predict and GET /healthz")
        })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::new(models))
}

async fn predict(
    State(models): State<Arc<Deployments>>,
    flight: Result<Json<Flight>, JsonRejection>,
) -> Result<Json<Answer>, Refusal> {
    let Json(flight) = flight?;
    let model = models.serving_at(flight.event_time);
    Ok(Json(Answer::new(model.version(), model.score(&flight))))
}

/// A request that the service does not answer with a prediction.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    reason: String,
}

impl Refusal {
    fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }
        (self.status, Json(Body { error: self.reason })).into_response()
    }
}
