//! A journal as Parquet.

use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tiltmeter_record::{Journal, gaps_batch, heartbeats_batch, profiles_batch, rates_batch, shadows_batch};

pub(super) fn encode_gaps(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&gaps_batch(&[journal])?)
}

pub(super) fn encode_heartbeats(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&heartbeats_batch(&[journal])?)
}

pub(super) fn encode_shadows(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&shadows_batch(&[journal])?)
}

pub(super) fn encode_rates(journal: &Journal) -> Result<Bytes, ParquetError> {
    write(&rates_batch(&[journal])?)
}

/// Profiles are what the journal has most bytes of.
pub(super) fn encode_profiles(journal: &Journal) -> Result<Bytes, ParquetError> {
    let batch = profiles_batch(&[journal])?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // a file is read as a whole: what a footer says of each column is only for the times
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(ColumnPath::from("window_start"), EnabledStatistics::Chunk)
        // no two are alike
        .set_column_dictionary_enabled(ColumnPath::from("profile"), false)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner().map(Bytes::from)
}

fn write(batch: &RecordBatch) -> Result<Bytes, ParquetError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None)?;
    writer.write(batch)?;
    writer.into_inner().map(Bytes::from)
}
