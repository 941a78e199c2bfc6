//! What goes by, and what a challenger gets of it.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use http::{HeaderMap, StatusCode};
use http_body::Body;
use tiltmeter_record::ErrorType;

use super::*;
use crate::SampleRate;
use crate::testing::{Mock, Turnstile};

type Heard = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

/// A challenger that keeps the heads and bodies of its requests.
fn listening() -> (Mock, Heard) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let mock = Mock::new(move |request: Request<crate::CopiedBody>| {
        let (head, mut body) = request.into_parts();
        hears.lock().unwrap().push((head.headers, drain(&mut body).unwrap()));
        ready(Ok(Response::new(Scripted::data(b"0.4"))))
    });
    (mock, heard)
}

#[tokio::test(start_paused = true)]
async fn a_pair_has_the_request_and_both_answers_under_its_id() {
    let slow = Mock::new(|_| async {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let response = Response::builder().status(201).header("content-type", "application/json");
        Ok(response.body(Scripted::new([Step::Data(b"0."), Step::Data(b"4")])).unwrap())
    });
    let mut bench = bench([Challenger::http("next", slow)], same);
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    let request = post("r1", Scripted::new([Step::Data(b"{\"age\":"), Step::Data(b"40}")]));
    let response = bench.exchange(request, ok);
    tokio::time::advance(std::time::Duration::from_millis(7)).await;
    assert_eq!(drain(&mut response.into_body()).unwrap(), b"0.5");
    bench.run(100).await;
    let pair = bench.the_only(PairBucket::Paired);
    assert_eq!(
        (&*pair.request_id, pair.challenger.as_str(), pair.inclusion_probability),
        ("r1", "next", 1.0)
    );
    assert_eq!(pair.timestamp.to_string(), "2026-03-01T12:01:00Z");
    let request = pair.request.unwrap();
    assert_eq!((&*request.route, request.uri.path()), ("/predict", "/predict"));
    assert_eq!(request.content.body().unwrap().to_bytes(), &b"{\"age\":40}"[..]);
    assert_eq!(pair.champion.content.body().unwrap().to_bytes(), &b"0.5"[..]);
    assert_eq!((pair.champion.status, pair.champion.latency.as_millis()), (Some(StatusCode::OK), 7));
    let answer = pair.answer.unwrap();
    assert_eq!(answer.content.body().unwrap().to_bytes(), &b"0.4"[..]);
    assert_eq!((answer.status, answer.error), (Some(StatusCode::CREATED), None));
    assert_eq!(answer.latency.as_millis(), 30, "what it waited in the queue is not in it");
    assert_eq!(answer.headers.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_recorded_shows_no_content() {
    let mut bench = bench([Challenger::http("next", Mock::answering(b"s3cret-answer"))], same);
    let request = Request::post("/predict?s3cret=query").header("x-request-id", "r1");
    let request = request.body(Scripted::data(b"s3cret-body")).unwrap();
    drop(bench.exchange(request, || Response::new(Scripted::data(b"s3cret-response"))));
    bench.run(100).await;
    let pair = bench.recorded.the_pair();
    let shown = format!("{pair:?} {:?} {:?}", bench.shared, bench.layer());
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_listed_and_what_is_a_shadow_itself_passes_through_unseen() {
    let mut bench = bench([Challenger::http("next", Mock::answering(b"0.4"))], same);
    for request in [
        Request::get("/predict"),
        Request::post("/predict/x"),
        Request::post("/book"),
        Request::post("/predict").header("x-tiltmeter-shadow", "next"),
    ] {
        let response = bench.exchange(request.body(Scripted::data(b"{}")).unwrap(), ok);
        assert!(response.headers().is_empty());
        assert_eq!(drain(&mut response.into_body()).unwrap(), b"0.5");
    }
    bench.run(100).await;
    assert_eq!((bench.ledger(0).eligible, bench.recorded.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_challenger_gets_the_request_without_credentials_and_marked() {
    let (mock, heard) = listening();
    let mut bench = bench([Challenger::http("next", mock)], same);
    let request = Request::post("/predict")
        .header("authorization", "Bearer s3cret")
        .header("cookie", "session=s3cret")
        .header("content-type", "application/json")
        .header("x-tenant", "acme")
        .body(Scripted::new([Step::Data(b"{}"), Step::Trailers("x-checksum", "7")]))
        .unwrap();
    drop(bench.exchange(request, ok));
    bench.run(100).await;
    let (headers, body) = heard.lock().unwrap().pop().unwrap();
    assert_eq!(body, b"{}");
    let pair = bench.recorded.the_pair();
    let mut names: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    names.sort_unstable();
    let id = &*pair.request_id;
    let expected = [
        ("content-type", "application/json"),
        ("x-request-id", id),
        ("x-tenant", "acme"),
        ("x-tiltmeter-shadow", "next"),
    ];
    assert_eq!(names, expected);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_called_as_the_log_calls_it() {
    let mut bench = bench([Challenger::http("next", Mock::answering(b"0.4"))], same);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let plain = || Request::post("/predict");
    let traced = plain().header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let named =
        || Response::builder().header("x-request-id", "order-7").body(Scripted::data(b"0.5")).unwrap();
    for (request, response, id) in [
        (plain().header("x-request-id", "r1"), ok as fn() -> Response<Scripted>, Some("r1")),
        (traced, named, Some(trace)),
        (plain(), named, Some("order-7")),
        (plain().header("x-request-id", "two words"), ok, None),
    ] {
        let response = bench.exchange(request.body(Scripted::data(b"{}")).unwrap(), response);
        let told = response.headers().get("x-request-id").map(|id| id.to_str().unwrap().to_owned());
        drop(response);
        bench.run(100).await;
        let found = bench.recorded.the_pair().request_id;
        match id {
            Some(id) => assert_eq!(&*found, id),
            None => assert_eq!(Some(&*found), told.as_deref(), "a made id is told"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_champions_readiness_is_forwarded_and_the_challengers_is_not_asked_for() {
    let turnstile = Arc::new(Turnstile::default());
    let bench = bench([Challenger::http("next", Mock::answering(b"0.4").behind(&turnstile))], same);
    struct Busy(u32);
    impl Service<Request<ShadowBody<Scripted>>> for Busy {
        type Response = Response<Scripted>;
        type Error = Broken;
        type Future = std::future::Ready<Result<Response<Scripted>, Broken>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
            self.0 += 1;
            match self.0 {
                1 => Poll::Pending,
                2 => Poll::Ready(Ok(())),
                _ => Poll::Ready(Err(Broken)),
            }
        }
        fn call(&mut self, _: Request<ShadowBody<Scripted>>) -> Self::Future {
            ready(Ok(ok()))
        }
    }
    let mut service = bench.layer().layer(Busy(0));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(service.poll_ready(&mut cx), Poll::Pending);
    assert_eq!(service.poll_ready(&mut cx), Poll::Ready(Ok(())));
    assert_eq!(service.poll_ready(&mut cx), Poll::Ready(Err(Broken)));
    drop(service.call(post("r1", Scripted::data(b"{}"))));
    assert_eq!(turnstile.polls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_passes_frame_by_frame_with_its_size_its_end_and_its_trailers() {
    let mut bench = bench([Challenger::http("next", Mock::answering(b"0.4"))], same);
    let stream = || {
        let steps = [
            Step::Data(b"one"),
            Step::Pending,
            Step::Data(b"two"),
            Step::Pending,
            Step::Trailers("x-sum", "6"),
        ];
        Response::new(Scripted::new(steps).declaring(6))
    };
    let mut body = bench.exchange(post("r1", Scripted::data(b"{}")), stream).into_body();
    assert_eq!(body.size_hint().exact(), Some(6));
    let mut cx = Context::from_waker(Waker::noop());
    let mut next = || Pin::new(&mut body).poll_frame(&mut cx);
    // nothing is held back: each frame is there when the champion has it
    let Poll::Ready(Some(Ok(frame))) = next() else { panic!("the first frame") };
    assert_eq!(frame.into_data().unwrap(), &b"one"[..]);
    assert!(next().is_pending());
    let Poll::Ready(Some(Ok(frame))) = next() else { panic!("the second frame") };
    assert_eq!(frame.into_data().unwrap(), &b"two"[..]);
    assert!(next().is_pending());
    let Poll::Ready(Some(Ok(frame))) = next() else { panic!("the trailers") };
    assert_eq!(frame.into_trailers().unwrap()["x-sum"], "6");
    assert!(body.is_end_stream());
    bench.run(100).await;
    let pair = bench.the_only(PairBucket::Paired);
    assert_eq!(pair.champion.content.body().unwrap().to_bytes(), &b"onetwo"[..]);
}

#[tokio::test(start_paused = true)]
async fn the_grpc_status_is_the_answers() {
    let grpc = |status: &'static str| {
        Mock::new(move |_| {
            let response = Response::builder().header("content-type", "application/grpc+proto");
            let steps = [Step::Data(b"\0\0\0\0\0"), Step::Trailers("grpc-status", status)];
            ready(Ok(response.body(Scripted::new(steps)).unwrap()))
        })
    };
    let cut_off = Mock::new(|_| {
        let response = Response::builder().header("content-type", "application/grpc");
        ready(Ok(response.body(Scripted::data(b"\0\0\0\0\0")).unwrap()))
    });
    let challengers =
        [("well", grpc("0")), ("refuses", grpc("3")), ("is-down", grpc("14")), ("is-cut-off", cut_off)];
    let mut bench = bench(challengers.map(|(name, mock)| Challenger::http(name, mock)), same);
    bench.ask("r1");
    bench.run(100).await;
    let found: Vec<_> =
        bench.recorded.take().into_iter().map(|pair| (pair.bucket, pair.answer.unwrap())).collect();
    let found: Vec<_> =
        found.iter().map(|(bucket, answer)| (*bucket, answer.grpc_status, answer.error)).collect();
    assert_eq!(
        found,
        [
            (PairBucket::Paired, Some(0), None),
            (PairBucket::ChallengerError, Some(3), Some(ErrorType::Status)),
            (PairBucket::ChallengerError, Some(14), Some(ErrorType::Status)),
            (PairBucket::ChallengerError, None, Some(ErrorType::Status)),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_sample_is_drawn_by_the_id_and_the_smaller_lies_within_the_greater() {
    let challenger = |name, rate| {
        Challenger::http(name, Mock::answering(b"0.4")).with_rate(SampleRate::new(rate).unwrap())
    };
    let mut bench = bench([challenger("a-tenth", 0.1), challenger("a-half", 0.5)], same);
    for number in 0..500 {
        bench.ask(&format!("r{number}"));
    }
    bench.run(500).await;
    let pairs = bench.recorded.take();
    let ids = |name: &str| -> std::collections::BTreeSet<Arc<str>> {
        let its = pairs.iter().filter(|pair| pair.challenger.as_str() == name);
        its.map(|pair| Arc::clone(&pair.request_id)).collect()
    };
    let (tenth, half) = (ids("a-tenth"), ids("a-half"));
    assert!(tenth.is_subset(&half));
    assert!(
        (30..=70).contains(&tenth.len()) && (210..=290).contains(&half.len()),
        "{} {}",
        tenth.len(),
        half.len()
    );
    for (place, kept) in [(0, tenth.len()), (1, half.len())] {
        let ledger = bench.ledger(place);
        assert!(ledger.balances());
        assert_eq!((ledger.eligible, ledger.by(PairBucket::SampledOut)), (500, 500 - kept as u64));
        assert_eq!(ledger.by(PairBucket::Paired), kept as u64);
    }
    let probability = |name: &str| if name == "a-half" { 0.5_f64 } else { 0.1 };
    let is_told =
        |pair: &Pair| pair.inclusion_probability.to_bits() == probability(pair.challenger.as_str()).to_bits();
    assert!(pairs.iter().all(is_told));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_is_the_champions_alone() {
    #[derive(Clone, Debug, PartialEq)]
    struct OnUpgrade(u32);
    let (mock, heard) = listening();
    let mut bench = bench([Challenger::http("next", mock)], same);
    let champion = tower::service_fn(|mut request: Request<ShadowBody<Scripted>>| {
        assert_eq!(request.headers()["upgrade"], "websocket");
        let mut response = Response::builder().status(101).header("upgrade", "websocket");
        let upgrade = request.extensions_mut().remove::<OnUpgrade>().unwrap();
        response.extensions_mut().unwrap().insert(upgrade);
        ready(Ok::<_, Broken>(response.body(Scripted::new([])).unwrap()))
    });
    let request = Request::post("/predict").header("connection", "upgrade").header("upgrade", "websocket");
    let mut request = request.body(Scripted::new([])).unwrap();
    request.extensions_mut().insert(OnUpgrade(7));
    let Poll::Ready(Ok(response)) = poll(&mut bench.layer().layer(champion).call(request)) else {
        panic!("the champion is ready")
    };
    assert_eq!(response.extensions().get(), Some(&OnUpgrade(7)));
    assert_eq!(
        (response.status().as_u16(), &response.headers()["upgrade"]),
        (101, &"websocket".parse().unwrap())
    );
    drop(response);
    bench.run(100).await;
    let (headers, _) = heard.lock().unwrap().pop().unwrap();
    assert!(!headers.contains_key("upgrade") && !headers.contains_key("connection"), "{headers:?}");
    assert_eq!(bench.the_only(PairBucket::Paired).champion.error, None);
}
