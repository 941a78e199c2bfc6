//! JSON text, rewritten in place: what no rule and no detector touches stays as it was written, to the byte.
//!
//! The text is read twice, once by `serde_json`, which says whether it is JSON, and once here, without building a tree and
//! without recursion.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::MaskCounts;
use super::action::{NumberAction, Rule, TextAction};
use super::places::Place;
use super::scan::Scanner;
use crate::Value;

/// The deepest nesting, as of `serde_json`.
const MAX_DEPTH: usize = 128;

const NULL: &str = "null";

/// A text that is no JSON, or is nested too deep.
#[derive(Debug)]
pub(super) struct Unreadable;

/// An array or object that was entered.
struct Open<'p> {
    place: Option<&'p Place>,
    /// The place of the element in an array; `None` in an object.
    index: Option<usize>,
}

/// `text` after the rules of `root`, and without what `scanner` finds in strings, keys and numbers; borrowed when nothing
/// has changed.
pub(super) fn rewrite<'t>(
    text: &'t str,
    root: &Place,
    scanner: Option<&mut Scanner>,
    counts: &mut MaskCounts,
) -> Result<Cow<'t, str>, Unreadable> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| Unreadable)?;
    let mut rewriting = Rewriting { text, at: 0, copied: 0, written: String::new(), scanner, counts };
    rewriting.document(root).ok_or(Unreadable)?;
    Ok(rewriting.finish())
}

/// The JSON type of a value, from its first byte.
pub(super) fn type_of(json: &str) -> &'static str {
    match json.trim_start().bytes().next() {
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        _ => "number",
    }
}

/// A string as JSON text.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Rewriting<'t, 's> {
    text: &'t str,
    at: usize,
    /// Up to here the text is in `written`.
    copied: usize,
    written: String,
    scanner: Option<&'s mut Scanner>,
    counts: &'s mut MaskCounts,
}

/// `None` wherever the text is not what `serde_json` took it for.
impl<'t> Rewriting<'t, '_> {
    fn document(&mut self, root: &Place) -> Option<()> {
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut next = Some(root);
        loop {
            let entered = self.value(next)?;
            match entered {
                Some(b'{') => open.push(Open { place: next, index: None }),
                Some(_) => open.push(Open { place: next, index: Some(0) }),
                None => {}
            }
            if open.len() > MAX_DEPTH {
                return None;
            }
            let mut first = entered.is_some();
            // up to the next value
            loop {
                let Some(innermost) = open.last_mut() else { return Some(()) };
                let sign = self.peek()?;
                if matches!(sign, b'}' | b']') {
                    self.at += 1;
                    open.pop();
                    first = false;
                    continue;
                }
                if !first {
                    self.take(b',')?;
                }
                next = match &mut innermost.index {
                    None => self.key(innermost.place)?,
                    Some(index) => {
                        let element = innermost.place.and_then(|place| place.element(*index));
                        *index += 1;
                        element
                    }
                };
                break;
            }
        }
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, sign: u8) -> Option<()> {
        (self.peek()? == sign).then(|| self.at += 1)
    }

    /// A key and the colon; what the place of its value is.
    fn key<'p>(&mut self, object: Option<&'p Place>) -> Option<Option<&'p Place>> {
        self.peek()?;
        let start = self.at;
        self.at = self.string_end(start)?;
        let token = self.text.get(start..self.at)?;
        let key = unescaped(token);
        match (&key, &mut self.scanner) {
            (Some(key), Some(scanner)) => {
                if let Some(scanned) = scanner.changed(key, self.counts) {
                    self.replace(start, &quoted(&scanned));
                }
            }
            // half of a character, which nothing can look through
            (None, Some(_)) => self.replace(start, "\"<masked>\""),
            (_, None) => {}
        }
        self.take(b':')?;
        Some(key.and_then(|key| object?.member(&key)))
    }

    /// A value. Of an object or array without a rule the first byte alone, which is returned.
    fn value(&mut self, place: Option<&Place>) -> Option<Option<u8>> {
        let first = self.peek()?;
        let start = self.at;
        if let Some(rule) = place.and_then(|place| place.rule.as_ref()) {
            self.at = self.value_end(start)?;
            let replacement = self.ruled(rule, self.text.get(start..self.at)?);
            self.replace(start, &replacement);
            return Some(None);
        }
        if place.is_some_and(|place| place.misses(first)) {
            // what the rules inside are about may stand anywhere in it
            self.at = self.value_end(start)?;
            self.counts.misfits += 1;
            self.replace(start, NULL);
            return Some(None);
        }
        if matches!(first, b'{' | b'[') {
            self.at += 1;
            return Some(Some(first));
        }
        self.at = self.value_end(start)?;
        let token = self.text.get(start..self.at)?;
        if let Some(scanner) = &mut self.scanner {
            let text = match first {
                b'"' => unescaped(token),
                b'-' | b'0'..=b'9' => Some(Cow::Borrowed(token)),
                _ => return Some(None),
            };
            match text.map(|text| scanner.changed(&text, self.counts)) {
                Some(None) => {
                    let whole = if first == b'"' { None } else { whole(token) };
                    if let Some(scanned) = whole.and_then(|digits| scanner.changed(&digits, self.counts)) {
                        self.replace(start, &quoted(&scanned));
                    }
                }
                Some(Some(scanned)) => self.replace(start, &quoted(&scanned)),
                None => self.replace(start, "\"<masked>\""),
            }
        }
        Some(None)
    }

    /// What becomes of a value with a rule, as JSON text.
    fn ruled(&mut self, rule: &Rule, json: &str) -> String {
        let json_type = type_of(json);
        let kept = match (rule, json_type) {
            (_, "null") => return NULL.to_owned(),
            (Rule::Drop, _) => {
                self.counts.dropped += 1;
                return NULL.to_owned();
            }
            (Rule::Text(action), "string") => unescaped(json).and_then(|text| self.of_text(action, &text)),
            (Rule::Text(action), "number") => self.of_text(action, json),
            (Rule::Number(action), "number") => {
                action.count(self.counts);
                return of_number(action, json);
            }
            _ => None,
        };
        if kept.is_none() {
            self.counts.misfits += 1;
        }
        kept.map_or_else(|| NULL.to_owned(), |kept| quoted(&kept))
    }

    fn of_text(&mut self, action: &TextAction, text: &str) -> Option<String> {
        match &mut self.scanner {
            Some(scanner) if action.leaves_text() => {
                let scanned = scanner.scan(text, self.counts);
                action.apply(&scanned, self.counts)
            }
            _ => action.apply(text, self.counts),
        }
    }

    /// Writes `replacement` for what stands between `start` and here.
    fn replace(&mut self, start: usize, replacement: &str) {
        self.written.push_str(self.text.get(self.copied..start).unwrap_or_default());
        self.written.push_str(replacement);
        self.copied = self.at;
    }

    fn value_end(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        match bytes.get(start)? {
            b'"' => return self.string_end(start),
            b'{' | b'[' => {}
            _ => {
                let is_part = |byte: &&u8| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b']' | b'}');
                return Some(start + bytes.get(start..)?.iter().take_while(is_part).count());
            }
        }
        let mut at = start;
        let mut depth = 0_usize;
        loop {
            match bytes.get(at)? {
                b'"' => {
                    at = self.string_end(at)?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }

    /// The end of the string whose first quote stands at `start`.
    fn string_end(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            at += bytes.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            if bytes.get(at) == Some(&b'"') {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    fn finish(mut self) -> Cow<'t, str> {
        if self.copied == 0 && self.written.is_empty() {
            return Cow::Borrowed(self.text);
        }
        self.written.push_str(self.text.get(self.copied..).unwrap_or_default());
        Cow::Owned(self.written)
    }
}

/// A token that is a string, as the text it means; `None` when its escapes are none.
fn unescaped(token: &str) -> Option<Cow<'_, str>> {
    if token.contains('\\') {
        return serde_json::from_str(token).ok().map(Cow::Owned);
    }
    token.get(1..token.len() - 1).map(Cow::Borrowed)
}

/// The digits of a whole number that is written with a point or an exponent, such as `4.2e15`.
#[expect(clippy::cast_possible_truncation, reason = "guarded: whole, and below 2^63")]
fn whole(number: &str) -> Option<String> {
    if !number.contains(['.', 'e', 'E']) {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    let is_whole = number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0;
    is_whole.then(|| (number as i64).to_string())
}

fn of_number(action: &NumberAction, json: &str) -> String {
    let kept = match (json.parse::<i64>(), json.parse::<f64>()) {
        (Ok(number), _) => action.of_whole(number),
        (_, Ok(number)) => action.of(number).into(),
        _ => Value::Missing,
    };
    match kept {
        Value::Integer(kept) => kept.to_string(),
        Value::Float(kept) => serde_json::Value::from(kept).to_string(),
        _ => "null".to_owned(),
    }
}
