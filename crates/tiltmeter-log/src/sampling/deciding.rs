//! Deciding about the rows of a request by the rates of the interval.

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

    /// Decides about the rows of one request together; returns the probability with which they are kept. It counts once it is
    /// [settled](Self::settle).
    pub(super) fn decide(&mut self, rows: &[Prediction], known: Known) -> f64 {
        let Self { table, finder, found, decisions, .. } = self;
        let Known { draw, keep, disagreement } = known;
        let looks_at_ranges = table.rule_rate(Rule::OutsideTrainingRange).is_some();
        let shown = disagreement.unwrap_or(SampleRate::ALL);
        found.clear();
        decisions.clear();
        for row in rows {
            let of_row = finder.find(row, keep, looks_at_ranges).with_disagreement(disagreement.is_some());
            found.push(of_row);
            decisions.push(table.decide_shown(draw, &finder.facts(row, of_row), shown));
        }
        if rows.len() > 1 {
            decide_together(draw, decisions);
        }
        decisions.first().map_or(1.0, |decision| decision.inclusion_probability)
    }

    /// Counts what was decided of these rows last, and puts it into them; tells whether they are kept.
    pub(super) fn settle(&mut self, rows: &mut [Prediction]) -> bool {
        let Self { table, counts, texts, finder, found, decisions } = self;
        let mut is_kept = true;
        for ((row, found), decision) in rows.iter_mut().zip(found.iter()).zip(decisions.iter()) {
            counts.add(&finder.facts(row, *found), decision);
            is_kept = decision.is_kept;
            if is_kept {
                let probability = InclusionProbability::new(decision.inclusion_probability);
                row.inclusion.probability = probability.unwrap_or_default();
                row.inclusion.stratum = Some(texts.text(table, decision.stratum));
            }
        }
        is_kept
    }
}
