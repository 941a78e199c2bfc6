//! A service that answers what was recorded, with a log around it: all of the log but the network.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use example_flights::flight::Answer;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;
use tiltmeter::log::{FlushOutcome, LogBuilder, LogGuard, LogHandle, ParquetSink, ShutdownReport, WhenFull};
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

use crate::clock::ReplayClock;

/// Requests that are under way before the log's worker is waited for: fewer than its queue has room for.
const ABREAST: u64 = 2_000;

/// How long the log may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A served model: what is asked of it is logged.
#[derive(Debug)]
pub struct Served {
    log: LogHandle,
    guard: LogGuard,
    clock: Arc<ReplayClock>,
    sent: u64,
}

impl Served {
    /// Starts the log of `builder`, to which clock and sink are added. Files are closed by their size, not by their age: the
    /// clock of a replay runs fast.
    ///
    /// # Errors
    /// When the log cannot be started.
    pub fn start(builder: LogBuilder, sink: &std::path::Path, start: Timestamp) -> Result<Self> {
        let clock = Arc::new(ReplayClock::starting(start));
        let sink = ParquetSink::local(sink).with_max_file_age(Duration::from_secs(86_400 * 2)).build()?;
        // a replay is faster than any traffic: it waits for the sink
        let builder = builder.with_when_full(WhenFull::Wait(PATIENCE));
        let (log, guard) = builder.with_sink(sink).with_clock(Arc::clone(&clock) as _).build()?;
        Ok(Self { log, guard, clock, sent: 0 })
    }

    /// Asks what was recorded, at that time.
    ///
    /// # Errors
    /// When the answer is no JSON.
    pub async fn ask(&mut self, id: &str, at: Timestamp, body: Bytes, answer: &Answer) -> Result<()> {
        self.clock.set(at);
        let answer = Bytes::from(serde_json::to_vec(answer)?);
        let service = service_fn(move |request| answered(request, answer.clone()));
        let mut service = self.log.layer().layer(service);
        let request = Request::builder()
            .method(Method::POST)
            .uri("/predict")
            .header("content-type", "application/json")
            .header("x-request-id", id)
            .body(Full::new(body))?;
        let response = service.ready().await?.call(request).await?;
        to_its_end(response.into_body()).await;
        self.sent += 1;
        if self.sent.is_multiple_of(ABREAST) {
            self.catch_up().await?;
        }
        Ok(())
    }

    /// Waits until the log's worker has decoded all that was asked.
    ///
    /// # Errors
    /// When it takes longer than a minute.
    pub async fn catch_up(&self) -> Result<()> {
        let is_done = || {
            let exchanges = self.log.ledgers().exchanges;
            exchanges.decoded + exchanges.dropped.total() >= self.sent
        };
        for _ in 0..60_000 {
            if is_done() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        anyhow::bail!("the log's worker does not come on")
    }

    /// Waits until rows have been decided about, and files are closed: so that the clock may go on to another interval of the
    /// rates.
    ///
    /// # Errors
    /// When it takes longer than a minute.
    pub async fn settle(&self) -> Result<()> {
        self.catch_up().await?;
        ensure!(self.log.flush(PATIENCE).await == FlushOutcome::Complete, "the log cannot be flushed");
        Ok(())
    }

    /// Ends the log; everything must have been decoded and written.
    ///
    /// # Errors
    /// When something was lost.
    pub async fn end(self) -> Result<ShutdownReport> {
        self.catch_up().await?;
        let Self { guard, sent, .. } = self;
        let ended = tokio::task::spawn_blocking(move || guard.shutdown_blocking(PATIENCE));
        let report = ended.await.context("the log's end was cut off")?;
        let (exchanges, predictions) = (&report.ledgers.exchanges, &report.ledgers.predictions);
        let kept = predictions.written + predictions.sampled_out;
        ensure!(exchanges.decoded == sent && kept == sent, "of {sent} requests some were lost: {report:?}");
        Ok(report)
    }
}

/// The service: it reads what it is asked, and answers what was recorded.
async fn answered<B: Body>(request: Request<B>, answer: Bytes) -> Result<Response<Full<Bytes>>, Infallible> {
    // a request that breaks off is answered all the same
    to_its_end(request.into_body()).await;
    Ok(Response::new(Full::new(answer)))
}

/// Reads a body to its end, or as far as it comes.
async fn to_its_end<B: Body>(body: B) {
    let mut body = pin!(body);
    while let Some(Ok(_)) = body.frame().await {}
}
