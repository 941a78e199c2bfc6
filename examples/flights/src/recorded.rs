//! The recorded flights: read from Parquet a batch at a time, each as the request that it was and the answer that
//! it got.

use std::{fs::File, path::Path};

use anyhow::{Context, Result};
use arrow_array::RecordBatch;
use bytes::Bytes;
use jiff::Timestamp;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::flight::Answer;

mod columns;

use columns::Columns;

/// Rows that are decoded at once: small enough to stay in cache, large enough not to be felt.
const BATCH_ROWS: usize = 1024;

/// One request of the record, and what must be answered to it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The client's own name of the request, such as `r0000001`.
    pub request_id: String,
    /// When the flight left the gate.
    pub event_time: Timestamp,
    /// The JSON of the request: a [`Flight`](crate::flight::Flight).
    pub body: Bytes,
    /// What the recorded model said.
    pub answer: Answer,
}

/// The record, in the order of its event times. Reading it blocks.
#[derive(Debug)]
pub struct Recording {
    len: u64,
    batches: ParquetRecordBatchReader,
    batch: Option<Columns>,
    next_row: usize,
}

impl Recording {
    /// Opens the record, of which the first `limit` requests are read.
    ///
    /// # Errors
    /// When the file cannot be read or is not Parquet.
    pub fn open(path: &Path, limit: Option<u64>) -> Result<Self> {
        Self::first(path, limit)
            .with_context(|| format!("cannot read the recorded flights {}", path.display()))
    }

    fn first(path: &Path, limit: Option<u64>) -> Result<Self> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        let rows = u64::try_from(reader.metadata().file_metadata().num_rows())?;
        let len = limit.map_or(rows, |limit| limit.min(rows));
        let batches = reader.with_batch_size(BATCH_ROWS).with_limit(usize::try_from(len)?).build()?;
        Ok(Self { len, batches, batch: None, next_row: 0 })
    }

    /// How many requests it holds, counting those that have been read.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn next_batch(&mut self) -> Result<Option<Columns>> {
        let batch: Option<RecordBatch> = self.batches.next().transpose()?;
        batch.as_ref().map(Columns::of).transpose()
    }
}

impl Iterator for Recording {
    type Item = Result<Recorded>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(columns) = &self.batch
                && self.next_row < columns.rows()
            {
                self.next_row += 1;
                return Some(columns.recorded(self.next_row - 1));
            }
            self.next_row = 0;
            match self.next_batch() {
                Ok(Some(columns)) => self.batch = Some(columns),
                Ok(None) => {
                    self.batch = None;
                    return None;
                }
                Err(error) => {
                    self.batch = None;
                    return Some(Err(error.context("cannot read the recorded flights")));
                }
            }
        }
    }
}
