use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tiltmeter_record::{ErrorType, ExchangeDrop, Observation, Priority, SizeClass};
use tower_layer::Layer;
use tower_service::Service;

use super::tape::Tape;
use super::*;
use crate::books::ExchangeBooks;
use crate::priorities::Priorities;
use crate::queue::{Intake, QueueBounds, Shares, queue};
use crate::shared::Item;
use crate::testing::{Broken, ManualClock, Never, SPEC, Scripted, Step, drain, spec};

const CAP: usize = 64;

/// A layer without a worker: tests take the exchanges out of the queue themselves.
struct Bench {
    layer: PredictionLogLayer,
    shared: Arc<Shared>,
    intake: Intake<Item>,
    books: Arc<ExchangeBooks>,
    clock: Arc<ManualClock>,
}

fn bench() -> Bench {
    let books = ExchangeBooks::new(1);
    let (queue, intake) = queue(Shares::equal(QueueBounds { items: 8, bytes: 1 << 20 }), Arc::clone(&books));
    let clock = Arc::new(ManualClock::default());
    let routes = Routes::new(&[spec(SPEC)]).unwrap();
    let id_header = HeaderName::from_static("x-request-id");
    let shared = Arc::new(Shared {
        queue,
        routes,
        clock: clock.clone(),
        id_header,
        body_cap: CAP,
        pairs: crate::pair::PairBooks::default(),
        shadows: crate::pair::Shadows::default(),
        spares: Spares::new(),
        priorities: None,
        endpoint_priorities: Vec::new(),
    });
    Bench { layer: PredictionLogLayer::new(Arc::clone(&shared)), shared, intake, books, clock }
}

impl Bench {
    /// The one exchange that has been offered.
    fn the_exchange(&self) -> Captured {
        let queued = self.intake.take().expect("an exchange was offered");
        assert!(self.intake.take().is_none(), "an exchange is offered once");
        let Item::Exchange(mut exchange) = queued.item else { panic!("a layer offers exchanges") };
        std::mem::take(exchange.captured())
    }

    fn assert_nothing(&self) {
        assert!(self.intake.take().is_none(), "nothing was offered yet");
    }
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn post(body: Scripted) -> Request<Scripted> {
    Request::post("/predict").header("x-request-id", "r1").body(body).unwrap()
}

fn request_body() -> Scripted {
    Scripted::new([Step::Data(b"{\"age\":"), Step::Data(b"40}")])
}

/// A handler that reads the request to its end and answers with `response`.
#[derive(Clone)]
struct Handler<R>(R);

impl<R: FnMut() -> Response<Scripted>> Service<Request<LoggedBody<Scripted>>> for Handler<R> {
    type Response = Response<Scripted>;
    type Error = Never;
    type Future = std::future::Ready<Result<Response<Scripted>, Never>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Never>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<LoggedBody<Scripted>>) -> Self::Future {
        let _ = drain(&mut request.into_body());
        ready(Ok((self.0)()))
    }
}

/// Sends `request` and returns the head of the response with its body unread.
fn exchange(
    bench: &Bench,
    request: Request<Scripted>,
    response: impl FnMut() -> Response<Scripted>,
) -> Response<LoggedBody<Scripted>> {
    let mut service = bench.layer.layer(Handler(response));
    let Poll::Ready(Ok(response)) = poll(&mut service.call(request)) else { panic!("the handler is ready") };
    response
}

fn answering(steps: Vec<Step>) -> impl FnMut() -> Response<Scripted> {
    let mut steps = Some(steps);
    move || Response::new(Scripted::new(steps.take().unwrap()))
}

fn ok() -> impl FnMut() -> Response<Scripted> {
    answering(vec![Step::Data(b"{\"score\":"), Step::Data(b"0.5}")])
}

#[test]
fn an_exchange_is_captured_when_the_response_has_been_read() {
    let bench = bench();
    let response = exchange(&bench, post(request_body()), ok());
    bench.clock.advance(7);
    bench.assert_nothing();
    assert_eq!(drain(&mut response.into_body()).unwrap(), b"{\"score\":0.5}");
    let captured = bench.the_exchange();
    assert_eq!(captured.tape.id(), b"r1");
    assert_eq!(captured.tape.request(), (&b"{\"age\":40}"[..], Extent::Whole));
    assert_eq!(captured.tape.response(), (&b"{\"score\":0.5}"[..], Extent::Whole));
    assert_eq!((captured.status, captured.error), (Some(StatusCode::OK), None));
    assert_eq!(captured.latency.as_millis(), 7);
}

#[test]
fn other_routes_and_methods_pass_through_unseen() {
    let bench = bench();
    for request in [Request::post("/other"), Request::get("/predict"), Request::post("/predict/x")] {
        let request = request.body(request_body()).unwrap();
        let response = exchange(&bench, request, ok());
        assert!(response.headers().is_empty());
        assert_eq!(drain(&mut response.into_body()).unwrap(), b"{\"score\":0.5}");
    }
    bench.assert_nothing();
    assert_eq!(bench.books.read().observed, 0);
}

#[test]
fn a_client_that_leaves_before_the_head_is_recorded() {
    let bench = bench();
    let pending = tower::service_fn(|_: Request<LoggedBody<Scripted>>| {
        std::future::pending::<Result<Response<Scripted>, Never>>()
    });
    let mut service = bench.layer.layer(pending);
    let mut future = Box::pin(service.call(post(request_body())));
    assert!(poll(&mut future).is_pending());
    bench.clock.advance(3);
    drop(future);
    let captured = bench.the_exchange();
    assert_eq!((captured.status, captured.error), (None, Some(ErrorType::Cancelled)));
    assert_eq!(captured.latency.as_millis(), 3);
}

#[test]
fn a_client_that_leaves_during_the_body_is_recorded() {
    let bench = bench();
    let response = exchange(
        &bench,
        post(request_body()),
        answering(vec![Step::Data(b"{"), Step::Pending, Step::Data(b"}")]),
    );
    let mut body = response.into_body();
    assert_eq!(drain(&mut body).unwrap(), b"{");
    drop(body);
    let captured = bench.the_exchange();
    assert_eq!((captured.status, captured.error), (Some(StatusCode::OK), Some(ErrorType::Cancelled)));
    assert_eq!(captured.tape.response().1, Extent::Part);
}

#[test]
fn a_body_that_fails_after_the_head_is_recorded_and_passes_through() {
    let bench = bench();
    let response = exchange(&bench, post(request_body()), answering(vec![Step::Data(b"{"), Step::Error]));
    let mut body = response.into_body();
    assert_eq!(drain(&mut body), Err(Broken));
    assert_eq!(bench.the_exchange().error, Some(ErrorType::Body));
    drop(body);
    bench.assert_nothing();
}

#[test]
fn trailers_then_the_end_then_the_drop_are_one_end() {
    let bench = bench();
    let response =
        || Response::new(Scripted::new([Step::Data(b"{}"), Step::Trailers]).silent_about_its_end());
    let mut body = exchange(&bench, post(request_body()), response).into_body();
    drain(&mut body).unwrap();
    assert_eq!(bench.the_exchange().error, None);
    drop(body);
    bench.assert_nothing();
}

#[test]
fn a_response_without_a_body_is_complete_at_once() {
    let bench = bench();
    let response = || Response::builder().status(204).body(Scripted::new([])).unwrap();
    drop(exchange(&bench, post(request_body()), response));
    let captured = bench.the_exchange();
    assert_eq!((captured.status, captured.error), (Some(StatusCode::NO_CONTENT), None));
}

#[test]
fn a_body_that_is_never_asked_for_its_end_is_not_a_client_that_left() {
    // 204 and 304 have no body, whatever the body type says; a declared length that has gone by is the end
    for (status, steps, declared) in
        [(204, vec![], None), (304, vec![], Some(9)), (200, vec![Step::Data(b"{}")], Some(2))]
    {
        let bench = bench();
        let mut steps = Some(steps);
        let response = move || {
            let mut body = Scripted::new(steps.take().unwrap()).silent_about_its_end();
            if let Some(bytes) = declared {
                body = body.declaring(bytes);
            }
            Response::builder().status(status).body(body).unwrap()
        };
        let mut body = exchange(&bench, post(request_body()), response).into_body();
        if status == 200 {
            let _ = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
        }
        drop(body);
        assert_eq!(bench.the_exchange().error, None, "{status}");
    }
}

#[test]
fn a_length_that_only_the_header_declares_is_the_end_too() {
    // a proxied response: the body is a stream that does not know its length
    let bench = bench();
    let response = || {
        let body = Scripted::new([Step::Data(b"{}")]).silent_about_its_end();
        Response::builder().header("content-length", "2").body(body).unwrap()
    };
    let mut body = exchange(&bench, post(request_body()), response).into_body();
    let _ = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    drop(body);
    let captured = bench.the_exchange();
    assert_eq!((captured.error, captured.tape.response().1), (None, Extent::Whole));
}

#[test]
fn an_error_of_the_service_passes_through_and_is_recorded() {
    let bench = bench();
    let failing =
        tower::service_fn(|_: Request<LoggedBody<Scripted>>| ready(Err::<Response<Scripted>, _>(Broken)));
    let mut service = bench.layer.layer(failing);
    let Poll::Ready(Err(Broken)) = poll(&mut service.call(post(request_body()))) else { panic!("it fails") };
    let captured = bench.the_exchange();
    assert_eq!((captured.status, captured.error), (None, Some(ErrorType::Service)));
}

#[test]
fn a_handler_that_panics_is_recorded_even_if_the_panic_is_caught_before_the_drop() {
    let bench = bench();
    let panicking = tower::service_fn(|_: Request<LoggedBody<Scripted>>| async {
        panic!("the handler is broken");
        #[expect(unreachable_code, reason = "gives the future its type")]
        Ok::<Response<Scripted>, Never>(Response::new(Scripted::new([])))
    });
    let mut service = bench.layer.layer(panicking);
    let mut future = Box::pin(service.call(post(request_body())));
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = poll(&mut future);
    }));
    assert!(unwound.is_err());
    drop(future);
    assert_eq!(bench.the_exchange().error, Some(ErrorType::Panic));
}

#[test]
fn a_request_that_outlives_its_response_holds_the_exchange_until_it_has_ended() {
    let bench = bench();
    let kept = Arc::new(std::sync::Mutex::new(None));
    let keep = Arc::clone(&kept);
    let handler = tower::service_fn(move |request: Request<LoggedBody<Scripted>>| {
        *keep.lock().unwrap() = Some(request.into_body());
        ready(Ok::<_, Never>(Response::new(Scripted::new([Step::Data(b"{}")]))))
    });
    let mut service = bench.layer.layer(handler);
    let Poll::Ready(Ok(response)) = poll(&mut service.call(post(request_body()))) else { panic!() };
    bench.clock.advance(5);
    drain(&mut response.into_body()).unwrap();
    bench.assert_nothing();
    bench.clock.advance(100);
    let mut body = kept.lock().unwrap().take().unwrap();
    drain(&mut body).unwrap();
    let captured = bench.the_exchange();
    assert_eq!(captured.tape.request(), (&b"{\"age\":40}"[..], Extent::Whole));
    assert_eq!(captured.tape.response(), (&b"{}"[..], Extent::Whole));
    assert_eq!(captured.latency.as_millis(), 5, "the latency is the response's");
}

#[test]
fn a_request_that_the_handler_does_not_read_is_known_as_such() {
    let bench = bench();
    let lazy = tower::service_fn(|_: Request<LoggedBody<Scripted>>| {
        ready(Ok::<_, Never>(Response::new(Scripted::new([]))))
    });
    let mut service = bench.layer.layer(lazy);
    let _ = poll(&mut service.call(post(request_body())));
    assert_eq!(bench.the_exchange().tape.request().1, Extent::Part);
}

#[test]
fn bodies_above_the_cap_pass_through_whole_and_are_not_kept() {
    let bench = bench();
    const LARGE: &[u8] = &[b'x'; CAP + 1];
    let response =
        exchange(&bench, post(Scripted::new([Step::Data(LARGE)])), answering(vec![Step::Data(LARGE)]));
    assert_eq!(drain(&mut response.into_body()).unwrap(), LARGE);
    let captured = bench.the_exchange();
    assert_eq!(captured.tape.request(), (&b""[..], Extent::Refused));
    assert_eq!(captured.tape.response(), (&b""[..], Extent::Refused));
    assert!(captured.tape.capacity() <= 512);
}

#[test]
fn size_hint_and_end_of_stream_are_the_inner_bodys() {
    let bench = bench();
    let body = || Response::new(Scripted::new([Step::Data(b"{}")]).declaring(2));
    let mut body = exchange(&bench, post(request_body()), body).into_body();
    assert_eq!(body.size_hint().exact(), Some(2));
    assert!(!body.is_end_stream());
    drain(&mut body).unwrap();
    assert!(body.is_end_stream());
}

fn echoed(request_id: Option<&str>, response_id: Option<&'static str>) -> (String, RequestId) {
    let bench = bench();
    let mut request = post(request_body());
    match request_id {
        Some(id) => request.headers_mut().insert("x-request-id", HeaderValue::from_str(id).unwrap()),
        None => request.headers_mut().remove("x-request-id"),
    };
    let response = move || {
        let mut response = Response::new(Scripted::new([]));
        if let Some(id) = response_id {
            response.headers_mut().insert("x-request-id", HeaderValue::from_static(id));
        }
        response
    };
    let response = exchange(&bench, request, response);
    let echoed = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    (echoed, bench.the_exchange().request_id)
}

#[test]
fn the_response_names_the_request_as_the_record_does() {
    let (id, source) = echoed(Some("r1"), None);
    assert!(id == "r1" && matches!(source, RequestId::Taped));
    let (id, source) = echoed(Some("r1"), Some("theirs"));
    assert!(id == "theirs" && matches!(source, RequestId::Taped), "the handler's header is not overwritten");
    let (id, source) = echoed(None, Some("theirs"));
    assert!(id == "theirs" && matches!(source, RequestId::Given(value) if *value == "theirs"));
    let (id, source) = echoed(None, None);
    assert!(matches!(source, RequestId::Made(made) if made.to_string() == id));
    let (id, source) = echoed(Some("two words"), None);
    assert!(matches!(source, RequestId::Made(made) if made.to_string() == id), "an unusable id is replaced");
}

/// A service whose readiness belongs to one instance, as that of `tower`'s `Buffer` and `ConcurrencyLimit`.
struct OneShot {
    ready: bool,
    pending: u32,
}

impl Clone for OneShot {
    fn clone(&self) -> Self {
        Self { ready: false, pending: 0 }
    }
}

impl Service<Request<LoggedBody<Scripted>>> for OneShot {
    type Response = Response<Scripted>;
    type Error = Never;
    type Future = std::future::Ready<Result<Response<Scripted>, Never>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Never>> {
        if self.pending > 0 {
            self.pending -= 1;
            return Poll::Pending;
        }
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<LoggedBody<Scripted>>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called on an instance that is not ready");
        ready(Ok(Response::new(Scripted::new([]))))
    }
}

#[test]
fn readiness_is_the_inner_services_and_the_ready_instance_is_called() {
    let bench = bench();
    let mut service = bench.layer.layer(OneShot { ready: false, pending: 2 });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut cx).is_pending());
    assert!(service.poll_ready(&mut cx).is_pending());
    assert!(service.poll_ready(&mut cx).is_ready());
    drop(service.call(post(request_body())));
}

#[test]
fn a_full_queue_changes_nothing_for_the_client() {
    let bench = bench();
    for _ in 0..20 {
        let response = exchange(&bench, post(request_body()), ok());
        assert_eq!(drain(&mut response.into_body()).unwrap(), b"{\"score\":0.5}");
    }
    let exchanges = bench.books.read();
    assert_eq!((exchanges.observed, exchanges.dropped.by(ExchangeDrop::QueueFull)), (20, 12));
}

/// Never called: it compiles only while the types keep their auto traits.
#[expect(dead_code, reason = "a check of types")]
fn auto_traits() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>() {}
    fn movable<T: Send + Sync + std::fmt::Debug>() {}
    shared::<PredictionLogLayer>();
    shared::<PredictionLog<fn()>>();
    movable::<ResponseFuture<()>>();
    movable::<LoggedBody<http_body_util::Full<Bytes>>>();
}

/// A handler that says what `say` says, then reads and answers.
fn handled(
    bench: &Bench,
    capture: Capture,
    request: Request<Scripted>,
    say: impl Fn(&RequestLog),
) -> Response<LoggedBody<Scripted>> {
    let handler = tower::service_fn(|request: Request<LoggedBody<Scripted>>| {
        say(&RequestLog::of(request.extensions()));
        let _ = drain(&mut request.into_body());
        ready(Ok::<_, Never>(ok()()))
    });
    let mut service = bench.layer.clone().with_capture(capture).layer(handler);
    let Poll::Ready(Ok(response)) = poll(&mut service.call(request)) else { panic!("the handler is ready") };
    response
}

#[test]
fn a_handler_says_what_it_knows_and_no_body_is_copied() {
    let bench = bench();
    let response = handled(&bench, Capture::Handler, post(request_body()), |log| {
        assert!(log.is_attached());
        log.record(Observation::new().with("age", 40.0).with_score(0.5));
        log.set("channel", "web");
        log.set_model_version("v7".parse().unwrap());
    });
    assert_eq!(response.headers()["x-request-id"], "r1");
    bench.assert_nothing();
    assert_eq!(drain(&mut response.into_body()).unwrap(), b"{\"score\":0.5}");
    let captured = bench.the_exchange();
    assert_eq!(captured.tape.request(), (&b""[..], Extent::Uncaptured));
    assert_eq!(captured.tape.response(), (&b""[..], Extent::Uncaptured));
    assert_eq!(captured.tape.id(), b"r1");
    let said = captured.said.unwrap();
    assert_eq!(said.observations.as_slice()[0].score, Some(0.5));
    assert_eq!(said.segments.len(), 1);
    assert_eq!(said.model_version.unwrap().as_str(), "v7");
    assert_eq!((captured.status, captured.error), (Some(StatusCode::OK), None));
}

#[test]
fn bodies_and_the_handlers_word_go_into_one_exchange() {
    let bench = bench();
    let say = |log: &RequestLog| log.record(Observation::new().with_score(0.25));
    let response = handled(&bench, Capture::BodiesAndHandler, post(request_body()), say);
    drain(&mut response.into_body()).unwrap();
    let captured = bench.the_exchange();
    assert_eq!(captured.tape.request(), (&b"{\"age\":40}"[..], Extent::Whole));
    assert_eq!(captured.said.unwrap().observations.as_slice().len(), 1);
}

#[test]
fn where_only_bodies_are_captured_the_handlers_log_is_detached() {
    let bench = bench();
    let response = handled(&bench, Capture::Bodies, post(request_body()), |log| {
        assert!(!log.is_attached());
        log.record(Observation::new());
        assert_eq!(log.set_model("anything"), Ok(()));
    });
    drain(&mut response.into_body()).unwrap();
    assert!(bench.the_exchange().said.is_none());
}

#[test]
fn a_handler_that_speaks_on_holds_the_exchange_until_it_is_done() {
    let bench = bench();
    let kept = std::cell::RefCell::new(None);
    let say = |log: &RequestLog| *kept.borrow_mut() = Some(log.clone());
    let response = handled(&bench, Capture::Handler, post(request_body()), say);
    drain(&mut response.into_body()).unwrap();
    bench.assert_nothing();
    let log = kept.take().unwrap();
    log.record(Observation::new().with_generated_text("done"));
    drop(log);
    assert_eq!(bench.the_exchange().said.unwrap().observations.as_slice().len(), 1);
}

#[test]
fn a_model_that_the_log_does_not_have_cannot_have_answered() {
    let bench = bench();
    let response = handled(&bench, Capture::Handler, post(request_body()), |log| {
        assert!(log.set_model("turnover").is_err());
        assert_eq!(log.set_model("churn"), Ok(()));
        log.set_error(ErrorType::Timeout);
    });
    drain(&mut response.into_body()).unwrap();
    let captured = bench.the_exchange();
    assert_eq!((captured.route, captured.error), (0, Some(ErrorType::Timeout)));
}

#[test]
fn a_trace_names_a_request_that_has_no_id() {
    let bench = bench();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = Request::post("/predict").header("traceparent", trace).body(request_body()).unwrap();
    let response = exchange(&bench, request, ok());
    assert_eq!(response.headers()["x-request-id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    drain(&mut response.into_body()).unwrap();
    assert_eq!(bench.the_exchange().tape.id(), b"4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn the_outcome_of_a_grpc_call_stands_in_its_trailers() {
    for (status, error) in [
        ("0", None),
        ("1", Some(ErrorType::Cancelled)),
        ("4", Some(ErrorType::Timeout)),
        ("13", Some(ErrorType::Status)),
    ] {
        let grpc = |steps: Vec<Step>, in_headers: bool| {
            let mut response = answering(steps)();
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc+proto"));
            if in_headers {
                response.headers_mut().insert("grpc-status", HeaderValue::from_str(status).unwrap());
            }
            response
        };
        let bench = bench();
        let trailers = || Step::TrailersWith("grpc-status", status);
        for response in [
            exchange(&bench, post(request_body()), || grpc(vec![Step::Data(b"x"), trailers()], false)),
            exchange(&bench, post(request_body()), || grpc(vec![], true)),
        ] {
            let _ = drain(&mut response.into_body());
        }
        let errors: Vec<_> = std::iter::from_fn(|| bench.intake.take())
            .map(|queued| {
                let Item::Exchange(mut exchange) = queued.item else { panic!("a layer offers exchanges") };
                let captured = exchange.captured();
                captured.error
            })
            .collect();
        assert_eq!(errors, [error, error], "grpc-status {status}");
    }
}

#[test]
fn what_an_exchange_is_counted_by_is_its_own_size_and_not_that_of_its_buffer() {
    let bench = bench();
    let classes: Vec<_> = (0..2)
        .map(|round| {
            if round == 1 {
                // a spare with a large buffer
                let mut spare = Offered::default();
                spare.captured().tape = Tape::blank(Vec::with_capacity(4_096));
                bench.shared.spares.give_back(spare);
            }
            let response = exchange(&bench, post(request_body()), ok());
            drain(&mut response.into_body()).unwrap();
            let queued = bench.intake.take().unwrap();
            (queued.stratum.size, queued.weight > 4_096)
        })
        .collect();
    assert_eq!(classes, [(SizeClass::UpTo1KiB, false), (SizeClass::UpTo1KiB, true)]);
}

#[test]
fn a_closed_log_copies_no_bodies() {
    let bench = bench();
    bench.intake.close();
    let response = exchange(&bench, post(request_body()), ok());
    drain(&mut response.into_body()).unwrap();
    assert!(bench.intake.take().is_none());
    let mut spare = bench.shared.spares.take().unwrap();
    assert!(spare.captured().tape.capacity() < 16, "the id alone");
}

#[test]
fn failed_exchanges_are_the_last_to_go() {
    let books = ExchangeBooks::new(1);
    let bounds = QueueBounds { items: 8, bytes: 1 << 20 };
    let (queue, intake) = queue(Shares::by_priority(bounds), Arc::clone(&books));
    let header = HeaderName::from_static("x-log-priority");
    let shared = Arc::new(Shared {
        queue,
        routes: Routes::new(&[spec(SPEC)]).unwrap(),
        clock: Arc::new(ManualClock::default()),
        id_header: HeaderName::from_static("x-request-id"),
        body_cap: CAP,
        pairs: crate::pair::PairBooks::default(),
        shadows: crate::pair::Shadows::default(),
        spares: Spares::new(),
        priorities: Some(Priorities::new().with_header(header.clone())),
        endpoint_priorities: vec![Priority::Normal],
    });
    let layer = PredictionLogLayer::new(shared);
    let send = |status: u16, word: Option<&str>, say: Option<Priority>| {
        let mut service = layer.clone().with_capture(Capture::Handler).layer(tower::service_fn(
            |request: Request<LoggedBody<Scripted>>| {
                if let Some(priority) = say {
                    RequestLog::of(request.extensions()).set_priority(priority);
                }
                let mut response = ok()();
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                ready(Ok::<_, Never>(response))
            },
        ));
        let mut request = post(request_body());
        if let Some(word) = word {
            request.headers_mut().insert(&header, word.parse().unwrap());
        }
        let Poll::Ready(Ok(response)) = poll(&mut service.call(request)) else { panic!("ready") };
        drain(&mut response.into_body()).unwrap();
        let queued = intake.take().unwrap();
        intake.give_back(queued.weight);
        queued.stratum.priority
    };
    assert_eq!(send(200, None, None), Priority::Normal);
    assert_eq!(send(500, None, None), Priority::High);
    assert_eq!(send(200, Some("low"), None), Priority::Low);
    assert_eq!(send(500, Some("low"), None), Priority::High, "that it failed counts before the header");
    assert_eq!(send(500, None, Some(Priority::Low)), Priority::Low, "the handler's word counts before all");
}
