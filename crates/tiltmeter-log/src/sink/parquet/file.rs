//! A Parquet file that is still open, in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use tiltmeter_record::{Prediction, PredictionBatch, RecordBatchBuilder};

use super::Limits;
use crate::books::Delivery;

/// Rows that are collected before they are encoded: enough that setting to work on all columns costs little per row, and
/// few, because the worker may share its processor with the model.
const CHUNK_ROWS: usize = 512;

/// Bytes that are collected before they are encoded.
const CHUNK_BYTES: usize = 4 << 20;

/// Rows of a page, at most: all columns compress theirs at about the same time.
const PAGE_ROWS: usize = 4_096;

pub(super) struct OpenFile {
    name: String,
    rows_appended: usize,
    pending: RecordBatchBuilder,
    /// There once the first chunk has been encoded, or has failed to be.
    writer: Option<Result<ArrowWriter<Vec<u8>>, ParquetError>>,
    /// What the writer holds.
    encoded_bytes: usize,
    delivery: Delivery,
    opened: Duration,
    last_row: u64,
    sequences: Option<(u64, u64)>,
}

impl OpenFile {
    /// A file for the model and writer of `batch`; `number` sets it apart from the writer's other files, and `delivery`
    /// takes over the duty for its rows.
    pub(super) fn new(batch: &PredictionBatch, number: u64, now: Duration, delivery: Delivery) -> Self {
        Self {
            name: format!("{}-{number:06}.parquet", batch.writer_id.incarnation()),
            rows_appended: 0,
            pending: RecordBatchBuilder::new(
                &batch.spec,
                batch.writer_id.clone(),
                batch.serving_node.clone(),
            ),
            writer: None,
            encoded_bytes: 0,
            delivery,
            opened: now,
            last_row: 0,
            sequences: None,
        }
    }

    /// Whether it is to be published: it has enough rows or bytes, or can take no more.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.rows_appended >= limits.file_rows
            || self.bytes() >= limits.file_bytes
            || matches!(self.writer, Some(Err(_)))
    }

    /// About how much memory the file takes.
    pub(super) fn bytes(&self) -> usize {
        self.encoded_bytes + self.pending.memory_size()
    }

    pub(super) fn opened(&self) -> Duration {
        self.opened
    }

    /// When a row was last appended, in rows that the sink has seen.
    pub(super) fn last_row(&self) -> u64 {
        self.last_row
    }

    pub(super) fn append(&mut self, row: &Prediction, delivery: &mut Delivery, rows_seen: u64) {
        self.pending.append(row);
        self.rows_appended += 1;
        self.last_row = rows_seen;
        let first = self.sequences.map_or(row.sequence, |(first, _)| first);
        self.sequences = Some((first, row.sequence));
        delivery.hand_over(1, &mut self.delivery);
        if self.pending.len() >= CHUNK_ROWS || self.pending.memory_size() >= CHUNK_BYTES {
            self.encode();
        }
    }

    /// Encodes the rows that have been collected. After a failure the file is lost.
    fn encode(&mut self) {
        let batch = self.pending.finish();
        let writer = self.writer.take().unwrap_or_else(|| {
            ArrowWriter::try_new(Vec::new(), self.pending.schema().clone(), Some(properties()))
        });
        let writer = writer.and_then(|mut writer| {
            writer.write(&batch.map_err(ParquetError::from)?)?;
            Ok(writer)
        });
        self.encoded_bytes =
            writer.as_ref().map_or(0, |writer| writer.bytes_written() + writer.memory_size());
        self.writer = Some(writer);
    }

    /// The file's name, its bytes, and the duty to deliver its rows.
    pub(super) fn finish(mut self) -> (String, Result<Bytes, ParquetError>, Delivery) {
        if !self.pending.is_empty() || self.writer.is_none() {
            self.encode();
        }
        let Self { name, pending, writer, delivery, sequences, .. } = self;
        let encoded = writer
            .unwrap_or_else(|| Err(ParquetError::General("nothing was encoded".to_owned())))
            .and_then(|mut writer| {
                let (first, last) = sequences.unwrap_or_default();
                let sequences = [("first", first), ("last", last)]
                    .map(|(key, value)| (format!("tiltmeter.{key}_sequence"), value.to_string()));
                // sorted: the same rows make the same file
                let entries: BTreeMap<String, String> =
                    pending.schema().metadata().clone().into_iter().chain(sequences).collect();
                for (key, value) in entries {
                    writer.append_key_value_metadata(KeyValue::new(key, value));
                }
                writer.into_inner()
            });
        (name, encoded.map(Bytes::from), delivery)
    }
}

/// Columns that hold one value, or few: run-length encoding leaves nothing to compress, and a compressor for each of
/// them is what a small file would cost most.
const CONSTANT: [&str; 8] = [
    "instance_index",
    "writer_id",
    "model_version",
    "serving_node",
    "endpoint",
    "status",
    "error_type",
    "schema_version",
];

/// Columns in which no two rows are alike: a dictionary would only be built and thrown away.
const UNIQUE: [&str; 6] =
    ["prediction_id", "request_id", "sequence", "event_time", "observed_at", "latency_ms"];

/// Columns that grow steadily.
const GROWING: [&str; 3] = ["sequence", "event_time", "observed_at"];

fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("tiltmeter ", env!("CARGO_PKG_VERSION")).to_owned());
    for column in CONSTANT {
        properties = properties.set_column_compression(column.into(), Compression::UNCOMPRESSED);
    }
    for column in UNIQUE {
        properties = properties.set_column_dictionary_enabled(column.into(), false);
    }
    for column in GROWING {
        properties = properties.set_column_encoding(column.into(), Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}
