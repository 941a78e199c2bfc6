//! The patterns of a policy, all of them on the text as it was written.
//!
//! No pattern sees what another one has left, a hash for instance: only where a match was dropped, and what stood on both
//! sides of it has come together, they look again. Where the matches of two patterns overlap, the one that stands first in
//! the policy says what becomes of its match, and what else the other has matched goes.

use std::borrow::Cow;
use std::ops::Range;

use regex::Regex;

use super::{MASKED, MAX_ROUNDS};
use crate::privacy::MaskCounts;
use crate::privacy::action::TextAction;

/// A part of a text that goes, and what stands in its place.
struct Claim<'p> {
    range: Range<usize>,
    /// `None`: nothing.
    action: Option<&'p TextAction>,
}

/// A part of a text.
enum Piece {
    /// As it was written.
    Written(String),
    /// What an action has made.
    Made(String),
}

/// `text` without what `patterns` match; borrowed when that is nothing.
pub(super) fn without<'t>(
    patterns: &[(Regex, TextAction)],
    text: &'t str,
    counts: &mut MaskCounts,
) -> Cow<'t, str> {
    let mut claims = claimed(patterns, text);
    if claims.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut pieces = vec![];
    rewrite(text, &claims, &mut pieces, counts);
    for _ in 1..MAX_ROUNDS {
        let mut next = Vec::with_capacity(pieces.len());
        let mut is_any_claimed = false;
        for piece in pieces {
            match piece {
                Piece::Written(text) => {
                    claims = claimed(patterns, &text);
                    is_any_claimed |= !claims.is_empty();
                    rewrite(&text, &claims, &mut next, counts);
                }
                Piece::Made(text) => next.push(Piece::Made(text)),
            }
        }
        pieces = next;
        if !is_any_claimed {
            return Cow::Owned(joined(&pieces));
        }
    }
    let is_left =
        |piece: &Piece| matches!(piece, Piece::Written(text) if !claimed(patterns, text).is_empty());
    Cow::Owned(if pieces.iter().any(is_left) { MASKED.to_owned() } else { joined(&pieces) })
}

/// What is to go, from left to right and apart from each other.
fn claimed<'p>(patterns: &'p [(Regex, TextAction)], text: &str) -> Vec<Claim<'p>> {
    let mut claims: Vec<Claim<'p>> = Vec::new();
    for (pattern, action) in patterns {
        let mut new = Vec::new();
        let mut earlier = 0;
        for found in pattern.find_iter(text).filter(|found| !found.is_empty()) {
            let mut rest = found.range();
            while claims.get(earlier).is_some_and(|claim| claim.range.end <= rest.start) {
                earlier += 1;
            }
            let mut is_whole = true;
            for claim in claims[earlier..].iter().take_while(|claim| claim.range.start < found.end()) {
                is_whole = false;
                if rest.start < claim.range.start {
                    new.push(Claim { range: rest.start..claim.range.start, action: None });
                }
                rest.start = claim.range.end;
            }
            if rest.start < rest.end {
                new.push(Claim { range: rest, action: is_whole.then_some(action) });
            }
        }
        claims.append(&mut new);
        claims.sort_by_key(|claim| claim.range.start);
    }
    claims
}

/// Appends what stays of `text` and what stands for its claims to `pieces`. What is written and comes together is one piece.
fn rewrite(text: &str, claims: &[Claim<'_>], pieces: &mut Vec<Piece>, counts: &mut MaskCounts) {
    let mut end = 0;
    for Claim { range, action } in claims {
        push_written(text.get(end..range.start).unwrap_or_default(), pieces);
        end = range.end;
        if let Some(action) = action {
            counts.patterns += 1;
            let made = action.of(text.get(range.clone()).unwrap_or_default());
            pieces.extend(made.filter(|made| !made.is_empty()).map(Piece::Made));
        }
    }
    push_written(text.get(end..).unwrap_or_default(), pieces);
}

fn push_written(text: &str, pieces: &mut Vec<Piece>) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Written(last)) => last.push_str(text),
        _ => pieces.push(Piece::Written(text.to_owned())),
    }
}

fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|(Piece::Written(text) | Piece::Made(text))| text.as_str()).collect()
}
