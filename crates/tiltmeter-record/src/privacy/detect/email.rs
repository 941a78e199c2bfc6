//! E-mail addresses, found by the crate `linkify` (RFC 6531 without quoted local parts and addresses of hosts).
//!
//! Found: `a.b+c@x.example.org`, also with letters of any script and with points where none may stand (`a.@x.org`). Not found: `"a b"@x.org`, `a@localhost` (a domain has a
//! dot), `a@[192.0.2.1]`, `a (at) x.org`, `a%40x.org`.
//!
//! What stands directly before an address and could be a part of it goes as well, such as `mail=` in `mail=a@x.org`:
//! where it ends is not known.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

/// Where the characters of a local part begin that stand before the sign.
fn local_part(text: &str, floor: usize, sign: usize) -> Option<usize> {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local = text.get(floor..sign)?.char_indices().rev().take_while(|(_, c)| is_local(*c)).last();
    Some(floor + local?.0)
}

/// An address with points where none may stand, such as `taro.@x.org` and `a..b@x.org`, which mail services have given out:
/// the sign with what stands around it.
fn dotted(text: &str, floor: usize, sign: usize, end: usize) -> Option<Range<usize>> {
    let start = local_part(text, floor, sign)?;
    if !text.get(start..sign)?.contains(char::is_alphanumeric) {
        return None;
    }
    // what linkify takes for the domain behind a name that it takes
    let probe = format!("a{}", text.get(sign..end)?);
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Email]);
    let link = finder.links(&probe).next().filter(|link| link.start() == 0)?;
    Some(start..sign + link.end() - 1)
}

/// Calls `found` with each address, from left to right.
pub(super) fn find(text: &str, mut found: impl FnMut(Range<usize>)) {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Email]);
    // a piece has one '@': linkify does not take the address in `@a@x.org`, and each byte is looked at twice only
    let mut start = 0;
    let mut signs = text.match_indices('@').map(|(at, _)| at).peekable();
    while let Some(sign) = signs.next() {
        let end = signs.peek().copied().unwrap_or(text.len());
        let link = text.get(start..end).and_then(|piece| finder.links(piece).next());
        match link.map(|link| start + link.start()..start + link.end()) {
            Some(range) => {
                let floor = std::mem::replace(&mut start, range.end.max(sign + 1));
                // linkify begins behind two points
                let is_dotted = text.get(floor..range.start).is_some_and(|before| before.ends_with('.'));
                let local = if is_dotted { local_part(text, floor, sign) } else { None };
                found(local.unwrap_or(range.start)..range.end);
            }
            None => {
                start = dotted(text, start, sign, end).map_or(sign + 1, |range| {
                    let end = range.end;
                    found(range);
                    end
                });
            }
        }
    }
}
