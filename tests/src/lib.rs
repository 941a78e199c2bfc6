//! What the tests of the whole share: a logged service on a port, and a client that
//! can misbehave.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a failed expectation fails the test")]

mod held;
mod patience;
mod stepped;
mod streaming;
mod written;

pub use held::Held;
pub use patience::{until, within, within_a_minute};
pub use stepped::Stepped;
pub use streaming::{read_until, streaming};
pub use written::{Written, files_below};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tiltmeter::log::{Capture, MemorySink};
use tiltmeter::record::{ExchangeLedger, Prediction};
use tiltmeter::{LogBuilder, LogGuard, LogHandle, ModelSpec, ShutdownReport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A model with one feature, that answers a score.
pub const SPEC: &str = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, \
    endpoint: {path: /predict}, request: {entity_id: /id}, \
    response: {score: /score}, features: {age: float}}";

/// A service on a port of loopback whose predictions are logged.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    log: LogHandle,
    guard: LogGuard,
    rows: MemorySink,
    server: tokio::task::JoinHandle<()>,
}

impl Served {
    /// Serves `router` behind the log of a model with the default [`SPEC`].
    pub async fn start(router: Router) -> Self {
        Self::with(SPEC, |builder| builder, router).await
    }

    /// Serves `router` behind the log that `set` makes, of the model `spec`.
    pub async fn with(spec: &str, set: impl FnOnce(LogBuilder) -> LogBuilder, router: Router) -> Self {
        let builder = set(LogBuilder::new().with_model(model(spec)));
        Self::behind(builder, Capture::Bodies, router).await
    }

    /// Serves `router` behind a log of `builder`, which is given a sink in memory after its own.
    pub async fn behind(builder: LogBuilder, capture: Capture, router: Router) -> Self {
        let rows = MemorySink::default();
        let (log, guard) = builder.with_sink(rows.clone()).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router.layer(log.layer().with_capture(capture));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self { address, log, guard, rows, server }
    }

    /// The log's handle.
    #[must_use]
    pub fn log(&self) -> &LogHandle {
        &self.log
    }

    /// The port of the service.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection to the service.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `text` on a new connection, and returns all that is answered until the service closes it.
    pub async fn say(&self, text: &[u8]) -> String {
        within(async {
            let mut connection = self.connect().await;
            // a service that refuses a body closes while it is being sent
            let _ = connection.write_all(text).await;
            let mut answer = Vec::new();
            let _ = connection.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        })
        .await
    }

    /// Posts `body` to `/predict`; returns the whole answer.
    pub async fn post(&self, body: &[u8]) -> String {
        self.say(
            &post_head(body.len()).into_bytes().into_iter().chain(body.iter().copied()).collect::<Vec<_>>(),
        )
        .await
    }

    /// Waits until the log has observed so many exchanges: the service notices some ends only later.
    #[track_caller]
    pub fn until_observed(&self, exchanges: u64) -> impl Future<Output = ExchangeLedger> {
        let done = until(move || self.log.ledgers().exchanges.observed >= exchanges);
        async move {
            done.await;
            self.log.ledgers().exchanges
        }
    }

    /// Waits until so many exchanges are in the queue.
    #[track_caller]
    pub fn until_queued(&self, exchanges: u64) -> impl Future<Output = ()> {
        until(move || {
            self.log.queue_depth().exchanges as u64 >= exchanges
                || self.log.ledgers().exchanges.observed >= exchanges
        })
    }

    /// The guard, the rows, and the task that serves.
    pub fn into_parts(self) -> (LogGuard, MemorySink, tokio::task::JoinHandle<()>) {
        (self.guard, self.rows, self.server)
    }

    /// Ends the log; returns its report and its rows.
    pub async fn end(self) -> (ShutdownReport, Vec<Prediction>) {
        self.end_within(Duration::from_secs(20)).await
    }

    /// Ends the log in so much time; returns its report and its rows.
    pub async fn end_within(self, deadline: Duration) -> (ShutdownReport, Vec<Prediction>) {
        let (report, rows) = self.finish(deadline).await;
        (report, rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Ends the log; returns its report and its rows, each with its model.
    pub async fn end_with_models(self) -> (ShutdownReport, Vec<(Arc<ModelSpec>, Prediction)>) {
        self.finish(Duration::from_secs(20)).await
    }

    async fn finish(self, deadline: Duration) -> (ShutdownReport, Vec<(Arc<ModelSpec>, Prediction)>) {
        let report = self.guard.shutdown(deadline).await;
        self.server.abort();
        assert!(report.balances(), "{report:?}");
        let rows = self.rows.take_with_models();
        let in_memory = report.sinks.iter().rfind(|sink| sink.name.starts_with("memory")).unwrap();
        assert_eq!(in_memory.predictions.written, rows.len() as u64);
        (report, rows)
    }
}

/// The spec in `yaml`.
#[must_use]
pub fn model(yaml: &str) -> ModelSpec {
    ModelSpec::from_yaml("test", yaml).unwrap()
}

/// The head of a request with a JSON body of `len` bytes.
#[must_use]
pub fn post_head(len: usize) -> String {
    format!(
        "POST /predict HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nx-request-id: r1\r\n\
         connection: close\r\ncontent-length: {len}\r\n\r\n"
    )
}
