//! How columns are encoded, and what it saves.

use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use tiltmeter_record::WriterId;
use uuid::Uuid;

use super::*;
use crate::books::SinkBooks;
use crate::sink::conformance::row;
use crate::testing::{SPEC, spec};

const ROWS: u32 = 16_000;

/// The bytes of a column in a file of requests of so many instances; each row has a version of its own if it `varies`.
fn size(column: &str, instances: u32, varies: bool) -> i64 {
    let mut batch = PredictionBatch::new(spec(SPEC), WriterId::new("node", Uuid::nil()), "node".into());
    let mut rng = fastrand::Rng::with_seed(1);
    for place in 0..ROWS {
        let mut row = row(u64::from(place / instances));
        row.instance_index = place % instances;
        let version: Arc<str> = Uuid::from_u128(rng.u128(..)).to_string().into();
        row.model_version = varies.then(|| version.as_ref().try_into().unwrap());
        batch.rows.push(row);
    }
    let mut delivery = Delivery::new(0, SinkBooks::new("test".into(), 1));
    delivery.add(u64::from(ROWS));
    let mut file = OpenFile::new(&batch, 1, Duration::ZERO, delivery.split(0));
    for row in &batch.rows {
        file.append(row, &mut delivery, 1);
    }
    let reader = SerializedFileReader::new(file.finish().encoded.unwrap()).unwrap();
    let mut bytes = 0;
    for group in reader.metadata().row_groups() {
        let chunks = group.columns().iter().filter(|chunk| chunk.column_path().string() == column);
        bytes += chunks.map(ColumnChunkMetaData::compressed_size).sum::<i64>();
    }
    bytes
}

#[test]
fn columns_of_which_something_is_known_are_there() {
    let batch = PredictionBatch::new(spec(SPEC), WriterId::new("node", Uuid::nil()), "node".into());
    let schema = RecordBatchBuilder::new(&batch.spec, batch.writer_id, batch.serving_node).schema().clone();
    for name in CONSTANT.iter().chain(&UNIQUE).chain(&GROWING) {
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
