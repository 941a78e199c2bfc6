//! UUIDs, which are no personal data of ours: their digits are neither cards nor telephone numbers.

use super::Reading;

const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Where the UUID ends whose first word goes from `start` to `end`.
pub(super) fn end(reading: Reading<'_>, start: usize, end: usize) -> Option<usize> {
    if end - start != GROUPS[0] || reading.byte(end) != Some(b'-') {
        return None;
    }
    let mut at = start;
    for (place, len) in GROUPS.into_iter().enumerate() {
        if place > 0 {
            at += usize::from(reading.byte(at) == Some(b'-'));
        }
        let end = reading.word_end(at);
        let is_hex = reading.bytes.get(at..end)?.iter().all(u8::is_ascii_hexdigit);
        if end - at != len || !is_hex {
            return None;
        }
        at = end;
    }
    (reading.byte(at) != Some(b'-')).then_some(at)
}
