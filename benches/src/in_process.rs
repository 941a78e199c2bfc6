//! An exchange without a network: a request goes through the tower stack, and the body of the response is read; or a
//! record is made without HTTP.

mod shadowed;

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use clap::ValueEnum;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tiltmeter::{Capture, LogBuilder, LogGuard, LogHandle, ModelSpec, Observation, RequestLog, WhenFull};
use tower_layer::Layer;
use tower_service::Service;

use crate::flights_example;
use crate::models::{fifty_floats, observation_of_fifty};
use crate::pass_through::PassThroughLayer;
use crate::sink::{DeadSink, NullSink};
use shadowed::Shadowed;

/// A flight, as the clients of the example send it.
const FLIGHT: &[u8] = br#"{"event_time":"2013-03-01T09:54:43.788Z","entity_id":"20130301-US1117-EWR","carrier":"US","origin":"EWR","dest":"CLT","distance":529,"sched_hour":5,"day_of_week":5,"dep_delay":-5.3,"temp":36.32,"humid":62.21,"wind_speed":10.35702,"precip":0.0,"pressure":1014.5,"visib":10.0}"#;

/// An answer of the example's service.
const ANSWER: &[u8] = br#"{"model_version":"gbm-1","score":0.059983,"prediction":false}"#;

/// After so many exchanges the worker is waited for: fewer than the queue holds, so that none is dropped.
pub const BURST: usize = 256;

/// How long a log may take to end.
const DRAIN: Duration = Duration::from_secs(10);

/// What an exchange goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// Nothing.
    Bare,
    /// A layer that wraps both bodies and the future, and only forwards.
    PassThrough,
    /// The logging layer, which captures bodies, with a sink that keeps up.
    Log,
    /// The same with a sink that never finishes a write: the worker decodes, and what is decoded is dropped.
    DeadSink,
    /// The same where the worker waits for that sink: the queue is full, and every exchange is dropped.
    FullQueue,
    /// The layer of a shadow, whose challenger, on a thread of the shadow's, answers at once.
    Shadow,
    /// The same with a single permit, which a challenger that hangs has.
    ShadowNoPermit,
    /// The same with a challenger that has failed and is given a rest.
    ShadowResting,
    /// The pass-through layer around a handler that keeps an observation.
    HandlerKeeps,
    /// The logging layer around a handler that records an observation; bodies are not captured.
    Handler,
    /// A service of values that keeps an observation.
    ServiceKeeps,
    /// The observing layer around such a service.
    Typed,
    /// An observation is kept.
    Keep,
    /// An observation is recorded.
    Direct,
}

impl Variant {
    /// What the variant is compared with: the same without a log or a shadow.
    #[must_use]
    pub fn base(self) -> Self {
        match self {
            Self::Bare
            | Self::PassThrough
            | Self::Log
            | Self::DeadSink
            | Self::FullQueue
            | Self::Shadow
            | Self::ShadowNoPermit
            | Self::ShadowResting => Self::PassThrough,
            Self::HandlerKeeps | Self::Handler => Self::HandlerKeeps,
            Self::ServiceKeeps | Self::Typed => Self::ServiceKeeps,
            Self::Keep | Self::Direct => Self::Keep,
        }
    }

    /// Whether requests of HTTP go through it.
    #[must_use]
    pub fn is_http(self) -> bool {
        matches!(self.base(), Self::PassThrough | Self::HandlerKeeps)
    }

    fn takes_observations(self) -> bool {
        self.base() != Self::PassThrough
    }
}

/// What requests are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requests {
    /// The clients name their requests, in `x-request-id`; else the layer makes an id.
    pub named: bool,
    /// Something stands in the extensions already, as behind a router; else their map has to be made.
    pub extended: bool,
}

impl Requests {
    /// Named, and with an extension.
    pub const USUAL: Self = Self { named: true, extended: true };

    fn one(self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::from_static(FLIGHT)));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = http::Uri::from_static("/predict");
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.named {
            headers.insert("x-request-id", HeaderValue::from_static("r0000001"));
        }
        if self.extended {
            request.extensions_mut().insert(MatchedPath("/predict"));
        }
        request
    }
}

/// What a router leaves in the extensions.
#[derive(Clone, Copy, Debug)]
struct MatchedPath(#[expect(dead_code, reason = "is there to take its place")] &'static str);

/// What is made before it is needed, untimed, and taken while the time runs.
type Stock<T> = Rc<RefCell<Vec<T>>>;

fn take<T>(stock: &Stock<T>) -> Option<T> {
    stock.borrow_mut().pop()
}

/// A service in one variant, or what records without one.
#[expect(missing_debug_implementations, reason = "holds a closure")]
pub struct Subject {
    variant: Variant,
    exchange: Box<dyn FnMut()>,
    requests: Stock<Request<Full<Bytes>>>,
    observations: Stock<Observation>,
    kept: Stock<Observation>,
    log: Option<(LogHandle, LogGuard)>,
    shadow: Option<Shadowed>,
    exchanges: u64,
}

impl Subject {
    /// As `variant` says. With a full queue, the queue is full when this returns; with a shadow, the permit is taken, or the
    /// challenger rests.
    ///
    /// # Errors
    /// When a spec cannot be read, or the log or the shadow cannot be started.
    pub fn new(variant: Variant) -> Result<Self> {
        let log = log(variant)?;
        let handle = log.as_ref().map(|(handle, _)| handle.clone());
        let (requests, observations, kept) = (Stock::default(), Stock::default(), Stock::default());
        let shadow = Shadowed::start(variant)?;
        let exchange = match &shadow {
            Some(shadow) => {
                http(shadow.handle().layer().layer(tower::service_fn(predict)), Rc::clone(&requests))
            }
            None => exchange_of(variant, handle.as_ref(), &requests, &observations, &kept)?,
        };
        let mut subject = Self { variant, exchange, requests, observations, kept, log, shadow, exchanges: 0 };
        if variant == Variant::FullQueue {
            subject.fill_the_queue();
        }
        while subject.shadow.as_ref().is_some_and(|shadow| !shadow.is_ready()) {
            subject.prepare(1, Requests::USUAL);
            subject.exchange();
            subject.settle();
        }
        Ok(subject)
    }

    /// Makes what `count` exchanges take. [`BURST`] at most.
    pub fn prepare(&mut self, count: usize, requests: Requests) {
        let count = count.min(BURST);
        if self.variant.is_http() {
            self.requests.borrow_mut().extend(std::iter::repeat_with(|| requests.one()).take(count));
        }
        if self.variant.takes_observations() {
            self.observations.borrow_mut().extend(std::iter::repeat_with(observation_of_fifty).take(count));
            self.kept.borrow_mut().reserve(BURST);
        }
    }

    /// One exchange, from the request to the end of the response's body.
    // a function of its own, so that a profiler can count it alone
    #[inline(never)]
    pub fn exchange(&mut self) {
        self.exchanges += 1;
        (self.exchange)();
    }

    /// Waits until the worker has taken what is queued, and a challenger has answered, if they ever will, and drops what was
    /// kept.
    pub fn settle(&self) {
        self.kept.borrow_mut().clear();
        if let Some(shadow) = &self.shadow {
            shadow.settle(self.exchanges);
        }
        if let Some((log, _)) = &self.log
            && self.variant != Variant::FullQueue
        {
            while log.queue_depth().bytes > 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// A batch hangs in the sink, the worker waits with the next one, the exchange after that fills the queue.
    fn fill_the_queue(&mut self) {
        let mut exchange = || {
            self.prepare(1, Requests::USUAL);
            self.exchange();
            thread::sleep(Duration::from_millis(20));
            self.log.as_ref().map(|(log, _)| log.ledgers().exchanges.dropped.total())
        };
        while exchange() == Some(0) {}
    }

    /// Ends the log, or the shadow.
    ///
    /// # Errors
    /// When the ledgers do not account for every exchange.
    pub fn finish(self) -> Result<()> {
        if let Some(shadow) = self.shadow {
            return shadow.finish(self.exchanges);
        }
        let Some((_, guard)) = self.log else { return Ok(()) };
        let is_dead = matches!(self.variant, Variant::DeadSink | Variant::FullQueue);
        let report = guard.shutdown_blocking(if is_dead { Duration::ZERO } else { DRAIN });
        let ledgers = &report.ledgers;
        ensure!(report.balances(), "the ledgers do not balance: {ledgers:?}");
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

fn log(variant: Variant) -> Result<Option<(LogHandle, LogGuard)>> {
    let spec = || ModelSpec::read_file(flights_example("model.yaml"));
    let builder = match variant {
        _ if variant == variant.base() || variant == Variant::Bare => return Ok(None),
        Variant::Shadow | Variant::ShadowNoPermit | Variant::ShadowResting => return Ok(None),
        Variant::Log => LogBuilder::new().with_model(spec()?).with_sink(NullSink),
        Variant::DeadSink => {
            LogBuilder::new().with_model(spec()?).with_sink(DeadSink).with_sink_queue_bytes(1)
        }
        Variant::FullQueue => LogBuilder::new()
            .with_model(spec()?)
            .with_sink(DeadSink)
            .with_sink_queue_bytes(1)
            .with_when_full(WhenFull::Wait(Duration::MAX))
            .with_queue_items(1),
        _ => LogBuilder::new().with_model(fifty_floats()?).with_sink(NullSink),
    };
    Ok(Some(builder.build()?))
}

fn exchange_of(
    variant: Variant,
    log: Option<&LogHandle>,
    requests: &Stock<Request<Full<Bytes>>>,
    observations: &Stock<Observation>,
    kept: &Stock<Observation>,
) -> Result<Box<dyn FnMut()>> {
    let (requests, stock, kept) = (Rc::clone(requests), Rc::clone(observations), Rc::clone(kept));
    let log = || log.ok_or_else(|| anyhow::anyhow!("{variant:?} has no log"));
    Ok(match variant {
        Variant::Bare => http(tower::service_fn(predict), requests),
        Variant::PassThrough => http(PassThroughLayer.layer(tower::service_fn(predict)), requests),
        Variant::Log | Variant::DeadSink | Variant::FullQueue => {
            http(log()?.layer().layer(tower::service_fn(predict)), requests)
        }
        Variant::Shadow | Variant::ShadowNoPermit | Variant::ShadowResting => {
            bail!("{variant:?} has no shadow")
        }
        Variant::HandlerKeeps => {
            let handler = tower::service_fn(move |request| {
                kept.borrow_mut().extend(take(&stock));
                predict(request)
            });
            http(PassThroughLayer.layer(handler), requests)
        }
        Variant::Handler => {
            let handler = tower::service_fn(move |mut request: Request<_>| {
                // as the extractor does
                let log = request.extensions_mut().remove::<RequestLog>();
                if let (Some(log), Some(observation)) = (log, take(&stock)) {
                    log.record(observation);
                }
                predict(request)
            });
            http(log()?.layer().with_capture(Capture::Handler).layer(handler), requests)
        }
        Variant::ServiceKeeps => values(tower::service_fn(move |_: f64| {
            kept.borrow_mut().extend(take(&stock));
            async { Ok(0.12) }
        })),
        Variant::Typed => {
            let observe = move |_: &f64| {
                let seen = take(&stock);
                move |_: Option<&f64>| seen
            };
            let service = tower::service_fn(|_: f64| async { Ok(0.12) });
            values(log()?.observe("fifty", observe)?.layer(service))
        }
        Variant::Keep => Box::new(move || kept.borrow_mut().extend(take(&stock))),
        Variant::Direct => {
            let log = log()?.model("fifty")?;
            Box::new(move || {
                if let Some(observation) = take(&stock) {
                    log.record(observation);
                }
            })
        }
    })
}

fn http<S, B>(mut service: S, requests: Stock<Request<Full<Bytes>>>) -> Box<dyn FnMut()>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible> + 'static,
    B: Body<Data = Bytes>,
{
    Box::new(move || {
        if let Some(request) = take(&requests) {
            exchange(&mut service, request);
        }
    })
}

fn values<S>(mut service: S) -> Box<dyn FnMut()>
where
    S: Service<f64, Response = f64, Error = Infallible> + 'static,
{
    Box::new(move || call(&mut service))
}

/// One call of a service of values, which never waits.
#[inline(never)]
fn call(service: &mut impl Service<f64, Response = f64, Error = Infallible>) {
    let mut cx = Context::from_waker(Waker::noop());
    let _ = black_box(service.poll_ready(&mut cx));
    let _ = black_box(pin!(service.call(black_box(1.0))).poll(&mut cx));
}

/// Reads the whole request, and answers.
///
/// # Errors
/// Never.
pub async fn predict<B: Body<Data = Bytes>>(
    request: Request<B>,
) -> Result<Response<Full<Bytes>>, Infallible> {
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

/// Sends a request through `service` and reads the answer. Nothing in it ever waits, so each future is polled once.
#[inline(never)]
pub fn exchange<S, B>(service: &mut S, request: Request<Full<Bytes>>)
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
