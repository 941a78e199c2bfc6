//! An exchange without a network: a request goes through the tower stack, and the body of the response is read.

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tiltmeter::{LogBuilder, LogGuard, LogHandle, ModelSpec, Sink};
use tower_layer::Layer;
use tower_service::Service;

use crate::pass_through::PassThroughLayer;
use crate::sink::{DeadSink, NullSink};
use crate::{Variant, flights_example};

/// A flight, as the clients of the example send it.
const FLIGHT: &[u8] = br#"{"event_time":"2013-03-01T09:54:43.788Z","entity_id":"20130301-US1117-EWR","carrier":"US","origin":"EWR","dest":"CLT","distance":529,"sched_hour":5,"day_of_week":5,"dep_delay":-5.3,"temp":36.32,"humid":62.21,"wind_speed":10.35702,"precip":0.0,"pressure":1014.5,"visib":10.0}"#;

/// An answer of the example's service.
const ANSWER: &[u8] = br#"{"model_version":"gbm-1","score":0.059983,"prediction":false}"#;

/// After so many exchanges the worker is waited for: fewer than the queue holds, so that none is dropped.
pub const BURST: usize = 256;

/// How long a log may take to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Whether the clients name their requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientId {
    /// In `x-request-id`.
    Sent,
    /// They do not: the layer makes an id.
    Missing,
}

/// Requests to predict a flight.
#[must_use]
pub fn requests(count: usize, client_id: ClientId) -> Vec<Request<Full<Bytes>>> {
    let request = || {
        let mut request = Request::new(Full::new(Bytes::from_static(FLIGHT)));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = http::Uri::from_static("/predict");
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if client_id == ClientId::Sent {
            headers.insert("x-request-id", HeaderValue::from_static("r0000001"));
        }
        request
    };
    std::iter::repeat_with(request).take(count).collect()
}

/// A service in one variant.
#[expect(missing_debug_implementations, reason = "holds a closure")]
pub struct Subject {
    exchange: Box<dyn FnMut(Request<Full<Bytes>>)>,
    log: Option<(LogHandle, LogGuard)>,
    exchanges: u64,
}

impl Subject {
    /// A service that is wrapped as `variant` says. With a dead sink, the queue is full when this returns.
    ///
    /// # Errors
    /// When the example's spec cannot be read, or the log cannot be started.
    pub fn new(variant: Variant) -> Result<Self> {
        let handler = tower::service_fn(predict);
        Ok(match variant {
            Variant::Bare => Self::of(tower::service_fn(predict), None),
            Variant::PassThrough => Self::of(PassThroughLayer.layer(tower::service_fn(predict)), None),
            Variant::Log => {
                let (log, guard) = log(NullSink, 8_192)?;
                Self::of(log.layer().layer(tower::service_fn(predict)), Some((log, guard)))
            }
            Variant::DeadSink => {
                let (log, guard) = log(DeadSink, 1)?;
                let mut subject = Self::of(log.layer().layer(handler), Some((log, guard)));
                subject.fill_the_queue();
                subject
            }
        })
    }

    fn of<S, B>(mut service: S, log: Option<(LogHandle, LogGuard)>) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible> + 'static,
        B: Body<Data = Bytes>,
    {
        Self { exchange: Box::new(move |request| exchange(&mut service, request)), log, exchanges: 0 }
    }

    /// One exchange, from the request to the end of the response's body.
    pub fn exchange(&mut self, request: Request<Full<Bytes>>) {
        self.exchanges += 1;
        (self.exchange)(request);
    }

    /// Waits until the worker has taken what is queued, if it ever will.
    pub fn settle(&self) {
        if let Some((log, _)) = &self.log
            && log.ledgers().exchanges.dropped.total() == 0
        {
            while log.queue_depth().bytes > 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// The worker takes one exchange and hangs in the sink; the next one fills the queue.
    fn fill_the_queue(&mut self) {
        let mut exchange = || {
            requests(1, ClientId::Sent).into_iter().for_each(|request| self.exchange(request));
            thread::sleep(Duration::from_millis(20));
            self.log.as_ref().map(|(log, _)| log.ledgers().exchanges.dropped.total())
        };
        while exchange() == Some(0) {}
    }

    /// Ends the log.
    ///
    /// # Errors
    /// When the ledgers do not account for every exchange.
    pub fn finish(self) -> Result<()> {
        let Some((log, guard)) = self.log else { return Ok(()) };
        let is_dead = log.ledgers().exchanges.dropped.total() > 0;
        let report = guard.shutdown_blocking(if is_dead { Duration::ZERO } else { DRAIN });
        let ledgers = report.ledgers;
        ensure!(ledgers.balance(), "the ledgers do not balance: {ledgers:?}");
        ensure!(
            ledgers.exchanges.observed == self.exchanges,
            "{} of {} exchanges were observed",
            ledgers.exchanges.observed,
            self.exchanges
        );
        ensure!(
            is_dead || ledgers.predictions.written == self.exchanges,
            "not every prediction was written: {ledgers:?}"
        );
        Ok(())
    }
}

fn log(sink: impl Sink, queue_items: usize) -> Result<(LogHandle, LogGuard)> {
    let spec = ModelSpec::read_file(flights_example("model.yaml"))?;
    Ok(LogBuilder::new().with_model(spec).with_sink(sink).with_queue_items(queue_items).build()?)
}

/// Reads the whole request, and answers.
async fn predict<B: Body<Data = Bytes>>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = pin!(request.into_body());
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
    black_box(read);
    let mut response = Response::new(Full::new(Bytes::from_static(ANSWER)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Nothing in it ever waits, so each future is polled once.
#[inline(never)]
fn exchange<S, B>(service: &mut S, request: Request<Full<Bytes>>)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes>,
{
    let mut cx = Context::from_waker(Waker::noop());
    let _ = black_box(service.poll_ready(&mut cx));
    let response = pin!(service.call(request)).poll(&mut cx);
    if let Poll::Ready(Ok(response)) = response {
        let mut body = pin!(response.into_body());
        while let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(&mut cx) {
            black_box(frame.data_ref());
        }
    }
}
