//! What is decided of a row.

use crate::rule::RuleSet;
use crate::strata::Stratum;
use crate::{Draw, Rule, SampleRate};

/// Whether a row is kept, with what probability, and in which stratum it is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct RowDecision {
    /// Whether it is kept.
    pub is_kept: bool,
    /// The probability with which it was kept, in (0, 1]; its weight is one over that.
    pub inclusion_probability: f64,
    /// Its stratum: its own, also where its request's rows were decided together.
    pub stratum: Stratum,
    by_stratum: SampleRate,
    by_rule: SampleRate,
    rule: Option<Rule>,
    matched: RuleSet,
    is_kept_by_rules_only: bool,
}

impl RowDecision {
    pub(super) fn new(
        draw: Draw,
        stratum: Stratum,
        by_stratum: SampleRate,
        by_rule: SampleRate,
        rule: Option<Rule>,
        matched: RuleSet,
    ) -> Self {
        // one draw: whoever a rule keeps or the stratum keeps is below the greater of the rates
        let rate = by_stratum.max(by_rule);
        let is_kept = rate.keeps(draw);
        Self {
            is_kept,
            inclusion_probability: rate.as_f64(),
            stratum,
            by_stratum,
            by_rule,
            rule,
            matched,
            is_kept_by_rules_only: is_kept && !by_stratum.keeps(draw),
        }
    }

    /// The rules that match the row, whether or not they keep it; where rows were decided together, all that match any.
    pub fn rules(&self) -> impl Iterator<Item = Rule> + use<> {
        self.matched.iter()
    }

    /// Whether it is kept, and would not be without the rules.
    #[must_use]
    pub fn is_kept_by_rules_only(&self) -> bool {
        self.is_kept_by_rules_only
    }

    /// What this table counts of a row that another one has decided about: the stratum and the rules are of this decision, what
    /// became of the row is of `other`.
    ///
    /// For a row that is decided by the rates of an interval that is over: the counts of the one that runs know the strata of
    /// their own table only.
    pub fn with_outcome_of(self, other: &Self) -> Self {
        Self {
            is_kept: other.is_kept,
            inclusion_probability: other.inclusion_probability,
            is_kept_by_rules_only: other.is_kept_by_rules_only,
            ..self
        }
    }

    /// The rule that it is kept by if by any: that with the greatest rate, of the row or of its request.
    pub(crate) fn rule(&self) -> Option<Rule> {
        self.rule
    }
}

/// Keeps the rows of one request as a whole, or none of them: `rows` are what a [table](crate::RateTable::decide) decides of
/// each with the same `draw`.
///
/// The request is kept when any of its rows is; with one draw that has the greatest of their probabilities, and each row
/// then has it: `π = max π_i`. For variances such a request is a cluster: its rows are one observation.
///
/// ```
/// # use tiltmeter_sample::{Adaptive, Draw, Facts, Policy, VolumeTiers, decide_together};
/// # let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).build(&[])?;
/// # let table = Adaptive::new(policy).table();
/// let draw = Draw::from_bits(1 << 63);
/// let rows = [0.3, 0.97].map(|score| Facts { score: Some(score), ..Facts::default() });
/// let mut rows = rows.map(|facts| table.decide(draw, &facts));
/// assert!(!rows[0].is_kept && rows[1].is_kept);
///
/// decide_together(draw, &mut rows);
/// assert!(rows.iter().all(|row| row.is_kept && row.inclusion_probability == 1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide_together(draw: Draw, rows: &mut [RowDecision]) {
    let by_stratum = rows.iter().map(|row| row.by_stratum).max().unwrap_or(SampleRate::NOTHING);
    let greatest = rows.iter().max_by_key(|row| row.by_rule);
    let (by_rule, rule) = greatest.map_or((SampleRate::NOTHING, None), |row| (row.by_rule, row.rule));
    let matched = rows.iter().fold(RuleSet::default(), |matched, row| matched.or(row.matched));
    for row in rows {
        *row = RowDecision::new(draw, row.stratum, by_stratum, by_rule, rule, matched);
    }
}
