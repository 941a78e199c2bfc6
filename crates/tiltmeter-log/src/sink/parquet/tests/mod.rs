use std::fs;
use std::path::{Path as FsPath, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tiltmeter_record::{Prediction, WriterId};
use uuid::Uuid;

mod faults;
mod journal;
mod memory;
mod pairs;
#[cfg(feature = "s3")]
mod s3;
mod schemas;
mod store;

use super::builder::place;
use super::*;
use crate::books::SinkBooks;
use crate::sink::retry::{BreakerPolicy, RetryPolicy};
use crate::testing::{SPEC, spec};

fn row(sequence: u64, event_time: &str) -> Prediction {
    Prediction {
        prediction_id: Uuid::from_u128(u128::from(sequence)),
        request_id: format!("r{sequence}").into(),
        instance_index: 0,
        sequence,
        entity_id: None,
        model_version: None,
        event_time: event_time.parse().unwrap(),
        observed_at: event_time.parse().unwrap(),
        features: Vec::new(),
        raw_input: None,
        prediction: tiltmeter_record::Value::Missing,
        score: Some(0.5),
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        latency: Duration::from_millis(1),
        endpoint: "/predict".into(),
        status: Some(200),
        error_type: None,
        rescued: Vec::new(),
        inclusion: tiltmeter_record::Inclusion::default(),
    }
}

struct Desk {
    sink: ParquetSink,
    books: Arc<SinkBooks>,
    sequence: u64,
}

impl Desk {
    fn new(builder: ParquetSinkBuilder) -> Self {
        let sink = builder.assemble(fastrand::Rng::with_seed(1), place).unwrap();
        Self { sink, books: SinkBooks::new("parquet".into(), 1), sequence: 0 }
    }

    async fn write(&mut self, event_times: &[&str]) {
        self.write_as(SPEC, event_times).await;
    }

    async fn write_as(&mut self, model: &str, event_times: &[&str]) {
        let writer = WriterId::new("node", Uuid::from_u128(1));
        let mut batch = PredictionBatch::new(spec(model), writer, "node".into());
        for time in event_times {
            batch.rows.push(row(self.sequence, time));
            self.sequence += 1;
        }
        let rows = batch.rows.len() as u64;
        let mut delivery = Delivery::new(0, Arc::clone(&self.books));
        delivery.add(rows);
        self.sink.write(Arc::new(batch), delivery).await;
    }

    fn written(&self) -> u64 {
        self.books.read().written
    }
}

fn all_files(root: &FsPath) -> Vec<String> {
    fn walk(folder: &FsPath, root: &FsPath, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, into);
            } else {
                into.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found.sort();
    found
}

/// The files of the tables alone.
fn files(root: &FsPath) -> Vec<String> {
    let mut files = all_files(root);
    files.retain(|file| !file.starts_with("schemas/"));
    files
}

fn rows_in(path: PathBuf) -> usize {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum()
}

const INCARNATION: &str = "00000000000000000000000000000001";

#[tokio::test]
async fn one_file_per_model_and_date_of_the_event() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    desk.write(&["2013-04-02T23:59:59.999Z", "2013-04-03T00:00:00Z", "2013-04-03T12:00:00Z"]).await;
    assert_eq!(files(folder.path()), Vec::<String>::new(), "nothing is visible before it is whole");
    desk.sink.flush().await;
    assert_eq!(
        files(folder.path()),
        [
            format!("predictions/model_name=churn/date=2013-04-02/{INCARNATION}-000001.parquet"),
            format!("predictions/model_name=churn/date=2013-04-03/{INCARNATION}-000002.parquet"),
        ]
    );
    assert_eq!(rows_in(folder.path().join(&files(folder.path())[1])), 2);
    assert_eq!(desk.written(), 3);
    assert!(!folder.path().join(".staging").exists(), "the staging folder goes when nobody needs it");
}

#[tokio::test]
async fn a_file_is_published_when_it_has_enough_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()).with_max_file_rows(2));
    desk.write(&["2013-04-03T00:00:00Z"; 5]).await;
    desk.sink.uploads.settle().await;
    assert_eq!((files(folder.path()).len(), desk.written()), (2, 4));
    desk.sink.flush().await;
    assert_eq!((files(folder.path()).len(), desk.written()), (3, 5));
}

#[tokio::test]
async fn a_file_is_published_when_it_holds_enough_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()).with_max_file_bytes(10_000));
    for _ in 0..40 {
        desk.write(&["2013-04-03T00:00:00Z"; 10]).await;
        assert_eq!(desk.sink.open_bytes, desk.sink.open.values().map(OpenFile::bytes).sum::<usize>());
        assert!(desk.sink.open_bytes < 10_000);
    }
    desk.sink.flush().await;
    assert!(files(folder.path()).len() > 4);
    assert_eq!(desk.written(), 400);
}

#[tokio::test]
async fn a_file_is_published_when_it_is_old_enough() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()).with_max_file_age(Duration::from_secs(60)));
    desk.sink.tick(Duration::from_secs(1000)).await;
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.tick(Duration::from_millis(1_059_999)).await;
    assert_eq!(desk.sink.open.len(), 1);
    desk.sink.tick(Duration::from_secs(1060)).await;
    assert_eq!(desk.sink.open.len(), 0);
    desk.sink.uploads.settle().await;
    assert_eq!(desk.written(), 1);
}

#[tokio::test]
async fn open_partitions_are_bounded_and_the_stalest_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()).with_max_open_partitions(2));
    desk.write(&[
        "2013-04-01T00:00:00Z",
        "2013-04-02T00:00:00Z",
        "2013-04-01T01:00:00Z",
        "2013-04-03T00:00:00Z",
    ])
    .await;
    desk.sink.uploads.settle().await;
    assert!(files(folder.path())[0].contains("date=2013-04-02"));
    for day in 1..=28 {
        desk.write(&[&format!("2013-02-{day:02}T00:00:00Z")]).await;
        assert!(desk.sink.open.len() <= 2);
        assert!(desk.sink.uploads.len() <= 4);
    }
    desk.sink.flush().await;
    assert_eq!(desk.written(), 32);
}

#[tokio::test]
async fn models_that_take_turns_keep_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    for _ in 0..20 {
        for model in 0..9 {
            desk.write_as(&SPEC.replace("churn", &format!("churn-{model}")), &["2013-04-03T00:00:00Z"]).await;
        }
    }
    desk.sink.flush().await;
    assert_eq!((files(folder.path()).len(), desk.written()), (9, 180));
}

#[tokio::test]
async fn open_files_are_bounded_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()).with_max_open_bytes(20_000));
    for day in 1..=9 {
        desk.write(&[&*format!("2013-04-{day:02}T00:00:00Z"); 30]).await;
        assert_eq!(desk.sink.open_bytes, desk.sink.open.values().map(OpenFile::bytes).sum::<usize>());
        assert!(desk.sink.open_bytes <= 20_000);
    }
    desk.sink.flush().await;
    assert_eq!(desk.written(), 270);
}

#[test]
fn leftovers_of_processes_that_were_killed_are_removed_when_they_are_old() {
    let folder = tempfile::tempdir().unwrap();
    let staging = folder.path().join(".staging");
    fs::create_dir(&staging).unwrap();
    for (name, age) in [("old", 90_000), ("new", 1)] {
        let file = fs::File::create(staging.join(name)).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now - Duration::from_secs(age)).unwrap();
    }
    drop(ParquetSink::local(folder.path()).build().unwrap());
    assert_eq!(files(&staging), ["new"]);
}

#[tokio::test]
async fn files_say_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    desk.write(&["2013-04-03T00:00:00Z"; 3]).await;
    desk.sink.flush().await;
    let file = fs::File::open(folder.path().join(&files(folder.path())[0])).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let value = |key: &str| metadata.iter().find(|entry| entry.key == key).unwrap().value.clone().unwrap();
    assert_eq!(value("tiltmeter.schema_version"), tiltmeter_record::SCHEMA_VERSION.to_string());
    assert_eq!(value("tiltmeter.model_name"), "churn");
    assert_eq!(
        (value("tiltmeter.first_sequence"), value("tiltmeter.last_sequence")),
        ("0".into(), "2".into())
    );
    let schema = reader.schema();
    assert!(schema.field_with_name("model_name").is_err(), "partition columns are not repeated");
    assert!(schema.field_with_name("date").is_err());
}

#[tokio::test]
async fn an_object_store_gets_the_same_layout_below_its_prefix() {
    let store = Arc::new(InMemory::new());
    let mut desk = Desk::new(ParquetSink::object_store(store.clone(), Path::from("team/models")));
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    let path =
        format!("team/models/predictions/model_name=churn/date=2013-04-03/{INCARNATION}-000001.parquet");
    assert!(store.head(&Path::parse(path).unwrap()).await.is_ok());
    assert_eq!(desk.written(), 1);
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_overwritten() {
    let store = Arc::new(InMemory::new());
    let path = format!("predictions/model_name=churn/date=2013-04-03/{INCARNATION}-000001.parquet");
    let path = Path::parse(path).unwrap();
    store.put(&path, "theirs".into()).await.unwrap();
    let mut desk = Desk::new(ParquetSink::object_store(store.clone(), Path::default()));
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    assert_eq!(store.get(&path).await.unwrap().bytes().await.unwrap(), "theirs");
    let predictions = desk.books.read();
    assert_eq!((predictions.written, predictions.dropped.by(PredictionDrop::SinkFailed)), (0, 1));
    assert!(desk.books.last_failure().unwrap().contains("cannot write"));
}

#[tokio::test]
async fn a_folder_that_becomes_unwritable_costs_counts_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    // a file where the table's folder should be
    fs::write(folder.path().join("predictions"), "in the way").unwrap();
    desk.sink.flush().await;
    let predictions = desk.books.read();
    assert_eq!((predictions.written, predictions.dropped.by(PredictionDrop::SinkFailed)), (0, 1));
    assert_eq!(files(folder.path()), ["predictions"], "no leftovers");
}

#[tokio::test]
async fn what_is_open_when_the_sink_goes_is_abandoned() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    desk.write(&["2013-04-03T00:00:00Z"; 2]).await;
    let Desk { sink, books, .. } = desk;
    drop(sink);
    assert_eq!(books.read().abandoned, 2);
    assert!(books.read().balances());
}

#[test]
fn settings_out_of_range_are_refused() {
    for builder in [
        ParquetSink::local("x").with_max_file_rows(0),
        ParquetSink::local("x").with_max_file_bytes(0),
        ParquetSink::local("x").with_max_file_age(Duration::ZERO),
        ParquetSink::local("x").with_max_open_bytes(0),
        ParquetSink::local("x").with_max_open_partitions(0),
        ParquetSink::local("x").with_max_uploads(0),
        ParquetSink::local("x").with_put_timeout(Duration::ZERO),
        ParquetSink::local("x").with_start_timeout(Duration::ZERO),
        ParquetSink::local("x").with_retry(RetryPolicy::none().with_max_attempts(0)),
        ParquetSink::local("x").with_breaker(BreakerPolicy::new().with_failures(0)),
    ] {
        assert!(builder.build().unwrap_err().is_configuration());
    }
    assert!(!FsPath::new("x").exists(), "nothing is created for a sink that is refused");
}

#[test]
fn a_root_that_is_a_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = ParquetSink::local(&file).build().unwrap_err();
    assert!(error.is_storage());
    assert!(error.to_string().contains(&file.display().to_string()));
}

/// Readers of the folder, while files are published over and over, never see one that they cannot read.
#[test]
fn a_reader_never_sees_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("predictions");
    let done = AtomicBool::new(false);
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut read = 0;
            while !done.load(Relaxed) {
                for file in if table.exists() { files(&table) } else { Vec::new() } {
                    assert!(file.ends_with(".parquet"), "{file}");
                    assert_eq!(rows_in(table.join(file)), 50);
                    read += 1;
                }
            }
            read
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut desk =
                Desk::new(ParquetSink::local(folder.path()).with_max_file_rows(50).with_fsync(true));
            for _ in 0..40 {
                desk.write(&["2013-04-03T00:00:00Z"; 50]).await;
            }
            desk.sink.flush().await;
            assert_eq!(desk.written(), 2_000);
        });
        done.store(true, Relaxed);
        reader.join().unwrap()
    });
    assert!(read > 0);
}

#[tokio::test]
async fn a_local_name_that_is_taken_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let partition = folder.path().join("predictions/model_name=churn/date=2013-04-03");
    fs::create_dir_all(&partition).unwrap();
    let path = partition.join(format!("{INCARNATION}-000001.parquet"));
    fs::write(&path, "theirs").unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    assert_eq!(fs::read(path).unwrap(), b"theirs");
    assert_eq!(desk.books.read().dropped.by(PredictionDrop::SinkFailed), 1);
    assert!(!folder.path().join(".staging").exists());
}

#[tokio::test]
async fn files_that_are_synced_are_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()).with_fsync(true));
    desk.write(&["2013-04-03T00:00:00Z"; 3]).await;
    desk.sink.flush().await;
    assert_eq!((files(folder.path()).len(), desk.written()), (1, 3));
}

#[tokio::test]
async fn a_url_of_a_folder_is_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let url = url::Url::from_directory_path(folder.path()).unwrap();
    let mut desk = Desk::new(ParquetSink::url(url));
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    assert_eq!((files(folder.path()).len(), desk.written()), (1, 1));
}
