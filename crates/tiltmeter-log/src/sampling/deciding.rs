//! Deciding about the rows of a request by the rates of the interval.

use std::sync::Arc;

use tiltmeter_record::{InclusionProbability, Prediction};
use tiltmeter_sample::{Draw, IntervalCounts, RateTable, RowDecision, Rule, SampleRate, decide_together};

use super::facts::{FactFinder, Found};
use super::texts::StratumTexts;

/// What is known of a request beside its rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) draw: Draw,
    /// Whether the application asked for its rows to be kept.
    pub(super) keep: bool,
    /// If champion and challenger disagree, the share of the requests of which that is known.
    pub(super) disagreement: Option<SampleRate>,
}

/// What the rows of a request met when they came: if they wait, they are decided by that, whatever has changed meanwhile.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) table: RateTable,
    pub(super) found: Vec<Found>,
}

/// The rates of an interval, and what was decided by them.
#[derive(Debug)]
pub(super) struct Deciding {
    table: RateTable,
    counts: IntervalCounts,
    texts: StratumTexts,
    finder: FactFinder,
    /// Of the rows of the request at hand.
    found: Vec<Found>,
    decisions: Vec<RowDecision>,
}

impl Deciding {
    pub(super) fn new(table: RateTable, finder: FactFinder) -> Self {
        let (counts, texts) = (table.counts(), StratumTexts::new(&table));
        Self { table, counts, texts, finder, found: Vec::new(), decisions: Vec::new() }
    }

    /// From now on by other rates.
    pub(super) fn begin(&mut self, table: RateTable) {
        (self.counts, self.texts) = (table.counts(), StratumTexts::new(&table));
        self.table = table;
    }

    /// Looks whether there is another baseline.
    pub(super) fn look(&mut self) {
        self.finder.look();
    }

    pub(super) fn counts(&self) -> &IntervalCounts {
        &self.counts
    }

    /// Kept rows take so many bytes.
    pub(super) fn add_bytes(&mut self, rows: u64, bytes: u64) {
        self.counts.add_bytes(rows, bytes);
    }

    pub(super) fn rule_rate(&self, rule: Rule) -> Option<SampleRate> {
        self.table.rule_rate(rule)
    }

    /// Decides about the rows of one request, which have just come, together; returns the probability with which they are
    /// kept. It counts once it is [settled](Self::settle).
    pub(super) fn decide(&mut self, rows: &[Prediction], known: Known) -> f64 {
        let looks_at_ranges = self.table.rule_rate(Rule::OutsideTrainingRange).is_some();
        let Self { finder, found, .. } = self;
        found.clear();
        found.extend(rows.iter().map(|row| finder.find(row, known.keep, looks_at_ranges)));
        let table = self.table.clone();
        self.decide_by(&table, rows, known);
        self.decisions.first().map_or(1.0, |decision| decision.inclusion_probability)
    }

    /// What the rows that were decided about last have met.
    pub(super) fn met(&self) -> Met {
        Met { table: self.table.clone(), found: self.found.clone() }
    }

    /// Decides about rows that have waited, and counts it, as [`settle`](Self::settle) does.
    pub(super) fn settle_waited(&mut self, rows: &mut [Prediction], met: Met, known: Known) -> bool {
        self.found = met.found;
        self.decide_by(&met.table, rows, known);
        if met.table.interval() == self.table.interval() {
            return self.settle(rows);
        }
        let is_kept = self.decisions.first().is_none_or(|decision| decision.is_kept);
        for (row, decision) in rows.iter_mut().zip(&self.decisions).filter(|_| is_kept) {
            include(row, decision, met.table.stratum_text(decision.stratum).into());
        }
        let outcomes = std::mem::take(&mut self.decisions);
        let table = self.table.clone();
        self.decide_by(&table, rows, known);
        for (decision, outcome) in self.decisions.iter_mut().zip(&outcomes) {
            *decision = decision.with_outcome_of(outcome);
        }
        self.count(rows);
        is_kept
    }

    /// Decides about the rows of one request, of which that was found, by `table`.
    fn decide_by(&mut self, table: &RateTable, rows: &[Prediction], known: Known) {
        let Self { finder, found, decisions, .. } = self;
        let Known { draw, disagreement, .. } = known;
        let shown = disagreement.unwrap_or(SampleRate::ALL);
        decisions.clear();
        for (row, found) in rows.iter().zip(found) {
            *found = found.with_disagreement(disagreement.is_some());
            decisions.push(table.decide_shown(draw, &finder.facts(row, *found), shown));
        }
        if rows.len() > 1 {
            decide_together(draw, decisions);
        }
    }

    /// Counts what was decided of these rows last, and puts it into them; tells whether they are kept.
    pub(super) fn settle(&mut self, rows: &mut [Prediction]) -> bool {
        self.count(rows);
        let Self { table, texts, decisions, .. } = self;
        let is_kept = decisions.first().is_none_or(|decision| decision.is_kept);
        for (row, decision) in rows.iter_mut().zip(&*decisions).filter(|_| is_kept) {
            include(row, decision, texts.text(table, decision.stratum));
        }
        is_kept
    }

    fn count(&mut self, rows: &[Prediction]) {
        let Self { counts, finder, found, decisions, .. } = self;
        for ((row, found), decision) in rows.iter().zip(found).zip(decisions) {
            counts.add(&finder.facts(row, *found), decision);
        }
    }
}

/// Puts into a row that is kept what was decided of it.
fn include(row: &mut Prediction, decision: &RowDecision, stratum: Arc<str>) {
    let probability = InclusionProbability::new(decision.inclusion_probability);
    row.inclusion.probability = probability.unwrap_or_default();
    row.inclusion.stratum = Some(stratum);
}
