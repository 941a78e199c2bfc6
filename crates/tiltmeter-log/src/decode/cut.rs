//! Texts that are cut: what a detector would have found in the whole one is not left in half.

use tiltmeter_record::{ModelSpec, PrivacyPolicy};

/// How far back is looked, in bytes: longer than anything that detectors find but for some e-mail addresses.
const FAR: usize = 256;

/// Whether patterns or detectors look through the texts of this model.
pub(super) fn is_looked_through(spec: &ModelSpec) -> bool {
    spec.privacy.as_ref().is_some_and(PrivacyPolicy::looks_through)
}

/// The beginning of `text`, at most `max_bytes`; `None` when that is all of it.
pub(super) fn beginning(text: &str, max_bytes: usize, is_looked_through: bool) -> Option<&str> {
    if text.len() <= max_bytes {
        return None;
    }
    let kept = &text[..text.floor_char_boundary(max_bytes)];
    Some(if is_looked_through { without_open_end(kept) } else { kept })
}

/// `text` without its last word, and without the words before it that can be groups of one number.
pub(super) fn without_open_end(text: &str) -> &str {
    let least = text.ceil_char_boundary(text.len().saturating_sub(FAR));
    let mut kept = text.trim_end();
    let mut is_last = text.len() == kept.len();
    loop {
        let start =
            kept.char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        let word = &kept[start..];
        if word.is_empty() || !(is_last || is_group(word)) {
            return kept;
        }
        is_last = false;
        if start <= least {
            return &text[..least.max(start).min(kept.len())];
        }
        kept = kept[..start].trim_end();
    }
}

/// Digits, four letters as of an IBAN, or signs between groups.
fn is_group(word: &str) -> bool {
    let is_of_letters = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_of_letters || word.bytes().any(|byte| byte.is_ascii_digit()) || !word.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_groups_goes_as_a_whole() {
        for (text, kept) in [
            ("please pay 4111 1111 1111 1", "please pay"),
            ("please pay 4111 1111 1111 ", "please pay"),
            ("account GB82 WEST 1234 56", "account"),
            ("please write to mallory@examp", "please write to"),
            ("please call +49 30 - 9018 ", "please"),
            ("hello world", "hello"),
            ("nothing but prose ", "nothing but prose"),
            ("word", ""),
            ("", ""),
        ] {
            assert_eq!(without_open_end(text), kept, "{text}");
        }
        let long = format!("{} x", "é".repeat(300));
        assert!(without_open_end(&long).len() >= long.len() - FAR - 4);
    }

    #[test]
    fn what_is_short_enough_is_not_cut() {
        assert_eq!(beginning("pay 4111", 8, true), None);
        assert_eq!(beginning("pay 4111 1", 8, false), Some("pay 4111"));
        assert_eq!(beginning("wages 4111 1", 10, true), Some("wages"));
    }
}
