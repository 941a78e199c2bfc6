//! The rates of an interval, and deciding by them.

mod decision;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use decision::{RowDecision, decide_together};
pub(crate) use rules::RuleRates;

use crate::counts::IntervalCounts;
use crate::strata::{Cells, ScoreBuckets, Stratum};
use crate::{Draw, Facts, SampleRate};

/// The rates of an interval, and what they decide. Cheap to clone; it never changes.
///
/// What it [decides](Self::decide) about a row follows from the table, the row's [`Facts`] and its request's [`Draw`] alone.
/// So the probability is known when the decision is made, and is the same wherever these are: instances that are to agree
/// on a row's probability need the same table, while with the same key what one keeps at a lower rate the other keeps too.
#[derive(Clone)]
pub struct RateTable {
    shared: Arc<Rates>,
}

pub(crate) struct Rates {
    pub(crate) interval: u64,
    pub(crate) buckets: ScoreBuckets,
    pub(crate) has_segment: bool,
    pub(crate) most_cells: usize,
    pub(crate) cells: Arc<Cells>,
    /// By stratum: as many as `cells` has texts.
    pub(crate) strata: Box<[SampleRate]>,
    pub(crate) rules: RuleRates,
}

/// A stratum and its rate, as [`RateTable::strata`] lists them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StratumRate<'a> {
    /// Its text.
    pub text: &'a str,
    /// The rate of its rows that no rule keeps.
    pub rate: SampleRate,
}

impl RateTable {
    pub(crate) fn new(rates: Rates) -> Self {
        Self { shared: Arc::new(rates) }
    }

    /// Whether the row of `facts` is kept, for a request that is about this row alone. Tens of nanoseconds; it allocates
    /// nothing. Rows of one request are [decided together](decide_together).
    pub fn decide(&self, draw: Draw, facts: &Facts<'_>) -> RowDecision {
        self.decide_shown(draw, facts, SampleRate::ALL)
    }

    /// The same of a row of which it is known whether champion and challenger disagree only because its request was shown
    /// to the challenger, which happens to the share `shown` of the requests.
    ///
    /// Where a shadow draws with the same key, whether it was shown depends on the draw: of those that disagree, only draws
    /// below `shown` are known to. So [`Rule::Disagreement`](crate::Rule::Disagreement) keeps `shown` times its rate of all,
    /// which is its rate of those that were shown, and that is the probability. A shadow with a key of its own makes it no
    /// less true, but fewer are kept: its rate of those that would have been shown with this key.
    pub fn decide_shown(&self, draw: Draw, facts: &Facts<'_>, shown: SampleRate) -> RowDecision {
        let facts = self.looked_at(facts);
        let stratum = self.stratum(&facts);
        let matched = self.shared.rules.matched(&facts);
        let (by_rule, rule) = self.shared.rules.greatest(matched, shown);
        // a stratum of every cell and bucket is there
        let by_stratum = self.shared.strata.get(stratum.index()).copied().unwrap_or_default();
        RowDecision::new(draw, stratum, by_stratum, by_rule, rule, matched)
    }

    /// The text of a stratum that this table has told of: the `stratum` column. As `b07|carrier=UA|v3`: the score's bucket,
    /// the segment if the policy has one, the version. Names are percent-encoded, and cut with a hash behind them where
    /// that takes more than 48 bytes; no text is longer than 160. `bnone` is for rows without a score, `carrier` without
    /// `=` for rows without the segment, `*` for all segments and versions without strata of their own.
    ///
    /// Another table's stratum has another text here, or none.
    #[must_use]
    pub fn stratum_text(&self, stratum: Stratum) -> &str {
        self.shared.cells.texts().get(stratum.index()).map_or("", |text| text)
    }

    /// All strata and their rates, in the order of [`Stratum`].
    #[must_use]
    pub fn strata(&self) -> impl ExactSizeIterator<Item = StratumRate<'_>> {
        let texts = self.shared.cells.texts().iter();
        texts.zip(&self.shared.strata).map(|(text, rate)| StratumRate { text, rate: *rate })
    }

    /// The rate of what `rule` matches, if it is in force.
    #[must_use]
    pub fn rule_rate(&self, rule: crate::Rule) -> Option<SampleRate> {
        self.shared.rules.rate(rule)
    }

    /// Above which score [`Rule::HighScore`](crate::Rule::HighScore) matches: infinity where it is not in force.
    #[must_use]
    pub fn high_scores_above(&self) -> f64 {
        self.shared.rules.above
    }

    /// Below which score [`Rule::LowScore`](crate::Rule::LowScore) matches: minus infinity where it is not in force.
    #[must_use]
    pub fn low_scores_below(&self) -> f64 {
        self.shared.rules.below
    }

    /// The number of the interval that it is for, from 0.
    #[must_use]
    pub fn interval(&self) -> u64 {
        self.shared.interval
    }

    /// Counts for the rows that this table decides about.
    #[must_use]
    pub fn counts(&self) -> IntervalCounts {
        IntervalCounts::new(self.clone())
    }

    pub(crate) fn cells(&self) -> &Arc<Cells> {
        &self.shared.cells
    }

    pub(crate) fn most_cells(&self) -> usize {
        self.shared.most_cells
    }

    pub(crate) fn places(&self) -> usize {
        self.shared.buckets.places()
    }

    /// What is looked at of `facts`.
    pub(crate) fn looked_at<'a>(&self, facts: &Facts<'a>) -> Facts<'a> {
        Facts { segment: facts.segment.filter(|_| self.shared.has_segment), ..*facts }
    }

    fn stratum(&self, facts: &Facts<'_>) -> Stratum {
        let (cell, place) = (self.shared.cells.place(facts), self.shared.buckets.place(facts.score));
        let stratum = cell * self.places() + place;
        Stratum(u32::try_from(stratum).unwrap_or(u32::MAX))
    }
}

impl fmt::Debug for RateTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateTable")
            .field("interval", &self.shared.interval)
            .field("strata", &self.shared.strata.len())
            .field("rules", &self.shared.rules)
            .finish_non_exhaustive()
    }
}
