//! Texts that are mostly different from one another.

/// A column of texts that are mostly different from one another, such as entity ids; each may be missing.
///
/// They stand one after the other in one buffer: a row costs its text and eight bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    buffer: String,
    /// Where each text ends; the top bit marks one that is missing.
    ends: Vec<usize>,
}

const MISSING: usize = 1 << (usize::BITS - 1);

impl Texts {
    /// No texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a text, or `None` for one that is missing.
    pub fn push(&mut self, text: Option<&str>) {
        self.buffer.push_str(text.unwrap_or_default());
        let mark = if text.is_none() { MISSING } else { 0 };
        self.ends.push(self.buffer.len() | mark);
    }

    /// The text of a row; `None` when it is missing or there is no such row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] & !MISSING);
        (end & MISSING == 0).then(|| &self.buffer[start..end])
    }

    /// The texts in the order of their rows.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl<'a> Extend<Option<&'a str>> for Texts {
    fn extend<I: IntoIterator<Item = Option<&'a str>>>(&mut self, texts: I) {
        texts.into_iter().for_each(|text| self.push(text));
    }
}

impl<'a> FromIterator<Option<&'a str>> for Texts {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(texts: I) -> Self {
        let mut column = Self::new();
        column.extend(texts);
        column
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_pushed_is_got(texts in prop::collection::vec(prop::option::of(".{0,5}"), 0..20)) {
            let column: Texts = texts.iter().map(Option::as_deref).collect();
            prop_assert_eq!(column.len(), texts.len());
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), texts.iter().map(Option::as_deref).collect::<Vec<_>>());
            prop_assert_eq!(column.get(texts.len()), None);
        }
    }
}
