//! A Parquet file in memory, whatever its bytes are.
//!
//! It takes three looks before anything of a file's size is allocated: at the `footer`, at the headers of the `pages`,
//! and at the types of the columns. Then batch after batch is decoded, up to the limits.

mod delta;
mod footer;
mod pages;
mod texts;
mod thrift;

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::Schema;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use self::pages::{Lengths, Pages};
use self::texts::Texts;
use crate::limits::Limits;
use crate::problem::Reason;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// Bytes of a column that are decoded at a time, where its texts are copied.
const BATCH_BYTES: u64 = 64 << 20;

/// A Parquet file of which the footer has been read.
pub(crate) struct ParquetFile {
    bytes: Bytes,
    metadata: ArrowReaderMetadata,
    limits: Limits,
}

impl ParquetFile {
    pub(crate) fn open(bytes: Bytes, limits: Limits) -> Result<Self, Reason> {
        footer::check(&bytes)?;
        let metadata = contain(|| {
            ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())
                .map_err(|error| Reason::damaged(&error))
        })?;
        Ok(Self { bytes, metadata, limits })
    }

    pub(crate) fn schema(&self) -> &Schema {
        self.metadata.schema()
    }

    /// What the file's metadata says under `key`.
    pub(crate) fn metadata(&self, key: &str) -> Option<&str> {
        let entries = self.metadata.metadata().file_metadata().key_value_metadata()?;
        entries.iter().find(|entry| entry.key == key)?.value.as_deref()
    }

    /// Decodes the columns of those names, of all rows, and hands the batches to `take`. The first one has no rows: by
    /// it `take` can refuse the types.
    pub(crate) fn decode<'n>(
        self,
        columns: impl IntoIterator<Item = &'n str>,
        mut take: impl FnMut(RecordBatch) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        let schema = self.schema();
        let roots: Vec<usize> = columns.into_iter().filter_map(|name| schema.index_of(name).ok()).collect();
        contain(|| {
            let announced = self.announced_rows()?;
            let (metadata, texts) = texts::as_views(&self.metadata, &roots)?;
            let types = metadata.schema().project(&roots).map_err(|error| Reason::damaged(&error))?;
            take(RecordBatch::new_empty(types.into()))?;
            let pages = self.survey(&roots)?;
            let batch_rows = match texts {
                Texts::Views if !pages.put_together => BATCH_ROWS,
                Texts::Views | Texts::Copies => rows_of(pages.largest),
            };
            let projection = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes.clone(), metadata);
            let reader = reader.with_projection(projection).with_batch_size(batch_rows).build();
            let (mut rows, mut bytes) = (0, 0);
            for batch in reader.map_err(|error| Reason::damaged(&error))? {
                let batch = batch.map_err(|error| Reason::damaged(&error))?;
                rows += batch.num_rows() as u64;
                bytes += batch.columns().iter().map(size).sum::<u64>();
                if rows > announced {
                    break;
                }
                if bytes > self.limits.bytes_per_file() {
                    let at_most = self.limits.bytes_per_file();
                    return Err(Reason::too_large(bytes, at_most, "bytes of values and maybe more"));
                }
                take(batch)?;
            }
            if rows != announced {
                let more = if rows > announced { " or more" } else { "" };
                return Err(Reason::new(format!(
                    "is damaged: it has {rows} rows{more}, and its footer says {announced}"
                )));
            }
            Ok(())
        })
    }

    /// The rows that there are, by the footer.
    fn announced_rows(&self) -> Result<u64, Reason> {
        let announced = self.metadata.metadata().file_metadata().num_rows();
        let Ok(announced) = u64::try_from(announced) else {
            return Err(Reason::new(format!("is damaged: its footer says {announced} rows")));
        };
        if announced > self.limits.rows_per_file() {
            return Err(Reason::too_large(announced, self.limits.rows_per_file(), "rows"));
        }
        Ok(announced)
    }

    /// Looks at the pages of the columns that will be read.
    fn survey(&self, roots: &[usize]) -> Result<Pages, Reason> {
        let parquet = self.metadata.parquet_schema();
        let leaves =
            (0..parquet.num_columns()).filter(|&leaf| roots.contains(&parquet.get_column_root_idx(leaf)));
        let leaves: Vec<usize> = leaves.collect();
        let groups = self.metadata.metadata().row_groups();
        let chunks =
            || groups.iter().flat_map(|group| leaves.iter().filter_map(|&leaf| group.columns().get(leaf)));
        let announced = chunks().try_fold(0_u64, |sum, chunk| {
            Some(sum.saturating_add(u64::try_from(chunk.uncompressed_size()).ok()?))
        });
        let Some(announced) = announced else {
            return Err(Reason::new("is damaged: its footer says that a column has less than no bytes"));
        };
        let at_most = self.limits.bytes_per_file();
        if announced > at_most {
            return Err(Reason::too_large(announced, at_most, "uncompressed bytes"));
        }
        let mut pages = Pages::default();
        for chunk in chunks() {
            if pages.add(&self.bytes, chunk, self.limits)? == Lengths::Listed {
                delta::check(&self.bytes, chunk)?;
            }
        }
        Ok(pages)
    }
}

/// Rows of a batch of which no column has more than [`BATCH_BYTES`], when no text is longer than `longest`.
fn rows_of(longest: u64) -> usize {
    usize::try_from(BATCH_BYTES / longest.max(1)).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS)
}

/// What the values of a column take where each stands for itself: views of one text share it.
fn size(array: &ArrayRef) -> u64 {
    if let Some(texts) = array.as_string_view_opt() {
        return texts.lengths().map(|length| 16 + u64::from(length)).sum();
    }
    match array.as_binary_view_opt() {
        Some(bytes) => bytes.lengths().map(|length| 16 + u64::from(length)).sum(),
        None => array.get_array_memory_size() as u64,
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

    #[test]
    fn batches_of_long_texts_have_few_rows() {
        assert_eq!([0, 8_192, 8_193, 1 << 20, 1 << 40].map(rows_of), [8_192, 8_192, 8_191, 64, 1]);
    }
}
