//! How the columns of a file are encoded and compressed.
//!
//! What is known of a column of our own decides, and for a column of numbers what its first rows are like. The same rows make
//! the same file.
//!
//! Encodings that common readers do not have are not used: `BYTE_STREAM_SPLIT` would save a twentieth to a tenth of the bytes
//! of floats that are not rounded, but Spark's vectorized reader refuses it.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows of a page, at most: all columns compress theirs at about the same time.
const PAGE_ROWS: usize = 4_096;

/// Columns that hold one value, or few: run-length encoding leaves nothing to compress, and a compressor for each of
/// them is what a small file would cost most.
const CONSTANT: [&str; 6] =
    ["writer_id", "serving_node", "endpoint", "status", "error_type", "schema_version"];

/// Columns in which no two rows are alike, or none but the instances of one request, which stand beside each other and are
/// found by the compressor: a dictionary would only be built and thrown away.
const UNIQUE: [&str; 6] =
    ["prediction_id", "request_id", "sequence", "event_time", "observed_at", "latency_ms"];

/// Identifiers that begin with the time: without what a text has in common with the one before it, half as much is left to
/// compress.
const TIMED: [&str; 2] = ["prediction_id", "request_id"];

/// Columns that grow steadily.
const GROWING: [&str; 3] = ["sequence", "event_time", "observed_at"];

/// Bytes of the dictionary of a number column, beyond which it goes on without one.
const NUMBER_DICTIONARY_BYTES: usize = 16 << 10;

/// The same for a column of texts.
const TEXT_DICTIONARY_BYTES: usize = 256 << 10;

/// Values of a number column that are looked at.
const SAMPLE: usize = 512;

/// With fewer there is nothing to be learned from them, and a dictionary costs little.
const LEAST_SAMPLE: usize = 256;

/// The properties of a file that begins with the rows of `first`.
pub(super) fn properties(first: &RecordBatch) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_page_size_limit(TEXT_DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("tiltmeter ", env!("CARGO_PKG_VERSION")).to_owned());
    for (field, values) in first.schema_ref().fields().iter().zip(first.columns()) {
        if !field.data_type().is_numeric() {
            continue;
        }
        let column = ColumnPath::from(field.name().as_str());
        properties = if is_measured(values) {
            properties.set_column_dictionary_enabled(column, false)
        } else {
            properties.set_column_dictionary_page_size_limit(column, NUMBER_DICTIONARY_BYTES)
        };
    }
    for column in CONSTANT {
        properties = properties.set_column_compression(column.into(), Compression::UNCOMPRESSED);
    }
    for column in UNIQUE {
        properties = properties.set_column_dictionary_enabled(column.into(), false);
    }
    for column in TIMED {
        properties = properties.set_column_encoding(column.into(), Encoding::DELTA_BYTE_ARRAY);
    }
    for column in GROWING {
        properties = properties.set_column_encoding(column.into(), Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}

/// Whether nearly all values of a number column differ: each would go into a dictionary, for nothing, until that is full.
fn is_measured(values: &dyn Array) -> bool {
    match values.data_type() {
        DataType::Float64 => differ(values.as_primitive::<Float64Type>().iter().flatten().map(f64::to_bits)),
        DataType::Int64 => {
            differ(values.as_primitive::<Int64Type>().iter().flatten().map(i64::cast_unsigned))
        }
        _ => false,
    }
}

/// Whether so many of the first values differ that, if they are about as frequent as each other, there are more than a
/// dictionary holds.
fn differ(values: impl Iterator<Item = u64>) -> bool {
    let mut sample: Vec<u64> = values.take(SAMPLE).collect();
    let all = sample.len();
    sample.sort_unstable();
    sample.dedup();
    all >= LEAST_SAMPLE && sample.len() > all - all / 16
}

#[cfg(test)]
#[path = "tests/encoding.rs"]
mod tests;
