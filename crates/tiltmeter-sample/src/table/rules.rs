//! The rates of the rules in an interval.

use crate::rule::RuleSet;
use crate::{Facts, Rule, SampleRate};

/// Which rules are in force, and what they keep.
#[derive(Clone, Debug)]
pub(crate) struct RuleRates {
    in_force: RuleSet,
    /// Nothing for those that are not in force.
    rates: [SampleRate; Rule::COUNT],
    /// Above it a score is high.
    pub(crate) above: f64,
    /// Below it a score is low.
    pub(crate) below: f64,
}

impl Default for RuleRates {
    fn default() -> Self {
        Self {
            in_force: RuleSet::default(),
            rates: [SampleRate::NOTHING; Rule::COUNT],
            above: f64::INFINITY,
            below: f64::NEG_INFINITY,
        }
    }
}

impl RuleRates {
    pub(crate) fn put(&mut self, rule: Rule, rate: SampleRate) {
        self.in_force = self.in_force.with(rule, true);
        self.rates[rule.index()] = rate;
    }

    pub(crate) fn rate(&self, rule: Rule) -> Option<SampleRate> {
        self.in_force
            .and(RuleSet::default().with(rule, true))
            .iter()
            .next()
            .map(|rule| self.rates[rule.index()])
    }

    pub(super) fn matched(&self, facts: &Facts<'_>) -> RuleSet {
        // comparisons with NaN are false
        let score = facts.score.unwrap_or(f64::NAN);
        RuleSet::default()
            .with(Rule::HighScore, score > self.above)
            .with(Rule::LowScore, score < self.below)
            .with(Rule::Failed, facts.flags.failed)
            .with(Rule::OutsideTrainingRange, facts.flags.outside_training_range)
            .with(Rule::Disagreement, facts.flags.disagreement)
            .with(Rule::Explicit, facts.flags.keep)
            .and(self.in_force)
    }

    /// The greatest rate of `rules`, and whose it is: the first's of those that have it. Disagreements are known of the share
    /// `shown`.
    pub(super) fn greatest(&self, rules: RuleSet, shown: SampleRate) -> (SampleRate, Option<Rule>) {
        let mut greatest = (SampleRate::NOTHING, None);
        if rules.is_empty() {
            return greatest;
        }
        for rule in rules.iter() {
            let rate = self.rates[rule.index()];
            let rate = if rule == Rule::Disagreement { rate.of(shown) } else { rate };
            if rate > greatest.0 {
                greatest = (rate, Some(rule));
            }
        }
        greatest
    }
}
