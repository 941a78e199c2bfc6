//! A journal as Parquet.

use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use tiltmeter_record::{Journal, gaps_batch, heartbeats_batch, shadows_batch};

pub(super) fn encode_gaps(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&gaps_batch(&[journal])?)
}

pub(super) fn encode_heartbeats(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&heartbeats_batch(&[journal])?)
}

pub(super) fn encode_shadows(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&shadows_batch(&[journal])?)
}

fn write(batch: &RecordBatch) -> Result<Bytes, ParquetError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None)?;
    writer.write(batch)?;
    writer.into_inner().map(Bytes::from)
}
