//! A journal as Parquet.

use arrow_array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
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

/// An eighth fewer bytes than at the default level. It is the slowest but three: a file is small, written a few times in an hour,
/// and no request waits for it.
const PROFILE_ZSTD_LEVEL: i32 = 19;

/// Profiles are what the journal has most bytes of.
pub(super) fn encode_profiles(journal: &Journal) -> Result<Bytes, ParquetError> {
    let batch = profiles_batch(&[journal])?;
    let metadata =
        batch.schema_ref().metadata().iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(PROFILE_ZSTD_LEVEL)?))
        .set_key_value_metadata(Some(metadata.collect()))
        .set_offset_index_disabled(true)
        // a file is read as a whole: what a footer says of each column is only for the times
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(ColumnPath::from("window_start"), EnabledStatistics::Chunk)
        // no two are alike
        .set_column_dictionary_enabled(ColumnPath::from("profile"), false)
        .set_column_dictionary_enabled(ColumnPath::from("mean"), false)
        .set_column_dictionary_enabled(ColumnPath::from("variance"), false)
        .build();
    // Arrow's own schema would be 2 kB of each file, and the types of Parquet tell the same
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)?;
    writer.write(&batch)?;
    writer.into_inner().map(Bytes::from)
}

fn write(batch: &RecordBatch) -> Result<Bytes, ParquetError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None)?;
    writer.write(batch)?;
    writer.into_inner().map(Bytes::from)
}
