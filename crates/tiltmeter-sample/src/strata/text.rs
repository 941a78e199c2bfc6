//! The text of a stratum.

use std::fmt::Write;
use std::hash::Hasher;

use siphasher::sip::SipHasher24;

use super::Cell;

/// The longest part that is written out, in bytes.
const MOST: usize = 48;
/// What is left of a longer one, before its hash of 17 bytes.
const KEPT: usize = 31;

/// What stands for the cell that all without one of their own share: no name is escaped to it.
const OTHERS: &str = "*";

/// The texts of the strata of `cell`, or of that which others share: `places` of them, the last for rows without a score.
pub(super) fn of_cell<'a>(
    segment: Option<&'a str>,
    cell: Option<&Cell>,
    places: usize,
) -> impl Iterator<Item = Box<str>> + use<'a> {
    let mut rest = String::new();
    match (segment, cell) {
        (_, None) => rest.push_str(OTHERS),
        (None, Some(cell)) => escape(&cell.version, &mut rest),
        (Some(name), Some(cell)) => {
            escape(name, &mut rest);
            if let Some(value) = &cell.segment {
                rest.push('=');
                escape(value, &mut rest);
            }
            rest.push('|');
            escape(&cell.version, &mut rest);
        }
    }
    (0..places).map(move |place| {
        let text = if place + 1 == places { format!("bnone|{rest}") } else { format!("b{place:02}|{rest}") };
        text.into()
    })
}

/// Percent-encoding as in RFC 3986, of all but letters, digits, `-`, `.`, `_` and `~`: the same in every language, and in
/// every version of Unicode. What is too long is cut, with a hash of all of it behind `*`.
fn escape(name: &str, text: &mut String) {
    let start = text.len();
    let mut cut = start;
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // to a string it cannot fail
            let _ = write!(text, "%{byte:02X}");
        }
        if text.len() - start <= KEPT {
            cut = text.len();
        }
        if text.len() - start > MOST {
            text.truncate(cut);
            let mut hasher = SipHasher24::new();
            hasher.write(name.as_bytes());
            let _ = write!(text, "*{:016x}", hasher.finish());
            return;
        }
    }
}
