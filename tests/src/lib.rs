//! What the tests of the whole share: a logged service on a port, and a client that
//! can misbehave.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a failed expectation fails the test")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tiltmeter::log::MemorySink;
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
        let rows = MemorySink::default();
        let builder =
            LogBuilder::new().with_model(ModelSpec::from_yaml("test", spec).unwrap()).with_sink(rows.clone());
        let (log, guard) = set(builder).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router.layer(log.layer());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self { address, log, guard, rows, server }
    }

    /// A connection to the service.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `text` on a new connection, and returns all that is answered until the service closes it.
    pub async fn say(&self, text: &[u8]) -> String {
        let mut connection = self.connect().await;
        // a service that refuses a body closes while it is being sent
        let _ = connection.write_all(text).await;
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Posts `body` to `/predict`; returns the whole answer.
    pub async fn post(&self, body: &[u8]) -> String {
        self.say(
            &post_head(body.len()).into_bytes().into_iter().chain(body.iter().copied()).collect::<Vec<_>>(),
        )
        .await
    }

    /// Waits until the log has observed so many exchanges: the service notices some ends only later.
    pub async fn until_observed(&self, exchanges: u64) -> ExchangeLedger {
        tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let ledger = self.log.ledgers().exchanges;
                if ledger.observed >= exchanges {
                    return ledger;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap()
    }

    /// Ends the log; returns its report and its rows.
    pub async fn end(self) -> (ShutdownReport, Vec<Prediction>) {
        let report = self.guard.shutdown(Duration::from_secs(20)).await;
        self.server.abort();
        assert!(report.ledgers.balance(), "{:?}", report.ledgers);
        let rows = self.rows.take();
        assert_eq!(report.ledgers.predictions.written, rows.len() as u64);
        (report, rows)
    }
}

/// The head of a request with a JSON body of `len` bytes.
#[must_use]
pub fn post_head(len: usize) -> String {
    format!(
        "POST /predict HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nx-request-id: r1\r\n\
         connection: close\r\ncontent-length: {len}\r\n\r\n"
    )
}
