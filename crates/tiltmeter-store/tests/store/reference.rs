//! Reference data.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, StringArray, TimestampMillisecondArray,
};
use tiltmeter_record::columns::ColumnValues;
use tiltmeter_record::{FeatureName, ModelSpec};
use tiltmeter_store::{Location, ReferenceRead, read_reference};

use crate::files::{Folder, columns, encode, logged, said, spec, time};

async fn read(bytes: Vec<u8>, spec: &ModelSpec) -> ReferenceRead {
    let folder = Folder::new();
    folder.put("reference.parquet", bytes);
    read_reference(&Location::local(folder.path("reference.parquet")), spec).await.unwrap()
}

fn missing(read: &ReferenceRead) -> Vec<&str> {
    read.missing_features.iter().map(FeatureName::as_str).collect()
}

fn floats(values: [f64; 2]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn texts(values: [&str; 2]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[tokio::test]
async fn a_file_with_everything() {
    let batch = columns([
        ("age", Arc::new(Float32Array::from(vec![Some(1.5), None]))),
        ("visits", Arc::new(Int64Array::from(vec![3, 4]))),
        ("feature_plan", texts(["gold", "basic"])),
        ("active", Arc::new(BooleanArray::from(vec![true, false]))),
        ("score", floats([0.25, 0.75])),
        ("timestamp", Arc::new(TimestampMillisecondArray::from(vec![1, 2]))),
        ("entity_id", texts(["c1", "c2"])),
        ("model_version", texts(["v1", "v1"])),
        ("churned", Arc::new(BooleanArray::from(vec![None, Some(true)]))),
        ("weather", texts(["fair", "foul"])),
    ]);
    let read = read(encode(&batch, &[]), &spec()).await;
    assert_eq!((read.files, read.rows, read.copies, said(&read.problems)), (1, 2, 0, vec![]));
    assert!(read.has_score && read.has_event_time && read.has_entity_id && read.has_model_version);
    assert_eq!((missing(&read), read.model_names.len()), (vec![], 0));
    let labels = read.labels.as_deref().unwrap();
    assert!(labels[0].is_nan());
    assert_eq!(labels[1], 1.0);
    let predictions = &read.predictions;
    assert_eq!(predictions.event_time(), [1_000, 2_000]);
    assert_eq!(predictions.score(), [0.25, 0.75]);
    assert_eq!(predictions.entity_id().get(1), Some("c2"));
    let [age, visits, plan, active] = predictions.features() else { panic!("{predictions:?}") };
    assert!(matches!(&age.values, ColumnValues::Numbers(v) if v[0] == 1.5 && v[1].is_nan()));
    assert!(matches!(&visits.values, ColumnValues::Numbers(v) if v[..] == [3.0, 4.0]));
    assert!(matches!(&plan.values, ColumnValues::Categories(v) if v.get(0) == Some("gold")));
    assert!(matches!(&active.values, ColumnValues::Categories(v) if v.get(1) == Some("false")));
}

#[tokio::test]
async fn what_is_absent_is_said() {
    let read = read(encode(&columns([("age", floats([1.0, 2.0]))]), &[]), &spec()).await;
    assert_eq!(missing(&read), ["visits", "plan", "active"]);
    assert!(!read.has_score && !read.has_event_time && !read.has_entity_id && !read.has_model_version);
    assert!(read.labels.is_none() && read.problems.is_empty());
    let predictions = &read.predictions;
    assert_eq!((predictions.len(), predictions.event_time()), (2, &[0, 0][..]));
    assert!(predictions.score().iter().all(|score| score.is_nan()));
    assert_eq!(predictions.features().len(), 4);
}

#[tokio::test]
async fn files_of_the_log_are_reference_data_with_copies_once_and_the_name_of_the_model() {
    let folder = Folder::new();
    folder
        .put("date=2026-01-01/a.parquet", logged(1, 0..4))
        .put("date=2026-01-02/a.parquet", logged(1, 3..6))
        .put("extra.parquet", encode(&columns([("churned", floats([0.0, 1.0]))]), &[]));
    let read = read_reference(&Location::local(folder.path("")), &spec()).await.unwrap();
    assert_eq!((read.files, read.rows, read.copies, said(&read.problems)), (3, 9, 1, vec![]));
    assert_eq!(
        read.predictions.event_time(),
        [0, 1, 2, 3, 4, 5].map(time).into_iter().chain([0, 0]).collect::<Vec<_>>()
    );
    assert_eq!((missing(&read), read.model_names.as_slice()), (vec![], &["churn".to_owned()][..]));
    assert!(read.has_score && !read.has_event_time, "not each row has a time");
    let labels = read.labels.unwrap();
    assert_eq!((labels.len(), labels[5].is_nan(), &labels[6..]), (8, true, &[0.0, 1.0][..]));
}

#[tokio::test]
async fn features_that_are_called_like_other_columns_need_the_prefix() {
    let spec = ModelSpec::from_yaml(
        "test",
        "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
          response: {score: /score}, features: {score: float, x: float, feature_x: float, timestamp: float}}",
    )
    .unwrap();
    let plain = columns([
        ("score", floats([0.5, 0.5])),
        ("x", floats([1.0, 1.0])),
        ("feature_x", floats([2.0, 2.0])),
        ("timestamp", floats([3.0, 3.0])),
    ]);
    let first = |read: &ReferenceRead| -> Vec<f64> {
        let features = read.predictions.features().iter();
        features
            .map(|feature| match &feature.values {
                ColumnValues::Numbers(values) => values[0],
                ColumnValues::Categories(_) => f64::INFINITY,
            })
            .collect()
    };
    let found = read(encode(&plain, &[]), &spec).await;
    assert_eq!((missing(&found), found.has_score, said(&found.problems)), (vec!["score"], true, vec![]));
    assert_eq!(first(&found)[1..], [1.0, 2.0, 3.0]);

    let prefixed = columns([
        ("score", floats([0.5, 0.5])),
        ("feature_score", floats([4.0, 4.0])),
        ("feature_x", floats([1.0, 1.0])),
        ("feature_feature_x", floats([2.0, 2.0])),
        ("feature_timestamp", floats([3.0, 3.0])),
    ]);
    let found = read(encode(&prefixed, &[]), &spec).await;
    assert_eq!((missing(&found), first(&found)), (vec![], vec![4.0, 1.0, 2.0, 3.0]));
    assert_eq!(found.predictions.score(), [0.5, 0.5]);
}

#[tokio::test]
async fn a_feature_with_a_column_of_another_name_is_found_by_it_or_by_its_own() {
    let spec = ModelSpec::from_yaml(
        "test",
        "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
          response: {score: /score}, features: {age: {type: integer, column: age_years}}}",
    )
    .unwrap();
    for (column, is_found) in
        [("feature_age_years", true), ("age", true), ("feature_age", false), ("age_years", false)]
    {
        let found = read(encode(&columns([(column, floats([1.0, 2.0]))]), &[]), &spec).await;
        assert_eq!((missing(&found).is_empty(), said(&found.problems)), (is_found, vec![]), "{column}");
    }
}

#[tokio::test]
async fn a_column_of_another_type_is_said() {
    let read = read(encode(&columns([("age", texts(["young", "old"]))]), &[]), &spec()).await;
    assert_eq!(
        said(&read.problems),
        ["reference.parquet: has a column age of type Utf8, allowed: integers and floats"]
    );
    assert_eq!((read.rows, read.predictions.len(), read.has_score), (0, 0, false));
}

#[tokio::test]
async fn reference_data_that_are_not_there_are_an_error() {
    let error = read_reference(&Location::local("nowhere.parquet"), &spec()).await.unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().starts_with("there are no reference data at nowhere.parquet: "), "{error}");
}
