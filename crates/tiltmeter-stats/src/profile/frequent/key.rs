//! What a category is called in a counter.

use std::borrow::Cow;

use super::super::distinct::of_bytes;

/// The longest name, in bytes.
pub(super) const MOST_BYTES: usize = 128;

/// What is kept of a longer one.
const KEPT_BYTES: usize = 104;

/// The name itself, or the beginning of a long one with a hash of all of it.
pub(super) fn of(category: &str) -> Cow<'_, str> {
    if category.len() <= MOST_BYTES {
        return Cow::Borrowed(category);
    }
    let kept = &category[..category.floor_char_boundary(KEPT_BYTES)];
    Cow::Owned(format!("{kept}… #{:016x}", of_bytes(category.as_bytes())))
}
