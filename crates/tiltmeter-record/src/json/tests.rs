use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::*;
use crate::schema::COLUMNS;
use crate::{
    CellCounts, CellKey, ColumnProfile, ErrorType, ExchangeDrop, Gap, Heartbeat, Inclusion,
    InclusionProbability, Journal, ModelSpec, Pair, PairBatch, PairBucket, Prediction, PredictionBatch,
    PredictionDrop, PredictionLedger, Priority, ProfileCell, ProfileDelta, RankedItem, RateChange, Rescued,
    ShadowBooks, ShadowHeartbeat, ShadowLedger, SinkLedger, SizeClass, Value, Window, WindowWidth, WriterId,
};

fn batch() -> PredictionBatch {
    let spec = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
        response: {score: /score, prediction: /churns},
        features: {age: float, visits: integer, plan: string, active: boolean}}";
    let spec = Arc::new(ModelSpec::from_yaml("test", spec).unwrap());
    PredictionBatch::new(spec, WriterId::new("node", Uuid::nil()), "node-7".into())
}

fn row() -> Prediction {
    Prediction {
        prediction_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
        request_id: "r1".into(),
        instance_index: 2,
        sequence: u64::MAX,
        entity_id: Some("c9".into()),
        model_version: Some("v1".parse().unwrap()),
        event_time: "2013-04-03T00:00:00.123456789Z".parse().unwrap(),
        observed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        features: vec![
            Value::Float(1.5),
            Value::Integer(-3),
            Value::Text("gold".into()),
            Value::Boolean(true),
        ],
        raw_input: Some("{\"age\":\n1.5}".into()),
        prediction: Value::Boolean(false),
        score: Some(0.25),
        confidence: Some(0.5),
        class_probabilities: Some([("a".into(), 0.75), ("b".into(), 0.25)].into()),
        ranking: Some(
            [("x", Some(2.0)), ("y", None)]
                .map(|(item, score)| RankedItem { item: item.into(), score })
                .into(),
        ),
        generated_text: Some("once".into()),
        segments: vec![("channel".into(), "web".into()), ("plan".into(), "\"gold\"".into())],
        latency: Duration::from_micros(1_500),
        endpoint: "/predict".into(),
        status: Some(200),
        error_type: Some(ErrorType::Cancelled),
        rescued: vec![Rescued { column: "event_time".into(), json: "\"soon\"".to_owned() }],
        inclusion: Inclusion {
            probability: InclusionProbability::new(0.5).unwrap(),
            stratum: Some("b05|v1".into()),
            size_class: Some(SizeClass::UpTo1KiB),
            priority: Some(Priority::Normal),
        },
    }
}

fn pair(challenger: Option<Prediction>) -> Pair {
    let bucket = if challenger.is_some() { PairBucket::Paired } else { PairBucket::Timeout };
    Pair { sequence: 3, bucket, inclusion_probability: 0.5, champion: row(), challenger }
}

fn pair_line(row: &Pair) -> Json {
    let PredictionBatch { spec, writer_id, serving_node, .. } = batch();
    let batch = PairBatch::new(spec, "lr".parse().unwrap(), writer_id, serving_node);
    let mut out = Vec::new();
    append_pair(&mut out, &batch, row);
    assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn every_line_of_a_pair_is_what_the_published_schema_says() {
    let none: [String; 0] = [];
    let whole = pair_line(&pair(Some(row())));
    assert_eq!(faults(&whole), none);
    assert_eq!((&whole["champion_score"], &whole["challenger_score"]), (&json!(0.25), &json!(0.25)));
    assert_eq!((&whole["challenger"], &whole["bucket"]), (&json!("lr"), &json!("paired")));
    let alone = pair_line(&pair(None));
    assert_eq!(faults(&alone), none);
    assert_eq!((&alone["bucket"], alone.get("challenger_latency_ms")), (&json!("timeout"), None));
    let classes = Some([("a".into(), f64::NAN)].into());
    let odd = Prediction {
        prediction: Value::Text("maybe".into()),
        score: Some(f64::INFINITY),
        class_probabilities: classes,
        ..row()
    };
    let odd = pair_line(&pair(Some(odd)));
    assert_eq!(faults(&odd), none);
    let rescued = json!({
        "event_time": "soon",
        "challenger_prediction": "maybe",
        "challenger_score": "inf",
        "challenger_class_probabilities.a": "NaN",
    });
    assert_eq!(odd["rescued"], rescued);
    let mut line = whole;
    line["challenger_score"] = json!("high");
    assert_eq!(faults(&line).len(), 1);
}

fn line(row: &Prediction) -> String {
    let mut out = Vec::new();
    append_prediction(&mut out, &batch(), row);
    String::from_utf8(out).unwrap()
}

fn parsed(row: &Prediction) -> Json {
    serde_json::from_str(&line(row)).unwrap()
}

/// What the published schema of a line has against it.
fn faults(line: &Json) -> Vec<String> {
    static VALIDATORS: LazyLock<[(&str, jsonschema::Validator); 7]> = LazyLock::new(|| {
        [
            ("prediction", include_str!("../../../../docs/schema/prediction.v3.schema.json")),
            ("gap", include_str!("../../../../docs/schema/gap.v2.schema.json")),
            ("heartbeat", include_str!("../../../../docs/schema/heartbeat.v2.schema.json")),
            ("pair", include_str!("../../../../docs/schema/pair.v1.schema.json")),
            ("shadow", include_str!("../../../../docs/schema/shadow.v1.schema.json")),
            ("profile", include_str!("../../../../docs/schema/profile.v1.schema.json")),
            ("rate", include_str!("../../../../docs/schema/rate.v1.schema.json")),
        ]
        .map(|(record, schema)| {
            let schema: Json = serde_json::from_str(schema).unwrap();
            let options = jsonschema::options().should_validate_formats(true);
            (record, options.build(&schema).unwrap())
        })
    });
    let (_, validator) = VALIDATORS.iter().find(|(record, _)| line["record"] == **record).unwrap();
    validator.iter_errors(line).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[test]
fn every_line_is_what_the_published_schema_says() {
    let none: [String; 0] = [];
    assert_eq!(faults(&parsed(&row())), none);
    let bare = Prediction {
        entity_id: None,
        model_version: None,
        features: vec![Value::Text("no number".into()), Value::Missing],
        raw_input: None,
        prediction: Value::Missing,
        score: Some(f64::NAN),
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        status: None,
        error_type: None,
        ..row()
    };
    assert_eq!(faults(&parsed(&bare)), none);
    let mut out = Vec::new();
    append_journal(&mut out, &journal());
    for line in String::from_utf8(out).unwrap().lines() {
        assert_eq!(faults(&serde_json::from_str(line).unwrap()), none, "{line}");
    }
    for (member, value) in [("score", json!("high")), ("prediction_id", json!(7)), ("segments", json!([]))] {
        let mut line = parsed(&row());
        line[member] = value;
        assert_eq!(faults(&line).len(), 1, "{member}");
    }
    let mut line = parsed(&row());
    line.as_object_mut().unwrap().remove("sequence");
    assert_eq!(faults(&line).len(), 1, "what is required is missed");
}

#[test]
fn a_prediction_is_one_object_on_one_line() {
    insta::assert_snapshot!(line(&row()).replace(",\"", ",\n\""), @r#"
    {"record":"prediction",
    "model_name":"churn",
    "prediction_id":"01900000-0000-7000-8000-000000000001",
    "request_id":"r1",
    "instance_index":2,
    "writer_id":"node.00000000000000000000000000000000",
    "sequence":18446744073709551615,
    "entity_id":"c9",
    "model_version":"v1",
    "event_time":"2013-04-03T00:00:00.123456Z",
    "observed_at":"2026-01-01T00:00:00.000000Z",
    "prediction":false,
    "score":0.25,
    "confidence":0.5,
    "latency_ms":1.5,
    "serving_node":"node-7",
    "endpoint":"/predict",
    "status":200,
    "error_type":"cancelled",
    "raw_input":"{\"age\":\n1.5}",
    "features":{"age":1.5,
    "visits":-3,
    "plan":"gold",
    "active":true},
    "class_probabilities":{"a":0.75,
    "b":0.25},
    "ranking":[{"item":"x",
    "score":2.0},{"item":"y"}],
    "generated_text":"once",
    "segments":{"channel":"web",
    "plan":"\"gold\""},
    "rescued":{"event_time":"soon"},
    "inclusion_probability":0.5,
    "stratum":"b05|v1",
    "size_class":"up_to_1_kib",
    "priority":"normal",
    "schema_version":3}
    "#);
}

#[test]
fn what_is_null_is_absent() {
    let bare = Prediction {
        entity_id: None,
        model_version: None,
        features: vec![Value::Missing, Value::Integer(1)],
        raw_input: None,
        prediction: Value::Missing,
        score: None,
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        status: None,
        error_type: None,
        rescued: Vec::new(),
        inclusion: Inclusion::default(),
        ..row()
    };
    let json = parsed(&bare);
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    let expected = [
        "endpoint",
        "event_time",
        "features",
        "inclusion_probability",
        "instance_index",
        "latency_ms",
        "model_name",
        "observed_at",
        "prediction_id",
        "record",
        "request_id",
        "schema_version",
        "sequence",
        "serving_node",
        "writer_id",
    ];
    assert_eq!(keys, expected);
    assert_eq!(json["features"], json!({"visits": 1}));
}

#[test]
fn every_column_of_the_schema_is_a_member() {
    let json = parsed(&row());
    for column in COLUMNS {
        assert!(json.get(column.name).is_some(), "{}", column.name);
    }
}

#[test]
fn numbers_that_json_does_not_have_are_rescued() {
    let mut odd = row();
    odd.features[0] = Value::Float(f64::NAN);
    (odd.score, odd.confidence) = (Some(f64::INFINITY), Some(f64::NEG_INFINITY));
    odd.class_probabilities = Some([("a".into(), f64::NAN), ("b".into(), 1.0)].into());
    odd.ranking = Some([RankedItem { item: "x".into(), score: Some(f64::NAN) }].into());
    let json = parsed(&odd);
    assert_eq!((json.get("score"), json.get("confidence")), (None, None));
    assert_eq!(json["features"].get("age"), None);
    assert_eq!(
        (&json["class_probabilities"], &json["ranking"]),
        (&json!({"b": 1.0}), &json!([{"item": "x"}]))
    );
    assert_eq!(
        json["rescued"],
        json!({"event_time": "soon", "feature_age": "NaN", "score": "inf", "confidence": "-inf",
            "class_probabilities.a": "NaN", "ranking.x": "NaN"})
    );
}

#[test]
fn values_of_another_type_are_rescued_as_in_the_arrow_table() {
    let mut odd = row();
    odd.rescued.clear();
    odd.features = vec![
        Value::Text("30".into()),
        Value::Float(0.5),
        Value::Boolean(true),
        Value::Integer(1),
        Value::Integer(2),
    ];
    odd.prediction = Value::Text("x".repeat(2_000).into());
    let json = parsed(&odd);
    assert_eq!((&json["features"], json.get("prediction")), (&json!({}), None));
    let rescued = &json["rescued"];
    assert_eq!(rescued["feature_age"], "30");
    assert_eq!((&rescued["feature_visits"], &rescued["feature_plan"]), (&json!(0.5), &json!(true)));
    assert_eq!(rescued["prediction"].as_str().unwrap().len(), Rescued::MAX_LEN);
}

fn journal() -> Journal {
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut exchanges = Gap::of_exchanges(3, at, ExchangeDrop::QueueFull, 7);
    exchanges.model_name = Some("churn".into());
    exchanges.endpoint = Some("/predict".into());
    exchanges.size_class = Some(SizeClass::UpTo1KiB);
    exchanges.priority = Some(Priority::High);
    let predictions = Gap::of_predictions(4, at, "lines".into(), PredictionDrop::SinkFailed, 2);
    let pairs = Gap::of_pairs(5, at, "lines".into(), PredictionDrop::SinkQueueFull, 3);
    let mut beat = Heartbeat::new(5, Timestamp::UNIX_EPOCH, at);
    beat.next_prediction = 12;
    beat.exchanges.observed = 9;
    beat.exchanges.dropped.add(ExchangeDrop::QueueFull, 7);
    let ledger = PredictionLedger { decoded: 12, written: 10, ..PredictionLedger::default() };
    beat.sinks = vec![SinkLedger::new("lines".into(), ledger), SinkLedger::new("table".into(), ledger)];
    beat.next_pair = 8;
    beat.sinks[1].pairs = PredictionLedger { decoded: 8, written: 8, ..PredictionLedger::default() };
    let mut last = Heartbeat::new(6, Timestamp::UNIX_EPOCH, at);
    (last.is_canary, last.is_last) = (true, true);
    let name = |text: &str| text.parse().unwrap();
    let mut books = ShadowBooks::new(name("shadow"), name("next"), Timestamp::UNIX_EPOCH, at);
    books.requests = ShadowLedger::new(9, |bucket| if bucket == PairBucket::Paired { 8 } else { 0 });
    (books.usage.request_bytes, books.usage.cpu_micros) = (800, 5);
    Journal {
        writer_id: WriterId::new("node", Uuid::nil()),
        serving_node: "node-7".into(),
        gaps: vec![exchanges, predictions, pairs],
        heartbeats: vec![beat, last],
        shadows: vec![ShadowHeartbeat::new(6, "churn".into(), books)],
        profiles: vec![Arc::new(profile())],
        rates: vec![rate(at)],
    }
}

fn profile() -> ProfileDelta {
    let window = Window::of("2026-03-01T11:59:30Z".parse().unwrap(), WindowWidth::Hour);
    let mut delta = ProfileDelta::new("churn".into(), window, Some("b1".into()));
    delta.sequence = 4;
    let key = CellKey {
        role: CellKey::CHAMPION.into(),
        model_version: Some("v1".into()),
        segment: Some(("plan".into(), "gold".into())),
    };
    let counts = CellCounts { predictions: 5, requests: 4, failed_requests: 1, anomalous_requests: Some(2) };
    let mut cell = ProfileCell::new(key, counts);
    let mut score = ColumnProfile::new("score".into(), [0, 255].into());
    (score.present, score.missing) = (4, 1);
    (score.mean, score.variance, score.max) = (Some(0.5), Some(f64::NAN), Some(1.0));
    score.bin_counts = Some(vec![1.0, 3.0]);
    cell.columns = vec![score];
    delta.cells = vec![cell];
    delta
}

fn rate(at: Timestamp) -> RateChange {
    let mut rate = RateChange::at_start(1, at, "churn".into(), "base", 0.1);
    (rate.before, rate.because, rate.fleet_predictions_per_day) = (Some(0.5), "volume", Some(2e6));
    rate
}

#[test]
fn a_journal_is_a_line_for_each_of_its_rows() {
    let mut out = Vec::new();
    assert_eq!(append_journal(&mut out, &journal()), 9);
    insta::assert_snapshot!(String::from_utf8(out).unwrap().replace(",\"", ",\n\""), @r#"
    {"record":"gap",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":3,
    "minute":"2026-03-01T12:00:00.000000Z",
    "model_name":"churn",
    "endpoint":"/predict",
    "size_class":"up_to_1_kib",
    "priority":"high",
    "reason":"queue_full",
    "count":7,
    "unit":"exchange",
    "schema_version":2}
    {"record":"gap",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":4,
    "minute":"2026-03-01T12:00:00.000000Z",
    "sink":"lines",
    "reason":"sink_failed",
    "count":2,
    "unit":"prediction",
    "schema_version":2}
    {"record":"gap",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":5,
    "minute":"2026-03-01T12:00:00.000000Z",
    "sink":"lines",
    "reason":"sink_queue_full",
    "count":3,
    "unit":"pair",
    "schema_version":2}
    {"record":"heartbeat",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":5,
    "at":"2026-03-01T12:00:00.000000Z",
    "started_at":"1970-01-01T00:00:00.000000Z",
    "next_prediction":12,
    "next_pair":8,
    "exchanges":{"observed":9,
    "decoded":0,
    "dropped":7,
    "dropped_by_reason":{"queue_full":7},
    "abandoned":0},
    "sinks":[{"sink":"lines",
    "predictions":{"decoded":12,
    "written":10,
    "sampled_out":0,
    "dropped":0,
    "dropped_by_reason":{},
    "abandoned":0}},{"sink":"table",
    "predictions":{"decoded":12,
    "written":10,
    "sampled_out":0,
    "dropped":0,
    "dropped_by_reason":{},
    "abandoned":0},
    "pairs":{"decoded":8,
    "written":8,
    "sampled_out":0,
    "dropped":0,
    "dropped_by_reason":{},
    "abandoned":0}}],
    "schema_version":2}
    {"record":"heartbeat",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":6,
    "at":"2026-03-01T12:00:00.000000Z",
    "started_at":"1970-01-01T00:00:00.000000Z",
    "next_prediction":0,
    "exchanges":{"observed":0,
    "decoded":0,
    "dropped":0,
    "dropped_by_reason":{},
    "abandoned":0},
    "sinks":[],
    "is_canary":true,
    "is_last":true,
    "schema_version":2}
    {"record":"shadow",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":6,
    "at":"2026-03-01T12:00:00.000000Z",
    "started_at":"1970-01-01T00:00:00.000000Z",
    "model_name":"churn",
    "shadow":"shadow",
    "challenger":"next",
    "eligible":9,
    "paired":8,
    "sampled_out":0,
    "no_permit":0,
    "body_too_large":0,
    "request_incomplete":0,
    "breaker_open":0,
    "timeout":0,
    "challenger_error":0,
    "shed":0,
    "shutting_down":0,
    "log_dropped":0,
    "request_bytes":800,
    "answer_bytes":0,
    "cpu_micros":5,
    "schema_version":1}
    {"record":"rate",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":1,
    "at":"2026-03-01T12:00:00.000000Z",
    "model_name":"churn",
    "rate":"base",
    "before":0.5,
    "after":0.1,
    "because":"volume",
    "fleet_predictions_per_day":2000000.0,
    "schema_version":1}
    {"record":"profile",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":4,
    "model_name":"churn",
    "window_start":"2026-03-01T11:00:00.000000Z",
    "window_width":"hour",
    "baseline_id":"b1",
    "role":"champion",
    "model_version":"v1",
    "segment":"plan",
    "segment_value":"gold",
    "predictions":5,
    "requests":4,
    "failed_requests":1,
    "anomalous_requests":2,
    "schema_version":1}
    {"record":"profile",
    "writer_id":"node.00000000000000000000000000000000",
    "serving_node":"node-7",
    "sequence":4,
    "model_name":"churn",
    "window_start":"2026-03-01T11:00:00.000000Z",
    "window_width":"hour",
    "baseline_id":"b1",
    "role":"champion",
    "model_version":"v1",
    "segment":"plan",
    "segment_value":"gold",
    "column":"score",
    "present":4,
    "missing":1,
    "mean":0.5,
    "max":1.0,
    "bin_counts":[1.0,3.0],
    "profile":"AP8=",
    "schema_version":1}
    "#);
}

#[test]
fn ledgers_are_read_as_they_were_written() {
    let mut out = Vec::new();
    let journal = journal();
    append_heartbeat(&mut out, &journal, &journal.heartbeats[0]);
    let json: Json = serde_json::from_slice(&out).unwrap();
    let exchanges: crate::ExchangeLedger = serde_json::from_value(json["exchanges"].clone()).unwrap();
    let predictions: PredictionLedger =
        serde_json::from_value(json["sinks"][1]["predictions"].clone()).unwrap();
    assert_eq!(exchanges, journal.heartbeats[0].exchanges);
    assert_eq!(predictions, journal.heartbeats[0].sinks[1].predictions);
    assert_eq!((json.get("is_canary"), json.get("is_last")), (None, None));
}

fn any_text() -> impl Strategy<Value = Arc<str>> {
    prop_oneof![any::<String>(), "[\\x00-\\x7f]{0,12}", "[\\u2028\\u{feff}🌋\"\\\\\n\r]{0,6}"]
        .prop_map(Into::into)
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Missing),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        any_text().prop_map(Value::Text),
    ]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    // the years 1 to 9999
    (-62_135_596_800_i64..253_370_764_800, 0_i32..1_000_000_000)
        .prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap())
}

prop_compose! {
    fn any_row()(
        texts in prop::array::uniform8(any_text()),
        features in prop::collection::vec(any_value(), 0..7),
        prediction in any_value(),
        (score, confidence) in any::<(Option<f64>, Option<f64>)>(),
        classes in prop::collection::btree_map(any_text(), any::<f64>(), 0..4),
        items in prop::collection::vec((any_text(), any::<Option<f64>>()), 0..4),
        segments in prop::collection::btree_map(any_text(), any_text(), 0..3),
        (event_time, observed_at) in (any_time(), any_time()),
        (sequence, status, latency) in any::<(u64, Option<u16>, u64)>(),
    ) -> Prediction {
        let [request_id, entity_id, raw_input, generated_text, endpoint, column, json, _] = texts;
        Prediction {
            request_id, entity_id: Some(entity_id), features, raw_input: Some(raw_input), prediction, score, confidence,
            class_probabilities: Some(classes.into_iter().collect()),
            ranking: Some(items.into_iter().map(|(item, score)| RankedItem { item, score }).collect()),
            generated_text: Some(generated_text), segments: segments.into_iter().collect(), event_time, observed_at,
            sequence, status, latency: Duration::from_nanos(latency), endpoint,
            rescued: vec![Rescued { column, json: json.to_string() }],
            ..row()
        }
    }
}

proptest! {
    #[test]
    fn any_prediction_is_one_line_that_is_read_as_it_was_written(row in any_row()) {
        let mut out = b"before\n".to_vec();
        append_prediction(&mut out, &batch(), &row);
        let line = std::str::from_utf8(&out).unwrap().strip_prefix("before\n").unwrap();
        prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
        prop_assert!(!line.contains('\r'));
        let json: Json = serde_json::from_str(line).unwrap();
        prop_assert_eq!(faults(&json), Vec::<String>::new());

        prop_assert_eq!(json["request_id"].as_str().unwrap(), &*row.request_id);
        prop_assert_eq!(json["sequence"].as_u64().unwrap(), row.sequence);
        prop_assert_eq!(json.get("score").and_then(Json::as_f64), row.score.filter(|score| score.is_finite()));
        prop_assert_eq!(json["raw_input"].as_str(), row.raw_input.as_deref());
        let event_time: Timestamp = json["event_time"].as_str().unwrap().parse().unwrap();
        prop_assert_eq!(event_time.as_nanosecond().div_euclid(1_000), row.event_time.as_nanosecond().div_euclid(1_000));
        let segments: Vec<_> = row.segments.iter().map(|(name, value)| (name.to_string(), json!(**value))).collect();
        let found = json.get("segments").and_then(Json::as_object).cloned().unwrap_or_default();
        prop_assert_eq!(found.into_iter().collect::<Vec<_>>(), segments);
        prop_assert_eq!(json["ranking"].as_array().unwrap().len(), row.ranking.as_ref().unwrap().len());
        for (feature, value) in batch().spec.features.iter().zip(&row.features) {
            let name = feature.name.as_str();
            let column = format!("feature_{name}");
            let is_there = json["features"].get(name).is_some();
            let is_rescued = json["rescued"].get(&column).is_some();
            prop_assert_eq!(is_there || is_rescued, !value.is_missing());
            prop_assert!(!(is_there && is_rescued));
        }
    }
}
