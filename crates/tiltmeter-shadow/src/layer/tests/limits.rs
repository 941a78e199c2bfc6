//! What a challenger may cost.

use std::time::Duration;

use super::*;
use crate::testing::Mock;
use crate::{Content, CpuBudget, ShadowBreaker, Shedding};

fn hanging() -> Challenger<CopiedRequest> {
    Challenger::http("hangs", Mock::new(|_| std::future::pending())).with_timeout(Duration::from_secs(10))
}

fn answering() -> Challenger<CopiedRequest> {
    Challenger::http("next", Mock::answering(b"0.4"))
}

#[tokio::test(start_paused = true)]
async fn when_there_are_no_permits_the_champions_answer_is_recorded_alone() {
    let mut bench = bench([hanging().with_permits(2), answering()], same);
    for number in 0..5 {
        bench.ask(&format!("r{number}"));
    }
    bench.run(100).await;
    assert_eq!((bench.count(PairBucket::NoPermit), bench.ledger(0).under_way()), (3, 2));
    assert_eq!(
        bench.ledger(1).by(PairBucket::Paired),
        3,
        "the other one has all that do not wait for this one"
    );
    bench.run(20_000).await;
    assert_eq!((bench.count(PairBucket::Timeout), bench.ledger(1).by(PairBucket::Paired)), (2, 5));
    let pairs = bench.recorded.take();
    let refused: Vec<_> = pairs.iter().filter(|pair| pair.bucket == PairBucket::NoPermit).collect();
    assert_eq!((pairs.len(), refused.len()), (10, 3));
    for pair in refused {
        assert!(pair.answer.is_none());
        assert_eq!(pair.champion.content.body().unwrap().to_bytes(), &b"0.5"[..]);
        assert!(pair.request.as_ref().unwrap().content.body().is_some());
    }
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn bytes_are_bounded_whoever_brings_them() {
    // 10 of each request and 3 of each answer
    let mut bench = bench([hanging().with_bytes(39)], |builder| builder.with_bystanders(1, 39));
    for number in 0..5 {
        bench.ask(&format!("r{number}"));
        assert!(bench.core().standings[0].gate.bytes() <= 39);
    }
    bench.run(100).await;
    assert_eq!((bench.ledger(0).under_way(), bench.count(PairBucket::NoPermit)), (3, 2));
    bench.run(20_000).await;
    assert!(bench.ledger(0).balances());
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn while_the_threads_are_blocked_the_champion_records_what_waits_too_long() {
    let mut bench = bench([hanging().with_permits(1)], |builder| builder.with_bystanders(4, 1_000));
    (0..10).for_each(|number| bench.ask(&format!("r{number}")));
    // one waits for its challenger, and half of the bystanders for a thread
    assert_eq!((bench.recorded.len(), bench.core().bystanders.items()), (7, 2));
    bench.end(Duration::ZERO).await;
    bench.assert_empty();
    let pairs = bench.recorded.take();
    let refused: Vec<_> = pairs.iter().filter(|pair| pair.bucket == PairBucket::NoPermit).collect();
    assert_eq!((pairs.len(), refused.len()), (10, 9));
    assert!(refused.iter().all(|pair| pair.champion.content.body().is_some()), "and knows what was answered");
}

#[tokio::test(start_paused = true)]
async fn without_room_for_bystanders_their_bodies_are_not_kept() {
    let mut bench = bench([hanging().with_permits(1)], |builder| builder.with_bystanders(0, 0));
    bench.ask("r1");
    bench.ask("r2");
    let pair = bench.recorded.the_pair();
    assert_eq!((&*pair.request_id, pair.bucket), ("r2", PairBucket::NoPermit));
    assert!(matches!(pair.champion.content, Content::Nothing) && pair.champion.status.is_some());
    bench.run(20_000).await;
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_body_above_the_cap_is_counted_and_its_copy_freed_at_once() {
    let declared = || Scripted::new([large(CAP + 1)]).declaring(CAP as u64 + 1);
    let streamed = || Scripted::new([large(CAP), Step::Pending, large(1)]);
    let answers_much = || Mock::new(|_| ready(Ok(Response::new(Scripted::new([large(CAP), large(1)])))));
    for ((body, response, mock, is_sent), bucket) in [
        (declared(), ok as fn() -> Response<Scripted>, Mock::answering(b"0.4"), false),
        (Scripted::new([large(CAP), large(1)]), ok, Mock::answering(b"0.4"), false),
        (streamed(), ok, Mock::answering(b"0.4"), false),
        (
            Scripted::data(b"{}"),
            || Response::new(Scripted::new([large(CAP + 1)])),
            Mock::answering(b"0.4"),
            true,
        ),
        (Scripted::data(b"{}"), || Response::new(Scripted::new([large(CAP + 1)])), answers_much(), true),
        (Scripted::data(b"{}"), ok, answers_much(), true),
    ]
    .into_iter()
    .zip([PairBucket::BodyTooLarge; 5].into_iter().chain([PairBucket::ChallengerError]))
    {
        let mut bench = bench([Challenger::http("next", mock)], same);
        let champion = tower::service_fn(move |request: Request<ShadowBody<Scripted>>| {
            let mut body = request.into_body();
            // one that is pending is asked again
            let _ = (drain(&mut body), drain(&mut body));
            ready(Ok::<_, Broken>(response()))
        });
        let Poll::Ready(Ok(answer)) = poll(&mut bench.layer().layer(champion).call(post("r1", body))) else {
            panic!("the champion is ready")
        };
        if !is_sent {
            assert_eq!(bench.core().standings[0].gate.bytes(), 0, "its copy is gone");
        }
        assert!(!drain(&mut answer.into_body()).unwrap().is_empty(), "the champion's goes on");
        bench.run(100).await;
        let pair = bench.the_only(bucket);
        assert_eq!(pair.answer.is_some(), is_sent);
        assert!(pair.champion.status.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_exactly_the_cap_is_paired() {
    let mut bench = bench(
        [Challenger::http("next", Mock::new(|_| ready(Ok(Response::new(Scripted::new([large(CAP)]))))))],
        same,
    );
    let response = bench
        .exchange(post("r1", Scripted::new([large(CAP)])), || Response::new(Scripted::new([large(CAP)])));
    assert_eq!(drain(&mut response.into_body()).unwrap().len(), CAP);
    assert_eq!(bench.core().standings[0].gate.bytes(), 2 * CAP as u64);
    bench.run(100).await;
    bench.the_only(PairBucket::Paired);
}

#[tokio::test(start_paused = true)]
async fn a_challenger_that_fails_is_given_a_rest_and_then_asked_by_probes() {
    let is_well = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let wellness = std::sync::Arc::clone(&is_well);
    let mock = Mock::new(move |_| {
        let is_well = wellness.load(std::sync::atomic::Ordering::SeqCst);
        ready(if is_well { Ok(ok()) } else { Err(Broken) })
    });
    let breaker = ShadowBreaker::new().with_window(10, 4).with_probes(2).with_rest(Duration::from_secs(10));
    let mut bench = bench([Challenger::http("next", mock).with_breaker(breaker)], same);
    let ask = async |bench: &mut Bench<CopiedRequest>, times: usize| {
        for _ in 0..times {
            bench.ask("r1");
            bench.run(50).await;
        }
    };
    ask(&mut bench, 6).await;
    assert_eq!((bench.count(PairBucket::ChallengerError), bench.count(PairBucket::BreakerOpen)), (4, 2));
    // both probes at once, and no others; they fail
    bench.run(15_000).await;
    for _ in 0..3 {
        bench.ask("r1");
    }
    bench.run(50).await;
    assert_eq!((bench.count(PairBucket::ChallengerError), bench.count(PairBucket::BreakerOpen)), (6, 3));
    ask(&mut bench, 1).await;
    assert_eq!(bench.count(PairBucket::BreakerOpen), 4);
    is_well.store(true, std::sync::atomic::Ordering::SeqCst);
    bench.run(15_000).await;
    ask(&mut bench, 10).await;
    assert_eq!(
        (bench.count(PairBucket::Paired), bench.count(PairBucket::BreakerOpen)),
        (10, 4),
        "it has closed"
    );
    assert!(bench.ledger(0).balances());
    // of each there is a row, with the champion's answer
    assert_eq!(bench.recorded.take().len(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_cannot_be_sent_leaves_its_place_to_the_next() {
    let breaker = ShadowBreaker::new().with_window(4, 1).with_probes(1).with_rest(Duration::from_secs(10));
    let fails = std::sync::atomic::AtomicBool::new(true);
    let mock = Mock::new(move |_| {
        ready(if fails.swap(false, std::sync::atomic::Ordering::SeqCst) { Err(Broken) } else { Ok(ok()) })
    });
    let mut bench = bench([Challenger::http("next", mock).with_breaker(breaker)], same);
    bench.ask("r1");
    bench.run(15_100).await;
    drop(bench.exchange(post("r2", Scripted::new([Step::Data(b"{"), Step::Error])), ok));
    bench.ask("r3");
    bench.run(100).await;
    let found = [PairBucket::ChallengerError, PairBucket::RequestIncomplete, PairBucket::Paired]
        .map(|bucket| bench.count(bucket));
    assert_eq!(found, [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn challengers_yield_to_a_champion_that_has_become_slower() {
    let mut bench = bench([answering()], |builder| builder.with_shedding(Shedding::new()));
    let ask = async |bench: &mut Bench<CopiedRequest>, millis: u64, seconds: usize| {
        for _ in 0..30 * seconds {
            let mut after = Box::pin(tokio::time::sleep(Duration::from_millis(millis)));
            let champion = tower::service_fn(|request: Request<ShadowBody<Scripted>>| {
                let _ = drain(&mut request.into_body());
                let after = std::mem::replace(&mut after, Box::pin(tokio::time::sleep(Duration::ZERO)));
                Box::pin(async move {
                    after.await;
                    Ok::<_, Broken>(ok())
                })
            });
            let call = bench.layer().layer(champion).call(post("r1", Scripted::data(b"{}")));
            drop(call.await);
            bench.run(33 - millis).await;
        }
    };
    ask(&mut bench, 2, 10).await;
    assert_eq!(bench.count(PairBucket::Shed), 0);
    ask(&mut bench, 20, 5).await;
    let shed = bench.count(PairBucket::Shed);
    assert!((90..=150).contains(&shed), "{shed}: after the first second");
    ask(&mut bench, 2, 5).await;
    let late = bench.count(PairBucket::Shed) - shed;
    assert!(late <= 60, "{late}: it has recovered");
    assert!(bench.ledger(0).balances());
}

#[tokio::test(start_paused = true)]
async fn challengers_that_have_used_up_their_cpu_time_get_nothing() {
    let mut bench = bench([answering()], |builder| builder.with_cpu_budget(CpuBudget::cores(0.5)));
    let now = bench.core().clock.monotonic();
    bench.core().cpu.settle(Duration::from_millis(300), now);
    bench.ask("r1");
    bench.run(200).await;
    assert_eq!(bench.recorded.the_pair().bucket, PairBucket::Shed);
    bench.ask("r2");
    bench.run(100).await;
    assert_eq!((bench.count(PairBucket::Shed), bench.count(PairBucket::Paired)), (1, 1));
}

#[test]
fn all_that_is_wrong_with_the_settings_is_said() {
    let wrong =
        Challenger::http("no name", Mock::answering(b"")).with_timeout(Duration::ZERO).with_permits(0);
    let error = ShadowBuilder::http()
        .with_challenger(wrong)
        .with_challenger(answering().with_breaker(ShadowBreaker::new().with_probes(0)))
        .with_challenger(answering().with_bytes(0))
        .with_body_cap(0)
        .with_threads(0)
        .with_shedding(Shedding::new().with_factor(0.5))
        .with_cpu_budget(CpuBudget::cores(0.0))
        .with_stripped_header(crate::SHADOW_HEADER)
        .build()
        .unwrap_err();
    assert!(error.is_settings());
    let faults: Vec<_> = error.faults().collect();
    assert_eq!(faults.len(), 12, "{faults:#?}");
    let nobody = ShadowBuilder::http().with_route(Method::POST, "/predict").build().unwrap_err();
    assert_eq!(nobody.to_string(), "a shadow has 1 to 16 challengers: add them by `with_challenger`");
}

#[tokio::test(start_paused = true)]
async fn each_challenger_has_bytes_of_its_own() {
    let challenger = |name, bytes| Challenger::http(name, Mock::answering(b"0.4")).with_bytes(bytes);
    let challengers = [
        challenger("no-request", 9),
        challenger("no-champion", 12),
        challenger("no-answer", 15),
        challenger("all", 16),
    ];
    let mut bench = bench(challengers, same);
    bench.ask("r1");
    bench.run(100).await;
    let found: Vec<_> = bench
        .recorded
        .take()
        .into_iter()
        .map(|pair| (pair.bucket, pair.answer.is_some(), pair.champion.content.body().is_some()))
        .collect();
    let (sent, unsent) = ((PairBucket::NoPermit, true, true), (PairBucket::NoPermit, false, true));
    // 10 of the request, 3 of each answer; what one has no room for is there if another one has
    assert_eq!(found, [unsent, sent, sent, (PairBucket::Paired, true, true)]);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn what_was_let_in_before_the_cpu_time_was_used_up_is_not_begun_either() {
    let mut bench = bench([answering()], |builder| builder.with_cpu_budget(CpuBudget::cores(0.5)));
    bench.ask("r1");
    bench.core().cpu.settle(Duration::from_millis(300), bench.core().clock.monotonic());
    bench.run(10).await;
    assert!(bench.the_only(PairBucket::Shed).answer.is_none());
}

#[tokio::test(start_paused = true)]
async fn challengers_get_nothing_while_nobody_sees_how_the_champion_is_doing() {
    let clock = Arc::new(TokioClock::new());
    let its = Arc::clone(&clock);
    let mut bench = bench([answering()], |builder| builder.with_shedding(Shedding::new()).with_clock(its));
    bench.ask("r1");
    bench.run(100).await;
    // as where a challenger blocks the thread that watches
    clock.jump(4_000);
    bench.ask("r2");
    clock.jump(2_000);
    bench.ask("r3");
    assert_eq!((bench.count(PairBucket::Paired), bench.count(PairBucket::Shed)), (1, 1));
    bench.run(100).await;
    bench.ask("r4");
    bench.run(100).await;
    assert_eq!((bench.count(PairBucket::Paired), bench.count(PairBucket::Shed)), (3, 1));
}
