//! A Parquet file that is still open, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use tiltmeter_record::ModelSpec;

use super::Limits;
use super::encoding::properties;
use super::rows::{Pending, Row, Rows};
use crate::books::Delivery;

/// Rows that are collected before they are encoded: enough that setting to work on all columns costs little per row, and
/// few, because the worker may share its processor with the model.
const CHUNK_ROWS: usize = 512;

/// Bytes that are collected before they are encoded.
const CHUNK_BYTES: usize = 4 << 20;

/// Bytes of a row group that is being written: beyond that it is ended, so that no column holds back more.
const ROW_GROUP_BYTES: usize = 16 << 20;

pub(super) struct OpenFile {
    name: String,
    spec: Arc<ModelSpec>,
    rows_appended: usize,
    pending: Pending,
    /// There once the first chunk has been encoded, or has failed to be.
    writer: Option<Result<ArrowWriter<Vec<u8>>, ParquetError>>,
    /// What the writer holds.
    encoded_bytes: usize,
    delivery: Delivery,
    opened: Duration,
    last_row: u64,
    sequences: Option<(u64, u64)>,
}

/// A file that takes no more rows.
pub(super) struct Finished {
    pub(super) name: String,
    pub(super) spec: Arc<ModelSpec>,
    pub(super) encoded: Result<Bytes, ParquetError>,
    pub(super) delivery: Delivery,
}

impl OpenFile {
    /// A file for the table and writer of `rows`; `number` sets it apart from the writer's other files, and `delivery`
    /// takes over the duty for its rows.
    pub(super) fn new(rows: Rows<'_>, number: u64, now: Duration, delivery: Delivery) -> Self {
        Self {
            name: format!("{}-{number:06}.parquet", rows.writer_id().incarnation()),
            spec: Arc::clone(rows.spec()),
            rows_appended: 0,
            pending: Pending::of(rows),
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

    pub(super) fn append(&mut self, row: Row<'_>, delivery: &mut Delivery, rows_seen: u64) {
        self.pending.append(row);
        self.rows_appended += 1;
        self.last_row = rows_seen;
        // rows that waited for something come later than others after them
        let sequence = row.sequence();
        let (first, last) = self.sequences.unwrap_or((sequence, sequence));
        self.sequences = Some((first.min(sequence), last.max(sequence)));
        delivery.hand_over(1, &mut self.delivery);
        if self.pending.len() >= CHUNK_ROWS || self.pending.memory_size() >= CHUNK_BYTES {
            self.encode();
        }
    }

    /// Encodes the rows that have been collected. After a failure the file is lost.
    fn encode(&mut self) {
        let written = self.pending.finish().map_err(ParquetError::from).and_then(|batch| {
            let mut writer = match self.writer.take() {
                Some(writer) => writer?,
                None => ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties(&batch)))?,
            };
            writer.write(&batch)?;
            if writer.memory_size() >= ROW_GROUP_BYTES {
                writer.flush()?;
            }
            Ok(writer)
        });
        self.encoded_bytes =
            written.as_ref().map_or(0, |writer| writer.inner().capacity() + writer.memory_size());
        self.writer = Some(written);
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Finished {
        if self.pending.len() > 0 || self.writer.is_none() {
            self.encode();
        }
        let Self { name, spec, pending, writer, delivery, sequences, .. } = self;
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
        let encoded = encoded.map(|mut bytes| {
            bytes.shrink_to_fit();
            Bytes::from(bytes)
        });
        Finished { name, spec, encoded, delivery }
    }
}
