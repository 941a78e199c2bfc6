//! However an exchange ends, it is counted once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use tiltmeter_record::ErrorType;

use super::*;
use crate::testing::{Mock, Turnstile};
use crate::{Content, ShadowBreaker};

fn answering() -> Challenger<CopiedRequest> {
    Challenger::http("next", Mock::answering(b"0.4"))
}

/// A champion whose answer never comes.
fn hanging(
    bench: &Bench<CopiedRequest>,
) -> impl Future<Output = Result<Response<ShadowBody<Scripted>>, Broken>> + Unpin + use<> {
    let champion = tower::service_fn(|request: Request<ShadowBody<Scripted>>| {
        let _ = drain(&mut request.into_body());
        std::future::pending::<Result<Response<Scripted>, Broken>>()
    });
    let mut call = bench.layer().layer(champion).call(post("r1", Scripted::data(b"{}")));
    assert!(poll(&mut call).is_pending());
    call
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_before_the_head_does_not_cancel_the_shadow() {
    let mut bench = bench([answering()], same);
    let call = hanging(&bench);
    tokio::time::advance(Duration::from_millis(9)).await;
    drop(call);
    assert_eq!(bench.recorded.len(), 0, "the challenger has not answered");
    bench.run(100).await;
    let pair = bench.the_only(PairBucket::Paired);
    assert_eq!((pair.champion.status, pair.champion.error), (None, Some(ErrorType::Cancelled)));
    assert_eq!(pair.champion.latency.as_millis(), 9);
    assert_eq!(pair.answer.unwrap().content.body().unwrap().to_bytes(), &b"0.4"[..]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_after_the_head_does_not_cancel_the_shadow() {
    let mut bench = bench([answering()], same);
    let response = bench.exchange(post("r1", Scripted::data(b"{}")), || {
        Response::new(Scripted::new([Step::Data(b"0"), Step::Pending, Step::Data(b".5")]))
    });
    let mut body = response.into_body();
    assert_eq!(drain(&mut body).unwrap(), b"0");
    drop(body);
    bench.run(100).await;
    let pair = bench.the_only(PairBucket::Paired);
    assert_eq!(
        (pair.champion.status.unwrap().as_u16(), pair.champion.error),
        (200, Some(ErrorType::Cancelled))
    );
    let Content::PartOfBody(part) = &pair.champion.content else { panic!("what came until then") };
    assert_eq!(part.to_bytes(), &b"0"[..]);
}

#[tokio::test(start_paused = true)]
async fn who_answers_last_does_not_matter() {
    let mut bench = bench([answering()], same);
    let call = hanging(&bench);
    bench.run(100).await;
    assert_eq!((bench.recorded.len(), bench.ledger(0).under_way()), (0, 1), "the champion has not answered");
    assert_eq!(bench.core().standings[0].gate.items(), 1);
    drop(call);
    assert_eq!((bench.recorded.len(), bench.ledger(0).under_way()), (0, 1), "the champion makes no pair");
    bench.run(20).await;
    bench.the_only(PairBucket::Paired);
}

#[tokio::test(start_paused = true)]
async fn a_request_of_which_not_all_came_is_not_sent() {
    let declared = || Scripted::data(b"{}").silent_about_its_end();
    for (body, reads, bucket) in [
        (Scripted::new([Step::Data(b"{\"age\""), Step::Error]), true, PairBucket::RequestIncomplete),
        (
            Scripted::new([Step::Data(b"{"), Step::Pending, Step::Data(b"}")]),
            true,
            PairBucket::RequestIncomplete,
        ),
        (Scripted::data(b"{}"), false, PairBucket::RequestIncomplete),
        (declared().declaring(3), true, PairBucket::Paired),
        (Scripted::new([Step::Data(b"{}"), Step::Pending]).declaring(2), true, PairBucket::Paired),
        (Scripted::new([]), false, PairBucket::Paired),
    ] {
        let mut bench = bench([answering()], same);
        let champion = tower::service_fn(move |request: Request<ShadowBody<Scripted>>| {
            let mut body = request.into_body();
            if reads {
                let _ = drain(&mut body);
            }
            ready(Ok::<_, Broken>(ok()))
        });
        let shown = format!("{body:?}");
        drop(poll(&mut bench.layer().layer(champion).call(post("r1", body))));
        bench.run(100).await;
        let pair = bench.the_only(bucket);
        assert_eq!(pair.answer.is_some(), bucket == PairBucket::Paired, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_champion_pass_and_are_in_the_pair() {
    let mut bench = bench([answering()], same);
    let refusing = tower::service_fn(|request: Request<ShadowBody<Scripted>>| {
        let _ = drain(&mut request.into_body());
        ready(Err::<Response<Scripted>, _>(Broken))
    });
    let result = poll(&mut bench.layer().layer(refusing).call(post("r1", Scripted::data(b"{}"))));
    assert!(matches!(result, Poll::Ready(Err(Broken))));
    let broken = || Response::new(Scripted::new([Step::Data(b"0"), Step::Error]));
    let response = bench.exchange(post("r2", Scripted::data(b"{}")), broken);
    assert_eq!(drain(&mut response.into_body()), Err(Broken));
    bench.run(100).await;
    let errors: Vec<_> =
        bench.recorded.take().iter().map(|pair| (pair.bucket, pair.champion.error)).collect();
    let expected = [ErrorType::Service, ErrorType::Body].map(|error| (PairBucket::Paired, Some(error)));
    assert_eq!(errors, expected);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn panics_of_the_champion_pass_and_are_in_the_pair() {
    let mut bench = bench([answering()], same);
    type Answer = Pin<Box<dyn Future<Output = Result<Response<Scripted>, Broken>>>>;
    let panicking = tower::service_fn(|request: Request<ShadowBody<Scripted>>| -> Answer {
        let _ = drain(&mut request.into_body());
        Box::pin(std::future::poll_fn(|_| panic!("the champion is broken")))
    });
    let mut call = bench.layer().layer(panicking).call(post("r1", Scripted::data(b"{}")));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut call))).is_err());
    let at_once =
        tower::service_fn(|_: Request<ShadowBody<Scripted>>| -> Answer { panic!("the champion is broken") });
    let mut service = bench.layer().layer(at_once);
    let request = post("r2", Scripted::data(b"{}"));
    assert!(catch_unwind(AssertUnwindSafe(|| service.call(request))).is_err());
    let response =
        bench.exchange(post("r3", Scripted::data(b"{}")), || Response::new(Scripted::new([Step::Panic])));
    let mut body = response.into_body();
    assert!(catch_unwind(AssertUnwindSafe(|| drain(&mut body))).is_err());
    bench.run(100).await;
    drop((call, body));
    let mut pairs = bench.recorded.take();
    pairs.sort_by(|one, other| one.request_id.cmp(&other.request_id));
    let found: Vec<_> = pairs.iter().map(|pair| (pair.bucket, pair.champion.error)).collect();
    let panic = Some(ErrorType::Panic);
    // the second one has not read its request
    assert_eq!(
        found,
        [(PairBucket::Paired, panic), (PairBucket::RequestIncomplete, panic), (PairBucket::Paired, panic)]
    );
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_challenger_that_is_not_ready_in_time_is_given_up() {
    let turnstile = Arc::new(Turnstile::default());
    let challenger = Challenger::http("next", Mock::answering(b"0.4").behind(&turnstile));
    let mut bench = bench([challenger.with_timeout(Duration::from_millis(200))], same);
    bench.ask("r1");
    bench.run(150).await;
    assert_eq!((turnstile.polls(), bench.recorded.len()), (1, 0));
    bench.run(100).await;
    let answer = bench.the_only(PairBucket::Timeout).answer.unwrap();
    assert_eq!(
        (answer.error, answer.latency),
        (Some(ErrorType::Timeout), Duration::from_millis(200)),
        "so long it was waited for"
    );
}

/// A challenger that will never be ready: it says so, or panics.
#[derive(Clone)]
struct Unready {
    panics: bool,
}

impl Service<Request<crate::CopiedBody>> for Unready {
    type Response = Response<Scripted>;
    type Error = Broken;
    type Future = std::future::Ready<Result<Response<Scripted>, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        assert!(!self.panics, "the challenger is broken");
        Poll::Ready(Err(Broken))
    }

    fn call(&mut self, _: Request<crate::CopiedBody>) -> Self::Future {
        ready(Ok(ok()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_challenger_whose_readiness_fails_is_not_asked() {
    let challengers = [("fails", false), ("panics", true)]
        .map(|(name, panics)| Challenger::http(name, Unready { panics }))
        .map(|challenger| challenger.with_breaker(ShadowBreaker::new().with_window(1, 1).with_probes(1)));
    let mut bench = bench(challengers, same);
    bench.ask("r1");
    bench.run(100).await;
    let pairs = bench.recorded.take();
    let found: Vec<_> = pairs
        .iter()
        .map(|pair| (pair.bucket, pair.answer.as_ref().unwrap()))
        .map(|(bucket, answer)| (bucket, answer.error, answer.status, answer.latency))
        .collect();
    let failed = |error| (PairBucket::ChallengerError, Some(error), None, Duration::ZERO);
    assert_eq!(found, [failed(ErrorType::Service), failed(ErrorType::Panic)]);
    // it counts against the challenger
    bench.ask("r2");
    assert_eq!([0, 1].map(|place| bench.ledger(place).by(PairBucket::BreakerOpen)), [1, 1]);
    bench.run(20).await;
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn the_instance_that_is_called_is_the_one_that_was_ready() {
    let turnstile = Arc::new(Turnstile::default());
    let challenger = Challenger::http("next", Mock::answering(b"0.4").behind(&turnstile));
    let mut bench = bench([challenger.with_timeout(Duration::from_secs(10))], same);
    bench.ask("r1");
    bench.ask("r2");
    bench.run(1_000).await;
    turnstile.allow(1);
    bench.run(100).await;
    assert_eq!(bench.recorded.len(), 1);
    turnstile.allow(1);
    bench.run(100).await;
    let pairs = bench.recorded.take();
    assert_eq!(bench.count(PairBucket::Paired), 2);
    assert_eq!(pairs[1].answer.as_ref().unwrap().latency, Duration::ZERO, "it was sent when it was ready");
}

#[tokio::test(start_paused = true)]
async fn a_challenger_that_hangs_is_given_up_at_every_stage() {
    let in_head = Mock::new(|_| std::future::pending());
    let in_body = Mock::new(|_| ready(Ok(Response::new(Scripted::new([Step::Data(b"0"), Step::Hang])))));
    let timeout = Duration::from_millis(200);
    let challengers = [("in-head", in_head), ("in-body", in_body)];
    let mut bench =
        bench(challengers.map(|(name, mock)| Challenger::http(name, mock).with_timeout(timeout)), same);
    bench.ask("r1");
    bench.run(1_000).await;
    let pairs = bench.recorded.take();
    for pair in &pairs {
        let answer = pair.answer.as_ref().unwrap();
        assert_eq!(
            (pair.bucket, answer.latency, answer.error),
            (PairBucket::Timeout, timeout, Some(ErrorType::Timeout))
        );
    }
    let statuses: Vec<_> = pairs.iter().map(|pair| pair.answer.as_ref().unwrap().status.is_some()).collect();
    assert_eq!(statuses, [false, true]);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn whatever_fails_in_a_challenger_is_its_own() {
    let refuses = Mock::new(|_| ready(Err(Broken)));
    let fails = Mock::new(|_| ready(Ok(Response::builder().status(503).body(Scripted::data(b"")).unwrap())));
    let objects =
        Mock::new(|_| ready(Ok(Response::builder().status(422).body(Scripted::data(b"no")).unwrap())));
    let breaks = Mock::new(|_| ready(Ok(Response::new(Scripted::new([Step::Data(b"0"), Step::Error])))));
    let panics = Mock::new(|_| async { panic!("the challenger is broken") });
    let panics_at_once = Mock::new(|_| -> std::future::Ready<_> { panic!("the challenger is broken") });
    let panics_in_body = Mock::new(|_| ready(Ok(Response::new(Scripted::new([Step::Panic])))));
    let cannot_be_cloned = Mock::answering(b"0.4");
    let clone_panics = cannot_be_cloned.clone_panics();
    let challengers = [
        ("refuses", refuses),
        ("fails", fails),
        ("objects", objects),
        ("breaks", breaks),
        ("panics", panics),
        ("panics-at-once", panics_at_once),
        ("panics-in-body", panics_in_body),
        ("cannot-be-cloned", cannot_be_cloned),
        ("well", Mock::answering(b"0.4")),
    ];
    let mut bench = bench(challengers.map(|(name, mock)| Challenger::http(name, mock)), same);
    clone_panics.store(true, SeqCst);
    bench.ask("r1");
    bench.run(100).await;
    let found: Vec<_> = bench
        .recorded
        .take()
        .into_iter()
        .map(|pair| {
            let answer = pair.answer.unwrap();
            (
                pair.challenger.to_string(),
                pair.bucket,
                answer.status.map(|status| status.as_u16()),
                answer.error,
            )
        })
        .collect();
    let error =
        |name: &str, status, error| (name.to_owned(), PairBucket::ChallengerError, status, Some(error));
    assert_eq!(
        found,
        [
            error("refuses", None, ErrorType::Service),
            error("fails", Some(503), ErrorType::Status),
            error("objects", Some(422), ErrorType::Status),
            error("breaks", Some(200), ErrorType::Body),
            error("panics", None, ErrorType::Panic),
            error("panics-at-once", None, ErrorType::Panic),
            error("panics-in-body", None, ErrorType::Panic),
            error("cannot-be-cloned", None, ErrorType::Panic),
            ("well".to_owned(), PairBucket::Paired, Some(200), None),
        ]
    );
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_refuses_or_panics_costs_its_pairs() {
    let mut bench = bench([answering()], same);
    bench.recorded.refuses.store(true, SeqCst);
    bench.ask("r1");
    bench.run(100).await;
    bench.recorded.panics.store(true, SeqCst);
    bench.ask("r2");
    bench.run(100).await;
    let ledger = bench.ledger(0);
    assert_eq!(
        (ledger.by(PairBucket::LogDropped), ledger.by(PairBucket::Paired), ledger.balances()),
        (2, 0, true)
    );
    assert_eq!(bench.recorded.the_pair().bucket, PairBucket::Paired, "what it would have been");
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_end_what_is_under_way() {
    let slow = Mock::new(|_| async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(ok())
    });
    let mut bench = bench([Challenger::http("next", slow)], same);
    bench.ask("in-flight");
    bench.run(100).await;
    bench.ask("queued");
    let champion = hanging(&bench);
    drop(champion);
    assert!(bench.end(Duration::from_secs(10)).await);
    bench.ask("late");
    let ledger = bench.ledger(0);
    assert_eq!(
        (ledger.by(PairBucket::Paired), ledger.by(PairBucket::ShuttingDown), ledger.eligible),
        (3, 1, 4)
    );
    assert!(ledger.balances());
    assert_eq!(bench.recorded.len(), 3, "what comes late is counted, and not recorded");
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_gives_up_what_is_left_and_counts_it() {
    let challenger = Challenger::http("next", Mock::new(|_| std::future::pending()));
    let mut bench = bench([challenger.with_timeout(Duration::from_secs(60))], same);
    bench.ask("in-flight");
    let champion = hanging(&bench);
    bench.run(100).await;
    // its request has not come yet
    let mut unread = Vec::new();
    let champion_that_waits = tower::service_fn(|request: Request<ShadowBody<Scripted>>| {
        unread.push(request);
        std::future::pending::<Result<Response<Scripted>, Broken>>()
    });
    let call = bench.layer().layer(champion_that_waits).call(post("late", Scripted::data(b"{}")));
    assert!(!bench.end(Duration::from_secs(1)).await);
    let report = bench.ledger(0).closed();
    assert_eq!((report.eligible, report.by(PairBucket::ShuttingDown), report.balances()), (3, 3, true));
    let recorded = bench.recorded.take();
    assert_eq!(recorded.iter().map(|pair| pair.bucket).collect::<Vec<_>>(), [PairBucket::ShuttingDown]);
    // the champion may go on for as long as it wants
    for request in unread {
        assert_eq!(drain(&mut request.into_body()).unwrap(), b"{}");
    }
    drop((champion, call));
    assert_eq!(bench.ledger(0), report, "what ends after the report is what the report says");
    assert_eq!(bench.recorded.len(), 0);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_gives_up_who_still_waits_for_readiness_and_who_streams() {
    let turnstile = Arc::new(Turnstile::default());
    let unready = Mock::answering(b"0.4").behind(&turnstile);
    let streams = Mock::new(|_| ready(Ok(Response::new(Scripted::new([Step::Data(b"0"), Step::Hang])))));
    let challengers = [("unready", unready), ("streams", streams)]
        .map(|(name, mock)| Challenger::http(name, mock).with_timeout(Duration::from_secs(60)));
    let mut bench = bench(challengers, same);
    bench.ask("r1");
    bench.run(100).await;
    assert_eq!(turnstile.polls(), 1);
    assert!(!bench.end(Duration::from_secs(1)).await);
    let given_up = [0, 1].map(|place| bench.ledger(place).by(PairBucket::ShuttingDown));
    assert_eq!((given_up, bench.recorded.len()), ([1, 1], 2));
    // nobody is left to be woken
    turnstile.allow(1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((turnstile.polls(), bench.recorded.len()), (1, 2));
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_challenger_that_blocks_past_its_deadline_and_then_answers_was_too_late() {
    let clock = Arc::new(crate::testing::TokioClock::new());
    let jumping = Arc::clone(&clock);
    let blocks = Mock::new(move |_| {
        jumping.jump(5_000);
        ready(Ok(ok()))
    });
    let challenger = Challenger::http("next", blocks).with_timeout(Duration::from_millis(200));
    let mut bench = bench([challenger], |builder| builder.with_clock(clock));
    bench.ask("r1");
    bench.run(100).await;
    let answer = bench.the_only(PairBucket::Timeout).answer.unwrap();
    assert_eq!((answer.error, answer.latency.as_secs()), (Some(ErrorType::Timeout), 5));
    assert!(answer.content.body().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_body_has_ended_though_nobody_asks_for_its_end() {
    for (method, status, error) in [
        (Method::HEAD, 200, None),
        (Method::POST, 204, None),
        (Method::POST, 304, None),
        (Method::POST, 101, None),
        (Method::POST, 200, Some(ErrorType::Cancelled)),
    ] {
        let mut bench = bench([answering()], |builder| builder.with_route(Method::HEAD, "/predict"));
        let request = Request::builder().method(method).uri("/predict").body(Scripted::new([])).unwrap();
        drop(bench.exchange(request, || {
            let body = Scripted::new([]).silent_about_its_end().declaring(3);
            Response::builder().status(status).body(body).unwrap()
        }));
        bench.run(100).await;
        let champion = &bench.the_only(PairBucket::Paired).champion;
        assert_eq!((champion.status.unwrap().as_u16(), champion.error), (status, error));
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_panics_reaches_no_champion_and_keeps_no_permit() {
    let clock = Arc::new(crate::testing::TokioClock::new());
    let its = Arc::clone(&clock);
    let mut bench = bench([answering()], |builder| builder.with_clock(its));
    bench.ask("answered");
    bench.run(100).await;
    let response = bench.exchange(post("r2", Scripted::data(b"{}")), ok);
    let call = hanging(&bench);
    clock.break_down();
    assert_eq!(drain(&mut response.into_body()).unwrap(), b"0.5");
    drop(call);
    // it would be called by the time
    drop(bench.exchange(Request::post("/predict").body(Scripted::new([])).unwrap(), ok));
    // the challengers' side needs a clock: it ends
    bench.run(100).await;
    bench.assert_empty();
    let ledger = bench.ledger(0);
    assert_eq!(
        (ledger.eligible, ledger.by(PairBucket::Paired), ledger.balances()),
        (4, 1, true),
        "{ledger:?}"
    );
}
