//! Numbers of payment cards (ISO/IEC 7812): 13 to 19 digits with the check digit of Luhn.
//!
//! Found: numbers that begin with 3, 4, 5, 6 or 22 to 27 (American Express, Diners, Discover, JCB, Maestro, Mastercard, Mir,
//! UnionPay, Visa), in one piece or in groups of 3 digits and more, the first of 4 to 6, with one space, no-break space or
//! hyphen between them. Not found: other issuers, such as UATP, which begin with digits that dates and times begin with;
//! groups apart by points, tabs or two spaces; digits next to a letter or a longer number.
//!
//! One in ten other numbers of that length and beginning has the check digit too, and is taken for a card.

use std::ops::Range;

use super::Reading;
use super::groups::{Groups, blank};

const MAX_DIGITS: usize = 19;

/// The card whose number begins with the word of digits from `start` to `end`.
pub(super) fn at(reading: Reading<'_>, start: usize, end: usize) -> Option<Range<usize>> {
    if !matches!(reading.bytes.get(start..start + 2), Some([b'3'..=b'6', _] | [b'2', b'2'..=b'7'])) {
        return None;
    }
    let mut digits = [0_u8; MAX_DIGITS];
    let mut len = 0;
    let mut found = None;
    let gap = |reading: Reading<'_>, at| Some(blank(reading, at)).filter(|len| *len > 0);
    if end - start < 13 && !(4..=6).contains(&(end - start)) {
        return None;
    }
    for group in Groups::at(reading, start, end, gap).ranges() {
        let of = &reading.bytes[group.clone()];
        let Some(room) = digits.get_mut(len..len + of.len()).filter(|room| room.len() >= 3) else { break };
        room.copy_from_slice(of);
        len += of.len();
        if len >= 13 && !has_fraction(reading, group.end) && has_check_digit(&digits[..len]) {
            found = Some(start..group.end);
        }
    }
    found
}

/// Whether a point and digits follow that are not all zeros, as those of `4111111111111111.0` are.
fn has_fraction(reading: Reading<'_>, end: usize) -> bool {
    if reading.byte(end) != Some(b'.') {
        return false;
    }
    let rest = reading.bytes.get(end + 1..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_digit()).any(|byte| *byte != b'0')
}

/// The formula of Luhn: of the digits from the right, every second one counts double.
fn has_check_digit(digits: &[u8]) -> bool {
    let sum = |sum: u32, (place, byte): (usize, &u8)| {
        let digit = u32::from(byte - b'0');
        sum + match place % 2 {
            0 => digit,
            _ if digit > 4 => 2 * digit - 9,
            _ => 2 * digit,
        }
    };
    digits.iter().rev().enumerate().fold(0, sum).is_multiple_of(10)
}
