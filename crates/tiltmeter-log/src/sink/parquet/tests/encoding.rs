//! How columns are encoded, and what it saves.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::StringArray;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use tiltmeter_record::{Prediction, PredictionBatch, RecordBatchBuilder, Value, WriterId};
use uuid::Uuid;

use super::super::file::OpenFile;
use super::super::rows::{Row, Rows};
use super::*;
use crate::books::{Delivery, SinkBooks};
use crate::sink::conformance::row;
use crate::testing::{SPEC, spec};

const ROWS: u32 = 16_000;

fn batch() -> PredictionBatch {
    PredictionBatch::new(spec(SPEC), WriterId::new("node", Uuid::nil()), "node".into())
}

/// The file of so many rows, which `change` has changed.
fn file(mut change: impl FnMut(u32, &mut Prediction)) -> Bytes {
    let mut batch = batch();
    for place in 0..ROWS {
        let mut row = row(u64::from(place));
        change(place, &mut row);
        batch.rows.push(row);
    }
    let mut delivery = Delivery::new(0, SinkBooks::new("test".into(), 1));
    delivery.add(u64::from(ROWS));
    let mut file = OpenFile::new(Rows::Predictions(&batch), 1, Duration::ZERO, delivery.split(0));
    for row in &batch.rows {
        file.append(Row::Prediction(row), &mut delivery, 1);
    }
    file.finish().encoded.unwrap()
}

/// A column in each row group of a file.
fn chunks(file: &Bytes, column: &str) -> Vec<ColumnChunkMetaData> {
    let reader = SerializedFileReader::new(file.clone()).unwrap();
    let groups = reader.metadata().row_groups().iter();
    let mut chunks = groups.flat_map(|group| group.columns().to_vec()).collect::<Vec<_>>();
    chunks.retain(|chunk| chunk.column_path().string() == column);
    chunks
}

/// The bytes of a column in a file of requests of so many instances; each row has a version of its own if it `varies`.
fn size(column: &str, instances: u32, varies: bool) -> i64 {
    let mut rng = fastrand::Rng::with_seed(1);
    let file = file(|place, changed| {
        *changed = row(u64::from(place / instances));
        changed.instance_index = place % instances;
        let request = fastrand::Rng::with_seed(u64::from(place / instances)).u128(..);
        changed.request_id = Uuid::from_u128(request).to_string().into();
        let version: Arc<str> = Uuid::from_u128(rng.u128(..)).to_string().into();
        changed.model_version = varies.then(|| version.as_ref().try_into().unwrap());
    });
    chunks(&file, column).iter().map(ColumnChunkMetaData::compressed_size).sum()
}

#[test]
fn columns_of_which_something_is_known_are_there() {
    let batch = batch();
    let schema = RecordBatchBuilder::new(&batch.spec, batch.writer_id, batch.serving_node).schema().clone();
    for name in CONSTANT.iter().chain(&UNIQUE).chain(&TIMED).chain(&GROWING) {
        assert!(schema.field_with_name(name).is_ok(), "{name}");
    }
}

#[test]
fn what_may_vary_is_compressed() {
    let bytes = size("instance_index", 20, false);
    assert!(bytes < i64::from(ROWS) / 10, "{bytes} bytes for a pattern that repeats");
    let bytes = size("model_version", 1, true);
    assert!(bytes < i64::from(ROWS) * 30, "{bytes} bytes for 36 letters of four bits a row");
}

#[test]
fn what_repeats_within_a_request_is_stored_about_once() {
    for column in ["request_id", "event_time", "observed_at", "latency_ms"] {
        let (single, batched) = (size(column, 1, false), size(column, 20, false));
        assert!(batched < single / 2 || batched < i64::from(ROWS) / 10, "{column}: {batched} of {single}");
    }
}

#[test]
fn of_an_id_little_more_is_stored_than_its_random_part() {
    let mut rng = fastrand::Rng::with_seed(1);
    let file = file(|place, row| {
        let id = (0x0190_0000_0000_u128 + u128::from(place / 10)) << 80 | 7 << 76 | (rng.u128(..) >> 52);
        row.prediction_id = Uuid::from_u128(id);
    });
    let bytes: i64 = chunks(&file, "prediction_id").iter().map(ColumnChunkMetaData::compressed_size).sum();
    // 74 random bits as letters of four bits, the growing part, and what each text shares
    assert!(bytes < i64::from(ROWS) * 14, "{bytes} bytes");
}

#[test]
fn only_numbers_that_repeat_have_a_dictionary() {
    type Draw = fn(&mut fastrand::Rng) -> Value;
    let has_dictionary = |column: &str, place: usize, draw: Draw| {
        let mut rng = fastrand::Rng::with_seed(1);
        let file = file(|_, row| row.features[place] = draw(&mut rng));
        chunks(&file, column).iter().any(|chunk| chunk.dictionary_page_offset().is_some())
    };
    let ages: [(Draw, bool); 4] = [
        (|rng| Value::Float(rng.f64()), false),
        (|rng| Value::Float(f64::from(rng.u32(..1_000_000)) / 100.0), false),
        (|rng| Value::Float(f64::from(rng.u32(..1_000)) / 7.0), true),
        // nothing can be said of a column of which the first rows have no value
        (|_| Value::Missing, true),
    ];
    for (place, (age, expected)) in ages.into_iter().enumerate() {
        assert_eq!(has_dictionary("feature_age", 0, age), expected, "{place}");
    }
    assert!(!has_dictionary("feature_visits", 1, |rng| Value::Integer(rng.i64(..))));
    assert!(has_dictionary("feature_visits", 1, |rng| Value::Integer(rng.i64(0..1_000))));
}

#[test]
fn what_was_written_is_read() {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut written = Vec::new();
    let file = file(|_, row| {
        let age =
            [rng.f64(), f64::NAN, f64::INFINITY, -0.0, f64::MIN_POSITIVE][usize::from(rng.u8(..40)) / 4 % 5];
        row.features[0] = if rng.bool() { Value::Float(age * rng.f64()) } else { Value::Missing };
        row.features[1] = if rng.u8(..) > 0 { Value::Integer(rng.i64(..)) } else { Value::Missing };
        row.prediction_id = Uuid::from_u128(rng.u128(..));
        written.push((row.prediction_id.to_string(), row.features[0].clone(), row.features[1].clone()));
    });
    let mut read = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let column = |name| batch.column_by_name(name).unwrap();
        let ids: &StringArray = column("prediction_id").as_string();
        let ages = column("feature_age").as_primitive::<Float64Type>().iter();
        let visits = column("feature_visits").as_primitive::<Int64Type>().iter();
        for ((id, age), visits) in ids.iter().zip(ages).zip(visits) {
            read.push((id.unwrap().to_owned(), Value::from(age), Value::from(visits)));
        }
    }
    assert_eq!(read.len(), written.len());
    for (read, written) in read.iter().zip(&written) {
        // by their text: NaN is not equal to itself
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
    }
}
