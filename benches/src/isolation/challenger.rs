//! The challenger's side: what a child process does that answers, or does not, and takes next to no processor for it.

use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};

use super::placement::Placement;
use super::variant::{Manner, Variant};
use crate::cpu;
use crate::over_http::{attend, say};

/// As long as the champion's.
const ANSWER: &[u8] = br#"{"model_version":"lr-1","score":0.071250,"prediction":false}"#;

/// What a challenger has used since it started.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Challenging {
    /// CPU time of the process, in user and kernel mode.
    pub cpu: Duration,
    /// Requests that it was sent.
    pub requests: u64,
}

/// Is the challenger of `variant` until stdin closes.
///
/// # Errors
/// When it cannot be started, or the variant has none.
pub fn challenge(variant: Variant, placement: Placement) -> Result<()> {
    let manner = variant.manner().context("there is no challenger")?;
    placement.challenger()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // bound, and not listening: whoever connects to it is refused, and nobody else gets the port meanwhile
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let port = socket.local_addr()?.port();
    let requests = Arc::new(AtomicU64::new(0));
    let reading = {
        let requests = Arc::clone(&requests);
        move || Challenging { cpu: cpu::of_process(), requests: requests.load(Relaxed) }
    };
    let _refusing = match manner {
        Manner::Refuses => Some(socket),
        manner => {
            let listener = runtime.block_on(async { socket.listen(1_024) })?;
            // ends with the process
            thread::spawn(move || runtime.block_on(accept(listener, manner, requests)));
            None
        }
    };
    attend(port, || Ok(reading()))?;
    say(&reading())
}

async fn accept(listener: TcpListener, manner: Manner, requests: Arc<AtomicU64>) {
    loop {
        // a client that has gone again
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let requests = Arc::clone(&requests);
        let service = service_fn(move |request| {
            requests.fetch_add(1, Relaxed);
            respond(request, manner)
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn respond(request: Request<Incoming>, manner: Manner) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    let mut response = Response::new(Full::new(Bytes::from_static(ANSWER)));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    match manner {
        Manner::AnswersAfter(time) => tokio::time::sleep(time).await,
        Manner::Hangs => pending().await,
        Manner::Fails | Manner::Refuses => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    Ok(response)
}
