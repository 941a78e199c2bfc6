//! As much of Thrift's compact protocol as it takes to see sizes before anything is allocated for them.
//!
//! Parquet's own reader believes some of them: the number of row groups, of a column's children, of a dictionary's
//! values, and the size of a page. A wrong one makes it ask for more memory than there is, which ends the program.

/// Structs in structs, at most; Parquet's have five.
const MAX_DEPTH: u32 = 32;

/// Bytes that are taken from the front. All methods return `None` where the bytes end or make no sense.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
}

/// What a field or element is, by the number that stands for it.
pub(super) type Kind = u8;

/// The kind of structs.
pub(super) const STRUCT: Kind = 12;

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(super) fn advance(&mut self, bytes: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    /// An unsigned integer. One that is too long wraps around, as it does in the reader that comes after.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0, 0_u32);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift = shift.wrapping_add(7);
        }
    }

    /// A signed integer of 32 bits; a longer one is cut, as it is in the reader that comes after.
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    pub(super) fn int(&mut self) -> Option<i32> {
        let value = self.unsigned()?;
        Some(((value >> 1) ^ (value & 1).wrapping_neg()) as i32)
    }

    /// The number of elements of a list, which cannot be more than the bytes that follow, and their kind.
    pub(super) fn list(&mut self) -> Option<(usize, Kind)> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.unsigned()? } else { u64::from(header >> 4) };
        let count = usize::try_from(count).ok().filter(|&count| count <= self.rest.len())?;
        Some((count, header & 0x0f))
    }

    /// Visits the fields of a struct by their ids. The visitor reads the value, or skips it.
    pub(super) fn fields(&mut self, mut visit: impl FnMut(&mut Self, i32, Kind) -> Option<()>) -> Option<()> {
        let mut id = 0;
        loop {
            let header = self.byte()?;
            let kind = header & 0x0f;
            if kind == 0 {
                return Some(());
            }
            id = if header >> 4 == 0 { self.int()? } else { id + i32::from(header >> 4) };
            i16::try_from(id).ok()?;
            visit(self, id, kind)?;
        }
    }

    /// Skips the value of a field.
    pub(super) fn skip(&mut self, kind: Kind) -> Option<()> {
        match kind {
            // the kind of the field is the value
            1 | 2 => Some(()),
            kind => self.skip_element(kind, 0),
        }
    }

    /// Skips an element of a list.
    pub(super) fn skip_element(&mut self, kind: Kind, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.advance(1),
            4..=6 => self.unsigned().map(drop),
            7 => self.advance(8),
            8 => {
                let length = self.unsigned()?;
                self.advance(length)
            }
            9 | 10 => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(kind, depth + 1))
            }
            11 => {
                let count = self.unsigned()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..count).try_for_each(|_| {
                    self.skip_element(kinds >> 4, depth + 1)?;
                    self.skip_element(kinds & 0x0f, depth + 1)
                })
            }
            STRUCT => self.fields(|reader, _, kind| match kind {
                1 | 2 => Some(()),
                kind => reader.skip_element(kind, depth + 1),
            }),
            13 => self.advance(16),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_are_read_and_skipped() {
        // 1: i32 -3, 3: list of 2 binaries, 4: true, 20: struct {1: double}
        let bytes =
            [0x15, 5, 0x29, 0x28, 1, b'a', 0, 0x11, 0x0c, 40, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'!'];
        let mut seen = Vec::new();
        let mut reader = Reader::new(&bytes);
        reader
            .fields(|reader, id, kind| {
                seen.push(id);
                if id == 1 {
                    assert_eq!(reader.int(), Some(-3));
                } else {
                    reader.skip(kind)?;
                }
                Some(())
            })
            .unwrap();
        assert_eq!((seen.as_slice(), reader.rest()), (&[1, 3, 4, 20][..], &b"!"[..]));
        assert_eq!(Reader::new(&bytes).skip(STRUCT), Some(()));
        for length in 0..bytes.len() - 1 {
            assert_eq!(Reader::new(&bytes[..length]).skip(STRUCT), None, "{length}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        // a list of 2^28 - 1 structs, and 1,000 structs in one another
        assert_eq!(Reader::new(&[0xfc, 0xff, 0xff, 0xff, 0x7f, 0, 0]).list(), None);
        assert_eq!(Reader::new(&[0x1c; 1_000]).skip(STRUCT), None);
    }
}
