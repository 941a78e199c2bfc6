use std::io::Write;
use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use tiltmeter_record::{
    GapUnit, ModelSpec, Observation, Pair, PredictionDrop, RowsFound, ShadowBooks, ShadowLedger, Value,
    WriterAccount,
};

use super::*;
use crate::faults::Failing;
use crate::testing::{SPEC, spec};
use crate::{FlushOutcome, JsonLinesSink, LogBuilder, LogGuard, LogHandle, MemorySink, ShutdownReport};

const LONG: Duration = Duration::from_secs(20);
const REQUEST: &str = r#"{"id": "c9", "event_time": "2026-03-01T11:59:00Z", "age": 30.5, "visits": 3}"#;

struct Bench {
    log: LogHandle,
    guard: LogGuard,
    pairs: PairLog,
    sink: MemorySink,
}

fn bench_of(model: &str, settings: impl FnOnce(LogBuilder) -> LogBuilder) -> Bench {
    let sink = MemorySink::default();
    let builder = LogBuilder::new().with_model(ModelSpec::clone(&spec(model))).with_sink(sink.clone());
    let (log, guard) = settings(builder).build().unwrap();
    let pairs = log.pairs("churn").unwrap();
    Bench { log, guard, pairs, sink }
}

fn bench() -> Bench {
    bench_of(SPEC, |builder| builder)
}

impl Bench {
    /// Records `pairs`, and returns the rows that have been written.
    fn rows(&self, pairs: impl IntoIterator<Item = ObservedPair>) -> Vec<Pair> {
        assert!(pairs.into_iter().all(|pair| self.pairs.record(pair)));
        assert_eq!(self.log.flush_blocking(LONG), FlushOutcome::Complete);
        let rows = self.sink.take_pairs();
        assert!(rows.iter().all(|(challenger, _)| challenger.as_str() == "lr"));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn end(self) -> ShutdownReport {
        let report = self.guard.shutdown_blocking(LONG);
        assert!(report.balances(), "{report:?}");
        assert_eq!(report.ledgers.exchanges.observed, 0, "pairs are no exchanges");
        assert_eq!(report.ledgers.predictions.decoded, 0, "nor predictions");
        report
    }
}

fn json(text: &str) -> ObservedBody {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
    // in parts, as it came
    let (head, tail) = text.split_at(text.len() / 2);
    let parts = [head, tail].map(|part| Bytes::copy_from_slice(part.as_bytes())).to_vec();
    ObservedBody { headers, content: ObservedContent::Whole(parts) }
}

fn answer(text: &str, millis: u64) -> ObservedAnswer {
    let latency = Duration::from_millis(millis);
    ObservedAnswer { status: Some(StatusCode::OK), body: json(text), latency, error: None }
}

fn pair() -> ObservedPair {
    ObservedPair {
        challenger_name: "lr".parse().unwrap(),
        request_id: "r1".into(),
        timestamp: "2026-03-01T12:00:00Z".parse().unwrap(),
        bucket: PairBucket::Paired,
        inclusion_probability: 0.5,
        request: json(REQUEST),
        champion: answer(r#"{"version": "v1", "score": 0.25, "churns": false}"#, 3),
        challenger: Some(answer(r#"{"version": "v2", "score": 0.75, "churns": true}"#, 5)),
    }
}

#[test]
fn both_answers_are_decoded_along_the_models_spec() {
    let bench = bench();
    let rows = bench.rows([pair(), pair()]);
    assert_eq!(rows.iter().map(|row| row.sequence).collect::<Vec<_>>(), [0, 1]);
    let row = &rows[0];
    let challenger = row.challenger.as_ref().unwrap();
    assert_eq!((row.bucket, row.inclusion_probability), (PairBucket::Paired, 0.5));
    assert_eq!((row.champion.score, challenger.score), (Some(0.25), Some(0.75)));
    assert_eq!(
        (&row.champion.prediction, &challenger.prediction),
        (&Value::Boolean(false), &Value::Boolean(true))
    );
    let version = |row: &tiltmeter_record::Prediction| row.model_version.as_ref().unwrap().to_string();
    assert_eq!((version(&row.champion), version(challenger)), ("v1".to_owned(), "v2".to_owned()));
    let latencies = (row.champion.latency, challenger.latency);
    assert_eq!(latencies, (Duration::from_millis(3), Duration::from_millis(5)));
    assert_eq!((&*row.champion.request_id, row.champion.entity_id.as_deref()), ("r1", Some("c9")));
    assert_eq!(row.champion.event_time.to_string(), "2026-03-01T11:59:00Z");
    assert_eq!(row.champion.observed_at.to_string(), "2026-03-01T12:00:00Z");
    let report = bench.end();
    assert_eq!((report.pairs.offered, report.pairs.decoded, report.pairs.unreadable), (2, 2, 0));
    assert_eq!((report.sinks[0].pairs.decoded, report.sinks[0].pairs.written), (2, 2));
}

#[test]
fn without_a_pair_the_champions_answer_is_there() {
    let bench = bench();
    let refused = ObservedPair { bucket: PairBucket::NoPermit, challenger: None, ..pair() };
    let late = ObservedAnswer {
        status: None,
        error: Some(ErrorType::Timeout),
        latency: Duration::from_millis(250),
        ..ObservedAnswer::default()
    };
    let late = ObservedPair { bucket: PairBucket::Timeout, challenger: Some(late), ..pair() };
    let [refused, late] = &bench.rows([refused, late])[..] else { panic!("one row each") };
    assert_eq!((refused.bucket, refused.champion.score), (PairBucket::NoPermit, Some(0.25)));
    assert!(refused.challenger.is_none());
    let challenger = late.challenger.as_ref().unwrap();
    assert_eq!((late.bucket, late.champion.score), (PairBucket::Timeout, Some(0.25)));
    assert_eq!((challenger.error_type, challenger.score), (Some(ErrorType::Timeout), None));
    assert_eq!(challenger.latency, Duration::from_millis(250));
    let versions = [&late.champion, challenger].map(|row| row.model_version.as_ref().unwrap().as_str());
    assert_eq!(versions, ["v1", "lr"], "a challenger that says none has not the champion's");
    assert_eq!(bench.end().pairs.unreadable, 0);
}

#[test]
fn an_answer_that_cannot_be_read_is_told_from_one_that_is_missing() {
    let bench = bench();
    let of_challenger = ObservedPair { challenger: Some(answer("no json", 5)), ..pair() };
    let of_champion = ObservedPair { champion: answer("no json", 5), ..pair() };
    let of_request = ObservedPair { request: json("no json"), ..pair() };
    let panicking = ObservedPair { request: json("\"panic\""), ..pair() };
    let rows = bench.rows([of_challenger, of_champion, of_request, panicking]);
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            let challenger = row.challenger.as_ref().unwrap();
            (row.bucket.as_str(), row.champion.error_type, challenger.error_type)
        })
        .collect();
    let unreadable = Some(ErrorType::Unreadable);
    assert_eq!(
        seen,
        [
            ("challenger_error", None, unreadable),
            ("paired", unreadable, None),
            // the answers can be read without it
            ("paired", None, None),
            ("paired", None, None),
        ]
    );
    assert_eq!(rows[2].champion.score, Some(0.25));
    assert_eq!(bench.end().pairs.unreadable, 2);
}

#[test]
fn a_request_that_was_not_kept_costs_the_features_and_not_the_answer() {
    let bench = bench();
    let pair = ObservedPair {
        request: ObservedBody::default(),
        bucket: PairBucket::BodyTooLarge,
        challenger: None,
        ..pair()
    };
    let rows = bench.rows([pair]);
    let champion = &rows[0].champion;
    assert_eq!(
        (champion.score, champion.error_type, champion.entity_id.as_deref()),
        (Some(0.25), None, None)
    );
    assert_eq!(bench.end().pairs.unreadable, 0);
}

#[test]
fn what_has_no_probability_is_refused() {
    let bench = bench();
    for inclusion_probability in [0.0, -1.0, 1.5, f64::NAN] {
        assert!(!bench.pairs.record(ObservedPair { inclusion_probability, ..pair() }));
    }
    assert_eq!(bench.end().pairs.refused, 4);
}

#[test]
fn a_batched_request_has_a_pair_for_each_instance() {
    let batched = SPEC
        .replace(
            "request: {event_time: /event_time, max_skew: 7d, entity_id: /id}",
            "request: {features: /rows/*}",
        )
        .replace("score: /score, prediction: /churns", "score: /rows/*/score");
    let bench = bench_of(&batched, |builder| builder);
    let request = || json(r#"{"rows": [{"age": 1}, {"age": 2}, {"age": 3}]}"#);
    let champion = || answer(r#"{"rows": [{"score": 0.1}, {"score": 0.2}, {"score": 0.3}]}"#, 3);
    let whole = ObservedPair {
        request: request(),
        champion: champion(),
        challenger: Some(answer(r#"{"rows": [{"score": 0.4}, {"score": 0.5}, {"score": 0.6}]}"#, 3)),
        ..pair()
    };
    let failed = ObservedAnswer {
        status: Some(StatusCode::BAD_GATEWAY),
        error: Some(ErrorType::Status),
        ..answer("sorry", 3)
    };
    let failed = ObservedPair {
        request: request(),
        champion: champion(),
        bucket: PairBucket::ChallengerError,
        challenger: Some(failed),
        ..pair()
    };
    let rows = bench.rows([whole, failed]);
    let scores = |rows: &[Pair]| -> Vec<_> {
        rows.iter()
            .map(|row| {
                let challenger = row.challenger.as_ref().unwrap();
                (row.champion.instance_index, row.champion.score, challenger.score, challenger.status)
            })
            .collect()
    };
    let ok = Some(200);
    assert_eq!(
        scores(&rows[..3]),
        [(0, Some(0.1), Some(0.4), ok), (1, Some(0.2), Some(0.5), ok), (2, Some(0.3), Some(0.6), ok)]
    );
    let bad = Some(502);
    assert_eq!(
        scores(&rows[3..]),
        [(0, Some(0.1), None, bad), (1, Some(0.2), None, bad), (2, Some(0.3), None, bad)]
    );
    assert_eq!(bench.end().sinks[0].pairs.written, 6);
}

#[test]
fn pairs_are_sliced_as_the_spec_says() {
    let sliced = format!("{SPEC}segments: [visits, plan]\n");
    let bench = bench_of(&sliced, |builder| builder);
    let mut said = pair();
    said.request = json(r#"{"visits": 3, "plan": "gold", "age": 30.5}"#);
    let rows = bench.rows([said, pair()]);
    let segments = |row: &Pair| -> Vec<_> {
        row.champion.segments.iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    assert_eq!(segments(&rows[0]), ["plan=gold", "visits=3"]);
    assert_eq!(segments(&rows[1]), ["visits=3"]);
    assert!(rows[0].champion.features.is_empty(), "those stand in the table of predictions");
    let _ = bench.end();
}

#[test]
fn what_the_application_says_needs_no_bodies() {
    let said = |score: f64| ObservedAnswer {
        status: None,
        body: ObservedBody {
            content: ObservedContent::Said(Box::new(Observation::new().with_score(score).into())),
            ..ObservedBody::default()
        },
        ..ObservedAnswer::default()
    };
    let bench = bench();
    let pair = ObservedPair {
        request: ObservedBody::default(),
        champion: said(0.1),
        challenger: Some(said(0.2)),
        ..pair()
    };
    let rows = bench.rows([pair]);
    assert_eq!((rows[0].champion.score, rows[0].challenger.as_ref().unwrap().score), (Some(0.1), Some(0.2)));
    assert_eq!((rows[0].bucket, rows[0].champion.error_type), (PairBucket::Paired, None));
    let _ = bench.end();
}

#[test]
fn bodies_may_be_compressed() {
    let gzip = |body: &ObservedBody| {
        let ObservedContent::Whole(parts) = &body.content else { panic!("whole") };
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        parts.iter().for_each(|part| encoder.write_all(part).unwrap());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        let content = ObservedContent::Whole(vec![encoder.finish().unwrap().into()]);
        ObservedBody { headers, content }
    };
    let bench = bench();
    let mut packed = pair();
    packed.request = gzip(&packed.request);
    let challenger = packed.challenger.as_mut().unwrap();
    challenger.body = gzip(&challenger.body);
    let rows = bench.rows([packed]);
    assert_eq!(rows[0].challenger.as_ref().unwrap().score, Some(0.75));
    let _ = bench.end();
}

#[test]
fn both_answers_are_masked_and_debug_output_shows_none() {
    let private = SPEC.replace("prediction: /churns", "prediction: {pointer: /churns, type: string}")
        + "privacy: {prediction: drop}\n";
    let seen = format!("{:?}", pair());
    assert!(!seen.contains("0.25") && !seen.contains("c9") && !seen.contains(&format!("{:?}", b"c9")));
    let bench = bench_of(&private, |builder| builder);
    let with = |text: &str| answer(&format!(r#"{{"score": 0.5, "churns": "{text}"}}"#), 1);
    let rows =
        bench.rows([ObservedPair { champion: with("mark"), challenger: Some(with("mark")), ..pair() }]);
    assert!(!format!("{rows:?}").contains("mark"));
    let missing = (&rows[0].champion.prediction, &rows[0].challenger.as_ref().unwrap().prediction);
    assert_eq!(missing, (&Value::Missing, &Value::Missing));
    let _ = bench.end();
}

#[test]
fn what_is_refused_is_told_and_counted() {
    let bench = bench_of(SPEC, |builder| builder.with_queue_bytes(2_162_688));
    let large = ObservedPair { request: json(&"x".repeat(3 << 20)), ..pair() };
    assert!(!bench.pairs.record(large));
    let ledger = bench.pairs.ledger();
    assert_eq!((ledger.offered, ledger.refused, ledger.balances()), (1, 1, true));
    let pairs = bench.pairs.clone();
    assert_eq!(bench.end().pairs.refused, 1);
    assert!(!pairs.record(pair()), "the log has ended");
    assert_eq!(pairs.ledger().refused, 2);
}

#[test]
fn each_sink_has_books_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let lines = JsonLinesSink::below(folder.path()).build().unwrap();
    let bench = bench_of(SPEC, |builder| {
        builder.with_sink(Failing::always(MemorySink::default())).with_named_sink("lines", lines)
    });
    assert_eq!(bench.rows([pair()]).len(), 1);
    let report = bench.end();
    let pairs: Vec<_> = report.sinks.iter().map(|sink| sink.pairs).collect();
    assert_eq!((pairs[0].written, pairs[1].written, pairs[2].written), (1, 0, 1));
    assert_eq!(pairs[1].dropped.by(PredictionDrop::SinkFailed), 1);
    assert!(report.last_failure.is_some());
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    let line: serde_json::Value = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find(|line| line["record"] == "pair")
        .unwrap();
    assert_eq!((&line["champion_score"], &line["challenger_score"]), (&0.25.into(), &0.75.into()));
    assert_eq!((&line["challenger"], &line["request_id"]), (&"lr".into(), &"r1".into()));
}

#[test]
fn pairs_that_a_sink_has_lost_stand_in_the_data_of_the_others() {
    let bench = bench_of(SPEC, |builder| builder.with_sink(Failing::always(MemorySink::default())));
    assert_eq!(bench.rows([pair(), pair()]).len(), 2);
    let sink = bench.sink.clone();
    let _ = bench.end();
    let journals = sink.take_journals();
    let gaps: Vec<_> = journals.iter().flat_map(|journal| journal.gaps.clone()).collect();
    let [gap] = &gaps[..] else { panic!("one gap: {gaps:?}") };
    assert_eq!((gap.unit, gap.count, gap.reason), (GapUnit::Pair, 2, "sink_failed"));
    assert_eq!((gap.sink.as_deref(), gap.model_name.as_deref()), (Some("memory-2"), Some("churn")));
    let beats: Vec<_> = journals.into_iter().flat_map(|journal| journal.heartbeats).collect();
    let account = |sink| WriterAccount::of_pairs(sink, &beats, &gaps, &RowsFound::of(0..2)).unwrap();
    assert_eq!((account("memory").decoded, account("memory").dropped), (2, 0));
    assert_eq!((account("memory").unaccounted, account("memory").ended_in_order), (0, true));
    assert_eq!(account("memory-2").dropped, 2);
}

#[test]
fn the_books_of_shadows_come_with_the_heartbeats() {
    let bench = bench();
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut books = ShadowBooks::new("shadow".parse().unwrap(), "lr".parse().unwrap(), at, at);
    for eligible in [3, 7] {
        books.requests = ShadowLedger::new(eligible, |_| 0);
        bench.pairs.keep_books(books.clone());
    }
    assert_eq!(bench.log.flush_blocking(LONG), FlushOutcome::Complete);
    let journal = bench.sink.take_journals().pop().unwrap();
    let [shadow] = &journal.shadows[..] else { panic!("one challenger: {journal:?}") };
    assert_eq!((&*shadow.model_name, shadow.sequence), ("churn", journal.heartbeats[0].sequence));
    assert_eq!(shadow.books, books);
    books.is_last = true;
    bench.pairs.keep_books(books.clone());
    let sink = bench.sink.clone();
    let _ = bench.end();
    let last = sink.take_journals().pop().unwrap();
    assert!(last.heartbeats[0].is_last && last.shadows[0].books.is_last, "{last:?}");
}

#[test]
fn a_model_that_the_log_does_not_have_has_no_pairs() {
    let bench = bench();
    let error = bench.log.pairs("other").unwrap_err();
    assert!(error.to_string().contains("other"), "{error}");
    let _ = bench.end();
}
