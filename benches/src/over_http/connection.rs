//! One keep-alive HTTP/1 connection, on the thread that uses it.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use bytes::Bytes;
use example_flights::recorded::Recorded;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// A connection with a runtime of its own, so that a thread can sleep as exactly as the system lets it and not as
/// coarsely as tokio's timer.
#[derive(Debug)]
pub(super) struct Connection {
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (sender, exchange) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(exchange);
            anyhow::Ok(sender)
        })?;
        Ok(Self { runtime, sender, host: address.to_string() })
    }

    /// Sends a request and reads the answer to its end.
    pub(super) fn exchange(&mut self, recorded: &Recorded) -> Result<()> {
        let request = Request::post("/predict")
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-request-id", &recorded.request_id)
            .body(Full::new(recorded.body.clone()))?;
        let Self { runtime, sender, .. } = self;
        runtime.block_on(async {
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            ensure!(status == StatusCode::OK, "answered {status}");
            let mut body = response.into_body();
            while let Some(frame) = body.frame().await {
                frame?;
            }
            Ok(())
        })
    }
}
