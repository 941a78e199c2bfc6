use std::future::{Ready, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tiltmeter_record::{ErrorType, Observation};
use tower_layer::Layer;
use tower_service::Service;

use super::{CopiedValue, ValueShadowLayer};
use crate::testing::{Bench, Recorded, TokioClock, poll};
use crate::{Answer, Challenger, Content, PairBucket, ShadowBuilder};

/// A request that may not like to be cloned.
#[derive(Debug)]
struct Age(f64);

impl Clone for Age {
    fn clone(&self) -> Self {
        assert!(self.0 >= 0.0, "an age that cannot be cloned");
        Self(self.0)
    }
}

fn observe(age: &Age) -> impl FnOnce(Option<&f64>) -> Observation + use<> {
    assert!(!age.0.is_nan(), "an age that cannot be looked at");
    let seen = Observation::new().with("age", age.0);
    move |score| match score {
        Some(&score) => seen.with_score(score),
        None => seen,
    }
}

type Seen = Box<dyn FnOnce(Option<&f64>) -> Observation>;
type Score = Ready<Result<f64, &'static str>>;

fn bench<F>(next: impl Fn(f64) -> F + Clone + Send + 'static) -> Bench<CopiedValue<Age>>
where
    F: Future<Output = Result<f64, &'static str>> + Send + 'static,
{
    let recorded = Recorded::default();
    let next = tower::service_fn(move |age: Age| next(age.0));
    let builder = ShadowBuilder::values()
        .with_challenger(Challenger::observed("next", next, observe).with_permits(4))
        .with_shedding(None)
        .with_clock(Arc::new(TokioClock::new()))
        .with_recorder(recorded.recorder());
    Bench::new(builder.unstarted(), recorded)
}

fn hundredth(age: f64) -> Score {
    ready(Ok(age / 100.0))
}

impl Bench<CopiedValue<Age>> {
    fn service<F, C>(
        &self,
        champion: C,
    ) -> super::ValueShadow<tower::util::ServiceFn<C>, Age, fn(&Age) -> Seen>
    where
        F: Future<Output = Result<f64, &'static str>>,
        C: FnMut(Age) -> F,
    {
        let boxed: fn(&Age) -> Seen = |age| Box::new(observe(age));
        ValueShadowLayer::new(Arc::clone(&self.shared), boxed).layer(tower::service_fn(champion))
    }

    fn ask(&self, age: f64) -> Poll<Result<f64, &'static str>> {
        poll(&mut self.service(|age| ready(Ok(age.0 / 50.0))).call(Age(age)))
    }
}

fn score(answer: &Answer) -> Option<f64> {
    let Content::Observed(observed) = &answer.content else { return None };
    observed.observations()[0].score
}

#[tokio::test(start_paused = true)]
async fn a_pair_has_what_was_observed_of_both() {
    let mut bench = bench(|age| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(age / 100.0)
    });
    assert_eq!(bench.ask(40.0), Poll::Ready(Ok(0.8)));
    bench.run(100).await;
    let pair = bench.recorded.the_pair();
    assert_eq!((score(&pair.champion), pair.answer.as_ref().and_then(score)), (Some(0.8), Some(0.4)));
    assert_eq!((pair.bucket, pair.request.is_none()), (PairBucket::Paired, true));
    assert_eq!(pair.answer.unwrap().latency.as_millis(), 20);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_request_is_called_what_the_application_calls_it() {
    let mut bench = bench(hundredth);
    let layer = ValueShadowLayer::new(Arc::clone(&bench.shared), observe)
        .with_request_id(|age: &Age| (age.0 < 50.0).then(|| format!("order-{}", age.0)));
    let mut service = layer.layer(tower::service_fn(|age: Age| hundredth(age.0)));
    for age in [40.0, 60.0] {
        let _ = poll(&mut service.call(Age(age)));
    }
    bench.run(100).await;
    let pairs = bench.recorded.take();
    assert_eq!((&*pairs[0].request_id, pairs[1].request_id.len()), ("order-40", 36));
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_the_champion_is_in_the_pair() {
    let mut bench = bench(hundredth);
    let _ = poll(&mut bench.service(|_| ready(Err("broken"))).call(Age(1.0)));
    drop(bench.service(|_| Box::pin(pending())).call(Age(2.0)));
    let mut panics =
        bench.service(|_| std::future::poll_fn(|_| panic!("the champion is broken"))).call(Age(3.0));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut panics))).is_err());
    let mut at_once = bench.service(|_| -> Score { panic!("the champion is broken") });
    assert!(catch_unwind(AssertUnwindSafe(|| drop(at_once.call(Age(4.0))))).is_err());
    bench.run(100).await;
    let mut errors: Vec<_> =
        bench.recorded.take().iter().map(|pair| (pair.bucket, pair.champion.error)).collect();
    errors.sort_unstable_by_key(|(_, error)| error.map(ErrorType::as_str));
    let expected = [ErrorType::Cancelled, ErrorType::Panic, ErrorType::Panic, ErrorType::Service];
    assert_eq!(errors, expected.map(|error| (PairBucket::Paired, Some(error))));
    drop(panics);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_a_challenger_is_its_own() {
    let mut bench = bench(|age| async move {
        match age {
            1.0 => Err("broken"),
            2.0 => pending().await,
            3.0 => panic!("the challenger is broken"),
            age => Ok(age / 100.0),
        }
    });
    for age in [1.0, 2.0, 3.0, 40.0] {
        assert!(matches!(bench.ask(age), Poll::Ready(Ok(_))));
    }
    assert!(matches!(bench.ask(5.0), Poll::Ready(Ok(_))), "there are four permits");
    bench.run(5_000).await;
    let ledger = bench.ledger(0);
    let counts = [PairBucket::Paired, PairBucket::ChallengerError, PairBucket::Timeout, PairBucket::NoPermit]
        .map(|one| ledger.by(one));
    assert_eq!(counts, [1, 2, 1, 1]);
    assert!(ledger.balances());
    assert_eq!(bench.recorded.take().len(), 5);
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn panics_of_the_clone_and_of_the_observer_do_not_reach_the_champion() {
    let mut bench = bench(hundredth);
    assert_eq!(bench.ask(-50.0), Poll::Ready(Ok(-1.0)));
    assert!(matches!(bench.ask(f64::NAN), Poll::Ready(Ok(_))));
    bench.run(100).await;
    let ledger = bench.ledger(0);
    // one that is not a number is no less than 0 either, so it cannot be cloned
    assert_eq!((ledger.by(PairBucket::RequestIncomplete), ledger.balances()), (2, true));
    bench.assert_empty();
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_champions_observer_costs_its_pair_and_says_so() {
    let mut bench = bench(hundredth);
    let observe = |age: &Age| {
        assert!(age.0 < 90.0, "an age that cannot be looked at");
        let is_odd = age.0 > 80.0;
        move |_: Option<&f64>| {
            assert!(!is_odd, "a score that cannot be looked at");
            Observation::new()
        }
    };
    let layer = ValueShadowLayer::new(Arc::clone(&bench.shared), observe);
    let mut service = layer.layer(tower::service_fn(|age: Age| hundredth(age.0)));
    for age in [95.0, 85.0, 40.0] {
        assert_eq!(poll(&mut service.call(Age(age))), Poll::Ready(Ok(age / 100.0)));
    }
    bench.run(100).await;
    let found: Vec<_> = bench
        .recorded
        .take()
        .iter()
        .map(|pair| {
            (
                pair.bucket,
                score(&pair.champion).is_some(),
                matches!(pair.champion.content, Content::Observed(_)),
            )
        })
        .collect();
    let lost = (PairBucket::RequestIncomplete, false, false);
    assert_eq!(found, [lost, lost, (PairBucket::Paired, false, true)]);
    assert_eq!(
        (bench.ledger(0).by(PairBucket::RequestIncomplete), bench.ledger(0).by(PairBucket::Paired)),
        (2, 1)
    );
    bench.assert_empty();
}

/// What becomes of a request with this age: it is what its parts do.
fn champion_of(age: f64) -> Pin<Box<dyn Future<Output = Result<f64, &'static str>>>> {
    Box::pin(async move {
        match age {
            10.0 => Err("broken"),
            11.0 => panic!("the champion is broken"),
            12.0 => pending().await,
            age => Ok(age / 50.0),
        }
    })
}

/// Below 0 a request cannot be cloned; from 1 on the challenger fails, from 10 on the champion, from 20 on the observer.
const AGES: &[f64] = &[-1.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 20.0, 21.0, 40.0, 41.0, 42.0];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn the_buckets_and_the_pairs_add_up(
        fates in vec((prop::sample::select(AGES), 0..400_u64, 0..8_u8), 1..40),
        is_in_time: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut bench = bench(|age| async move {
                match age {
                    1.0 => Err("broken"),
                    2.0 => pending().await,
                    3.0 => panic!("the challenger is broken"),
                    age => Ok(age / 100.0),
                }
            });
            let observe = |age: &Age| {
                let (panics_now, panics_later) = (age.0.total_cmp(&20.0).is_eq(), age.0.total_cmp(&21.0).is_eq());
                assert!(!panics_now, "an age that cannot be looked at");
                move |_: Option<&f64>| {
                    assert!(!panics_later, "a score that cannot be looked at");
                    Observation::new()
                }
            };
            let layer = ValueShadowLayer::new(Arc::clone(&bench.shared), observe);
            for &(age, pause, recorder) in &fates {
                bench.recorded.refuses.store(recorder == 0, SeqCst);
                bench.recorded.panics.store(recorder == 1, SeqCst);
                let mut service = layer.layer(tower::service_fn(|age: Age| champion_of(age.0)));
                let answer = catch_unwind(AssertUnwindSafe(|| poll(&mut service.call(Age(age)))));
                assert_eq!(answer.is_err(), age.total_cmp(&11.0).is_eq(), "a panic that is not the champion's");
                bench.run(pause).await;
            }
            let is_drained = bench.end(Duration::from_secs(if is_in_time { 60 } else { 0 })).await;
            assert!(is_drained || !is_in_time);
            bench.assert_empty();
            let ledger = bench.ledger(0);
            assert_eq!((ledger.eligible, ledger.balances()), (fates.len() as u64, true));
            for (bucket, count) in ledger.iter() {
                let offers = bench.recorded.offers(&bench.core().standings[0].name, bucket);
                let lost = if bucket == PairBucket::Paired { ledger.by(PairBucket::LogDropped) } else { 0 };
                let expected = if bucket == PairBucket::LogDropped { 0 } else { count + lost };
                assert_eq!(offers.all, expected, "{bucket}: {offers:?} of {ledger:?}");
            }
        });
    }
}
