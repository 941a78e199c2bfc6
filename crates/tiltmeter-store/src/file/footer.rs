//! The footer of a file, looked through before Parquet's reader gets it.

use super::thrift::{Kind, Reader};
use crate::problem::Reason;

/// What stands at both ends of a Parquet file.
const MAGIC: &[u8] = b"PAR1";

/// Bytes of a footer, at most: in memory it is many times as large. That of the log has a few kilobytes.
const MAX_BYTES: usize = 16 << 20;

/// Row groups of a file, at most: they are numbered with 16 bits.
const MAX_ROW_GROUPS: usize = i16::MAX as usize;

/// Groups of columns in one another, at most: they are read by recursion.
const MAX_DEPTH: usize = 64;

/// Whether there is a footer that can be read, and none of its sizes is beyond what is there.
pub(super) fn check(file: &[u8]) -> Result<(), Reason> {
    if file.is_empty() {
        return Err(Reason::new("is empty: it has no bytes at all"));
    }
    if !file.starts_with(MAGIC) {
        return Err(Reason::new("is not a parquet file: it does not begin with PAR1"));
    }
    let Some(rest) = file.strip_suffix(MAGIC) else {
        return Err(Reason::new("is damaged: it does not end with PAR1, so part of it is missing"));
    };
    let footer = rest.split_last_chunk().and_then(|(rest, length)| {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        rest.get(rest.len().checked_sub(length)?..)
    });
    let Some(footer) = footer else {
        return Err(Reason::new("is damaged: its footer would begin before the file does"));
    };
    if footer.len() > MAX_BYTES {
        return Err(Reason::too_large(footer.len() as u64, MAX_BYTES as u64, "bytes in its footer"));
    }
    let top = |reader: &mut Reader<'_>, id: i32, kind: Kind| match id {
        2 => schema(reader),
        4 => row_groups(reader),
        _ => reader.skip(kind),
    };
    Reader::new(footer).fields(top).ok_or_else(|| Reason::new("is damaged: its footer makes no sense"))
}

/// A list of columns and groups of them, in the order of a walk through the tree. Each says how many children it has.
fn schema(reader: &mut Reader<'_>) -> Option<()> {
    let (count, _) = reader.list()?;
    // of each group on the way, how many children are still to come
    let mut open: Vec<usize> = Vec::new();
    for _ in 0..count {
        let mut children = 0;
        reader.fields(|reader, id, kind| {
            if id != 5 {
                return reader.skip(kind);
            }
            children = reader.int()?;
            Some(())
        })?;
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        let children = usize::try_from(children).ok().filter(|&children| children < count)?;
        if children > 0 {
            open.push(children);
        }
        if open.len() > MAX_DEPTH {
            return None;
        }
    }
    Some(())
}

fn row_groups(reader: &mut Reader<'_>) -> Option<()> {
    let (count, kind) = reader.list()?;
    if count > MAX_ROW_GROUPS {
        return None;
    }
    (0..count).try_for_each(|_| reader.skip_element(kind, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(footer: &[u8]) -> Vec<u8> {
        let length = u32::try_from(footer.len()).unwrap();
        [MAGIC, footer, &length.to_le_bytes(), MAGIC].concat()
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let nonsense = "is damaged: its footer makes no sense";
        let said = |footer: &[u8]| check(&file(footer)).unwrap_err().to_string();
        check(&file(&[0])).unwrap();
        check(&file(&[0x29, 0x1c, 0x55, 0, 0, 0])).unwrap();
        // 2^28 - 1 row groups
        assert_eq!(said(&[0x49, 0xfc, 0xff, 0xff, 0xff, 0x7f, 0, 0]), nonsense);
        // 40,000 row groups, all of them there
        let groups = [&[0x49, 0xfc, 0xc0, 0xb8, 0x02][..], &[0; 40_000], &[0]].concat();
        assert_eq!(said(&groups), nonsense);
        // a column with 63 children, and no other column
        assert_eq!(said(&[0x29, 0x1c, 0x55, 126, 0, 0]), nonsense);
        // 1,000 groups in one another
        let groups = [&[0x29, 0xfc, 0xe8, 0x07][..], &[0x55, 2, 0].repeat(1_000), &[0]].concat();
        assert_eq!(said(&groups), nonsense);
        assert_eq!(
            said(&vec![0; MAX_BYTES + 1]),
            "is too large: 16777217 bytes in its footer, at most 16777216"
        );
    }
}
