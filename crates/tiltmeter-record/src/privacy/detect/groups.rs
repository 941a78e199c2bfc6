//! Numbers that are written in groups of digits.

use std::ops::Range;

use super::Reading;

/// The most groups that are looked at.
const MAX_GROUPS: usize = 8;

/// Groups of digits with little between them.
#[derive(Debug)]
pub(super) struct Groups {
    groups: [(usize, usize); MAX_GROUPS],
    len: usize,
}

impl Groups {
    /// The group from `start` to `end`, and those that follow it; `gap` says how many bytes stand between two groups at
    /// that place, if that many may.
    pub(super) fn at(
        reading: Reading<'_>,
        start: usize,
        end: usize,
        gap: fn(Reading<'_>, usize) -> Option<usize>,
    ) -> Self {
        let mut found = Self { groups: [(0, 0); MAX_GROUPS], len: 1 };
        found.groups[0] = (start, end);
        let mut last = end;
        while found.len < MAX_GROUPS
            && let Some(gap) = gap(reading, last)
        {
            let start = last + gap;
            let end = reading.word_end(start);
            if start == end || !reading.bytes[start..end].iter().all(u8::is_ascii_digit) {
                break;
            }
            found.groups[found.len] = (start, end);
            found.len += 1;
            last = end;
        }
        found
    }

    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.groups[..self.len].iter().map(|&(start, end)| start..end)
    }
}

/// How many bytes the space or hyphen at `at` has; 0 when there is none.
pub(super) fn blank(reading: Reading<'_>, at: usize) -> usize {
    match reading.bytes.get(at..).unwrap_or_default() {
        [b' ' | b'-', ..] => 1,
        // no-break space
        [0xC2, 0xA0, ..] => 2,
        // figure space, thin space, hyphen, no-break hyphen, figure dash, en dash; narrow no-break space
        [0xE2, 0x80, 0x87 | 0x89 | 0x90..=0x93 | 0xAF, ..] => 3,
        _ => 0,
    }
}

/// Whether the word of digits that begins at `start` is what stands behind a decimal point.
pub(super) fn is_decimal(reading: Reading<'_>, start: usize) -> bool {
    reading.before(start) == Some(b'.') && start >= 2 && reading.is_digit(start - 2)
}
