//! What past intervals were like, over all strata.

use crate::Rule;
use crate::counts::{IntervalCounts, SCORE_STEPS};

/// Sums over past intervals, in which an interval counts half after so many others.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    decay: f64,
    /// By step of the score.
    pub(super) scores: Vec<f64>,
    pub(super) predictions: f64,
    pub(super) kept_by_rules_only: f64,
    /// By rule.
    pub(super) matched: [f64; Rule::COUNT],
    pub(super) kept: [f64; Rule::COUNT],
}

impl Memory {
    pub(super) fn new(half_life: u32) -> Self {
        Self {
            decay: decay(half_life),
            scores: vec![0.0; usize::from(SCORE_STEPS)],
            predictions: 0.0,
            kept_by_rules_only: 0.0,
            matched: [0.0; Rule::COUNT],
            kept: [0.0; Rule::COUNT],
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of an interval are tiny beside 2^53")]
    pub(super) fn end_interval(&mut self, counts: &IntervalCounts) {
        let add = |sum: &mut f64, count: u64| *sum = *sum * self.decay + count as f64;
        let totals = counts.totals();
        add(&mut self.predictions, totals.predictions);
        add(&mut self.kept_by_rules_only, totals.kept_by_rules_only);
        for (sum, count) in self.scores.iter_mut().zip(counts.scores()) {
            add(sum, *count);
        }
        for rule in Rule::ALL {
            add(&mut self.matched[rule.index()], counts.rule(rule).matched);
            add(&mut self.kept[rule.index()], counts.rule(rule).kept);
        }
    }

    /// The share of all predictions that `part` of them is, at most 1; nothing where there were none to speak of.
    pub(super) fn share(&self, part: f64) -> Option<f64> {
        (self.predictions >= f64::MIN_POSITIVE).then(|| (part / self.predictions).min(1.0))
    }
}

/// By what a sum shrinks in an interval to be half of it after `half_life`.
pub(super) fn decay(half_life: u32) -> f64 {
    (-1.0 / f64::from(half_life.max(1))).exp2()
}
