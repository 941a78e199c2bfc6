//! The pages of a file's columns, by their headers.

use parquet::basic::Type;
use parquet::file::metadata::ColumnChunkMetaData;

use super::thrift::{Kind, Reader};
use crate::limits::Limits;
use crate::problem::Reason;

/// What the headers of pages say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pages {
    /// The bytes of all of them, uncompressed.
    pub(super) bytes: u64,
    /// The bytes of the largest, uncompressed.
    pub(super) largest: u64,
    /// Whether texts of some are put together of parts of others, so that they are more bytes than their page.
    pub(super) put_together: bool,
}

/// What the pages of one column chunk may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lengths {
    /// No page has a list of lengths.
    Apart,
    /// Some have.
    Listed,
}

/// The encodings of texts that begin with the lengths of all of them.
const DELTA_LENGTH_BYTE_ARRAY: i32 = 6;
const DELTA_BYTE_ARRAY: i32 = 7;

#[derive(Clone, Copy, Debug, Default)]
struct Header {
    uncompressed: i32,
    compressed: i32,
    /// Of a page of data.
    encoding: i32,
    /// Of a dictionary.
    names: Option<i32>,
}

impl Pages {
    /// Adds those of a column chunk, and says whether they begin with the lengths of their texts. Where a header makes no sense it stops, because Parquet's reader will.
    pub(super) fn add(
        &mut self,
        file: &[u8],
        chunk: &ColumnChunkMetaData,
        limits: Limits,
    ) -> Result<Lengths, Reason> {
        let (start, length) = chunk.byte_range();
        let range = usize::try_from(start).ok().zip(usize::try_from(length).ok());
        let bytes = range.and_then(|(start, length)| file.get(start..start.checked_add(length)?));
        let Some(mut bytes) = bytes else {
            return Err(Reason::new("is damaged: its footer says that a column lies outside of the file"));
        };
        let mut lengths = Lengths::Apart;
        while let Some((header, rest)) = Header::read(bytes) {
            let (Ok(uncompressed), Ok(compressed)) =
                (u64::try_from(header.uncompressed), usize::try_from(header.compressed))
            else {
                break;
            };
            self.bytes = self.bytes.saturating_add(uncompressed);
            self.largest = self.largest.max(uncompressed);
            if self.bytes > limits.bytes_per_file() {
                return Err(Reason::too_large(self.bytes, limits.bytes_per_file(), "uncompressed bytes"));
            }
            if let Some(names) = header.names
                && u64::try_from(names).unwrap_or(u64::MAX) > uncompressed / width(chunk.column_type())
            {
                return Err(Reason::new("is damaged: a dictionary says that it has more values than bytes"));
            }
            if [DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY].contains(&header.encoding) {
                lengths = Lengths::Listed;
            }
            self.put_together |= header.encoding == DELTA_BYTE_ARRAY;
            let Some(next) = rest.get(compressed..) else { break };
            bytes = next;
        }
        Ok(lengths)
    }
}

/// The least bytes of a value in a dictionary.
fn width(column: Type) -> u64 {
    match column {
        Type::BOOLEAN | Type::FIXED_LEN_BYTE_ARRAY => 1,
        Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
        Type::INT64 | Type::DOUBLE => 8,
        Type::INT96 => 12,
    }
}

impl Header {
    /// The header that stands in front, and what comes after it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut header = Self::default();
        let mut reader = Reader::new(bytes);
        reader.fields(|reader, id, kind| {
            match id {
                2 => header.uncompressed = reader.int()?,
                3 => header.compressed = reader.int()?,
                // version 1 and 2 of a page of data
                5 => header.encoding = number(reader, 2)?,
                8 => header.encoding = number(reader, 4)?,
                7 => header.names = Some(number(reader, 1)?),
                _ => reader.skip(kind)?,
            }
            Some(())
        })?;
        Some((header, reader.rest()))
    }
}

/// A number in a struct, by its id.
fn number(reader: &mut Reader<'_>, wanted: i32) -> Option<i32> {
    let mut found = 0;
    reader.fields(|reader: &mut Reader<'_>, id, kind: Kind| {
        if id != wanted {
            return reader.skip(kind);
        }
        found = reader.int()?;
        Some(())
    })?;
    Some(found)
}
