//! The shadow with its real threads: what only they can show.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use tiltmeter_shadow::{
    Challenger, CopiedBody, CopiedRequest, Pair, PairBucket, Shadow, ShadowBuilder, ShadowEnd, ShadowGuard,
    ShadowHandle,
};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

type Body = Full<Bytes>;

async fn respond(_: Request<CopiedBody>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Full::from("0.4")))
}

fn shadow(
    challenger: Challenger<CopiedRequest>,
    threads: usize,
) -> (ShadowHandle<CopiedRequest>, ShadowGuard) {
    let builder = ShadowBuilder::http().with_route(Method::POST, "/predict").with_challenger(challenger);
    builder.with_threads(threads).build().unwrap()
}

async fn ask(shadow: &ShadowHandle<CopiedRequest>, times: usize) {
    let champion = |_: Request<tiltmeter_shadow::ShadowBody<Body>>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("0.5")))
    };
    let mut champion = ServiceBuilder::new().layer(shadow.layer()).service_fn(champion);
    for _ in 0..times {
        // one that has ended at once: nobody has to read it
        let request = Request::post("/predict").body(Body::default()).unwrap();
        drop(champion.ready().await.unwrap().call(request).await.unwrap());
    }
}

#[tokio::test]
async fn every_thread_takes_its_share_and_all_of_them_end() {
    let names = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&names);
    let challenger = service_fn(move |request| {
        noted.lock().unwrap().push(thread::current().name().map(str::to_owned));
        respond(request)
    });
    let (shadow, guard) = shadow(Challenger::http("next", challenger), 3);
    ask(&shadow, 500).await;
    let report = guard.shutdown(Duration::from_secs(60)).await;
    let ledger = report.challengers[0].ledger;
    assert_eq!((report.end, ledger.eligible, ledger.by(PairBucket::Paired)), (ShadowEnd::Complete, 500, 500));
    assert_eq!(shadow.ledger("next"), Some(ledger));
    assert!(names.lock().unwrap().iter().all(|name| name.as_deref() == Some("tiltmeter-shadow")));
}

#[test]
fn under_stress_a_shutdown_in_the_middle_loses_nobody() {
    let (threads, each) = (4, 400);
    let (shadow, guard) = shadow(Challenger::http("next", service_fn(respond)).with_permits(64), 2);
    let champions: Vec<_> = (0..threads)
        .map(|_| {
            let shadow = shadow.clone();
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(ask(&shadow, each));
            })
        })
        .collect();
    while shadow.ledger("next").unwrap().eligible < 200 {
        thread::yield_now();
    }
    let report = guard.shutdown_blocking(Duration::from_secs(60));
    assert_eq!((report.end, report.balances()), (ShadowEnd::Complete, true));
    champions.into_iter().for_each(|champion| champion.join().unwrap());
    let (then, now) = (report.challengers[0].ledger, shadow.ledger("next").unwrap());
    assert_eq!((now.eligible, now.balances()), (threads * each as u64, true));
    let late = now.by(PairBucket::ShuttingDown) - then.by(PairBucket::ShuttingDown);
    assert_eq!(now.eligible - then.eligible, late, "who comes after the report is told apart");
    assert_eq!(then.by(PairBucket::Paired), now.by(PairBucket::Paired));
    assert_eq!(shadow.health().challengers[0].permits, 0);
}

#[test]
fn what_is_queued_as_the_last_thread_ends_is_given_up_as_well() {
    for round in 0..50 {
        // of every second round most requests get no permit, so that the champion is the last to have to do with them
        let permits = if round % 2 == 0 { 1_024 } else { 2 };
        let challenger = Challenger::http("next", service_fn(respond)).with_permits(permits);
        let (shadow, guard) = shadow(challenger, 1);
        let champion = {
            let shadow = shadow.clone();
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(ask(&shadow, 400));
            })
        };
        while shadow.ledger("next").unwrap().eligible < 20 {
            thread::yield_now();
        }
        assert!(guard.shutdown_blocking(Duration::ZERO).balances());
        champion.join().unwrap();
        let health = shadow.health();
        let [next] = &*health.challengers else { panic!("one challenger") };
        assert_eq!((next.permits, next.bytes, next.ledger.balances()), (0, 0, true), "{next:?}");
    }
}

#[tokio::test]
async fn a_challenger_that_blocks_its_thread_for_ever_keeps_nobody() {
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = Arc::new(Mutex::new(blocked));
    let challenger = service_fn(move |request| {
        let _ = blocked.lock().unwrap().recv();
        respond(request)
    });
    let recorded = Arc::new(AtomicU64::new(0));
    let rows = Arc::clone(&recorded);
    let (shadow, guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(Challenger::http("blocks", challenger).with_permits(10))
        .with_recorder(move |pair: Pair| {
            assert_eq!(pair.bucket, PairBucket::NoPermit);
            rows.fetch_add(1, SeqCst) < u64::MAX
        })
        .build()
        .unwrap();
    ask(&shadow, 15).await;
    let report = guard.shutdown(Duration::from_millis(20)).await;
    assert_eq!((report.end, report.balances()), (ShadowEnd::DeadlinePassed, true));
    let ledger = report.challengers[0].ledger;
    assert_eq!((ledger.by(PairBucket::ShuttingDown), ledger.by(PairBucket::NoPermit)), (10, 5));
    assert_eq!(recorded.load(SeqCst), 5, "what had come to its end is recorded all the same");
    // the test's thread goes on, as the champion's would; the other one may end
    drop(release);
}

#[test]
fn champions_challengers_and_recorders_that_fail_at_once_cost_no_more_than_their_pairs() {
    let [asked, offered, taken] = [(); 3].map(|()| Arc::new(AtomicU64::new(0)));
    let challenger = service_fn(move |request| {
        let number = asked.fetch_add(1, SeqCst);
        async move {
            match number % 7 {
                0 => panic!("the challenger is broken"),
                1 => Err("broken"),
                2 => std::future::pending().await,
                _ => respond(request).await.map_err(|error| match error {}),
            }
        }
    });
    let challenger = Challenger::http("next", challenger)
        .with_permits(64)
        .with_breaker(None)
        .with_timeout(Duration::from_millis(5));
    let (offers, takes) = (Arc::clone(&offered), Arc::clone(&taken));
    let (shadow, guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(challenger)
        .with_threads(2)
        .with_shedding(None)
        .with_recorder(move |_: Pair| match offers.fetch_add(1, SeqCst) % 5 {
            0 => panic!("the recorder is broken"),
            1 => false,
            _ => takes.fetch_add(1, SeqCst) < u64::MAX,
        })
        .build()
        .unwrap();
    let (threads, each) = (4, 300);
    let champions: Vec<_> = (0..threads)
        .map(|_| {
            let layer = shadow.layer();
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                for number in 0..each {
                    let champion = move |_: Request<tiltmeter_shadow::ShadowBody<Body>>| async move {
                        match number % 4 {
                            0 => panic!("the champion is broken"),
                            1 => Err("broken"),
                            _ => Ok(Response::new(Full::<Bytes>::from("0.5"))),
                        }
                    };
                    let mut champion = ServiceBuilder::new().layer(layer.clone()).service_fn(champion);
                    let request = Request::post("/predict").body(Body::default()).unwrap();
                    let call = AssertUnwindSafe(|| runtime.block_on(champion.call(request)).map(drop));
                    assert_eq!(catch_unwind(call).is_err(), number % 4 == 0);
                    thread::yield_now();
                }
            })
        })
        .collect();
    champions.into_iter().for_each(|champion| champion.join().unwrap());
    let report = guard.shutdown_blocking(Duration::from_secs(60));
    let ledger = report.challengers[0].ledger;
    assert_eq!((report.end, ledger.eligible, ledger.balances()), (ShadowEnd::Complete, threads * each, true));
    // every request had a row, and a pair that was not taken is in the books as such
    assert_eq!(offered.load(SeqCst), ledger.eligible);
    let lost = offered.load(SeqCst) - taken.load(SeqCst);
    assert!((1..=lost).contains(&ledger.by(PairBucket::LogDropped)), "{ledger:?}");
    for bucket in [PairBucket::Paired, PairBucket::ChallengerError, PairBucket::Timeout] {
        assert!(ledger.by(bucket) > 0, "{ledger:?}");
    }
    let health = shadow.health();
    assert_eq!((health.challengers[0].permits, health.challengers[0].bytes), (0, 0));
    assert_eq!(health.challengers[0].ledger, ledger);
}

#[test]
fn a_guard_that_is_dropped_ends_the_shadow() {
    let pairs = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&pairs);
    let (shadow, guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(Challenger::http("next", service_fn(respond)))
        .with_recorder(move |_: Pair| {
            *counted.lock().unwrap() += 1;
            true
        })
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(ask(&shadow, 3));
    drop(guard);
    assert_eq!(*pairs.lock().unwrap(), 3);
    runtime.block_on(ask(&shadow, 1));
    assert_eq!(shadow.ledger("next").unwrap().by(PairBucket::ShuttingDown), 1);
}

/// Never called: it is compiled.
#[allow(dead_code, reason = "it says what must hold of the types")]
fn what_may_cross_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    fn is_clone<T: Clone + Send + Sync>() {}
    is_clone::<ShadowHandle<CopiedRequest>>();
    is_clone::<tiltmeter_shadow::ShadowLayer>();
    is_clone::<Shadow<()>>();
    is_shared::<ShadowGuard>();
    is_shared::<Pair>();
    is_shared::<tiltmeter_shadow::ShadowBody<Body>>();
    is_shared::<tiltmeter_shadow::ShadowFuture<std::future::Ready<()>>>();
}
