//! A Parquet file in memory, whatever its bytes are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::problem::Reason;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// What stands at both ends of a Parquet file.
const MAGIC: &[u8] = b"PAR1";

/// A Parquet file of which the footer has been read.
pub(crate) struct ParquetFile {
    reader: ParquetRecordBatchReaderBuilder<Bytes>,
}

impl ParquetFile {
    pub(crate) fn open(bytes: Bytes) -> Result<Self, Reason> {
        if bytes.is_empty() {
            return Err(Reason::new("is empty: it has no bytes at all"));
        }
        if !bytes.starts_with(MAGIC) {
            return Err(Reason::new("is not a parquet file: it does not begin with PAR1"));
        }
        if !bytes.ends_with(MAGIC) {
            return Err(Reason::new("is damaged: it does not end with PAR1, so part of it is missing"));
        }
        let reader = contain(|| {
            ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| Reason::damaged(&error))
        })?;
        Ok(Self { reader })
    }

    pub(crate) fn schema(&self) -> &Schema {
        self.reader.schema()
    }

    /// What the file's metadata says under `key`.
    pub(crate) fn metadata(&self, key: &str) -> Option<&str> {
        let entries = self.reader.metadata().file_metadata().key_value_metadata()?;
        entries.iter().find(|entry| entry.key == key)?.value.as_deref()
    }

    /// Decodes the columns of those names, of all rows.
    pub(crate) fn decode<'n>(
        self,
        columns: impl IntoIterator<Item = &'n str>,
    ) -> Result<Vec<RecordBatch>, Reason> {
        let schema = self.reader.schema();
        let roots: Vec<usize> = columns.into_iter().filter_map(|name| schema.index_of(name).ok()).collect();
        let announced = self.reader.metadata().file_metadata().num_rows();
        let batches = contain(|| {
            let projection = ProjectionMask::roots(self.reader.parquet_schema(), roots);
            let reader = self.reader.with_projection(projection).with_batch_size(BATCH_ROWS).build();
            let reader = reader.map_err(|error| Reason::damaged(&error))?;
            reader.collect::<Result<Vec<_>, ArrowError>>().map_err(|error| Reason::damaged(&error))
        })?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if i64::try_from(rows) != Ok(announced) {
            let reason = format!("is damaged: it has {rows} rows, and its footer says {announced}");
            return Err(Reason::new(reason));
        }
        Ok(batches)
    }
}

/// Runs `work` on bytes from outside. The decoder has been seen to panic on damaged files instead of returning an
/// error: see the tests of damage.
///
/// What the work holds is thrown away with it, so nobody sees a state that it left half done. The program's panic hook
/// still runs; and where panics abort the program, this one does too.
pub(crate) fn contain<T>(work: impl FnOnce() -> Result<T, Reason>) -> Result<T, Reason> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Reason::panicked(said.unwrap_or("it did not say why")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_reason() {
        let said = |panic: fn() -> Result<(), Reason>| contain(panic).unwrap_err().to_string();
        assert_eq!(said(|| panic!("no decoder")), "is damaged: the decoder panicked: no decoder");
        assert_eq!(said(|| panic!("{} bits", 80)), "is damaged: the decoder panicked: 80 bits");
    }
}
