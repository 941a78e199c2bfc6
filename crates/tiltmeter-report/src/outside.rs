//! Strings that come from outside: names of models, features, categories and files.
//!
//! Markup in them is escaped by the templates. What no escaping helps against is here: characters that steer a terminal,
//! or the direction in which a line is read.

use std::fmt::Write as _;

/// What is longer is cut: a name is to be recognised, not to be read to its end.
const MAX_NAME: usize = 64;

/// Sentences hold names, and several of them.
const MAX_SENTENCE: usize = 1_200;

/// A name with everything that steers instead of being seen shown as its code, and cut to a length that a page can hold.
pub(crate) fn shown(text: &str) -> String {
    clean(text, MAX_NAME)
}

/// The same for a sentence, which may be longer.
pub(crate) fn sentence(text: &str) -> String {
    clean(text, MAX_SENTENCE)
}

fn clean(text: &str, max_chars: usize) -> String {
    let mut clean = String::with_capacity(text.len());
    for (place, character) in text.chars().enumerate() {
        if place == max_chars {
            clean.push('…');
            break;
        }
        match character {
            '\n' | '\r' | '\t' => clean.push(' '),
            _ if steers(character) => {
                let _ = write!(clean, "⟨U+{:04X}⟩", u32::from(character));
            }
            _ => clean.push(character),
        }
    }
    clean
}

/// The text in at most `chars` characters, for a label beside a chart.
pub(crate) fn label(text: &str, chars: usize) -> String {
    let clean = shown(text);
    if clean.chars().count() <= chars {
        return clean;
    }
    let mut short: String = clean.chars().take(chars.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // marks and overrides of direction, invisible operators, the byte order mark, and what XML excludes
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown() {
        assert_eq!(shown("a\u{202e}b\u{1b}[31m\nc"), "a⟨U+202E⟩b⟨U+001B⟩[31m c");
        assert_eq!(shown("<b>&\"عربي"), "<b>&\"عربي");
    }

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(shown(&"x".repeat(500)).chars().count(), MAX_NAME + 1);
        assert_eq!(label("day_of_week", 8), "day_of_…");
        assert_eq!(label("temp", 4), "temp");
    }
}
