//! Telephone numbers, as far as their form tells.
//!
//! No library of numbering plans: it weighs 15 MB of source and metadata of every country, and takes most numbers of
//! the right length for a telephone's, which in the features of a model are mostly none.
//!
//! Found, with one or two of space, hyphen, point, slash and brackets between groups:
//! - international: `+` or `00`, then a country code; 8 to 15 digits (with `00` at least 10);
//! - with a trunk `0`: an area code of 3 to 6 digits with the `0`, then more groups, 9 to 12 digits in all, as in
//!   `(030) 123456` and `020 7946 0958`; or five pairs, as in `06 12 34 56 78`;
//! - North American: groups of 3, 3 and 4 digits, the first from 2 to 9, also after a `1`, as in `(212) 555-0123`.
//!
//! Not found: national numbers in one piece (`01701234567`), in other groups (`01 234 5678`), and short ones.

use std::ops::Range;

use super::Reading;
use super::groups::{Groups, blank};

/// The number that begins with the word of digits from `start` to `end`.
pub(super) fn at(reading: Reading<'_>, start: usize, end: usize) -> Option<Range<usize>> {
    let groups = Groups::at(reading, start, end, gap);
    let plus = start > reading.floor && reading.before(start) == Some(b'+');
    let found = if plus {
        let begins_word = start < 2 || !reading.is_alphanumeric(start - 2);
        (begins_word && reading.byte(start) != Some(b'0')).then(|| longest(&groups, 0, 8..=15)).flatten()
    } else {
        national(reading, &groups)
    };
    let end = found?;
    let mut start = start - usize::from(plus);
    let opened = start > reading.floor && reading.before(start) == Some(b'(');
    if opened && reading.bytes.get(start..end)?.contains(&b')') {
        start -= 1;
    }
    Some(start..end)
}

/// Where a number without `+` ends.
fn national(reading: Reading<'_>, groups: &Groups) -> Option<usize> {
    let mut lens = [0; 6];
    let mut ends = [0; 6];
    for (place, group) in groups.ranges().take(6).enumerate() {
        (lens[place], ends[place]) = (group.len(), group.end);
    }
    let first = groups.ranges().next()?;
    let digit = |place: usize| {
        let mut digits = groups.ranges().flatten().filter_map(|at| reading.byte(at));
        digits.nth(place)
    };
    match (digit(0)?, digit(1)?) {
        (b'0', b'0') if digit(2)? != b'0' => longest(groups, 0, 12..=17),
        (b'0', b'1'..=b'9') => match first.len() {
            2 => (lens[..5] == [2; 5]).then_some(ends[4]),
            3..=6 if lens[1] >= 2 => longest(groups, 2, 9..=12),
            _ => None,
        },
        (b'2'..=b'9', _) => (lens[..3] == [3, 3, 4]).then_some(ends[2]),
        (b'1', b'2'..=b'9') => (lens[..4] == [1, 3, 3, 4]).then_some(ends[3]),
        _ => None,
    }
}

/// The end of the most groups, each of at least `least` digits, that have so many digits together.
fn longest(groups: &Groups, least: usize, digits: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let mut sum = 0;
    let fitting = groups.ranges().take_while(|group| group.len() >= least).filter_map(|group| {
        sum += group.len();
        digits.contains(&sum).then_some(group.end)
    });
    fitting.last()
}

/// What may stand between groups: one or two signs, such as `) `.
fn gap(reading: Reading<'_>, at: usize) -> Option<usize> {
    let sign = |at: usize| match reading.byte(at) {
        Some(b'.' | b'/' | b'(' | b')') => 1,
        _ => blank(reading, at),
    };
    let first = sign(at);
    let second = sign(at + first);
    (first > 0).then_some(first + second)
}
