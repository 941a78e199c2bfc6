//! Pages of texts that begin with a list of lengths.
//!
//! Parquet's decoder believes how many lengths there are, whatever the page says of its values. The lists are packed,
//! so that a few bytes can stand for any number of them.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::thrift::Reader;
use crate::problem::Reason;

/// Whether no page of a column chunk has more lengths than values. It costs what it takes to decompress them.
pub(super) fn check(file: &Bytes, chunk: &ColumnChunkMetaData) -> Result<(), Reason> {
    let pages = SerializedPageReader::new(Arc::new(file.clone()), chunk, 0, None);
    let mut pages = pages.map_err(|error| Reason::damaged(&error))?;
    let has_nulls = chunk.column_descr().max_def_level() > 0;
    while let Some(page) = pages.get_next_page().map_err(|error| Reason::damaged(&error))? {
        let lists = match page.encoding() {
            Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
            Encoding::DELTA_BYTE_ARRAY => 2,
            _ => continue,
        };
        if are_lists(values(&page, has_nulls), lists, page.num_values().into()).is_none() {
            return Err(Reason::new("is damaged: the lengths of its texts make no sense"));
        }
    }
    Ok(())
}

/// The bytes of a page after those that say which rows have a value; none where there are no such bytes.
fn values(page: &Page, has_nulls: bool) -> &[u8] {
    let buffer = page.buffer();
    let skipped = match page {
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
            u64::from(*def_levels_byte_len) + u64::from(*rep_levels_byte_len)
        }
        Page::DataPage { def_level_encoding: Encoding::RLE, .. } if has_nulls => {
            buffer.first_chunk().map_or(0, |length| 4 + u64::from(u32::from_le_bytes(*length)))
        }
        Page::DataPage { num_values, .. } if has_nulls => u64::from(*num_values).div_ceil(8),
        Page::DataPage { .. } | Page::DictionaryPage { .. } => 0,
    };
    usize::try_from(skipped).ok().and_then(|skipped| buffer.get(skipped..)).unwrap_or_default()
}

/// Whether that many lists, of at most `values` numbers each, stand in front.
fn are_lists(bytes: &[u8], lists: u32, values: u64) -> Option<()> {
    let mut reader = Reader::new(bytes);
    if bytes.is_empty() {
        return Some(());
    }
    for list in 1..=lists {
        let (block, miniblocks, count) = (reader.unsigned()?, reader.unsigned()?, reader.unsigned()?);
        let first = reader.unsigned();
        if count > values {
            return None;
        }
        if list == lists {
            return Some(());
        }
        first?;
        let per_miniblock = block.checked_div(miniblocks).filter(|&count| count > 0)?;
        let mut left = count.saturating_sub(1);
        while left > 0 {
            reader.unsigned()?;
            let widths = reader.rest().get(..usize::try_from(miniblocks).ok()?)?;
            reader.advance(miniblocks)?;
            for width in widths {
                if left > 0 {
                    reader.advance(u64::from(*width).checked_mul(per_miniblock)? / 8)?;
                }
                left = left.saturating_sub(per_miniblock);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_too_long_are_refused() {
        // blocks of 128, four miniblocks, 3 numbers: 0, 2, 5, of which the deltas are 2 and 3
        let list = [&[0x80, 1, 4, 3, 0, 4, 1, 0, 0, 0][..], &[0b10, 0, 0, 0]].concat();
        let twice = list.repeat(2);
        assert_eq!(are_lists(&list, 1, 3), Some(()));
        assert_eq!(are_lists(&list, 1, 2), None);
        assert_eq!(are_lists(&twice, 2, 3), Some(()));
        let mut longer = twice;
        longer[list.len() + 3] = 4;
        assert_eq!(are_lists(&longer, 2, 3), None);
        assert_eq!(are_lists(&list, 2, 3), None, "there is one");
    }
}
