//! Specs against what has been written.

use std::sync::atomic::Ordering::SeqCst;

use object_store::ObjectStore;

use super::store::{Fault, FaultyStore};
use super::*;

const OTHER_AGE: &str = "age: string";

fn desk(store: &Arc<FaultyStore>) -> Desk {
    let store: Arc<dyn ObjectStore> = Arc::clone(store) as _;
    Desk::new(ParquetSink::object_store(store, Path::from("root")))
}

async fn start(desk: &mut Desk, text: &str) -> Result<(), BuildError> {
    desk.sink.start(&[spec(text)]).await
}

/// A store with a file of the spec of the tests.
async fn written() -> Arc<FaultyStore> {
    let store = FaultyStore::new(|_| Fault::None);
    let mut desk = desk(&store);
    start(&mut desk, SPEC).await.unwrap();
    assert_eq!(store.objects("root/schemas").await.len(), 0, "what has not been written is not remembered");
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    store
}

#[tokio::test]
async fn types_are_remembered_once_beside_the_table() {
    let store = written().await;
    let mut again = desk(&store);
    start(&mut again, SPEC).await.unwrap();
    again.write(&["2013-04-04T00:00:00Z"]).await;
    again.sink.flush().await;
    let markers = store.objects("root/schemas").await;
    assert_eq!(markers.len(), 1);
    assert!(markers[0].0.starts_with("root/schemas/model_name=churn/"), "{}", markers[0].0);
    let columns = r#"{"feature_active":"boolean","feature_age":"float","feature_plan":"string","feature_visits":"integer","prediction":"boolean"}"#;
    assert_eq!(markers[0].1, format!(r#"{{"model_name":"churn","columns":{columns}}}"#));
}

#[tokio::test]
async fn a_type_that_contradicts_earlier_files_is_refused_with_what_to_do() {
    let store = written().await;
    let error = start(&mut desk(&store), &SPEC.replace("age: float", OTHER_AGE)).await.unwrap_err();
    assert!(error.is_schema() && !error.is_configuration());
    let text = error.to_string();
    for part in ["churn", "feature_age", "float", "string", "change the type back", "`column:`"] {
        assert!(text.contains(part), "{text}");
    }
    let changed = SPEC.replace("prediction: /churns", "prediction: {pointer: /churns, type: string}");
    let error = start(&mut desk(&store), &changed).await.unwrap_err();
    assert!(error.to_string().contains("another name"), "{error}");
}

#[tokio::test]
async fn features_may_come_and_go_and_other_models_do_not_matter() {
    let store = written().await;
    for text in [
        SPEC.replace("age: float, ", ""),
        SPEC.replace("age: float", "age: float, weight: integer"),
        SPEC.replace("age: float", OTHER_AGE).replace("name: churn", "name: churn-2"),
    ] {
        start(&mut desk(&store), &text).await.unwrap();
    }
}

#[tokio::test]
async fn a_column_that_went_is_not_forgotten() {
    let store = written().await;
    let mut without = desk(&store);
    let shorter = SPEC.replace("age: float, ", "");
    start(&mut without, &shorter).await.unwrap();
    without.write_as(&shorter, &["2013-04-04T00:00:00Z"]).await;
    without.sink.flush().await;
    assert_eq!(store.objects("root/schemas").await.len(), 2);
    assert!(start(&mut desk(&store), &SPEC.replace("age: float", OTHER_AGE)).await.unwrap_err().is_schema());
}

#[tokio::test]
async fn a_table_of_a_version_that_remembered_nothing_is_asked_itself() {
    let store = written().await;
    for (path, _) in store.objects("root/schemas").await {
        store.inner.delete(&Path::parse(path).unwrap()).await.unwrap();
    }
    assert!(start(&mut desk(&store), &SPEC.replace("age: float", OTHER_AGE)).await.unwrap_err().is_schema());
    start(&mut desk(&store), SPEC).await.unwrap();
    assert_eq!(store.objects("root/schemas").await.len(), 1, "now it is remembered");
}

#[tokio::test]
async fn what_cannot_be_read_is_passed_over() {
    let store = written().await;
    let folder = "root/schemas/model_name=churn";
    for (name, text) in [("x.json", "no json"), ("y.json", "{}"), ("z.txt", "")] {
        store.inner.put(&Path::parse(format!("{folder}/{name}")).unwrap(), text.into()).await.unwrap();
    }
    start(&mut desk(&store), SPEC).await.unwrap();
    assert!(start(&mut desk(&store), &SPEC.replace("age: float", OTHER_AGE)).await.unwrap_err().is_schema());
    let empty = FaultyStore::new(|_| Fault::None);
    let broken = "root/predictions/model_name=churn/date=2013-04-03/a.parquet";
    for text in ["", "PAR1", "no parquet, and long enough for a footer"] {
        empty.inner.put(&Path::parse(broken).unwrap(), text.into()).await.unwrap();
        start(&mut desk(&empty), SPEC).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_out_of_reach_is_no_reason_and_types_are_remembered_later() {
    let store = FaultyStore::new(|_| Fault::None);
    store.is_dead.store(true, SeqCst);
    let mut desk = desk(&store);
    start(&mut desk, SPEC).await.unwrap();
    store.is_dead.store(false, SeqCst);
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    assert_eq!(store.objects("root/schemas").await.len(), 1);
}
