//! What becomes of rows.

use tiltmeter_record::{ErrorType, Priority, RankedItem, SizeClass, Value};
use tiltmeter_stats::{Baseline, BaselineColumn, ColumnSummary, DayProfile, Ecdf, Moments, QuantileBins};

use super::*;
use crate::{BaselineHandle, Capture, Priorities, RequestLog, ShutdownOutcome};

#[test]
fn a_row_is_kept_where_anybody_else_would_keep_it() {
    let seen = Arc::new(AtomicU64::new(0));
    let observer = Seen(Arc::clone(&seen));
    let bench = bench_of(SPEC, tails(0.1), |builder| builder.with_observer(observer));
    for number in 0..2_000 {
        bench.record(&format!("r{number:07}"), scored(0.5));
    }
    bench.record("high", scored(0.97));
    let rows = bench.rows();
    let expected: Vec<String> =
        (0..2_000).map(|number| format!("r{number:07}")).filter(|id| draw(id) < 0.1).collect();
    let (high, others) = rows.split_last().unwrap();
    assert!(others.iter().map(|row| &*row.request_id).eq(expected.iter().map(String::as_str)));
    assert!(others.iter().all(|row| probability(row) == 0.1 && stratum(row) == "b10|*"));
    assert_eq!((probability(high), stratum(high), high.sequence), (1.0, "b19|*", 2_000));
    assert_eq!(seen.load(SeqCst), 2_001, "observers see all rows");
    let state = bench.state();
    assert_eq!((state.totals.predictions, state.totals.kept), (2_001, rows.len() as u64));
    assert_eq!((state.base_rate, state.thinning, state.kept_by_rules_share), (0.1, 1.0, None));
    let report = bench.end();
    let books = report.ledgers.predictions;
    assert_eq!((books.written, books.sampled_out), (rows.len() as u64, 2_001 - rows.len() as u64));
}

#[test]
fn the_books_of_every_sink_say_what_was_sampled_out() {
    let bench = bench_of(SPEC, tails(0.3), |builder| builder.with_sink(MemorySink::default()));
    (0..500).for_each(|number| bench.record(&number.to_string(), scored(0.5)));
    bench.flush();
    let last = bench.sink.take_journals().pop().unwrap().heartbeats.pop().unwrap();
    assert_eq!(last.next_prediction, 500, "all that was decoded");
    let report = bench.end();
    for sink in &report.sinks {
        let books = sink.predictions;
        assert_eq!((books.decoded, books.written + books.sampled_out), (500, 500));
        assert!(books.written > 100 && books.sampled_out > 250);
    }
}

/// Holds the worker up until the sender is dropped.
#[derive(Debug)]
struct HeldUp(std::sync::mpsc::Receiver<()>);

impl Observer for HeldUp {
    fn observe(&mut self, _: &PredictionBatch) {
        let _ = self.0.recv();
    }
}

#[test]
fn a_canary_among_others_says_what_was_sampled_out_before_it() {
    let (go_on, held_up) = std::sync::mpsc::channel();
    let bench = bench_of(SPEC, tails(0.3), |builder| builder.with_observer(HeldUp(held_up)));
    // but for the first, all of them are queued before the worker takes one
    for number in 0..200 {
        bench.record(&number.to_string(), scored(0.5));
        assert!(number % 20 != 7 || bench.log.send_canary());
    }
    drop(go_on);
    let rows = bench.rows();
    let journals = bench.sink.take_journals();
    let beats = journals.iter().flat_map(|journal| &journal.heartbeats).filter(|beat| beat.is_canary);
    let told: Vec<_> = beats
        .map(|beat| (beat.next_prediction, beat.next_prediction - beat.sinks[0].predictions.sampled_out))
        .collect();
    let kept = |next| rows.iter().filter(|row| row.sequence < next).count() as u64;
    let expected: Vec<_> = (0..10).map(|canary| 20 * canary + 8).map(|next| (next, kept(next))).collect();
    assert_eq!(told, expected);
    let _ = bench.end();
}

#[test]
fn the_rows_of_a_request_are_kept_or_not_as_a_whole() {
    let bench = bench(tails(0.2));
    for number in 0..300 {
        bench.record(&number.to_string(), vec![scored(0.3), scored(0.5), scored(0.7)]);
    }
    let out = id(0.9..1.0);
    bench.record(&out, vec![scored(0.5), scored(0.99)]);
    let rows = bench.rows();
    let (remarkable, others) = rows.split_at(rows.len() - 2);
    for of_request in remarkable.chunks(3) {
        assert!(of_request.iter().map(|row| row.instance_index).eq(0..3));
        assert!(draw(&of_request[0].request_id) < 0.2);
        assert!(of_request.iter().all(|row| probability(row) == 0.2));
    }
    assert!(others.iter().all(|row| *row.request_id == *out && probability(row) == 1.0));
    assert_eq!([stratum(&others[0]), stratum(&others[1])], ["b10|*", "b19|*"], "each its own");
    bench.close();
}

#[test]
fn what_is_masked_draws_as_it_was_and_is_told_apart_as_it_is() {
    let model = format!("{SPEC}privacy: {{request_id: drop, features: {{plan: drop}}}}\n");
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_segment("plan");
    let bench = bench_of(&model, policy.build(&["plan"]).unwrap(), |builder| builder);
    let ids: Vec<String> = (0..400).map(|number| format!("order-{number}")).collect();
    ids.iter()
        .for_each(|id| bench.record(id, scored(0.5).with("plan", "secret").with_entity_id(id.as_str())));
    bench.flush();
    bench.clock.advance(60_000);
    ids.iter()
        .for_each(|id| bench.record(id, scored(0.5).with("plan", "secret").with_entity_id(id.as_str())));
    let rows = bench.rows();
    let found = rows.iter().map(|row| row.entity_id.as_deref().unwrap());
    let expected: Vec<&str> = ids.iter().map(String::as_str).filter(|id| draw(id) < 0.1).collect();
    assert!(found.eq(expected.repeat(2)));
    assert!(rows.iter().all(|row| row.request_id.is_empty() && !stratum(row).contains("secret")));
    assert_eq!(stratum(rows.last().unwrap()), "b10|plan|v0");
    bench.close();
}

#[test]
fn segments_are_features_or_what_the_application_says() {
    for (segment, value, expected) in [
        ("plan", Value::from("gold"), "plan=gold"),
        ("visits", Value::from(7_i64), "visits=7"),
        ("age", Value::from(30.5), "age=30.5"),
        ("active", Value::from(true), "active=true"),
        ("channel", Value::from("web"), "channel=web"),
    ] {
        let policy = Policy::tails().with_tiers(VolumeTiers::constant(1.0)).with_segment(segment);
        let bench = bench(policy.build(&[segment]).unwrap());
        bench.record("a", scored(0.5).with(segment, value.clone()));
        bench.flush();
        bench.clock.advance(60_000);
        bench.record("b", scored(0.5).with(segment, value));
        let rows = bench.rows();
        assert_eq!(stratum(&rows[0]), "b10|*", "which nobody has told of yet");
        assert_eq!(stratum(&rows[1]), format!("b10|{expected}|v0"));
        bench.close();
    }
}

#[test]
fn what_the_application_asks_for_is_kept() {
    let bench = bench(tails(0.1));
    let ids: Vec<String> = ids(0.5..0.6).take(4).collect();
    bench.record(&ids[0], scored(0.5));
    bench.record(&ids[1], scored(0.5).with_keep());
    bench.record(&ids[2], Observed::from(vec![scored(0.5), scored(0.5)]).with_keep());
    bench.record(&ids[3], vec![scored(0.5), scored(0.5).with_keep()]);
    let rows = bench.rows();
    let kept: Vec<&str> = rows.iter().map(|row| &*row.request_id).collect();
    assert_eq!(kept, [&*ids[1], &*ids[2], &*ids[2], &*ids[3], &*ids[3]]);
    assert!(rows.iter().all(|row| probability(row) == 1.0));
    let explicit = bench.state().rules.into_iter().find(|rule| rule.rule == Rule::Explicit).unwrap();
    assert_eq!((explicit.matched, explicit.kept), (5, 5));
    bench.close();
}

#[tokio::test]
async fn a_handler_may_ask_as_well() {
    use tower::{Service, ServiceBuilder, ServiceExt};

    let bench = bench(tails(0.1));
    let handler = |request: http::Request<crate::LoggedBody<http_body_util::Empty<bytes::Bytes>>>| async move {
        let log = RequestLog::of(request.extensions());
        log.record(Observation::new().with_score(0.5));
        if request.headers().contains_key("keep") {
            log.keep();
        }
        Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
    };
    let layer = bench.log.layer().with_capture(Capture::Handler);
    let mut service = ServiceBuilder::new().layer(layer).service_fn(handler);
    let ids: Vec<String> = ids(0.5..0.6).take(2).collect();
    for (id, asks) in [(&ids[0], false), (&ids[1], true)] {
        let mut request = http::Request::post("/predict").header("x-request-id", id);
        if asks {
            request = request.header("keep", "1");
        }
        let request = request.body(http_body_util::Empty::new()).unwrap();
        drop(service.ready().await.unwrap().call(request).await.unwrap());
    }
    let rows = bench.rows();
    assert_eq!(rows.iter().map(|row| &*row.request_id).collect::<Vec<_>>(), [&*ids[1]]);
    bench.close();
}

#[test]
fn failures_are_kept() {
    let bench = bench(tails(0.1));
    let ids: Vec<String> = ids(0.5..0.6).take(2).collect();
    bench.record(&ids[0], scored(0.5));
    bench.record(&ids[1], Observed::from(scored(0.5)).with_error(ErrorType::Timeout));
    let rows = bench.rows();
    assert_eq!((rows.len(), &*rows[0].request_id, probability(&rows[0])), (1, &*ids[1], 1.0));
    bench.close();
}

#[test]
fn size_and_priority_stand_in_rows_that_are_not_sampled() {
    let sink = MemorySink::default();
    let builder = LogBuilder::new().with_model(ModelSpec::clone(&spec(SPEC))).with_sink(sink.clone());
    let (log, guard) = builder.with_priorities(Priorities::new()).build().unwrap();
    let model = log.model("churn").unwrap();
    model.record(Observed::from(scored(0.5)).with_priority(Priority::Low));
    model.record(scored(0.5).with("plan", "x".repeat(2_000)));
    let report = guard.shutdown_blocking(LONG);
    assert!(report.outcome == ShutdownOutcome::Complete && log.sampling(&churn()).is_none());
    let found: Vec<_> = sink
        .take()
        .into_iter()
        .map(|row| (row.inclusion.size_class.unwrap(), row.inclusion.priority.unwrap()))
        .collect();
    assert_eq!(found, [(SizeClass::UpTo1KiB, Priority::Low), (SizeClass::UpTo16KiB, Priority::Normal)]);
}

pub(super) fn numbers(name: &str, values: &[f64]) -> BaselineColumn {
    let bins = QuantileBins::of(values, 4).unwrap();
    let counts = bins.count(values).counts;
    let day = DayProfile { day: 0, missing: 0.0, counts, moments: Moments::of(values) };
    BaselineColumn::new(name, ColumnSummary::Numeric { bins, ecdf: Ecdf::of(values).unwrap() }, vec![day])
        .unwrap()
}

#[test]
fn a_baseline_tells_what_is_outside_of_training_and_is_noticed_when_it_comes() {
    let handle = BaselineHandle::new();
    let baseline = handle.clone();
    let bench = bench_of(SPEC, tails(0.1), |builder| builder.with_baseline(churn(), baseline));
    let ids: Vec<String> = ids(0.5..0.6).take(5).collect();
    bench.record(&ids[0], scored(0.5).with("age", 200.0));
    assert!(bench.rows().is_empty(), "nothing is known of ages");
    handle.set(Baseline::new("fraud", vec![numbers("age", &[18.0, 99.0])], None).unwrap());
    bench.record(&ids[1], scored(0.5).with("age", 200.0));
    assert!(bench.rows().is_empty(), "it is of another model");
    handle.set(Baseline::new("churn", vec![numbers("age", &[18.0, 99.0])], None).unwrap());
    bench.record(&ids[2], scored(0.5).with("age", 200.0));
    bench.record(&ids[3], scored(0.5).with("age", 20.0));
    let rows = bench.rows();
    assert_eq!((rows.len(), &*rows[0].request_id), (1, &*ids[2]));
    handle.set(Baseline::new("fraud", vec![numbers("age", &[18.0, 300.0])], None).unwrap());
    bench.record(&ids[4], scored(0.5).with("age", 200.0));
    assert_eq!(bench.rows().len(), 1, "that of another model takes no place");
    bench.close();
}

/// The stratum of a row of a model of `kind`.
fn stratum_of(kind: &str, response: &str, observation: Observation) -> String {
    let model = format!(
        "{{spec_version: 1, name: churn, type: {kind}, owner: crm, tier: 2, endpoint: {{path: /p}}, \
         response: {{{response}}}, features: {{age: float}}}}"
    );
    let scores: Vec<f64> = (0..100).map(f64::from).collect();
    let baseline = Baseline::new("churn", vec![numbers("score", &scores)], None).unwrap();
    let bench = bench_of(&model, tails(1.0), |builder| builder.with_baseline(churn(), baseline.into()));
    bench.record("a", observation);
    let rows = bench.rows();
    bench.close();
    stratum(&rows[0]).to_owned()
}

#[test]
fn each_kind_of_model_has_scores_of_its_own() {
    let item = RankedItem { item: "x".into(), score: Some(0.62) };
    let classes = [("a", 0.2), ("b", 0.71)];
    assert_eq!(stratum_of("binary", "score: /s", scored(0.33)), "b06|*");
    let several = scored(0.01).with_class_probabilities(classes);
    assert_eq!(stratum_of("multiclass", "class_probabilities: /p", several), "b14|*");
    let ranked = Observation::new().with_ranking([item]);
    assert_eq!(stratum_of("ranking", "ranking: /r", ranked), "b12|*");
    assert_eq!(stratum_of("regression", "score: /s", scored(77.0)), "b15|*");
    assert_eq!(stratum_of("text", "generated_text: /t", scored(0.5)), "bnone|*");
}

#[test]
fn a_model_must_be_there_and_has_one_policy() {
    let refused = |settings: fn(LogBuilder) -> LogBuilder| {
        let builder =
            LogBuilder::new().with_model(ModelSpec::clone(&spec(SPEC))).with_sink(MemorySink::default());
        settings(builder).build().unwrap_err().to_string()
    };
    let other = || "fraud".parse::<ModelName>().unwrap();
    let unknown = refused(|builder| builder.with_sampling("fraud".parse().unwrap(), tails(0.1)));
    assert!(unknown.contains(other().as_str()), "{unknown}");
    let twice =
        refused(|builder| builder.with_sampling(churn(), tails(0.1)).with_sampling(churn(), tails(0.2)));
    assert_eq!(twice, "the model churn has a policy of what is kept twice");
    let unknown = refused(|builder| builder.with_baseline("fraud".parse().unwrap(), BaselineHandle::new()));
    assert_eq!(unknown, "the log has a baseline for the model fraud, which it does not have");
}
