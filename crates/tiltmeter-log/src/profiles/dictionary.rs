//! Texts as numbers, for as long as a block of rows lasts.

use std::collections::HashMap;
use std::sync::Arc;

/// The code of a row without a text.
pub(super) const MISSING: u32 = u32::MAX;

/// Texts in the order in which they came. As many as the rows of a block at the most.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    codes: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    /// The one that was asked for last: columns repeat themselves.
    last: u32,
    bytes: usize,
}

impl Dictionary {
    /// The code of a text, which is shared and not copied.
    pub(super) fn code(&mut self, text: &Arc<str>) -> u32 {
        if self.texts.get(self.last as usize).is_some_and(|last| last == text) {
            return self.last;
        }
        self.last = match self.codes.get(text) {
            Some(&code) => code,
            None => self.insert(Arc::clone(text)),
        };
        self.last
    }

    /// The same of one that is rarely new.
    pub(super) fn code_of(&mut self, text: &str) -> u32 {
        match self.codes.get(text) {
            Some(&code) => code,
            None => self.insert(text.into()),
        }
    }

    fn insert(&mut self, text: Arc<str>) -> u32 {
        let code = u32::try_from(self.texts.len()).unwrap_or(MISSING);
        self.bytes += text.len();
        self.texts.push(Arc::clone(&text));
        self.codes.insert(text, code);
        code
    }

    /// The texts, by code.
    pub(super) fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// Bytes of all texts.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.codes.clear();
        self.texts.clear();
        (self.last, self.bytes) = (0, 0);
    }
}
