//! Files that stand for more than there is room for.

use std::sync::Arc;

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
};
use bytes::Bytes;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use tiltmeter_store::{
    LabelsRead, Limits, Location, PredictionTable, PredictionsRead, read_labels, read_reference,
};

use crate::files::{columns, encode, logged, said, spec, time};

/// A store with one file, in the table and as labels.
async fn store(bytes: Vec<u8>) -> Arc<dyn ObjectStore> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let table = Path::from("predictions/model_name=churn/date=2026-01-01/a.parquet");
    store.put(&table, bytes.clone().into()).await.unwrap();
    store.put(&Path::from("labels/a.parquet"), bytes.into()).await.unwrap();
    store
}

async fn read(bytes: Vec<u8>, limits: Limits) -> PredictionsRead {
    let table = PredictionTable::object_store(store(bytes).await, Path::default()).with_limits(limits);
    table.read(&spec()).await.unwrap()
}

async fn labels(bytes: Vec<u8>, limits: Limits) -> LabelsRead {
    let location = Location::object_store(store(bytes).await, Path::from("labels")).with_limits(limits);
    read_labels(&location, spec().labels.as_ref().unwrap()).await.unwrap()
}

fn write(batches: &[RecordBatch], properties: WriterPropertiesBuilder) -> Vec<u8> {
    let properties = properties.set_compression(Compression::ZSTD(Default::default())).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batches[0].schema(), Some(properties)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

/// Rows of the table, each a copy of the first, with that plan.
fn rows(count: usize, first: i64, plan: ArrayRef) -> RecordBatch {
    let times = TimestampMicrosecondArray::from(vec![time(0); count]).with_timezone("UTC");
    columns([
        ("writer_id", Arc::new(StringArray::from(vec!["w"; count])) as ArrayRef),
        ("sequence", Arc::new(Int64Array::from(vec![first; count]))),
        ("event_time", Arc::new(times)),
        ("score", Arc::new(Float64Array::from(vec![0.5; count]))),
        ("feature_plan", plan),
    ])
}

fn label_rows(entity_id: ArrayRef) -> RecordBatch {
    let count = entity_id.len();
    let times = || Arc::new(TimestampMicrosecondArray::from(vec![time(0); count])) as ArrayRef;
    columns([
        ("entity_id", entity_id),
        ("churned", Arc::new(BooleanArray::from(vec![true; count]))),
        ("arrival_time", times()),
        ("happened_at", times()),
    ])
}

fn repeated(text: &str, count: usize) -> ArrayRef {
    let keys = Int32Array::from(vec![0; count]);
    Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(StringArray::from(vec![text]))))
}

#[tokio::test]
async fn rows_are_limited() {
    let file = logged(1, 0..100);
    let limits = Limits::default().with_rows_per_file(99);
    let refused = read(file.clone(), limits).await;
    assert_eq!(said(&refused.problems), ["a.parquet: is too large: 100 rows, at most 99"]);
    assert_eq!((refused.files, refused.rows, refused.predictions.len()), (1, 0, 0));
    assert_eq!(read(file, limits.with_rows_per_file(100)).await.rows, 100);
}

#[tokio::test]
async fn bytes_are_limited_as_stored_by_their_pages_and_as_values() {
    let text = "x".repeat(1_000);
    let of = |bytes| Limits::default().with_bytes_per_file(bytes);
    let file = write(&[label_rows(repeated(&text, 10_000))], WriterProperties::builder());
    assert!(file.len() < 3_000, "{}", file.len());
    let refused = async |bytes| said(&labels(file.clone(), of(bytes)).await.problems).concat();

    let stored = refused(file.len() as u64 - 1).await;
    assert_eq!(stored, format!("a.parquet: is too large: {} bytes, at most {}", file.len(), file.len() - 1));
    let pages = refused(file.len() as u64).await;
    assert!(pages.ends_with(&format!(" uncompressed bytes, at most {}", file.len())), "{pages}");
    let values = refused(5_000_000).await;
    assert!(values.starts_with("a.parquet: is too large: ") && values.contains(" of values "), "{values}");

    let enough = labels(file, of(11_000_000)).await;
    assert_eq!((enough.labels.len(), said(&enough.problems)), (10_000, vec![]));
    assert_eq!(enough.labels.entity_id().get(9_999), Some(&*text));
}

/// 8,000 times a text of a megabyte: 8 GB in a few kilobytes.
#[tokio::test]
async fn a_text_of_which_there_are_many_copies_is_refused() {
    let text = "x".repeat(1_000_000);
    let file = groups(&write(&[rows(200, 0, repeated(&text, 200))], WriterProperties::builder()), 40);
    assert!(file.len() < 100_000, "{}", file.len());
    let read = read(file, Limits::default()).await;
    let [problem] = read.problems.as_slice() else { panic!("{:?}", read.problems) };
    assert!(problem.reason.starts_with("is too large: "), "{problem}");
    assert_eq!((read.files, read.rows), (1, 0));
}

/// A file of which the row group is that many times that of another: to write such a text often takes its time.
fn groups(file: &[u8], times: usize) -> Vec<u8> {
    let file = Bytes::copy_from_slice(file);
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
    let schema = metadata.file_metadata().schema_descr().root_schema_ptr();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let rows = u64::try_from(metadata.row_group(0).num_rows()).unwrap();
    for _ in 0..times {
        let mut group = writer.next_row_group().unwrap();
        for column in metadata.row_group(0).columns() {
            let close = ColumnCloseResult {
                bytes_written: column.byte_range().1,
                rows_written: rows,
                bloom_filter: None,
                metadata: column.clone(),
                column_index: None,
                offset_index: None,
            };
            group.append_column(&file, close).unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// The same without dictionaries: each text is the one before.
#[tokio::test]
async fn a_text_that_is_put_together_of_the_one_before_is_refused() {
    let text = "x".repeat(1_000_000);
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_dictionary_enabled(false)
        .set_column_encoding("entity_id".into(), Encoding::DELTA_BYTE_ARRAY);
    let file = write(&[label_rows(repeated(&text, 100))], properties);
    assert!(file.len() < 10_000, "{}", file.len());
    let read = labels(file, Limits::default().with_bytes_per_file(10_000_000)).await;
    assert!(read.problems[0].reason.starts_with("is too large: "), "{:?}", read.problems);
}

#[tokio::test]
async fn copies_of_a_row_are_not_kept() {
    let batches = [
        rows(20_000, 7, repeated("gold", 20_000)),
        rows(20_000, 7, repeated("gold", 20_000)),
        rows(1, 8, repeated("basic", 1)),
    ];
    let read = read(write(&batches, WriterProperties::builder()), Limits::default()).await;
    assert_eq!((read.rows, read.copies, read.predictions.len()), (40_001, 39_999, 2));
    assert_eq!((read.misplaced, said(&read.problems)), (0, vec![]));
}

#[tokio::test]
async fn a_file_that_fails_late_leaves_no_keys() {
    let null: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>]));
    let bad = {
        let good = rows(10_000, 1, repeated("gold", 10_000));
        let late = crate::files::replace(&rows(1, 2, repeated("gold", 1)), "writer_id", Some(null));
        // in the order of the first
        let names = good.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        let arrays = names.iter().map(|name| late.column_by_name(name).unwrap().clone()).collect();
        let late = RecordBatch::try_new(good.schema(), arrays).unwrap();
        write(&[good, late], WriterProperties::builder())
    };
    let store = store(bad).await;
    let next = Path::from("predictions/model_name=churn/date=2026-01-01/b.parquet");
    let good = write(&[rows(1, 1, repeated("basic", 1))], WriterProperties::builder());
    store.put(&next, good.into()).await.unwrap();
    let read = PredictionTable::object_store(store, Path::default()).read(&spec()).await.unwrap();
    assert_eq!(said(&read.problems), ["a.parquet: has rows without a value in column writer_id: 1"]);
    assert_eq!((read.rows, read.copies, read.predictions.len()), (1, 0, 1));
}

/// A column of texts by each way to write it.
#[tokio::test]
async fn texts_are_read_however_they_are_written() {
    let texts: Vec<Option<String>> = (0..20_000)
        .map(|row| (row % 7 != 0).then(|| format!("{}-{}", "c".repeat(row % 40), row % 5_000)))
        .collect();
    let values = || texts.iter().map(Option::as_deref);
    let arrays: [ArrayRef; 4] = [
        Arc::new(StringArray::from_iter(values())),
        Arc::new(LargeStringArray::from_iter(values())),
        Arc::new(StringViewArray::from_iter(values())),
        Arc::new(values().collect::<DictionaryArray<Int32Type>>()),
    ];
    let plain = |version| {
        WriterProperties::builder().set_writer_version(version).set_max_row_group_row_count(Some(3_000))
    };
    let coded = |encoding| {
        let version = WriterVersion::PARQUET_2_0;
        plain(version).set_dictionary_enabled(false).set_column_encoding("entity_id".into(), encoding)
    };
    let ways: [(&str, WriterPropertiesBuilder); 6] = [
        ("dictionary", plain(WriterVersion::PARQUET_1_0)),
        // the dictionary ends within a column chunk
        ("mixed", plain(WriterVersion::PARQUET_1_0).set_dictionary_page_size_limit(10_000)),
        ("mixed, version 2", plain(WriterVersion::PARQUET_2_0).set_dictionary_page_size_limit(10_000)),
        ("plain", coded(Encoding::PLAIN)),
        ("lengths", coded(Encoding::DELTA_LENGTH_BYTE_ARRAY)),
        ("prefixes", coded(Encoding::DELTA_BYTE_ARRAY)),
    ];
    for array in &arrays {
        for (way, properties) in ways.clone() {
            let what = format!("{} {way}", array.data_type());
            let read = labels(write(&[label_rows(array.clone())], properties), Limits::default()).await;
            assert_eq!(said(&read.problems), Vec::<String>::new(), "{what}");
            assert!(read.labels.entity_id().iter().eq(values()), "{what}");
        }
    }
}

/// Parquet's reader is not asked for columns of other types: they may be of any size.
#[tokio::test]
async fn other_types_are_refused_before_they_are_decoded() {
    let keys = Int8Array::from(vec![0; 3]);
    let numbers: ArrayRef =
        Arc::new(DictionaryArray::<Int8Type>::new(keys, Arc::new(Int64Array::from(vec![1]))));
    let file = encode(&columns([("plan", numbers)]), &[]);
    let location = Location::object_store(store(file).await, Path::from("labels"));
    let read = read_reference(&location, &spec()).await.unwrap();
    assert_eq!(said(&read.problems).len(), 1, "{:?}", read.problems);
    assert!(read.problems[0].reason.contains("allowed: texts"), "{:?}", read.problems);
}
