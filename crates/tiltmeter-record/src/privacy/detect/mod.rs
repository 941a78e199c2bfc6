//! What finds personal data in text.
//!
//! A text is read word by word, a word being a run of ASCII letters and digits; numbers are what words of digits make,
//! one after the other. Each byte is looked at a bounded number of times, whatever the text.

mod card;
mod email;
mod groups;
mod iban;
mod ip;
mod phone;
#[cfg(test)]
mod tests;
mod uuid;

use std::ops::Range;

use self::groups::is_decimal;
use super::Detector;

/// The detectors that are on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Detectors {
    on: [bool; Detector::ALL.len()],
}

/// Something that was found, and where.
pub(super) type Found = (Range<usize>, Detector);

/// A text while it is read.
#[derive(Clone, Copy, Debug)]
struct Reading<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Nothing that is found may begin before: there the last thing that was found ends.
    floor: usize,
}

impl Reading<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|at| self.byte(at))
    }

    fn is_alphanumeric(&self, at: usize) -> bool {
        self.byte(at).is_some_and(|byte| byte.is_ascii_alphanumeric())
    }

    fn is_digit(&self, at: usize) -> bool {
        self.byte(at).is_some_and(|byte| byte.is_ascii_digit())
    }

    /// The end of the word that begins at `start`.
    fn word_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
    }
}

impl Detectors {
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let mut on = [false; Detector::ALL.len()];
        for detector in detectors {
            on[detector.index()] = true;
        }
        Self { on }
    }

    pub(super) fn is_empty(self) -> bool {
        self.on == [false; Detector::ALL.len()]
    }

    fn has(self, detector: Detector) -> bool {
        self.on[detector.index()]
    }

    /// Everything in `text` that is personal data, from left to right and apart from each other.
    pub(super) fn find(self, text: &str, found: &mut Vec<Found>) {
        found.clear();
        let bytes = text.as_bytes();
        // nothing is found in a text without these, and most texts have none of them
        if self.has(Detector::Email) && bytes.contains(&b'@') {
            email::find(text, |range| found.push((range, Detector::Email)));
        }
        let numbers = Detector::ALL.iter().any(|&detector| detector != Detector::Email && self.has(detector));
        if numbers && bytes.iter().any(u8::is_ascii_digit) {
            self.find_numbers(text, found);
        }
    }

    /// Adds what is made of numbers to the e-mail addresses in `found`.
    fn find_numbers(self, text: &str, found: &mut Vec<Found>) {
        let addresses = found.len();
        let mut next_address = 0;
        let mut reading = Reading { text, bytes: text.as_bytes(), floor: 0 };
        let mut ip = ip::Runs::default();
        let mut at = 0;
        while let Some(byte) = reading.byte(at) {
            if next_address < addresses && found[next_address].0.start <= at {
                let end = found[next_address].0.end;
                (at, reading.floor) = (at.max(end), end);
                next_address += 1;
                continue;
            }
            if !byte.is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            match self.at(reading, at, &mut ip) {
                Step::On(to) => at = to,
                Step::Found(mut range, detector) => {
                    // a number that runs into an address: all of it goes
                    while next_address < addresses && found[next_address].0.start < range.end {
                        range.end = range.end.max(found[next_address].0.end);
                        found[next_address].0 = range.start..range.start;
                        next_address += 1;
                    }
                    (at, reading.floor) = (range.end, range.end);
                    found.push((range, detector));
                }
            }
        }
        found.retain(|(range, _)| !range.is_empty());
        found.sort_unstable_by_key(|(range, _)| range.start);
    }

    /// What begins with the word at `start`.
    fn at(self, reading: Reading<'_>, start: usize, ip: &mut ip::Runs) -> Step {
        let end = reading.word_end(start);
        let word = &reading.bytes[start..end];
        let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
        let found = |range: Option<Range<usize>>, detector| range.map(|range| Step::Found(range, detector));
        let colon = reading.byte(end) == Some(b':') || reading.before(start) == Some(b':');
        if digits == 0 && !colon {
            return Step::On(end);
        }
        if let Some(end) = uuid::end(reading, start, end) {
            return Step::On(end);
        }
        let of = |detector: Detector| self.has(detector).then_some(detector);
        let iban = of(Detector::Iban).and_then(|it| found(iban::at(reading, start), it));
        let ip = || of(Detector::Ip).and_then(|it| found(ip.at(reading, start, end, colon), it));
        let number = digits == word.len() && !is_decimal(reading, start);
        let card = || of(Detector::Card).and_then(|it| found(card::at(reading, start, end), it));
        let phone = || of(Detector::Phone).and_then(|it| found(phone::at(reading, start, end), it));
        let numbers = || if number { card().or_else(phone) } else { None };
        iban.or_else(ip).or_else(numbers).unwrap_or(Step::On(end))
    }
}

/// What a word leads to.
enum Step {
    /// Nothing: the text is read on from there.
    On(usize),
    Found(Range<usize>, Detector),
}
