//! The client against services of all kinds: right, wrong, broken, gone.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Json, Router, extract::Request, middleware, response::Response, routing::post};
use example_flights::{
    data::DataFolder,
    deployments::Deployments,
    flight::Answer,
    progress::Progress,
    recorded::Recording,
    replay::{Pace, Replay, Replayed},
    server::{self, Server},
    service,
    shutdown::Shutdown,
};
use http::StatusCode;

const LIMIT: u64 = 500;

fn data() -> DataFolder {
    DataFolder::locate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap()
}

fn recording() -> Recording {
    Recording::open(&data().predictions, Some(LIMIT)).unwrap()
}

fn right() -> Router {
    service::router(Deployments::read(&data()).unwrap())
}

fn replay_to(address: SocketAddr, shutdown: Shutdown) -> Replay {
    let progress = Arc::new(Progress::new(LIMIT));
    Replay { address, connections: 4, pace: Pace::unpaced(), progress, shutdown }
}

async fn play(router: Router) -> Replayed {
    let server = Server::start(server::bind(0).await.unwrap(), router).unwrap();
    let (_request, shutdown) = Shutdown::new();
    let replay = replay_to(server.address(), shutdown);
    let progress = replay.progress.clone();
    let replayed = replay.play(recording()).await.unwrap();
    assert_eq!(progress.done(), replayed.requests);
    server.stop().await.unwrap();
    replayed
}

#[tokio::test]
async fn the_service_answers_all_as_recorded() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let ids = seen.clone();
    let noting = middleware::from_fn(move |request: Request, next: middleware::Next| {
        let id = request.headers()["x-request-id"].to_str().unwrap().to_owned();
        ids.lock().unwrap().push(id);
        next.run(request)
    });
    let replayed = play(right().layer(noting)).await;
    assert_eq!((replayed.requests, replayed.failed, replayed.mismatched), (LIMIT, 0, 0));
    assert!(!replayed.interrupted && replayed.fault.is_none());
    assert!(replayed.latency.p50_ms > 0.0 && replayed.latency.p50_ms <= replayed.latency.p99_ms);

    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, (1..=LIMIT).map(|n| format!("r{n:07}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn other_answers_are_counted() {
    let wrong = Router::new().route("/predict", post(async || Json(Answer::new("gbm-1", 0.25))));
    let replayed = play(wrong).await;
    assert_eq!((replayed.requests, replayed.failed, replayed.mismatched), (LIMIT, 0, LIMIT));
    assert!(replayed.fault.unwrap().contains("gbm-1 answered 0.25, recorded is "));
}

#[tokio::test]
async fn refusals_and_broken_connections_are_counted() {
    let asked = AtomicU64::new(0);
    let failing = move |_: Request| {
        let asked = asked.fetch_add(1, Ordering::Relaxed);
        async move {
            assert!(!asked.is_multiple_of(50), "breaks the connection");
            if asked.is_multiple_of(2) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        }
    };
    let failing = Arc::new(failing);
    let replayed =
        play(Router::new().route("/predict", post(move |request: Request| failing(request)))).await;
    assert_eq!((replayed.requests, replayed.failed, replayed.mismatched), (LIMIT, LIMIT, 0));
}

#[tokio::test]
async fn an_endless_answer_is_a_fault_not_memory() {
    let endless = post(async || Response::new(axum::body::Body::from(vec![b'x'; 1024 * 1024])));
    let replayed = play(Router::new().route("/predict", endless)).await;
    assert_eq!(replayed.failed, LIMIT);
    assert!(replayed.fault.unwrap().ends_with("the answer is too long"));
}

#[tokio::test]
async fn a_shutdown_ends_the_replay_between_requests() {
    let (request, shutdown) = Shutdown::new();
    let asked = Arc::new(AtomicU64::new(0));
    let stopping = middleware::from_fn(move |asking: Request, next: middleware::Next| {
        if asked.fetch_add(1, Ordering::Relaxed) == 100 {
            request.send_replace(true);
        }
        next.run(asking)
    });
    let server = Server::start(server::bind(0).await.unwrap(), right().layer(stopping)).unwrap();
    let replayed = replay_to(server.address(), shutdown).play(recording()).await.unwrap();
    assert!(replayed.interrupted);
    assert!((101..110).contains(&replayed.requests), "{replayed:?}");
    assert_eq!((replayed.failed, replayed.mismatched), (0, 0));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_service_that_is_gone_ends_the_replay() {
    let listener = server::bind(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (_request, shutdown) = Shutdown::new();
    let error = replay_to(address, shutdown).play(recording()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot reach the service");
}

#[tokio::test]
async fn a_port_that_is_taken_says_what_to_do() {
    let taken = server::bind(0).await.unwrap();
    let error = server::bind(taken.local_addr().unwrap().port()).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot listen on 127.0.0.1:"), "{error}");
}
