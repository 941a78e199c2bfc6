//! What an action makes of one value.

use std::sync::Arc;

use super::{Action, Keyring, MaskCounts};
use crate::Value;

/// An action with its keys.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    Drop,
    Text(TextAction),
    Number(NumberAction),
}

/// An action on text.
#[derive(Clone, Debug)]
pub(super) enum TextAction {
    Drop,
    Mask(usize),
    Hash(Keyring),
    Truncate(usize),
}

/// An action on numbers.
#[derive(Clone, Debug)]
pub(super) enum NumberAction {
    Bucket(Arc<[f64]>),
    Round(f64),
}

/// An action hashes, and there are no keys.
pub(super) struct NoKeys;

impl Rule {
    pub(super) fn new(action: &Action, keys: Option<&Keyring>) -> Result<Self, NoKeys> {
        Ok(match action {
            Action::Drop => Self::Drop,
            Action::Mask { keep_last } => Self::Text(TextAction::Mask(*keep_last)),
            Action::Hash => Self::Text(TextAction::Hash(keys.ok_or(NoKeys)?.clone())),
            Action::Truncate { keep_first } => Self::Text(TextAction::Truncate(*keep_first)),
            Action::Bucket { bounds } => Self::Number(NumberAction::Bucket(Arc::clone(bounds))),
            Action::Round { step } => Self::Number(NumberAction::Round(*step)),
        })
    }

    /// The rule as one of text; a number's rule drops it.
    pub(super) fn into_text(self) -> TextAction {
        match self {
            Self::Text(action) => action,
            Self::Drop | Self::Number(_) => TextAction::Drop,
        }
    }
}

/// What stays of a text of which at most half may stay.
pub(super) const MASK: &str = "***";

impl TextAction {
    /// What stays of a text; `None`: nothing.
    pub(super) fn of(&self, text: &str) -> Option<String> {
        match self {
            Self::Drop => None,
            Self::Mask(keep_last) => Some(mask(text, *keep_last)),
            Self::Hash(keys) => Some(keys.hash(text)),
            Self::Truncate(keep_first) => Some(first(text, *keep_first).to_owned()),
        }
    }

    /// The same, counted.
    pub(super) fn apply(&self, text: &str, counts: &mut MaskCounts) -> Option<String> {
        self.count(counts);
        self.of(text)
    }

    pub(super) fn count(&self, counts: &mut MaskCounts) {
        *match self {
            Self::Drop => &mut counts.dropped,
            Self::Mask(_) => &mut counts.masked,
            Self::Hash(_) => &mut counts.hashed,
            Self::Truncate(_) => &mut counts.truncated,
        } += 1;
    }

    /// Whether a text is looked through before: what stays of it is text that someone wrote.
    pub(super) fn leaves_text(&self) -> bool {
        matches!(self, Self::Truncate(_))
    }
}

pub(super) fn mask(text: &str, keep_last: usize) -> String {
    let last = keep_last.checked_sub(1).and_then(|before| text.char_indices().nth_back(before));
    let kept = match last {
        // twice as many characters are there when as many stand before
        Some((at, _)) if text[..at].chars().nth(keep_last - 1).is_some() => &text[at..],
        _ => "",
    };
    format!("{MASK}{kept}")
}

pub(super) fn first(text: &str, keep: usize) -> &str {
    text.char_indices().nth(keep).map_or(text, |(end, _)| &text[..end])
}

/// Up to here every whole number is a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl NumberAction {
    /// What stays of a number; `None`: nothing.
    pub(super) fn of(&self, number: f64) -> Option<f64> {
        let kept = match self {
            Self::Bucket(bounds) => {
                if number.is_nan() {
                    return None;
                }
                let below = bounds.partition_point(|bound| *bound <= number);
                *bounds.get(below.checked_sub(1)?)?
            }
            // a zero without a sign
            Self::Round(step) => (number / step).round() * step + 0.0,
        };
        kept.is_finite().then_some(kept)
    }

    /// The same of a whole number: whole, if the bounds or the step are.
    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond 2^53 the nearest float decides which bucket it is"
    )]
    #[expect(clippy::cast_possible_truncation, reason = "guarded: whole, and not beyond 2^53")]
    pub(super) fn of_whole(&self, number: i64) -> Value {
        if let Self::Round(step) = self
            && step.fract() == 0.0
            && *step <= EXACT
        {
            return Value::Integer(round_whole(number, *step as i64));
        }
        match self.of(number as f64) {
            None => Value::Missing,
            Some(kept) if kept.fract() == 0.0 && kept.abs() <= EXACT => Value::Integer(kept as i64),
            Some(kept) => Value::Float(kept),
        }
    }

    pub(super) fn count(&self, counts: &mut MaskCounts) {
        *match self {
            Self::Bucket(_) => &mut counts.bucketed,
            Self::Round(_) => &mut counts.rounded,
        } += 1;
    }
}

/// The nearest multiple of `step`; where that is beyond 64 bits, the one before it.
fn round_whole(number: i64, step: i64) -> i64 {
    let rest = number % step;
    let down = number - rest;
    let away = rest.unsigned_abs() >= step.unsigned_abs() - rest.unsigned_abs();
    if away && rest != 0 { down.checked_add(step * rest.signum()).unwrap_or(down) } else { down }
}

#[cfg(test)]
mod tests;
