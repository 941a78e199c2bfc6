//! Text from outside, made fit for one line of a message.

use std::fmt;

/// The most characters of a text that a message repeats.
const MAX_CHARS: usize = 60;

/// Shows a text in double quotes, with control characters escaped and what is too long cut.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_CHARS) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_on_one_line_and_short() {
        assert_eq!(Quoted("a \"b\"\n").to_string(), r#""a \"b\"\n""#);
        assert_eq!(Quoted(&"é".repeat(61)).to_string(), format!("\"{}\"…", "é".repeat(60)));
    }
}
