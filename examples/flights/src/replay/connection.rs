//! One keep-alive HTTP/1 connection of the client.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::{Context, Error, Result, anyhow, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use crate::{flight::Answer, recorded::Recorded};

/// The longest answer that is read; a good one takes about 60 bytes.
const LARGEST_ANSWER: usize = 16 * 1024;

/// Characters of a refusal that are told.
const QUOTED: usize = 200;

/// After that time an exchange counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    answer: Vec<u8>,
}

/// Why an exchange gave no prediction.
#[derive(Debug)]
pub(super) enum Fault {
    /// The service answered, but not with a prediction: the connection can be used on.
    Answer(Error),
    /// The exchange broke: the connection cannot be used on.
    Connection(Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Answer(error) | Self::Connection(error)) = self;
        write!(f, "{error:#}")
    }
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot reach the service")?;
        stream.set_nodelay(true).context("cannot set up the connection to the service")?;
        let (sender, exchange) =
            http1::handshake(TokioIo::new(stream)).await.context("cannot reach the service")?;
        // drives the connection and ends with it; its error is that of the exchange, which reports it
        tokio::spawn(exchange);
        Ok(Self { sender, host: address.to_string(), answer: Vec::new() })
    }

    pub(super) async fn send(&mut self, recorded: &Recorded) -> Result<Answer, Fault> {
        let status = timeout(PATIENCE, self.exchange(recorded))
            .await
            .map_err(|_| Fault::Connection(anyhow!("no answer in {} s", PATIENCE.as_secs())))?
            .map_err(Fault::Connection)?;
        if status != StatusCode::OK {
            let said: String = String::from_utf8_lossy(&self.answer).trim().chars().take(QUOTED).collect();
            return Err(Fault::Answer(anyhow!("answered {status}: {said}")));
        }
        serde_json::from_slice(&self.answer).context("answered no prediction").map_err(Fault::Answer)
    }

    /// Leaves the body of the answer in `self.answer`.
    async fn exchange(&mut self, recorded: &Recorded) -> Result<StatusCode> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/predict")
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-request-id", &recorded.request_id)
            .body(Full::new(recorded.body.clone()))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let mut body = response.into_body();
        self.answer.clear();
        while let Some(frame) = body.frame().await {
            if let Some(data) = frame?.data_ref() {
                ensure!(self.answer.len() + data.len() <= LARGEST_ANSWER, "the answer is too long");
                self.answer.extend_from_slice(data);
            }
        }
        Ok(status)
    }
}
