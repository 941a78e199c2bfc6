//! Text that is looked through by patterns and detectors.

use std::borrow::Cow;

use regex::Regex;

use super::MaskCounts;
use super::action::TextAction;
use super::detect::{Detectors, Found};

mod patterns;

/// How often a text is looked through: what was found leaves a text in which something else may be found.
const MAX_ROUNDS: usize = 4;

/// What stays of a text in which something is found even then.
const MASKED: &str = "<masked>";

/// Looks through text.
#[derive(Debug)]
pub(super) struct Scanner {
    patterns: Vec<(Regex, TextAction)>,
    detectors: Detectors,
    found: Vec<Found>,
}

impl Scanner {
    /// `None` when there is nothing to look for.
    pub(super) fn new(patterns: Vec<(Regex, TextAction)>, detectors: Detectors) -> Option<Self> {
        let idle = patterns.is_empty() && detectors.is_empty();
        (!idle).then(|| Self { patterns, detectors, found: Vec::new() })
    }

    /// `text` without what was found; borrowed when that is nothing.
    ///
    /// What the detectors leave, they leave again: a text in which they still find something after a few rounds is masked
    /// as a whole.
    pub(super) fn scan<'t>(&mut self, text: &'t str, counts: &mut MaskCounts) -> Cow<'t, str> {
        let mut scanned = patterns::without(&self.patterns, text, counts);
        for _ in 0..MAX_ROUNDS {
            self.detectors.find(&scanned, &mut self.found);
            if self.found.is_empty() {
                return scanned;
            }
            scanned = Cow::Owned(self.without_found(&scanned, counts));
        }
        self.detectors.find(&scanned, &mut self.found);
        if self.found.is_empty() { scanned } else { Cow::Owned(MASKED.to_owned()) }
    }

    /// The same; `None` when nothing was found.
    pub(super) fn changed(&mut self, text: &str, counts: &mut MaskCounts) -> Option<String> {
        match self.scan(text, counts) {
            Cow::Owned(scanned) => Some(scanned),
            Cow::Borrowed(_) => None,
        }
    }

    fn without_found(&self, text: &str, counts: &mut MaskCounts) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut end = 0;
        for (range, detector) in &self.found {
            kept.push_str(text.get(end..range.start).unwrap_or_default());
            kept.push_str(detector.replacement());
            counts.found(*detector);
            end = range.end;
        }
        kept.push_str(text.get(end..).unwrap_or_default());
        kept
    }
}
