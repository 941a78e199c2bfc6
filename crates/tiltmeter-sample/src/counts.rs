//! What happened in an interval.

use std::fmt;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::strata::{Cell, hash};
use crate::{Facts, RateTable, RowDecision, Rule};

/// How finely scores are counted, for cut-offs.
pub(crate) const SCORE_STEPS: u16 = 1 << 10;
/// By which a row is kept: one of the rules, or none.
pub(crate) const CAUSES: usize = Rule::COUNT + 1;

/// Counts of the predictions in an interval, kept or not, for [`Adaptive::end_interval`](crate::Adaptive::end_interval).
///
/// [`RateTable::counts`] makes them, and they are only for rows that this table decides about. They take some hundreds of
/// kilobytes at the most, with other bounds on [buckets](crate::PolicyBuilder::with_buckets) and
/// [cells](crate::PolicyBuilder::with_most_cells) up to some megabytes.
pub struct IntervalCounts {
    table: RateTable,
    /// By stratum, then by cause.
    rows: Box<[u64]>,
    /// Cells that the table has none for. Their rows are counted here, not among those of the shared cell.
    newcomers: HashTable<Newcomer>,
    hasher: DefaultHashBuilder,
    scores: Box<[u64]>,
    rules: [RuleCount; Rule::COUNT],
    totals: Totals,
    with_bytes: u64,
    bytes: u64,
}

/// A cell that had no stratum yet, and its rows by bucket, then by cause.
pub(crate) struct Newcomer {
    pub(crate) cell: Cell,
    pub(crate) rows: Box<[u64]>,
}

impl Newcomer {
    fn add(&mut self, at: usize) {
        if let Some(rows) = self.rows.get_mut(at) {
            *rows += 1;
        }
    }
}

/// How many predictions there were, and how many rows are left of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Predictions, kept or not.
    pub predictions: u64,
    /// Rows that were kept.
    pub kept: u64,
    /// Of these, rows that would not have been kept without the rules.
    pub kept_by_rules_only: u64,
}

/// What a rule came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleCount {
    /// Predictions that it matched, or another row of their request.
    pub matched: u64,
    /// Of these, rows that were kept.
    pub kept: u64,
}

impl IntervalCounts {
    pub(crate) fn new(table: RateTable) -> Self {
        let strata = table.cells().texts().len();
        Self {
            rows: vec![0; strata * CAUSES].into(),
            newcomers: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            scores: vec![0; usize::from(SCORE_STEPS)].into(),
            rules: [RuleCount::default(); Rule::COUNT],
            totals: Totals::default(),
            with_bytes: 0,
            bytes: 0,
            table,
        }
    }

    /// Counts a prediction, and what was decided of its row: whether or not it is kept, or rates would feed on themselves.
    /// Some ten nanoseconds; it allocates only for a segment's value or a version that the table does not know yet.
    pub fn add(&mut self, facts: &Facts<'_>, decision: &RowDecision) {
        self.totals.predictions += 1;
        self.totals.kept += u64::from(decision.is_kept);
        self.totals.kept_by_rules_only += u64::from(decision.is_kept_by_rules_only());
        for rule in decision.rules() {
            let count = &mut self.rules[rule.index()];
            count.matched += 1;
            count.kept += u64::from(decision.is_kept);
        }
        if let Some(step) = facts.score.and_then(step).and_then(|step| self.scores.get_mut(step)) {
            *step += 1;
        }
        let cause = decision.rule().map_or(Rule::COUNT, Rule::index);
        let (stratum, places) = (decision.stratum.index(), self.table.places());
        let own = self.table.cells().own().len() * places;
        let is_counted = stratum >= own && self.add_to_newcomer(facts, (stratum - own) * CAUSES + cause);
        if !is_counted && let Some(rows) = self.rows.get_mut(stratum.saturating_mul(CAUSES) + cause) {
            *rows += 1;
        }
    }

    /// Counts the bytes that kept rows take: for a budget in bytes.
    pub fn add_bytes(&mut self, rows: u64, bytes: u64) {
        self.with_bytes = self.with_bytes.saturating_add(rows);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// How many predictions and rows there were.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// What `rule` came to.
    #[must_use]
    pub fn rule(&self, rule: Rule) -> RuleCount {
        self.rules[rule.index()]
    }

    pub(crate) fn table(&self) -> &RateTable {
        &self.table
    }

    pub(crate) fn rows(&self) -> &[u64] {
        &self.rows
    }

    pub(crate) fn scores(&self) -> &[u64] {
        &self.scores
    }

    /// The bytes of a row, if any were told.
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    pub(crate) fn bytes_per_row(&self) -> Option<f64> {
        (self.with_bytes > 0).then(|| self.bytes as f64 / self.with_bytes as f64)
    }

    /// In the order of their names.
    pub(crate) fn newcomers(&self) -> Vec<&Newcomer> {
        let mut newcomers: Vec<&Newcomer> = self.newcomers.iter().collect();
        newcomers.sort_unstable_by(|one, other| one.cell.cmp(&other.cell));
        newcomers
    }

    /// Whether the row was counted at a cell of its own.
    fn add_to_newcomer(&mut self, facts: &Facts<'_>, at: usize) -> bool {
        let facts = self.table.looked_at(facts);
        let Some(names) = Cell::names(&facts) else { return false };
        let hashed = hash(&self.hasher, names);
        if let Some(newcomer) = self.newcomers.find_mut(hashed, |newcomer| newcomer.cell.as_names() == names)
        {
            newcomer.add(at);
            return true;
        }
        if self.newcomers.len() >= self.table.most_cells() {
            return false;
        }
        let cell = Cell::of(names);
        let mut newcomer = Newcomer { cell, rows: vec![0; self.table.places() * CAUSES].into() };
        newcomer.add(at);
        let hasher = &self.hasher;
        let hash_of = |newcomer: &Newcomer| hash(hasher, newcomer.cell.as_names());
        self.newcomers.insert_unique(hashed, newcomer, hash_of);
        true
    }
}

/// The step of a score; of one beyond [0, 1] the outermost.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from a float, `as` saturates: what is below 0 is 0, and what is too much has the last step"
)]
fn step(score: f64) -> Option<usize> {
    let step = || ((score * f64::from(SCORE_STEPS)) as usize).min(usize::from(SCORE_STEPS) - 1);
    (!score.is_nan()).then(step)
}

impl fmt::Debug for IntervalCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntervalCounts").field("totals", &self.totals).finish_non_exhaustive()
    }
}
