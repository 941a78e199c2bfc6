//! The prediction table, whole.

use std::sync::Arc;

use arrow_array::{Int32Array, StringArray};
use jiff::civil::date;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tiltmeter_record::columns::{ColumnValues, PredictionColumns};
use tiltmeter_record::{Prediction, Value};
use tiltmeter_store::{PredictionTable, PredictionsRead};

use crate::files::{Folder, batch, encode, logged, replace, row, said, spec, time};

/// The sequences of the rows, by their event times.
fn sequences(read: &PredictionsRead) -> Vec<i64> {
    read.predictions.event_time().iter().map(|t| t - time(0)).collect()
}

fn numbers<'p>(predictions: &'p PredictionColumns, feature: &str) -> &'p [f64] {
    match &predictions.features().iter().find(|f| f.name.as_str() == feature).unwrap().values {
        ColumnValues::Numbers(values) => values,
        ColumnValues::Categories(_) => panic!("{feature} has categories"),
    }
}

fn texts(predictions: &PredictionColumns, feature: &str) -> Vec<Option<String>> {
    match &predictions.features().iter().find(|f| f.name.as_str() == feature).unwrap().values {
        ColumnValues::Categories(values) => {
            (0..values.len()).map(|row| values.get(row).map(str::to_owned)).collect()
        }
        ColumnValues::Numbers(_) => panic!("{feature} has numbers"),
    }
}

#[tokio::test]
async fn what_the_log_wrote_is_read() {
    let rows = [
        row(0),
        Prediction {
            entity_id: None,
            model_version: None,
            score: None,
            features: vec![Value::Missing; 4],
            ..row(1)
        },
        row(3),
    ];
    let folder = Folder::new();
    folder.log("date=2026-01-01/a.parquet", encode(&batch(1, rows), &[]));
    let read = folder.read().await;

    assert_eq!((read.files, read.rows, read.copies, read.problems.len()), (1, 3, 0, 0));
    let predictions = &read.predictions;
    assert_eq!(predictions.model().as_str(), "churn");
    assert_eq!(predictions.event_time(), [time(0), time(1), time(3)]);
    assert_eq!(predictions.entity_id().iter().collect::<Vec<_>>(), [Some("c0"), None, Some("c3")]);
    let version = predictions.model_version();
    assert_eq!((version.get(0), version.get(1), version.get(2)), (Some("v1"), None, Some("v1")));
    assert_eq!((predictions.score()[0], predictions.score()[2]), (0.0, 3e-6));
    assert!(predictions.score()[1].is_nan());
    let names: Vec<_> = predictions.features().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["age", "visits", "plan", "active"]);
    assert_eq!((numbers(predictions, "age")[2], numbers(predictions, "visits")[2]), (3.5, 3.0));
    assert!(numbers(predictions, "age")[1].is_nan() && numbers(predictions, "visits")[1].is_nan());
    assert_eq!(texts(predictions, "plan"), [Some("gold".into()), None, Some("basic".into())]);
    assert_eq!(texts(predictions, "active"), [Some("true".into()), None, Some("true".into())]);
}

#[tokio::test]
async fn copies_count_once_in_one_file_and_across_files() {
    let folder = Folder::new();
    let twice = batch(1, [row(0), row(1), row(0), Prediction { score: Some(0.9), ..row(1) }]);
    folder
        .log("date=2026-01-02/a.parquet", logged(1, 1..4))
        .log("date=2026-01-01/b.parquet", encode(&twice, &[]))
        .log("date=2026-01-02/b.parquet", logged(2, 0..2));
    let read = folder.read().await;
    assert_eq!((read.rows, read.copies), (9, 3));
    assert_eq!(sequences(&read), [0, 1, 2, 3, 0, 1], "in the order of paths; another writer's are others");
    assert_eq!(read.predictions.score()[1], 1e-6, "the first one counts");
}

#[tokio::test]
async fn a_store_is_read_like_a_folder() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (name, rows) in [("date=2026-01-02/a.parquet", 2..4), ("date=2026-01-01/a.parquet", 0..2)] {
        let path = Path::from(format!("team/log/predictions/model_name=churn/{name}"));
        store.put(&path, logged(1, rows).into()).await.unwrap();
    }
    let other = Path::from("team/log/predictions/model_name=churn2/date=2026-01-01/a.parquet");
    store.put(&other, logged(1, 10..12).into()).await.unwrap();

    let table = PredictionTable::object_store(Arc::clone(&store), Path::from("team/log"));
    let read = table.read(&spec()).await.unwrap();
    assert_eq!((sequences(&read), read.files), (vec![0, 1, 2, 3], 2));
    let folder = table.folder(&spec().name).to_string();
    assert!(folder.starts_with("team/log/predictions/model_name=churn in "), "{folder}");

    let nowhere = PredictionTable::object_store(store, Path::from("elsewhere"));
    assert_eq!(nowhere.read(&spec()).await.unwrap().files, 0);
}

#[tokio::test]
async fn no_folder_is_no_files() {
    let folder = Folder::new();
    for root in [folder.path("nowhere"), folder.path("")] {
        let read = PredictionTable::local(root).read(&spec()).await.unwrap();
        assert_eq!((read.files, read.rows, read.predictions.len()), (0, 0, 0));
        assert_eq!(read.predictions.features().len(), 4, "its columns are there all the same");
    }
}

#[tokio::test]
async fn a_file_without_rows_is_a_file() {
    let folder = Folder::new();
    folder.log("date=2026-01-01/a.parquet", logged(1, [])).log("date=2026-01-01/b.parquet", logged(1, 0..2));
    let read = folder.read().await;
    assert_eq!((read.files, read.rows, said(&read.problems)), (2, 2, vec![]));
}

#[tokio::test]
async fn what_is_not_of_the_table_is_left_alone_or_said() {
    let folder = Folder::new();
    let file = |n| logged(1, n..=n);
    folder
        .log("date=2026-01-01/a.parquet", file(0))
        .log("date=2026-01-01/hour=03/b.parquet", file(1))
        .log("date=2026-01-01/.c.parquet", "unfinished")
        .log("date=2026-01-01/_temporary/d.parquet", "unfinished")
        .log("_spark_metadata/e.parquet", "not data")
        .log(".staging/f.parquet", "unfinished")
        .log("date=2026-01-01/_SUCCESS", "")
        .log("date=2026-01-01/notes.txt", "not data")
        .log("stray.parquet", file(2))
        .log("date=yesterday/g.parquet", file(3))
        .log("date=2026-02-30/h.parquet", file(4));
    let read = folder.read().await;
    assert_eq!((sequences(&read), read.files), (vec![0, 1], 5));
    let reason = "lies in no folder date=YYYY-MM-DD, so its date is unknown";
    assert_eq!(
        said(&read.problems),
        ["h.parquet", "g.parquet", "stray.parquet"].map(|name| format!("{name}: {reason}")),
    );
    assert!(read.problems[0].path.starts_with(folder.path("").to_str().unwrap()), "{:?}", read.problems[0]);
}

#[tokio::test]
async fn dates_restrict_what_is_read() {
    let folder = Folder::new();
    for day in 1..=5 {
        folder.log(&format!("date=2026-01-0{day}/a.parquet"), logged(1, day..=day));
    }
    let table = folder.table();
    let (second, fourth) = (date(2026, 1, 2), date(2026, 1, 4));
    let spec = spec();
    let of = async |read: Result<PredictionsRead, _>| sequences(&read.unwrap());
    assert_eq!(of(table.read_between(&spec, second..=fourth).await).await, [2, 3, 4]);
    assert_eq!(of(table.read_between(&spec, second..fourth).await).await, [2, 3]);
    assert_eq!(of(table.read_between(&spec, fourth..).await).await, [4, 5]);
    assert_eq!(of(table.read_between(&spec, ..second).await).await, [1]);
    assert_eq!(table.read_between(&spec, fourth..second).await.unwrap().files, 0);
}

#[tokio::test]
async fn rows_in_the_folder_of_another_date_are_used_and_counted() {
    const DAY: i64 = 86_400_000_000;
    let at = |sequence: u64, micros: i64| Prediction {
        event_time: jiff::Timestamp::from_microsecond(time(0) + micros).unwrap(),
        ..row(sequence)
    };
    let rows = [at(0, -1), at(1, 0), at(2, DAY - 1), at(3, DAY), at(3, DAY)];
    let folder = Folder::new();
    folder.log("date=2026-01-01/a.parquet", encode(&batch(1, rows), &[]));
    let read = folder.read().await;
    assert_eq!((read.rows, read.copies, read.misplaced), (5, 1, 2), "copies do not count");
    assert_eq!(sequences(&read), [-1, 0, DAY - 1, DAY]);

    folder
        .log("date=-000001-12-31/a.parquet", logged(2, 0..3))
        .log("date=2026-01-01/b.parquet", logged(2, 0..4));
    let read = folder.read().await;
    assert_eq!((read.misplaced, said(&read.problems)), (5, vec![]));
}

#[tokio::test]
async fn other_versions_of_the_schema_are_read() {
    let known = batch(1, [row(0)]);
    let newer = replace(&known, "spent_kwh", Some(Arc::new(Int32Array::from(vec![7]))));
    let mut older = batch(2, [row(1)]);
    for nullable in ["entity_id", "model_version", "score", "feature_age", "feature_plan", "rescued"] {
        older = replace(&older, nullable, None);
    }
    let folder = Folder::new();
    folder
        .log("date=2026-01-01/a.parquet", encode(&newer, &[]))
        .log("date=2026-01-01/b.parquet", encode(&older, &[]));
    let read = folder.read().await;
    assert_eq!((sequences(&read), said(&read.problems)), (vec![0, 1], vec![]));
    let predictions = &read.predictions;
    assert_eq!((predictions.entity_id().get(1), predictions.model_version().get(1)), (None, None));
    assert!(predictions.score()[1].is_nan() && numbers(predictions, "age")[1].is_nan());
    assert_eq!(texts(predictions, "plan"), [Some("gold".into()), None]);
    assert_eq!(numbers(predictions, "visits"), [0.0, 1.0]);
}

#[tokio::test]
async fn files_that_do_not_fit_are_said_and_the_others_read() {
    let whole = batch(1, [row(0), row(1)]);
    let text = || Some(Arc::new(StringArray::from(vec!["1", "2"])) as _);
    let null = || Some(Arc::new(StringArray::from(vec![Some("w"), None])) as _);
    let folder = Folder::new();
    for (name, bytes) in [
        ("a", encode(&replace(&whole, "writer_id", None), &[])),
        ("b", encode(&replace(&whole, "event_time", None), &[])),
        ("c", encode(&replace(&whole, "score", text()), &[])),
        ("d", encode(&replace(&whole, "feature_visits", text()), &[])),
        ("e", encode(&replace(&whole, "sequence", Some(Arc::new(Int32Array::from(vec![0, 1])))), &[])),
        ("f", encode(&replace(&whole, "writer_id", null()), &[])),
        ("g", encode(&whole, &[("tiltmeter.model_name", "fraud")])),
        ("h", encode(&replace(&whole, "feature_plan", whole.column_by_name("sequence").cloned()), &[])),
        ("z", encode(&whole, &[])),
    ] {
        folder.log(&format!("date=2026-01-01/{name}.parquet"), bytes);
    }
    let read = folder.read().await;
    assert_eq!((sequences(&read), read.files, read.rows, read.copies), (vec![0, 1], 9, 2, 0));
    assert_eq!(
        said(&read.problems),
        [
            "a.parquet: has no column writer_id",
            "b.parquet: has no column event_time",
            "c.parquet: has a column score of type Utf8, allowed: integers and floats",
            "d.parquet: has a column feature_visits of type Utf8, allowed: integers and floats",
            "e.parquet: has a column sequence of type Int32, allowed: Int64",
            "f.parquet: has rows without a value in column writer_id: 1",
            "g.parquet: is of the model \"fraud\", and lies in the table of churn",
            "h.parquet: has a column feature_plan of type Int64, allowed: texts",
        ]
    );
}

#[tokio::test]
async fn a_root_that_is_a_file_has_no_files() {
    let folder = Folder::new();
    folder.put("root", "a file");
    let read = PredictionTable::local(folder.path("root")).read(&spec()).await.unwrap();
    assert_eq!(read.files, 0);
}

#[test]
fn futures_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let (table, spec) = (PredictionTable::local("nowhere"), spec());
    is_send(&table.read(&spec));
    is_send(&table.read_between(&spec, date(2026, 1, 1)..));
    let location = tiltmeter_store::Location::local("nowhere");
    is_send(&tiltmeter_store::read_reference(&location, &spec));
    is_send(&tiltmeter_store::read_labels(&location, spec.labels.as_ref().unwrap()));
}
