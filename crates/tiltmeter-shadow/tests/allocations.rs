//! How often the champion's thread allocates for a request that is copied, and for one that is refused.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::convert::Infallible;
use std::future::{pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use allocation_counter::measure;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body::Body as _;
use http_body_util::Full;
use tiltmeter_shadow::{
    Challenger, CopiedBody, CopiedRequest, Pair, SampleRate, ShadowBuilder, ShadowGuard, ShadowHandle,
};
use tower::{Layer, Service, service_fn};

type Body = Full<Bytes>;

/// A shadow whose challengers never answer: what they do is done by other threads.
fn shadow(challengers: usize, permits: u32, rate: f64) -> (ShadowHandle<CopiedRequest>, ShadowGuard) {
    let challenger = |place: usize| {
        let hangs = service_fn(|_: Request<CopiedBody>| pending::<Result<Response<Body>, Infallible>>());
        Challenger::http(&format!("c{place}"), hangs)
            .with_timeout(Duration::from_secs(600))
            .with_permits(permits)
            .with_rate(SampleRate::new(rate).unwrap())
    };
    let builder = ShadowBuilder::http().with_route(Method::POST, "/predict").with_recorder(|_: Pair| true);
    (0..challengers).map(challenger).fold(builder, ShadowBuilder::with_challenger).build().unwrap()
}

/// As a server has it: its texts share the buffer of the connection, so that their clones allocate nothing.
fn request(path: &'static str, has_id: bool) -> Request<Body> {
    let mut request = Request::post(Uri::from_static(path));
    let headers = [
        ("host", "models.example"),
        ("content-type", "application/json"),
        ("content-length", "11"),
        ("accept", "*/*"),
        ("authorization", "Bearer s3cret"),
        ("user-agent", "curl/8"),
    ];
    for (name, value) in headers.into_iter().chain(has_id.then_some(("x-request-id", "r1"))) {
        request = request.header(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    request.body(Full::from("{\"age\": 40}")).unwrap()
}

/// What an exchange allocates on this thread.
fn exchange<S, Req, Res>(service: &mut S, request: Request<Req>) -> u64
where
    S: Service<Request<Req>, Response = Response<Res>, Error = Infallible, Future: Unpin>,
    Res: http_body::Body<Data = Bytes, Error = Infallible> + Unpin,
{
    let mut request = Some(request);
    let counted = measure(|| {
        let mut cx = Context::from_waker(Waker::noop());
        let mut call = service.call(request.take().unwrap());
        let Poll::Ready(Ok(response)) = Pin::new(&mut call).poll(&mut cx) else { panic!("it is ready") };
        let mut body = response.into_body();
        while let Poll::Ready(Some(_)) = Pin::new(&mut body).poll_frame(&mut cx) {}
    });
    counted.count_total
}

/// The most that a request allocates beyond one that nobody copies.
fn beyond(challengers: usize, permits: u32, rate: f64, has_id: bool) -> u64 {
    let (shadow, guard) = shadow(challengers, permits, rate);
    let champion = |request: Request<tiltmeter_shadow::ShadowBody<Body>>| {
        let mut body = request.into_body();
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(_)) = Pin::new(&mut body).poll_frame(&mut cx) {}
        let json = HeaderValue::from_static("application/json");
        let response = Response::builder().header("content-type", json);
        ready(Ok(response.body(Full::<Bytes>::from("{\"score\": 0.5}")).unwrap()))
    };
    let mut shadowed = shadow.layer().layer(service_fn(champion));
    // takes the permit, if there is one alone
    exchange(&mut shadowed, request("/predict", has_id));
    let mut most = |path| (0..10).map(|_| exchange(&mut shadowed, request(path, has_id))).max().unwrap();
    let (base, most) = (most("/other"), most("/predict"));
    drop(guard.shutdown_blocking(Duration::ZERO));
    most - base
}

#[test]
fn a_request_that_is_copied_allocates_so_often_at_most() {
    const ALL: f64 = 1.0;
    const NONE: f64 = 0.0;
    for (challengers, rate, has_id, most) in [
        // the exchange in two parts; the copy, and its headers in two parts; two buffers, and what shares one
        (1, ALL, true, 8),
        // an id in four places
        (1, ALL, false, 12),
        // the cases, the copy and its head
        (2, ALL, true, 12),
        // who is not in the sample has drawn by its id, and that is all
        (1, NONE, true, 0),
        (1, NONE, false, 1),
    ] {
        let found = beyond(challengers, 1_024, rate, has_id);
        assert!(
            found <= most,
            "{challengers} challengers, rate {rate}, an id: {has_id}: {found} allocations"
        );
    }
}

#[test]
fn a_request_that_is_refused_allocates_so_often_at_most() {
    // the exchange in two parts and two buffers, of which an earlier one may have left all but the first
    let found = beyond(1, 1, 1.0, true);
    assert!(found <= 4, "{found} allocations");
}
