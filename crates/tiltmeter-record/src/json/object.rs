//! A JSON object that is written as it comes.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serialize;

/// An object under construction at the end of a buffer.
///
/// It is written straight into the buffer: a map of values in between would cost several times as much as the text.
#[derive(Debug)]
pub(super) struct Object<'b> {
    out: &'b mut Vec<u8>,
    is_empty: bool,
}

impl<'b> Object<'b> {
    pub(super) fn begin(out: &'b mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    /// Ends the object, and the line.
    pub(super) fn end_line(self) {
        self.out.extend_from_slice(b"}\n");
    }

    /// Writes a key of ours, in which nothing is to be escaped; the value is to follow.
    pub(super) fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Writes a key that comes from outside; the value is to follow.
    pub(super) fn named(&mut self, key: &str) -> &mut Vec<u8> {
        self.separate();
        value(self.out, key);
        self.out.push(b':');
        self.out
    }

    fn separate(&mut self) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
    }

    pub(super) fn member(&mut self, key: &'static str, member: &(impl Serialize + ?Sized)) {
        value(self.key(key), member);
    }

    pub(super) fn optional(&mut self, key: &'static str, member: Option<&(impl Serialize + ?Sized)>) {
        if let Some(member) = member {
            self.member(key, member);
        }
    }

    pub(super) fn named_member(&mut self, key: &str, member: &(impl Serialize + ?Sized)) {
        value(self.named(key), member);
    }

    /// A time in UTC, with microseconds.
    pub(super) fn time(&mut self, key: &'static str, time: Timestamp) {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
        let out = self.key(key);
        out.push(b'"');
        // a buffer in memory takes whatever it is given
        let _ = PRINTER.print_timestamp(&time, &mut *out);
        out.push(b'"');
    }

    pub(super) fn object(&mut self, key: &'static str) -> Object<'_> {
        Object::begin(self.key(key))
    }
}

/// Writes one value: a text, a number, or a structure whose keys are texts.
pub(super) fn value(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // a buffer in memory takes whatever it is given, and none of these has a key that is no text
    let _ = serde_json::to_writer(out, value);
}
