//! International bank account numbers (ISO 13616), checked by the crate `iban_validate`: the check digits, and the length
//! and structure of the country's numbers in the registry.
//!
//! Found: in capitals or small letters, in one piece or in groups with one space, no-break space or hyphen between them.
//! Not found: countries that are not in the registry; other things between groups; numbers next to a letter or digit.

use std::ops::Range;

use iban::Iban;

use super::Reading;
use super::groups::blank;

const MIN_LEN: usize = 15;
const MAX_LEN: usize = 34;

/// The number that begins at the beginning of a word.
pub(super) fn at(reading: Reading<'_>, start: usize) -> Option<Range<usize>> {
    match reading.bytes.get(start..start + 4)? {
        [a, b, c, d]
            if a.is_ascii_alphabetic()
                && b.is_ascii_alphabetic()
                && c.is_ascii_digit()
                && d.is_ascii_digit() => {}
        _ => return None,
    }
    let mut written = [0_u8; MAX_LEN];
    let mut len = 0;
    let mut at = start;
    loop {
        let end = reading.word_end(at);
        let word = &reading.bytes[at..end];
        // no room: the word is too long to be a part
        let room = written.get_mut(len..len + word.len())?;
        room.copy_from_slice(word);
        room.make_ascii_uppercase();
        len += word.len();
        let number = std::str::from_utf8(&written[..len]).unwrap_or_default();
        if len >= MIN_LEN && number.parse::<Iban>().is_ok() {
            return Some(start..end);
        }
        at = end + blank(reading, end);
        if at == end || !reading.is_alphanumeric(at) {
            return None;
        }
    }
}
