//! Files to read: of the log's schema, of any other, and the folders in which they lie.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tiltmeter_record::{ModelSpec, Prediction, RecordBatchBuilder, Value, WriterId};
use tiltmeter_store::{PredictionTable, PredictionsRead};
use uuid::Uuid;

pub(crate) fn spec() -> ModelSpec {
    ModelSpec::from_yaml(
        "test",
        "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
          response: {score: /score},
          features: {age: float, visits: integer, plan: string, active: boolean},
          labels: {path: labels.parquet, label: churned, event_time: happened_at, maturity: 30d}}",
    )
    .unwrap()
}

/// The row that the log would write for that sequence: different in each column.
pub(crate) fn row(sequence: u64) -> Prediction {
    let small = i64::try_from(sequence).unwrap();
    Prediction {
        prediction_id: Uuid::from_u128(u128::from(sequence)),
        request_id: format!("r{sequence}").into(),
        instance_index: 0,
        sequence,
        entity_id: Some(format!("c{sequence}").into()),
        model_version: Some("v1".parse().unwrap()),
        event_time: jiff::Timestamp::from_microsecond(time(small)).unwrap(),
        observed_at: jiff::Timestamp::from_microsecond(time(small)).unwrap(),
        features: vec![
            Value::Float(small as f64 + 0.5),
            Value::Integer(small),
            Value::Text(if sequence.is_multiple_of(2) { "gold" } else { "basic" }.into()),
            Value::Boolean(sequence.is_multiple_of(3)),
        ],
        raw_input: None,
        prediction: Value::Boolean(true),
        score: Some(small as f64 / 1e6),
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        latency: Duration::from_millis(3),
        endpoint: "/predict".into(),
        status: Some(200),
        error_type: None,
        rescued: Vec::new(),
        inclusion: tiltmeter_record::Inclusion::default(),
    }
}

/// The event time of the row of that sequence, in microseconds.
pub(crate) fn time(sequence: i64) -> i64 {
    1_767_225_600_000_000 + sequence
}

/// Rows of one writer as the log lays them out.
pub(crate) fn batch(writer: u128, rows: impl IntoIterator<Item = Prediction>) -> RecordBatch {
    let writer = WriterId::new("node", Uuid::from_u128(writer));
    let mut builder = RecordBatchBuilder::new(&spec(), writer, "node".into());
    rows.into_iter().for_each(|row| builder.append(&row));
    builder.finish().unwrap()
}

/// Those rows as a file of the log.
pub(crate) fn logged(writer: u128, sequences: impl IntoIterator<Item = u64>) -> Vec<u8> {
    encode(&batch(writer, sequences.into_iter().map(row)), &[("tiltmeter.model_name", "churn")])
}

pub(crate) fn encode(batch: &RecordBatch, metadata: &[(&str, &str)]) -> Vec<u8> {
    let entries = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(entries.collect()))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// A batch with those columns.
pub(crate) fn columns<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

/// The batch with one column replaced by another, or by none.
pub(crate) fn replace(batch: &RecordBatch, name: &str, by: Option<ArrayRef>) -> RecordBatch {
    let schema = batch.schema();
    let mut kept: Vec<(Arc<Field>, ArrayRef)> =
        schema.fields().iter().cloned().zip(batch.columns().to_vec()).collect();
    kept.retain(|(field, _)| field.name() != name);
    if let Some(array) = by {
        kept.push((Arc::new(Field::new(name, array.data_type().clone(), true)), array));
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// A folder that goes with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Puts a file into the table of the model.
    pub(crate) fn log(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        self.put(&format!("predictions/model_name=churn/{path}"), bytes)
    }

    pub(crate) fn table(&self) -> PredictionTable {
        PredictionTable::local(self.0.path())
    }

    pub(crate) async fn read(&self) -> PredictionsRead {
        self.table().read(&spec()).await.unwrap()
    }
}

/// The file names and reasons of problems.
pub(crate) fn said(problems: &[tiltmeter_store::FileProblem]) -> Vec<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    problems.iter().map(|problem| format!("{}: {}", name(&problem.path), problem.reason)).collect()
}
