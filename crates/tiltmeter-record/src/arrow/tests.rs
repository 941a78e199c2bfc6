use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{ErrorType, ModelSpec, Prediction, RankedItem, Rescued, Value, WriterId};

mod journal;
mod pairs;

fn spec() -> ModelSpec {
    ModelSpec::from_yaml(
        "test",
        "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
          response: {score: /score, prediction: /churns},
          features: {age: float, visits: integer, plan: string, active: boolean}}",
    )
    .unwrap()
}

fn builder() -> RecordBatchBuilder {
    RecordBatchBuilder::new(&spec(), WriterId::new("node", Uuid::nil()), "node".into())
}

fn row() -> Prediction {
    Prediction {
        prediction_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
        request_id: "r1".into(),
        instance_index: 2,
        sequence: 7,
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
        raw_input: None,
        prediction: Value::Boolean(false),
        score: Some(0.25),
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        latency: Duration::from_micros(1_500),
        endpoint: "/predict".into(),
        status: Some(200),
        error_type: None,
        rescued: Vec::new(),
        inclusion: crate::Inclusion::default(),
    }
}

fn text<'b>(batch: &'b RecordBatch, column: &str) -> Option<&'b str> {
    let array = batch.column_by_name(column).unwrap().as_string::<i32>();
    (!array.is_null(0)).then(|| array.value(0))
}

#[test]
fn the_schema_is_the_one_that_is_documented() {
    let schema = arrow_schema(&spec());
    let columns: Vec<String> = schema
        .fields()
        .iter()
        .map(|f| format!("{} {}{}", f.name(), f.data_type(), if f.is_nullable() { "" } else { " not null" }))
        .collect();
    insta::assert_snapshot!(columns.join("\n"), @r#"
    prediction_id Utf8 not null
    request_id Utf8 not null
    instance_index Int32 not null
    writer_id Utf8 not null
    sequence Int64 not null
    entity_id Utf8
    model_version Utf8
    event_time Timestamp(µs, "UTC") not null
    observed_at Timestamp(µs, "UTC") not null
    prediction Boolean
    score Float64
    confidence Float64
    latency_ms Float64 not null
    serving_node Utf8 not null
    endpoint Utf8 not null
    status Int16
    error_type Utf8
    raw_input Utf8
    rescued Utf8
    schema_version Int32 not null
    class_probabilities Map("key_value": non-null Struct("key": non-null Utf8, "value": non-null Float64), unsorted)
    ranking List(non-null Struct("item": non-null Utf8, "score": Float64), field: 'element')
    generated_text Utf8
    segments Map("key_value": non-null Struct("key": non-null Utf8, "value": non-null Utf8), unsorted)
    inclusion_probability Float64
    stratum Utf8
    size_class Utf8
    priority Utf8
    feature_age Float64
    feature_visits Int64
    feature_plan Utf8
    feature_active Boolean
    "#);
}

#[test]
fn the_metadata_names_versions_and_the_model() {
    let metadata = |yaml: &str| {
        let schema = arrow_schema(&ModelSpec::from_yaml("test", yaml).unwrap());
        let mut entries: Vec<_> =
            schema.metadata().iter().map(|(key, value)| format!("{key}={value}")).collect();
        entries.sort();
        entries
    };
    let yaml = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /},
                 response: {score: /score}, features: {age: float}, version: gbm-1}";
    let version = crate::SCHEMA_VERSION;
    let schema_version = format!("tiltmeter.schema_version={version}");
    assert_eq!(
        metadata(yaml),
        ["tiltmeter.model_name=churn", "tiltmeter.model_version=gbm-1", &schema_version]
    );
    assert_eq!(
        metadata(&yaml.replace(", version: gbm-1", "")),
        ["tiltmeter.model_name=churn", &schema_version]
    );
}

#[test]
fn a_feature_may_have_the_column_of_another_name() {
    let yaml = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /},
                 response: {score: /score}, features: {age: {type: integer, column: age_years}}}";
    let spec = ModelSpec::from_yaml("test", yaml).unwrap();
    let mut builder = RecordBatchBuilder::new(&spec, WriterId::new("node", Uuid::nil()), "node".into());
    builder.append(&Prediction { features: vec![Value::Integer(30)], ..row() });
    builder.append(&Prediction { features: vec![Value::Float(30.5)], ..row() });
    let batch = builder.finish().unwrap();
    assert!(batch.column_by_name("feature_age").is_none());
    let column = batch.column_by_name("feature_age_years").unwrap().as_primitive::<Int64Type>();
    assert_eq!((column.value(0), column.is_null(1)), (30, true));
    let rescued = batch.column_by_name("rescued").unwrap().as_string::<i32>();
    assert_eq!(rescued.value(1), r#"{"feature_age_years":30.5}"#, "named by the column");
}

/// The entries of the map in row `row`.
fn entries(batch: &RecordBatch, column: &str, row: usize) -> Option<(Vec<String>, arrow_array::ArrayRef)> {
    let map = batch.column_by_name(column).unwrap().as_map();
    let entry = (!map.is_null(row)).then(|| map.value(row))?;
    let keys = entry.column(0).as_string::<i32>().iter().map(|key| key.unwrap().to_owned()).collect();
    Some((keys, entry.column(1).clone()))
}

#[test]
fn outputs_of_several_values_become_maps_and_lists() {
    let mut builder = builder();
    let item = |name: &str, score| RankedItem { item: name.into(), score };
    builder.append(&row());
    builder.append(&Prediction {
        class_probabilities: Some([("late".into(), 0.25), ("in time".into(), 0.75)].into()),
        ranking: Some([item("b", Some(2.0)), item("a", None)].into()),
        generated_text: Some("hello".into()),
        segments: vec![("channel".into(), "web".into()), ("shop".into(), "".into())],
        ..row()
    });
    builder.append(&Prediction { class_probabilities: Some([].into()), ranking: Some([].into()), ..row() });
    let batch = builder.finish().unwrap();

    assert!(entries(&batch, "class_probabilities", 0).is_none() && entries(&batch, "segments", 0).is_none());
    let (classes, probabilities) = entries(&batch, "class_probabilities", 1).unwrap();
    assert_eq!(classes, ["late", "in time"], "in their order");
    assert_eq!(probabilities.as_primitive::<Float64Type>().values()[..], [0.25, 0.75]);
    let (names, values) = entries(&batch, "segments", 1).unwrap();
    assert_eq!(names, ["channel", "shop"]);
    assert_eq!(values.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("web"), Some("")]);
    assert_eq!(entries(&batch, "class_probabilities", 2).unwrap().0.len(), 0, "empty is not NULL");
    assert!(entries(&batch, "segments", 2).is_none(), "no segment is NULL");

    let ranking = batch.column_by_name("ranking").unwrap().as_list::<i32>();
    assert_eq!((ranking.is_null(0), ranking.value_length(2)), (true, 0));
    let items = ranking.value(1);
    let items = items.as_struct();
    let names: Vec<_> = items.column(0).as_string::<i32>().iter().flatten().collect();
    let scores: Vec<_> = items.column(1).as_primitive::<Float64Type>().iter().collect();
    assert_eq!((names, scores), (vec!["b", "a"], vec![Some(2.0), None]));
    let texts = batch.column_by_name("generated_text").unwrap().as_string::<i32>();
    assert_eq!(texts.iter().collect::<Vec<_>>(), [None, Some("hello"), None]);
    assert_eq!(builder.finish().unwrap().num_rows(), 0, "it starts over");
}

#[test]
fn a_row_becomes_a_row() {
    let mut builder = builder();
    builder.append(&row());
    assert_eq!(builder.len(), 1);
    let batch = builder.finish().unwrap();
    assert_eq!(text(&batch, "prediction_id"), Some("01900000-0000-7000-8000-000000000001"));
    assert_eq!(text(&batch, "writer_id"), Some("node.00000000000000000000000000000000"));
    assert_eq!(text(&batch, "entity_id"), Some("c9"));
    assert_eq!(text(&batch, "feature_plan"), Some("gold"));
    assert_eq!((text(&batch, "error_type"), text(&batch, "rescued")), (None, None));
    let column = |name: &str| batch.column_by_name(name).unwrap();
    assert_eq!(column("sequence").as_primitive::<Int64Type>().value(0), 7);
    assert_eq!(column("latency_ms").as_primitive::<Float64Type>().values()[..], [1.5]);
    let event_time = column("event_time").as_primitive::<TimestampMicrosecondType>().value(0);
    assert_eq!(Timestamp::from_microsecond(event_time).unwrap().to_string(), "2013-04-03T00:00:00.123456Z");
    assert!(!column("prediction").as_boolean().value(0));
    assert!(column("feature_active").as_boolean().value(0));
    assert!(builder.is_empty(), "it starts over");
    assert_eq!(builder.finish().unwrap().num_rows(), 0);
}

#[test]
fn what_does_not_fit_is_null_and_rescued_beside_what_was_rescued_before() {
    let mut builder = builder();
    let rescued = vec![
        Rescued { column: "score".into(), json: "\"high\"".into() },
        Rescued { column: "event_time".into(), json: "{\"cut of".into() },
    ];
    let features = vec![Value::Text("old".into()), Value::Float(f64::NAN)];
    builder.append(&Prediction { features, rescued, prediction: Value::Integer(4), ..row() });
    let batch = builder.finish().unwrap();
    assert!(batch.column_by_name("feature_age").unwrap().is_null(0));
    assert!(batch.column_by_name("feature_plan").unwrap().is_null(0), "missing at the end of the list");
    insta::assert_snapshot!(
        text(&batch, "rescued").unwrap(),
        @r#"{"event_time":"{\"cut of","feature_age":"old","feature_visits":"NaN","prediction":4,"score":"high"}"#
    );
}

#[test]
fn what_is_rescued_is_cut_between_characters() {
    let mut builder = builder();
    let long = "é".repeat(Rescued::MAX_LEN);
    let rescued = vec![Rescued { column: "score".into(), json: long.clone() }];
    builder.append(&Prediction {
        prediction: Value::Text(long.as_str().into()),
        features: vec![Value::Text("a \"b\"".into())],
        rescued,
        ..row()
    });
    let batch = builder.finish().unwrap();
    let object: serde_json::Value = serde_json::from_str(text(&batch, "rescued").unwrap()).unwrap();
    assert_eq!(object["score"], long[..Rescued::MAX_LEN]);
    assert_eq!(
        object["prediction"],
        format!("\"{}", &long[..Rescued::MAX_LEN - 2]),
        "the quote and half a letter"
    );
    assert_eq!(object["feature_age"], "a \"b\"");
}

#[test]
fn features_beyond_the_spec_are_left_out() {
    let mut builder = builder();
    let features = std::iter::repeat_n(Value::Missing, 4).chain([Value::Text("fifth".into())]).collect();
    builder.append(&Prediction { features, ..row() });
    let batch = builder.finish().unwrap();
    assert_eq!((batch.num_columns(), text(&batch, "rescued")), (builder.schema().fields().len(), None));
}

#[test]
fn the_size_weighs_every_text() {
    const LEN: usize = 100;
    let long = "x".repeat(LEN);
    let shared = || Arc::<str>::from(long.as_str());
    let size = |row: &Prediction| {
        let mut builder = builder();
        builder.append(row);
        builder.memory_size()
    };
    let plain = Prediction {
        request_id: "".into(),
        entity_id: None,
        model_version: None,
        endpoint: "".into(),
        features: Vec::new(),
        prediction: Value::Missing,
        ..row()
    };
    let features = vec![Value::Missing, Value::Missing, Value::Text(shared())];
    for (column, row) in [
        ("request_id", Prediction { request_id: shared(), ..plain.clone() }),
        ("entity_id", Prediction { entity_id: Some(shared()), ..plain.clone() }),
        ("model_version", Prediction { model_version: Some(long.parse().unwrap()), ..plain.clone() }),
        ("endpoint", Prediction { endpoint: shared(), ..plain.clone() }),
        ("raw_input", Prediction { raw_input: Some(shared()), ..plain.clone() }),
        ("feature_plan", Prediction { features, ..plain.clone() }),
        ("generated_text", Prediction { generated_text: Some(shared()), ..plain.clone() }),
    ] {
        assert_eq!(size(&row), size(&plain) + LEN, "{column}");
    }
    for (column, row) in [
        ("class_probabilities", |text| Prediction {
            class_probabilities: Some([(text, 0.5)].into()),
            ..row()
        }),
        ("ranking", |text| Prediction {
            ranking: Some([RankedItem { item: text, score: None }].into()),
            ..row()
        }),
        ("segments", |text| Prediction { segments: vec![(text, "".into())], ..row() }),
        ("segments", |text| Prediction { segments: vec![("".into(), text)], ..row() }),
    ] as [(&str, fn(Arc<str>) -> Prediction); 4]
    {
        assert_eq!(size(&row(shared())), size(&row("".into())) + LEN, "{column}");
        assert!(size(&row("".into())) >= size(&self::row()) + 13, "{column}: an entry has a size of its own");
    }
    let misfit = Prediction { prediction: Value::Text(shared()), ..plain.clone() };
    assert_eq!(
        size(&misfit),
        size(&plain) + r#"{"prediction":""}"#.len() + LEN,
        "it stands in rescued alone"
    );

    let yaml =
        "{spec_version: 1, name: churn, type: multiclass, owner: crm, tier: 2, endpoint: {path: /predict},
        response: {prediction: /class}, features: {age: float}}";
    let of = |prediction: Value, node: &str| {
        let spec = ModelSpec::from_yaml("test", yaml).unwrap();
        let mut builder = RecordBatchBuilder::new(&spec, WriterId::new("node", Uuid::nil()), node.into());
        builder.append(&Prediction { prediction, ..plain.clone() });
        builder.memory_size()
    };
    assert_eq!(of(Value::Text(shared()), ""), of(Value::Missing, "") + LEN, "prediction");
    assert_eq!(of(Value::Missing, &long), of(Value::Missing, "") + LEN, "serving_node");
}

#[test]
fn numbers_beyond_a_column_do_not_make_it_fail() {
    let mut builder = builder();
    builder.append(&Prediction {
        sequence: u64::MAX,
        instance_index: u32::MAX,
        status: Some(u16::MAX),
        latency: Duration::MAX,
        event_time: Timestamp::MAX,
        observed_at: Timestamp::MIN,
        ..row()
    });
    let batch = builder.finish().unwrap();
    assert!(batch.column_by_name("status").unwrap().is_null(0));
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Missing),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        ".{0,5}".prop_map(|text| Value::Text(text.into())),
    ]
}

proptest! {
    #[test]
    fn no_row_makes_it_fail(
        rows in prop::collection::vec((prop::collection::vec(any_value(), 0..8), any_value(), ".{0,6}"), 0..20),
        outputs in prop::collection::vec((".{0,3}", prop::option::of(any::<f64>())), 0..4),
    ) {
        let probabilities = || outputs.iter().filter_map(|(name, score)| Some((name.as_str().into(), (*score)?)));
        let items = || outputs.iter().map(|(name, score)| RankedItem { item: name.as_str().into(), score: *score });
        let mut builder = builder();
        for (features, prediction, text) in &rows {
            builder.append(&Prediction {
                features: features.clone(),
                prediction: prediction.clone(),
                request_id: text.as_str().into(),
                raw_input: Some(text.as_str().into()),
                error_type: Some(ErrorType::Body),
                class_probabilities: (!features.is_empty()).then(|| probabilities().collect()),
                ranking: (features.len() > 1).then(|| items().collect()),
                segments: outputs.iter().map(|(name, _)| (name.as_str().into(), "".into())).collect(),
                rescued: vec![Rescued { column: Arc::from(text.as_str()), json: text.clone() }],
                ..row()
            });
        }
        prop_assert_eq!(builder.finish().unwrap().num_rows(), rows.len());
    }
}
