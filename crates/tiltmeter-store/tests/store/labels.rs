//! Labels.

use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int16Array, LargeStringArray, StringArray, StringViewArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tiltmeter_record::spec::LabelRule;
use tiltmeter_store::{LabelsRead, Location, read_labels};

use crate::files::{Folder, columns, encode, said, spec};

fn rule() -> LabelRule {
    spec().labels.unwrap()
}

fn ids() -> ArrayRef {
    Arc::new(StringArray::from(vec![Some("c1"), None, Some("c3")]))
}

fn churned() -> ArrayRef {
    Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))
}

fn seconds(values: [i64; 3]) -> ArrayRef {
    Arc::new(TimestampSecondArray::from(values.to_vec()).with_timezone("UTC"))
}

fn file(entity_id: ArrayRef, label: ArrayRef, arrival_time: ArrayRef, happened_at: ArrayRef) -> Vec<u8> {
    let batch = columns([
        ("happened_at", happened_at),
        ("entity_id", entity_id),
        ("kind", ids()),
        ("churned", label),
        ("arrival_time", arrival_time),
    ]);
    encode(&batch, &[])
}

async fn read(bytes: Vec<u8>) -> LabelsRead {
    let folder = Folder::new();
    folder.put("labels.parquet", bytes);
    read_labels(&Location::local(folder.path("labels.parquet")), &rule()).await.unwrap()
}

#[tokio::test]
async fn a_file_of_labels_is_read() {
    let read = read(file(ids(), churned(), seconds([10, 20, 30]), seconds([1, 2, 3]))).await;
    assert_eq!((read.files, read.rows, read.rows_without_time, said(&read.problems)), (1, 3, 0, vec![]));
    let labels = &read.labels;
    assert_eq!(labels.entity_id().iter().collect::<Vec<_>>(), [Some("c1"), None, Some("c3")]);
    assert!(labels.label()[1].is_nan());
    assert_eq!((labels.label()[0], labels.label()[2]), (1.0, 0.0));
    assert_eq!(labels.arrival_time(), [10_000_000, 20_000_000, 30_000_000]);
    assert_eq!(labels.event_time(), Some(&[1_000_000, 2_000_000, 3_000_000][..]));
}

#[tokio::test]
async fn times_of_any_unit_with_and_without_a_timezone() {
    let (milli, micro, nano) = ([-1, 0, 1_500], [-1_000, 0, 1_500_000], [-999_999, 0, 1_500_000_999]);
    for times in [
        Arc::new(TimestampMillisecondArray::from(milli.to_vec())) as ArrayRef,
        Arc::new(TimestampMillisecondArray::from(milli.to_vec()).with_timezone("UTC")),
        Arc::new(TimestampMillisecondArray::from(milli.to_vec()).with_timezone("+02:00")),
        Arc::new(TimestampMicrosecondArray::from(micro.to_vec())),
        Arc::new(TimestampMicrosecondArray::from(micro.to_vec()).with_timezone("UTC")),
        Arc::new(TimestampNanosecondArray::from(nano.to_vec())),
        Arc::new(TimestampNanosecondArray::from(nano.to_vec()).with_timezone("UTC")),
    ] {
        let data_type = times.data_type().clone();
        let read = read(file(ids(), churned(), times.clone(), times)).await;
        assert_eq!(read.labels.arrival_time(), [-1_000, 0, 1_500_000], "{data_type}");
    }
}

#[tokio::test]
async fn a_time_too_far_off_is_said() {
    let read = read(file(ids(), churned(), seconds([i64::MAX, 0, i64::MIN]), seconds([1, 2, 3]))).await;
    assert_eq!(
        said(&read.problems),
        ["labels.parquet: has a time in column arrival_time that is too far from 1970 for microseconds"]
    );
    assert!(read.labels.is_empty());
}

#[tokio::test]
async fn entity_ids_and_labels_of_several_types() {
    let mut dictionary = StringDictionaryBuilder::<Int8Type>::new();
    dictionary.extend([Some("c1"), None, Some("c3")]);
    let texts = vec![Some("c1"), None, Some("c3")];
    for ids in [
        Arc::new(dictionary.finish()) as ArrayRef,
        Arc::new(LargeStringArray::from(texts.clone())),
        Arc::new(StringViewArray::from(texts.clone())),
    ] {
        let data_type = ids.data_type().clone();
        let read = read(file(ids, churned(), seconds([1, 2, 3]), seconds([1, 2, 3]))).await;
        assert_eq!(read.labels.entity_id().iter().collect::<Vec<_>>(), texts, "{data_type}");
    }
    for labels in [
        Arc::new(Int16Array::from(vec![Some(1), None, Some(0)])) as ArrayRef,
        Arc::new(Float64Array::from(vec![Some(1.0), Some(f64::NAN), Some(0.0)])),
    ] {
        let read = read(file(ids(), labels, seconds([1, 2, 3]), seconds([1, 2, 3]))).await;
        assert!(read.labels.label()[1].is_nan());
        assert_eq!((read.labels.label()[0], read.labels.label()[2]), (1.0, 0.0));
    }
}

#[tokio::test]
async fn rows_without_a_time_are_counted() {
    let some: ArrayRef = Arc::new(TimestampSecondArray::from(vec![Some(1), None, Some(3)]));
    let other: ArrayRef = Arc::new(TimestampSecondArray::from(vec![None, None, Some(4)]));
    let bytes = file(ids(), churned(), some, other);
    let read = read(bytes.clone()).await;
    assert_eq!((read.rows, read.rows_without_time, read.labels.len()), (3, 2, 1));
    assert_eq!(read.labels.entity_id().get(0), Some("c3"));

    let mut rule = rule();
    rule.event_time = None;
    let folder = Folder::new();
    folder.put("labels.parquet", bytes);
    let read = read_labels(&Location::local(folder.path("labels.parquet")), &rule).await.unwrap();
    assert_eq!((read.rows_without_time, read.labels.len(), read.labels.event_time()), (1, 2, None));
}

#[tokio::test]
async fn a_folder_of_labels_is_read_but_for_what_is_damaged() {
    let good = file(ids(), churned(), seconds([1, 2, 3]), seconds([1, 2, 3]));
    let without = encode(&columns([("entity_id", ids()), ("churned", churned())]), &[]);
    let wrong = file(ids(), ids(), seconds([1, 2, 3]), seconds([1, 2, 3]));
    let parts = [
        ("2026/c.parquet", good.clone()),
        ("a.parquet", without),
        ("b.parquet", wrong),
        ("d.parquet", good[..good.len() - 9].to_vec()),
        ("_e.parquet", Vec::new()),
    ];
    let folder = Folder::new();
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (name, bytes) in parts {
        folder.put(name, &bytes);
        store.put(&Path::from(format!("labels/{name}")), bytes.into()).await.unwrap();
    }
    for location in [Location::local(folder.path("")), Location::object_store(store, Path::from("labels"))] {
        let read = read_labels(&location, &rule()).await.unwrap();
        assert_eq!((read.files, read.rows, read.labels.len()), (4, 3, 3));
        assert_eq!(
            said(&read.problems),
            [
                "a.parquet: has no column arrival_time",
                "b.parquet: has a column churned of type Utf8, allowed: booleans, integers and floats",
                "d.parquet: is damaged: it does not end with PAR1, so part of it is missing",
            ]
        );
    }
}

#[tokio::test]
async fn a_store_has_a_file_or_a_folder_of_them() {
    let good = file(ids(), churned(), seconds([1, 2, 3]), seconds([1, 2, 3]));
    let folder = Folder::new();
    folder.put("one/labels.data", &good).put("many/a.parquet", &good).put("many/b.parquet", &good);
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path("")).unwrap());
    for (path, rows) in [("one/labels.data", 3), ("many", 6), ("", 6)] {
        let location = Location::object_store(Arc::clone(&store), Path::from(path));
        let read = read_labels(&location, &rule()).await.unwrap();
        assert_eq!((read.rows, said(&read.problems)), (rows, vec![]), "{location}");
    }
}

#[tokio::test]
async fn labels_that_are_not_there_are_an_error() {
    let folder = Folder::new();
    folder.put("empty/notes.txt", "");
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let error = async |location: Location| read_labels(&location, &rule()).await.unwrap_err();
    let nowhere = error(Location::local("nowhere/labels.parquet")).await;
    assert!(nowhere.is_not_found() && !nowhere.is_storage());
    assert_eq!(
        nowhere.to_string(),
        "there are no labels at nowhere/labels.parquet: check the path, which must be that of a parquet file, or of a \
         folder with files that end with .parquet"
    );
    let empty = error(Location::local(folder.path("empty"))).await;
    assert!(empty.is_not_found(), "{empty}");
    assert!(error(Location::object_store(store, Path::from("labels"))).await.is_not_found());
}

#[tokio::test]
async fn a_place_that_cannot_be_looked_at_is_an_error() {
    let error = read_labels(&Location::local("no\0path"), &rule()).await.unwrap_err();
    assert!(error.is_storage() && !error.is_not_found());
    assert!(error.to_string().ends_with("check the place and its permissions"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}
