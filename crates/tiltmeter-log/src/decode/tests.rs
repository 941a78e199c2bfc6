use http::StatusCode;
use proptest::prelude::*;
use tiltmeter_record::{Rescued, Value};

use super::*;
use crate::codec::any_json;
use crate::layer::Format;
use crate::testing::{SPEC, spec};

mod bodies;
mod failures;
mod outputs;
mod said;

const NOW: &str = "2026-03-01T12:00:00Z";

/// Requests of several instances, with fields that all of them share.
const BATCHED: &str = "
spec_version: 1
name: churn
type: regression
owner: crm
tier: 3
endpoint: {path: /predict}
request: {event_time: /event_time, max_skew: off, entity_id: /rows/*/id, features: /rows/*, raw_input: true}
response: {model_version: /version, prediction: /out/*/value}
features: {age: float, first: {type: integer, pointer: /rows/*/visits/0}}
";

/// A decoder that panics, for the tests of those who have to live with it.
pub(super) fn panic_if_asked(body: &[u8]) {
    assert!(body != b"\"panic\"", "the decoder is broken");
}

pub(super) fn exchange(request: &[u8], response: &[u8], status: u16) -> Captured {
    let request_id = RequestId::Taped;
    let tape = crate::layer::tape_of(b"r1", request, response);
    let status = StatusCode::from_u16(status).ok();
    Captured {
        route: 0,
        request_id,
        tape,
        status,
        error: None,
        started: Duration::ZERO,
        latency: Duration::from_millis(3),
        request_format: Format::default(),
        response_format: Format::default(),
        said: None,
    }
}

/// An exchange of which so much was captured.
pub(super) fn exchange_with(request: (&[u8], Extent), response: (&[u8], Extent), status: u16) -> Captured {
    let tape = crate::layer::tape_with(b"r1", request, response);
    Captured { tape, ..exchange(b"", b"", status) }
}

fn decode_with(text: &str, exchange: &Captured) -> Result<Vec<Prediction>, ExchangeDrop> {
    decode_by(&mut Decoder::new(spec(text), "/predict".into()).unwrap(), exchange)
}

fn decode_by(decoder: &mut Decoder, exchange: &Captured) -> Result<Vec<Prediction>, ExchangeDrop> {
    let (mut rows, mut sequence) = (Vec::new(), 7);
    let now = NOW.parse().unwrap();
    let decoded = decoder.decode(exchange, now, Duration::from_millis(1500), &mut sequence, &mut rows);
    assert_eq!(decoded.unwrap_or(0), rows.len() as u64);
    assert_eq!(sequence, 7 + rows.len() as u64);
    decoded.map(|_| rows)
}

fn decode(request: &str, response: &str) -> Result<Vec<Prediction>, ExchangeDrop> {
    decode_with(SPEC, &exchange(request.as_bytes(), response.as_bytes(), 200))
}

fn one(request: &str, response: &str) -> Prediction {
    let mut rows = decode(request, response).unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn rescued(row: &Prediction) -> Vec<(&str, &str)> {
    row.rescued.iter().map(|entry| (&*entry.column, &*entry.json)).collect()
}

#[test]
fn a_whole_record() {
    let row = one(
        r#"{"event_time": "2026-03-01T10:00:00+01:00", "id": "c9", "age": 41, "visits": 3, "plan": "gold",
            "active": true, "unlisted": {"deep": [1]}}"#,
        r#"{"version": "v3", "score": 0.25, "churns": false}"#,
    );
    assert_eq!(&*row.request_id, "r1");
    assert_eq!((row.instance_index, row.sequence), (0, 7));
    assert_eq!(row.entity_id.as_deref(), Some("c9"));
    assert_eq!(row.model_version.as_ref().map(ModelVersion::as_str), Some("v3"));
    assert_eq!(row.event_time.to_string(), "2026-03-01T09:00:00Z");
    assert_eq!(row.observed_at.to_string(), "2026-03-01T11:59:58.5Z", "the wall clock less the age");
    assert_eq!(
        row.features,
        [Value::Float(41.0), Value::Integer(3), Value::Text("gold".into()), Value::Boolean(true)]
    );
    assert_eq!((row.score, row.prediction.clone()), (Some(0.25), Value::Boolean(false)));
    assert_eq!((row.latency, &*row.endpoint), (Duration::from_millis(3), "/predict"));
    assert_eq!((row.status, row.error_type), (Some(200), None));
    assert_eq!((row.raw_input.as_deref(), row.rescued.len()), (None, 0));
    assert_eq!(row.prediction_id.get_version_num(), 7);
}

#[test]
fn a_misfit_stands_under_the_name_of_its_column() {
    let spec = BATCHED.replace("age: float", "age: {type: float, column: age_years}");
    let mut decoder = Decoder::new(crate::testing::spec(&spec), "/predict".into()).unwrap();
    let exchange = exchange(br#"{"rows": [{"age": "old"}]}"#, br#"{"out": [{"value": 1}]}"#, 200);
    let rows = decode_by(&mut decoder, &exchange).unwrap();
    assert_eq!(rescued(&rows[0]), [("feature_age_years", r#""old""#)]);
    assert_eq!(decoder.misfits().collect::<Vec<_>>(), [("feature_age_years", 1)]);
}

#[test]
fn absent_and_null_fields_are_missing() {
    let row = one(r#"{"age": null}"#, r#"{"score": null}"#);
    assert!(row.features.iter().all(Value::is_missing));
    assert_eq!((row.score, row.entity_id.as_deref()), (None, None));
    assert_eq!(row.event_time, row.observed_at, "no event time is the time of observation");
    assert_eq!(row.model_version.as_ref().map(ModelVersion::as_str), Some("v0"), "the spec's");
    assert!(row.rescued.is_empty());
}

#[test]
fn a_value_that_does_not_fit_is_null_and_rescued() {
    let row = one(
        r#"{"age": "old", "visits": 2.5, "plan": 7, "active": [1, {"a": null}], "id": 17}"#,
        r#"{"score": "high", "churns": 1, "version": "a/b"}"#,
    );
    assert!(row.features.iter().all(Value::is_missing));
    assert_eq!(row.entity_id.as_deref(), Some("17"), "a number is a good name");
    assert_eq!(row.prediction, Value::Boolean(true), "0 and 1 are booleans");
    assert_eq!(row.model_version.as_ref().map(ModelVersion::as_str), Some("v0"));
    assert_eq!(
        rescued(&row),
        [
            ("feature_age", r#""old""#),
            ("feature_visits", "2.5"),
            ("feature_plan", "7"),
            ("feature_active", r#"[1,{"a":null}]"#),
            ("score", r#""high""#),
            ("model_version", r#""a/b""#),
        ]
    );
}

#[test]
fn numbers_are_converted_only_where_nothing_is_lost() {
    let row = one(r#"{"age": 9007199254740993, "visits": 4.0}"#, "{}");
    assert_eq!(row.features[1], Value::Integer(4));
    assert_eq!(rescued(&row), [("feature_age", "9007199254740993")], "2^53 + 1 is no float");
    let row = one(r#"{"age": -9223372036854775807, "visits": 18446744073709551615}"#, "{}");
    assert_eq!(
        rescued(&row),
        [("feature_age", "-9223372036854775807"), ("feature_visits", "18446744073709551615")]
    );
}

#[test]
fn scores_are_read_to_the_last_bit() {
    for text in ["0.059983", "0.1", "1e-300", "0.30000000000000004", "2.2250738585072014e-308"] {
        let row = one("{}", &format!(r#"{{"score": {text}}}"#));
        assert_eq!(row.score.unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
    }
}

#[test]
fn a_rescued_value_is_cut_on_a_character() {
    let row = one(&format!(r#"{{"age": "{}"}}"#, "é".repeat(2000)), "{}");
    assert!(row.rescued[0].json.len() <= Rescued::MAX_LEN);
}

#[test]
fn an_event_time_too_far_off_is_replaced_and_rescued() {
    let far = SPEC.replace("max_skew: 7d", "max_skew: off");
    let year_0 = exchange(br#"{"event_time": "-000001-01-01T00:00:00Z"}"#, b"{}", 200);
    let row = decode_with(&far, &year_0).unwrap().remove(0);
    assert_eq!(row.event_time, row.observed_at, "no date that readers understand");
    for time in ["2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z", "yesterday"] {
        let row = one(&format!(r#"{{"event_time": "{time}"}}"#), "{}");
        assert_eq!(row.event_time, row.observed_at);
        assert_eq!(rescued(&row), [("event_time", &*format!("{time:?}"))]);
    }
    let row = one(r#"{"event_time": 1772366400}"#, "{}");
    assert_eq!(rescued(&row), [("event_time", "1772366400")], "a number has no unit");
    let row = one(r#"{"event_time": "2026-02-25T00:00:00Z"}"#, "{}");
    assert_eq!(row.event_time.to_string(), "2026-02-25T00:00:00Z");
}

#[test]
fn of_duplicate_keys_the_last_counts() {
    assert_eq!(one(r#"{"age": 1, "age": 2}"#, "{}").features[0], Value::Float(2.0));
    let nested = SPEC.replace("entity_id: /id", "entity_id: /who/id");
    let body = br#"{"who": {"id": "first"}, "who": {}}"#;
    assert_eq!(decode_with(&nested, &exchange(body, b"{}", 200)).unwrap()[0].entity_id, None);
    let body = br#"{"rows": [{"id": 1}, {"id": 2}], "rows": null}"#;
    assert_eq!(decode_with(BATCHED, &exchange(body, b"{}", 200)), Err(ExchangeDrop::RequestMalformed));
    let body = br#"{"rows": [{"id": 1}, {"id": 2}], "rows": [{"id": 3}]}"#;
    let rows = decode_with(BATCHED, &exchange(body, br#"{"out": [{}]}"#, 200)).unwrap();
    assert_eq!(rows.iter().map(|row| row.entity_id.as_deref()).collect::<Vec<_>>(), [Some("3")]);
}

#[test]
fn each_instance_of_a_request_is_a_record() {
    let request = br#"{"event_time": "2013-04-03T00:00:00Z",
        "rows": [{"id": "a", "age": 1, "visits": [5, 6]}, {"age": 2.5}, {"id": "c", "visits": []}]}"#;
    let response = br#"{"out": [{"value": 0.1}, {"value": 0.2}, {"value": null}], "version": "v9"}"#;
    let rows = decode_with(BATCHED, &exchange(request, response, 200)).unwrap();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.instance_index,
                row.sequence,
                row.entity_id.as_deref(),
                row.features.clone(),
                row.prediction.clone(),
            )
        })
        .collect();
    let (f, i) = (Value::Float, Value::Integer);
    assert_eq!(
        seen,
        [
            (0, 7, Some("a"), vec![f(1.0), i(5)], f(0.1)),
            (1, 8, None, vec![f(2.5), Value::Missing], f(0.2)),
            (2, 9, Some("c"), vec![Value::Missing, Value::Missing], Value::Missing),
        ]
    );
    for row in &rows {
        assert_eq!(row.event_time.to_string(), "2013-04-03T00:00:00Z", "all share it");
        assert_eq!(row.model_version.as_ref().map(ModelVersion::as_str), Some("v9"));
        let raw_input = row.raw_input.as_deref().map(str::len);
        assert_eq!(
            raw_input,
            Some(request.len()).filter(|_| row.instance_index == 0),
            "once for the request"
        );
    }
    assert_ne!(rows[0].prediction_id, rows[1].prediction_id);
}

#[test]
fn parallel_arrays_are_one_set_of_instances() {
    let text =
        BATCHED.replace("prediction: /out/*/value", "prediction: /values/*, score: /scores/*").replace(
            "{age: float, first: {type: integer, pointer: /rows/*/visits/0}}",
            "{age: {type: float, pointer: /ages/*}}",
        );
    let decoded = |request: &[u8], response: &[u8]| decode_with(&text, &exchange(request, response, 200));
    let rows =
        decoded(br#"{"rows": [{"id": "a"}, {"id": "b"}], "ages": [1, 2]}"#, br#"{"scores": [0.1, 0.2]}"#);
    let rows = rows.unwrap();
    assert_eq!(rows[1].entity_id.as_deref(), Some("b"));
    assert_eq!((rows[1].features[0].clone(), rows[1].score), (Value::Float(2.0), Some(0.2)));
    assert!(rows[1].prediction.is_missing(), "an array that is not there is missing for all");
    let uneven = decoded(br#"{"rows": [{}, {}], "ages": [1]}"#, br#"{"scores": [0.1, 0.2]}"#);
    assert_eq!(uneven, Err(ExchangeDrop::InstanceMismatch));
    let uneven = decoded(br#"{"ages": [1, 2]}"#, br#"{"scores": [0.1, 0.2], "values": [1]}"#);
    assert_eq!(uneven, Err(ExchangeDrop::InstanceMismatch));
}

#[test]
fn a_request_without_its_array_is_not_an_empty_batch() {
    for request in [&br#"{"rows": {"age": 1}}"#[..], br#"{"rows": null}"#, b"{}", b"[]"] {
        let decoded = decode_with(BATCHED, &exchange(request, br#"{"out": [{"value": 1}]}"#, 200));
        assert_eq!(decoded, Err(ExchangeDrop::RequestMalformed));
    }
}

#[test]
fn an_answer_without_its_array_is_no_answer() {
    let request = br#"{"rows": [{"age": 1}, {"age": 2}]}"#;
    let rows = decode_with(BATCHED, &exchange(request, br#"{"error": "warming up"}"#, 200)).unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.error_type == Some(ErrorType::Unreadable)));
}

#[test]
fn what_instances_share_is_not_copied_for_each_of_them() {
    let empty = "{},".repeat(999);
    let request = format!(r#"{{"id": "{}", "rows": [{empty}{{}}]}}"#, "x".repeat(800));
    let response = format!(r#"{{"out": [{empty}{{}}]}}"#);
    let shared = BATCHED.replace("entity_id: /rows/*/id", "entity_id: /id");
    let rows = decode_with(&shared, &exchange(request.as_bytes(), response.as_bytes(), 200)).unwrap();
    assert_eq!(rows.len(), 1_000);
    for row in &rows[1..] {
        assert!(Arc::ptr_eq(&row.request_id, &rows[0].request_id));
        assert!(Arc::ptr_eq(row.entity_id.as_ref().unwrap(), rows[0].entity_id.as_ref().unwrap()));
        assert!(row.raw_input.is_none());
    }
    assert!(rows[0].raw_input.is_some());
}

#[test]
fn a_request_that_would_become_too_much_is_refused() {
    let request = format!(r#"{{"id": "{}", "rows": [{}{{}}]}}"#, "x".repeat(500_000), "{},".repeat(399));
    let shared = BATCHED.replace("entity_id: /rows/*/id", "entity_id: /id");
    let refused = decode_with(&shared, &exchange(request.as_bytes(), b"{\"out\": []}", 200));
    assert_eq!(refused, Err(ExchangeDrop::RequestTooLarge));
    // nor may what is rescued, which each instance would have
    let composite = request.replace("\"id\": ", "\"id\": [").replacen("x\",", "x\"],", 1);
    let refused = decode_with(&shared, &exchange(composite.as_bytes(), b"{\"out\": []}", 200));
    assert_eq!(refused, Err(ExchangeDrop::RequestTooLarge));
}

#[test]
fn a_batch_may_be_empty() {
    let rows = decode_with(BATCHED, &exchange(br#"{"rows": []}"#, br#"{"out": []}"#, 200)).unwrap();
    assert!(rows.is_empty());
}

#[test]
fn instances_that_do_not_match_are_refused() {
    let wrong = exchange(br#"{"rows": [{}, {}]}"#, br#"{"out": [{"value": 1}]}"#, 200);
    assert_eq!(decode_with(BATCHED, &wrong), Err(ExchangeDrop::InstanceMismatch));
}

#[test]
fn a_failed_exchange_keeps_its_request() {
    let failed = exchange(br#"{"age": 4}"#, br#"{"error": "no"}"#, 503);
    let row = decode_with(SPEC, &failed).unwrap().remove(0);
    assert_eq!((row.status, row.error_type), (Some(503), Some(ErrorType::Status)));
    assert_eq!((row.features[0].clone(), row.score), (Value::Float(4.0), None));
}

#[test]
fn an_answer_that_cannot_be_read_is_no_answer() {
    for response in ["", "no json", "{\"score\": 1", "{} {}"] {
        let row = one("{}", response);
        assert_eq!((row.error_type, row.score), (Some(ErrorType::Unreadable), None), "{response}");
    }
}

#[test]
fn a_number_that_no_float_holds_is_no_score() {
    assert_eq!(one("{}", "{\"score\": 1e999}").score, None);
}

#[test]
fn an_answer_of_an_earlier_exchange_is_not_kept() {
    let mut decoder = Decoder::new(spec(SPEC), "/predict".into()).unwrap();
    let (mut rows, mut sequence) = (Vec::new(), 0);
    for (response, status) in [(&br#"{"score": 0.5}"#[..], 200), (b"", 500), (b"{}", 200)] {
        let exchange = exchange(br#"{"age": 1}"#, response, status);
        let now = NOW.parse().unwrap();
        decoder.decode(&exchange, now, Duration::ZERO, &mut sequence, &mut rows).unwrap();
    }
    assert_eq!(rows.iter().map(|row| row.score).collect::<Vec<_>>(), [Some(0.5), None, None]);
}

#[test]
fn hostile_requests_are_refused_and_counted() {
    let deep = "[".repeat(100_000);
    let deep_member = format!(r#"{{"age": {}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let unfinished = r#"{"age": "#;
    for request in
        [deep.as_str(), &deep_member, unfinished, "", "nul", "{}{}", "{\"age\": 01}", "{\"age\": NaN}"]
    {
        assert_eq!(decode(request, "{}"), Err(ExchangeDrop::RequestMalformed), "{request:.40}");
    }
    let invalid_utf8 = exchange(b"{\"plan\": \"\xff\xfe\"}", b"{}", 200);
    assert_eq!(decode_with(SPEC, &invalid_utf8), Err(ExchangeDrop::RequestMalformed));
}

#[test]
fn a_million_keys_are_read_over() {
    let keys: String = (0..1_000_000).map(|key| format!("\"k{key}\":{key},")).collect();
    let row = one(&format!("{{{keys}\"age\": 3}}"), "{}");
    assert_eq!(row.features[0], Value::Float(3.0));
}

#[test]
fn a_million_instances_are_refused() {
    let body = format!(r#"{{"rows": [{}{{}}]}}"#, "{},".repeat(1_000_000));
    let many = exchange(body.as_bytes(), b"{}", 200);
    assert_eq!(decode_with(BATCHED, &many), Err(ExchangeDrop::RequestTooLarge));
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(request in prop::collection::vec(any::<u8>(), 0..200), response in ".{0,80}", status in 100_u16..600) {
        for text in [SPEC, BATCHED] {
            let _ = decode_with(text, &exchange(&request, response.as_bytes(), status));
        }
    }

    #[test]
    fn no_json_makes_it_panic(request in any_json(), response in any_json()) {
        for text in [SPEC, BATCHED] {
            let exchange = exchange(request.to_string().as_bytes(), response.to_string().as_bytes(), 200);
            let _ = decode_with(text, &exchange);
        }
    }
}
