//! Whether rules eat the saving.

use super::change::{RuleShare, RulesEatSaving};
use super::memory::Memory;
use crate::Rule;

/// Fewer predictions say nothing about shares.
const ENOUGH: f64 = 100.0;
/// A warning ends below this part of its bound.
const ENDS_BELOW: f64 = 0.8;

/// A bound on what rules alone keep, and whether it is exceeded.
#[derive(Clone, Debug)]
pub(super) struct SavingWatch {
    bound: f64,
    is_exceeded: bool,
}

impl SavingWatch {
    pub(super) fn new(bound: f64) -> Self {
        Self { bound, is_exceeded: false }
    }

    pub(super) fn end_interval(&mut self, memory: &Memory) -> Option<RulesEatSaving> {
        let share = memory.share(memory.kept_by_rules_only).filter(|_| memory.predictions >= ENOUGH)?;
        self.is_exceeded = share > self.bound * if self.is_exceeded { ENDS_BELOW } else { 1.0 };
        self.is_exceeded.then(|| RulesEatSaving { share, bound: self.bound, rules: shares(memory) })
    }
}

/// What each rule that matches anything comes to: first what keeps most.
fn shares(memory: &Memory) -> Vec<RuleShare> {
    let of = |rule: Rule| {
        let [matched, kept] = [memory.matched, memory.kept].map(|sums| memory.share(sums[rule.index()]));
        let (matched, kept) = matched.zip(kept)?;
        (matched > 0.0).then_some(RuleShare { rule, matched, kept })
    };
    let mut shares: Vec<RuleShare> = Rule::ALL.into_iter().filter_map(of).collect();
    shares.sort_by(|one, other| other.kept.total_cmp(&one.kept));
    shares
}
