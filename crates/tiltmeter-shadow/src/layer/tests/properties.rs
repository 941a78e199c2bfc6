//! Whatever happens, the buckets add up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::Mock;
use crate::{SampleRate, ShadowBreaker};

/// What the parts of an exchange do.
#[derive(Clone, Debug)]
struct Fate {
    id: u16,
    is_head: bool,
    request: Body,
    is_read: bool,
    champion: Champion,
    response: Body,
    /// How long the challengers run before the next request.
    pause: u64,
    recorder: u8,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Empty,
    Short,
    Long,
    Cut,
    Broken,
    Panics,
    Trailers,
}

#[derive(Clone, Copy, Debug)]
enum Champion {
    Answers,
    Fails,
    Panics,
    /// Its client leaves, now or when all else is over.
    Left,
    Hangs,
}

impl Body {
    fn script(self) -> Scripted {
        Scripted::new(match self {
            Self::Empty => vec![],
            Self::Short => vec![Step::Data(b"ab"), Step::Data(b"cd")],
            Self::Long => vec![large(CAP), large(9)],
            Self::Cut => vec![Step::Data(b"ab"), Step::Pending, Step::Data(b"cd")],
            Self::Broken => vec![Step::Data(b"ab"), Step::Error],
            Self::Panics => vec![Step::Data(b"ab"), Step::Panic],
            Self::Trailers => vec![Step::Data(b"ab"), Step::Trailers("x-sum", "2")],
        })
    }
}

fn fates() -> impl Strategy<Value = Fate> {
    use Body::{Broken, Cut, Empty, Long, Panics, Short, Trailers};
    let request = prop::sample::select(vec![Empty, Short, Short, Short, Trailers, Long, Cut, Broken, Panics]);
    let response =
        prop::sample::select(vec![Empty, Short, Short, Short, Trailers, Long, Cut, Broken, Panics]);
    let champion = prop::sample::select(vec![
        Champion::Answers,
        Champion::Answers,
        Champion::Answers,
        Champion::Fails,
        Champion::Panics,
        Champion::Left,
        Champion::Hangs,
    ]);
    let times = prop::sample::select(vec![0, 0, 1, 40, 400, 3_000]);
    let (is_head, is_read) = (prop::bool::weighted(0.1), prop::bool::weighted(0.9));
    ((any::<u16>(), is_head), request, is_read, champion, response, times, 0..10_u8).prop_map(
        |((id, is_head), request, is_read, champion, response, pause, recorder)| Fate {
            id,
            is_head,
            request,
            is_read,
            champion,
            response,
            pause,
            recorder,
        },
    )
}

/// A challenger that does something else with every request.
fn erratic(seed: u64) -> Mock {
    let rng = std::sync::Mutex::new(fastrand::Rng::with_seed(seed));
    Mock::new(move |_| {
        let (what, millis) = {
            let mut rng = rng.lock().unwrap();
            (rng.u8(0..10), rng.u64(0..300))
        };
        async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            match what {
                0 => Err(Broken),
                1 => panic!("the challenger is broken"),
                2 => std::future::pending().await,
                3 => Ok(Response::builder().status(500).body(Scripted::data(b"")).unwrap()),
                4 => Ok(Response::new(Body::Long.script())),
                5 => Ok(Response::new(Body::Broken.script())),
                _ => Ok(ok()),
            }
        }
    })
}

fn send(bench: &Bench<CopiedRequest>, fate: &Fate) -> Option<Box<dyn std::any::Any>> {
    type Answer = Pin<Box<dyn Future<Output = Result<Response<Scripted>, Broken>>>>;

    let Fate { champion, response, is_read, .. } = fate.clone();
    let service = tower::service_fn(move |request: Request<ShadowBody<Scripted>>| -> Answer {
        let mut body = request.into_body();
        if is_read {
            let _ = drain(&mut body);
        }
        Box::pin(async move {
            match champion {
                Champion::Answers => Ok(Response::new(response.script())),
                Champion::Fails => Err(Broken),
                Champion::Panics => panic!("the champion is broken"),
                Champion::Left | Champion::Hangs => std::future::pending().await,
            }
        })
    });
    let mut service = bench.layer().layer(service);
    let mut request = post(&format!("r{}", fate.id), fate.request.script());
    if fate.is_head {
        *request.method_mut() = Method::HEAD;
    }
    let mut call = catch_unwind(AssertUnwindSafe(|| service.call(request))).ok()?;
    match catch_unwind(AssertUnwindSafe(|| poll(&mut call))) {
        Ok(Poll::Ready(Ok(response))) => {
            let mut body = response.into_body();
            let _ = catch_unwind(AssertUnwindSafe(|| drain(&mut body)));
            None
        }
        Ok(Poll::Pending) if matches!(champion, Champion::Hangs) => Some(Box::new(call)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn the_buckets_add_up(
        fates in vec(fates(), 1..40), seed: u64, permits in 1..8_u32, bytes in 20..400_u64, rate in 0.2..=1.0_f64,
        shut_after in 0..60_usize, patience in 0..1_000_u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let breaker = ShadowBreaker::new().with_window(5, 3).with_probes(1).with_rest(Duration::from_millis(500));
            let challenger = |name: &str, seed| {
                Challenger::http(name, erratic(seed))
                    .with_timeout(Duration::from_millis(250))
                    .with_permits(permits)
                    .with_bytes(bytes)
                    .with_breaker(breaker)
            };
            let sampled = challenger("sampled", seed).with_rate(SampleRate::new(rate).unwrap());
            let mut bench = bench([sampled, challenger("all", !seed)], |builder| {
                builder.with_bystanders(permits, bytes).with_route(Method::HEAD, "/predict")
            });
            let mut hanging = Vec::new();
            let mut is_over = false;
            for (number, fate) in fates.iter().enumerate() {
                if number == shut_after {
                    bench.end(Duration::from_millis(patience)).await;
                    is_over = true;
                }
                bench.recorded.refuses.store(fate.recorder == 0, SeqCst);
                bench.recorded.panics.store(fate.recorder == 1, SeqCst);
                hanging.extend(send(&bench, fate));
                for standing in &bench.core().standings {
                    assert!(standing.gate.items() <= permits.into() && standing.gate.bytes() <= bytes);
                }
                if !is_over {
                    bench.run(fate.pause).await;
                }
            }
            bench.recorded.panics.store(false, SeqCst);
            if !is_over {
                bench.end(Duration::from_millis(patience)).await;
            }
            let reports = [bench.ledger(0).closed(), bench.ledger(1).closed()];
            let left = hanging.len() as u64;
            drop(hanging);
            bench.assert_empty();
            for (place, report) in reports.into_iter().enumerate() {
                let ledger = bench.ledger(place);
                assert!(report.balances() && ledger.balances(), "{ledger:?}");
                assert_eq!((ledger, ledger.eligible), (report, fates.len() as u64));
                let offers = |bucket| bench.recorded.offers(&bench.core().standings[place].name, bucket);
                let mut unrecorded = 0;
                for (bucket, count) in ledger.iter() {
                    let offers = offers(bucket);
                    let (all, why) = (offers.all, format!("{bucket}: {offers:?} of {ledger:?}"));
                    match bucket {
                        PairBucket::Paired => assert_eq!((offers.taken, all), (count, count + ledger.by(PairBucket::LogDropped)), "{why}"),
                        PairBucket::SampledOut | PairBucket::LogDropped => assert_eq!(all, 0, "{why}"),
                        // who came after the end has no row
                        PairBucket::ShuttingDown => assert!(all <= count, "{why}"),
                        // who got no permit is counted at once, and has no row if the champion was not done at the end
                        PairBucket::NoPermit | PairBucket::BreakerOpen | PairBucket::Shed => {
                            assert!(all <= count, "{why}");
                            unrecorded += count - all;
                        }
                        _ => assert_eq!(all, count, "{why}"),
                    }
                }
                assert!(unrecorded <= left, "{unrecorded} rows are missing, {left} champions were left: {ledger:?}");
            }
        });
    }
}
