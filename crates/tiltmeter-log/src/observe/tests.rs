use std::future::{Ready, pending, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tiltmeter_record::{ErrorType, ModelSpec, Observation, Prediction};
use tower_layer::Layer;
use tower_service::Service;

use crate::sink::MemorySink;
use crate::testing::{ManualClock, SPEC, spec};
use crate::{FlushOutcome, LogBuilder, LogGuard, LogHandle, Observed};

struct Bench {
    log: LogHandle,
    sink: MemorySink,
    clock: Arc<ManualClock>,
    _guard: LogGuard,
}

fn bench() -> Bench {
    let (sink, clock) = (MemorySink::default(), Arc::new(ManualClock::default()));
    let builder = LogBuilder::new().with_model(ModelSpec::clone(&spec(SPEC))).with_sink(sink.clone());
    let (log, guard) = builder.with_clock(clock.clone()).build().unwrap();
    Bench { log, sink, clock, _guard: guard }
}

impl Bench {
    fn rows(&self) -> Vec<Prediction> {
        assert_eq!(self.log.flush_blocking(Duration::from_secs(20)), FlushOutcome::Complete);
        self.sink.take()
    }

    fn service<F>(
        &self,
        answer: impl FnMut(f64) -> F,
    ) -> impl Service<f64, Response = f64, Error = &'static str, Future: Unpin>
    where
        F: Future<Output = Result<f64, &'static str>> + Unpin,
    {
        let observe = |age: &f64| {
            let seen = Observation::new().with("age", *age);
            move |score: Option<&f64>| match score {
                Some(&score) if score > 1.0 => panic!("no score"),
                Some(&score) => seen.with_score(score),
                None => seen,
            }
        };
        self.log.observe("churn", observe).unwrap().layer(Answering(answer))
    }
}

struct Answering<A>(A);

impl<A: FnMut(f64) -> F, F: Future<Output = Result<f64, &'static str>>> Service<f64> for Answering<A> {
    type Response = f64;
    type Error = &'static str;
    type Future = F;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: f64) -> F {
        (self.0)(request)
    }
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn scored(score: f64) -> impl FnMut(f64) -> Ready<Result<f64, &'static str>> {
    move |_| ready(Ok(score))
}

#[test]
fn what_the_observer_says_is_recorded() {
    let bench = bench();
    let mut call = bench.service(scored(0.25)).call(40.0);
    bench.clock.advance(3);
    assert_eq!(poll(&mut call), Poll::Ready(Ok(0.25)));
    let rows = bench.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].score, rows[0].features[0].clone()), (Some(0.25), 40.0.into()));
    assert_eq!((rows[0].status, rows[0].error_type, rows[0].latency.as_millis()), (None, None, 3));
}

#[test]
fn failures_are_recorded_with_what_was_seen_of_the_request() {
    let bench = bench();
    let _ = poll(&mut bench.service(|_| ready(Err("broken"))).call(1.0));
    drop(bench.service(|_| Box::pin(pending())).call(2.0));
    let mut panics = bench.service(|_| Box::pin(async { panic!("the model is broken") })).call(3.0);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll(&mut panics)));
    assert!(caught.is_err());
    drop(panics);
    let rows = bench.rows();
    let seen: Vec<_> = rows.iter().map(|row| (row.features[0].clone(), row.error_type)).collect();
    assert_eq!(
        seen,
        [
            (1.0.into(), Some(ErrorType::Service)),
            (2.0.into(), Some(ErrorType::Cancelled)),
            (3.0.into(), Some(ErrorType::Panic)),
        ]
    );
}

#[test]
fn a_panic_of_the_observer_costs_its_record_and_nothing_else() {
    let bench = bench();
    assert_eq!(poll(&mut bench.service(scored(2.0)).call(1.0)), Poll::Ready(Ok(2.0)));
    assert!(bench.rows().is_empty());
    let exchanges = bench.log.ledgers().exchanges;
    assert_eq!(exchanges.dropped.by(tiltmeter_record::ExchangeDrop::CodecPanic), 1);
    assert!(exchanges.balances());
}

#[test]
fn a_request_of_many_instances_has_many_records_under_one_id() {
    let bench = bench();
    let observe = |ages: &Vec<f64>| {
        let seen: Vec<_> = ages.iter().map(|age| Observation::new().with("age", *age)).collect();
        move |_: Option<&()>| seen
    };
    let layer = bench.log.observe("churn", observe).unwrap();
    let service = tower::service_fn(|_: Vec<f64>| ready(Ok::<(), Never>(())));
    let _ = poll(&mut layer.layer(service).call(vec![1.0, 2.0, 3.0]));
    let rows = bench.rows();
    assert!(rows.iter().map(|row| row.instance_index).eq(0..3));
    assert!(rows.iter().all(|row| row.request_id == rows[0].request_id && row.request_id.len() == 36));
}

#[test]
fn a_panic_in_the_call_itself_is_one() {
    let bench = bench();
    let mut service = bench.service(|_| -> Ready<_> { panic!("before there is a future") });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(service.call(1.0))));
    assert!(caught.is_err());
    assert_eq!(bench.rows()[0].error_type, Some(ErrorType::Panic));
}

#[test]
fn where_the_observer_says_nothing_nothing_is_recorded_but_a_failure_is() {
    let bench = bench();
    let observe = |_: &f64| |_: Option<&f64>| None::<Observation>;
    let layer = bench.log.observe("churn", observe).unwrap();
    let _ = poll(&mut layer.layer(Answering(scored(0.5))).call(1.0));
    assert_eq!(bench.log.ledgers().exchanges.observed, 0);
    let _ = poll(&mut layer.layer(Answering(|_: f64| ready(Err::<f64, _>("broken")))).call(1.0));
    let rows = bench.rows();
    assert_eq!(rows.iter().map(|row| row.error_type).collect::<Vec<_>>(), [Some(ErrorType::Service)]);
}

#[test]
fn the_observer_may_know_more_than_the_layer() {
    let bench = bench();
    let observe = |_: &f64| {
        |score: Option<&f64>| {
            Observed::from(score.map(|&score| Observation::new().with_score(score)))
                .with_request_id("order-4711")
                .with_error(ErrorType::Timeout)
                .with_latency(Duration::from_millis(7))
        }
    };
    let layer = bench.log.observe("churn", observe).unwrap();
    let _ = poll(&mut layer.layer(Answering(scored(0.5))).call(1.0));
    let rows = bench.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!((&*rows[0].request_id, rows[0].error_type), ("order-4711", Some(ErrorType::Timeout)));
    assert_eq!((rows[0].score, rows[0].latency.as_millis()), (Some(0.5), 7));
}

#[test]
fn what_is_recorded_directly_is_no_failure_and_has_the_id_that_was_said() {
    let bench = bench();
    let churn = bench.log.model("churn").unwrap();
    // without an output: there is no body that could lack one
    churn.record(Observation::new().with("age", 30.0));
    churn.record(Vec::new());
    assert!(churn.record_within(Vec::new(), Duration::ZERO));
    let two = vec![Observation::new().with_score(0.1), Observation::new().with_score(0.2)];
    churn.record(Observed::from(two).with_request_id("job-7/row-3"));
    churn.record(Observed::default().with_error(ErrorType::Service).with_latency(Duration::from_secs(2)));
    let rows = bench.rows();
    let seen: Vec<_> = rows.iter().map(|row| (row.score, row.error_type)).collect();
    let failed = (None, Some(ErrorType::Service));
    assert_eq!(seen, [(None, None), (Some(0.1), None), (Some(0.2), None), failed]);
    assert_eq!(rows[0].features[0], 30.0.into());
    assert!(rows[1..3].iter().all(|row| &*row.request_id == "job-7/row-3"));
    assert_eq!(rows[3].latency.as_secs(), 2);
    let ledgers = bench.log.ledgers();
    assert!(ledgers.balance());
    assert_eq!((ledgers.exchanges.observed, ledgers.exchanges.dropped.total()), (3, 0));
}

type Never = std::convert::Infallible;

#[test]
fn a_model_that_the_log_does_not_have_is_named() {
    let error = bench().log.model("turnover").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the log has no model \"turnover\": give its spec to `LogBuilder::with_model`"
    );
}
