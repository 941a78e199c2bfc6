//! IP addresses, as `std::net` reads them.
//!
//! Found: four numbers from 0 to 255 without leading zeros, also where they are a version, such as `1.2.3.4`: rather a
//! version too much than an address left. IPv6 in every form of RFC 4291 that has a digit, also with an IPv4 address
//! at its end, in brackets, and before a zone, a port or the length of a prefix. Not found: `v1.2.3.4` and other numbers next
//! to a letter; five numbers; `010.0.0.1`; `::`, `a::b` and other IPv6 addresses without a digit, which are paths in code.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Reading;

/// The longest IPv6 address, `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
const MAX_LEN: usize = 45;

/// Up to where the text has been looked at.
#[derive(Debug, Default)]
pub(super) struct Runs {
    v4: usize,
    v6: usize,
}

impl Runs {
    /// The address that begins with the word from `start` to `end`, or has it in it; `colon`: it stands next to one.
    pub(super) fn at(
        &mut self,
        reading: Reading<'_>,
        start: usize,
        end: usize,
        colon: bool,
    ) -> Option<Range<usize>> {
        let v6 = if colon && start >= self.v6 { self.v6(reading, start) } else { None };
        let may_be_v4 = reading.byte(end) == Some(b'.') && reading.is_digit(end + 1);
        v6.or_else(|| if may_be_v4 && start >= self.v4 { self.v4(reading, start) } else { None })
    }

    fn v4(&mut self, reading: Reading<'_>, start: usize) -> Option<Range<usize>> {
        let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        let rest = reading.bytes.get(start..)?;
        let run = rest.iter().take_while(|byte| is_part(byte)).count();
        self.v4 = start + run;
        let points = rest[..run].iter().rev().take_while(|byte| **byte == b'.').count();
        let range = start..self.v4 - points;
        let fits = !reading.is_alphanumeric(range.end)
            && reading.text.get(range.clone())?.parse::<Ipv4Addr>().is_ok();
        fits.then_some(range)
    }

    fn v6(&mut self, reading: Reading<'_>, start: usize) -> Option<Range<usize>> {
        let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
        let before = reading.bytes.get(reading.floor..start)?;
        let after = reading.bytes.get(start..)?;
        let mut from = start - before.iter().rev().take(MAX_LEN + 2).take_while(is_part).count();
        let mut to = start + after.iter().take_while(is_part).count();
        self.v6 = to;
        if to - from > 2 * MAX_LEN {
            return None;
        }
        let behind_colon = |from: usize, to| Some(from + reading.text.get(from..to)?.find(':')? + 1);
        while to > from && reading.before(to) == Some(b'.') {
            to -= 1;
        }
        if reading.text.get(from..to)?.ends_with(':') && !reading.text.get(from..to)?.ends_with("::") {
            to -= 1;
        }
        // the end of a name, as in `node:fe80::1`
        if from > 0 && reading.is_alphanumeric(from - 1) {
            from = behind_colon(from, to)?;
        }
        while from < to && reading.byte(from) == Some(b'.') {
            from += 1;
        }
        if reading.byte(from) == Some(b':') && reading.byte(from + 1) != Some(b':') {
            from += 1;
        }
        let is_address = |from: usize| {
            let text = reading.text.get(from..to).filter(|text| text.len() <= MAX_LEN);
            text.is_some_and(|text| {
                text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<Ipv6Addr>().is_ok()
            })
        };
        if reading.is_alphanumeric(to) {
            return None;
        }
        // a name may end in what could be a group
        [Some(from), behind_colon(from, to)]
            .into_iter()
            .flatten()
            .find(|from| is_address(*from))
            .map(|from| from..to)
    }
}
