//! The challenger, a service of its own on a thread of its own: as far from the champion as one process allows.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use anyhow::{Context, Result, anyhow};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use example_flights::{
    flight::{Answer, Flight},
    server::{self, Server},
};
use tiltmeter::shadow::SHADOW_HEADER;
use tokio::{sync::oneshot, time::sleep};

use super::{
    linear::LinearModel,
    manner::{Manner, Manners},
};

/// Longer than any shadow waits, and short enough for the service to end.
const FOR_EVER: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct ChallengerServer {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<Result<()>>,
}

impl ChallengerServer {
    pub(super) fn start(model: LinearModel, manners: Manners) -> Result<Self> {
        let router = Router::new().route("/predict", post(predict)).with_state(Arc::new((model, manners)));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the challenger")?;
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let serve = async move {
            let server = Server::start(server::bind(0).await?, router)?;
            // who waits for it is gone if this fails
            let _ = tell.send(server.address());
            let _ = stopped.await;
            server.stop().await
        };
        let thread = thread::Builder::new()
            .name("challenger".to_owned())
            .spawn(move || runtime.block_on(serve))
            .context("cannot start the challenger")?;
        let address = told.recv().context("the challenger did not start")?;
        Ok(Self { address, stop, thread })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn stop(self) -> Result<()> {
        drop(self.stop);
        self.thread.join().map_err(|_| anyhow!("the challenger panicked"))?
    }
}

async fn predict(
    State(state): State<Arc<(LinearModel, Manners)>>,
    headers: HeaderMap,
    Json(flight): Json<Flight>,
) -> Result<Json<Answer>, StatusCode> {
    let (model, manners) = &*state;
    // a challenger that may not be asked by anybody else
    if !headers.contains_key(SHADOW_HEADER) {
        return Err(StatusCode::FORBIDDEN);
    }
    let id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    match manners.of(id) {
        Manner::Answers(after) => sleep(after).await,
        Manner::Hangs => sleep(FOR_EVER).await,
    }
    Ok(Json(Answer::new(model.version(), model.score(&flight))))
}
