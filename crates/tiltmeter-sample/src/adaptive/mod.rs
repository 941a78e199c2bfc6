//! From the counts of past intervals to the rates of the next: the only thing here that has a state.

mod budget;
mod change;
mod memory;
mod rules;
mod strata;
#[cfg(test)]
mod tests;
mod volume;
mod warning;

use std::fmt;

pub use change::{Because, CommonRate, IntervalEnd, RateChange, RuleShare, RulesEatSaving};

use budget::{BudgetControl, Common, Group};
use memory::Memory;
use rules::InForce;
use strata::StrataMemory;
use volume::Volume;
use warning::SavingWatch;

use crate::counts::{CAUSES, IntervalCounts};
use crate::policy::Policy;
use crate::table::{RateTable, Rates, RuleRates};
use crate::{Rule, SampleError, SampleRate};

/// Rates that adapt from interval to interval: from the counts of past ones to the [`RateTable`] of the next.
///
/// The caller ends each interval, also one in which nothing happened; time passes in no other way. The
/// [crate's page](crate#the-whole-flow) shows it.
///
/// # Why it is unbiased
/// Let a row have the probability π with which it is kept, and let `I` be 1 if it is, else 0. The rates of an interval are
/// functions of the counts of past intervals, so that given the past π is a known number, and the request's draw is uniform
/// on \[0, 1) whatever the past: E\[I / π | past\] = π / π = 1. A sum of any value y over all rows is then estimated
/// without bias by that of y / π over the rows that are kept (the Horvitz-Thompson estimator), however the rates have moved.
///
/// Counts are of all predictions, not of those that were kept. So rates do not depend on draws at all, not even where an id
/// comes again and draws as before. There are two exceptions, both of which depend on *past* draws alone, so that π stays a
/// known number for ids that come once:
///
/// - a [budget in bytes](crate::Budget::BytesPerSecond), which depends on the size of kept rows: where ids repeat, prefer one
///   in rows;
/// - shadows that sample: what [`Rule::Disagreement`] matched is known of requests only that the challenger was shown, which
///   their draws decide. A bound on that rule ([`KeepRule::with_most_kept`](crate::KeepRule::with_most_kept)) and a budget,
///   which reckon with what it matched, move with them.
///
/// Rows of one request that are [kept together](crate::decide_together) are one observation: it adds
/// (Σ y)² (1 - π) / π to the variance.
///
/// # Why it settles
/// Volume is counted before sampling, so no rate feeds on itself. The border of a tier is crossed only beyond a
/// [band](crate::VolumeTiers::with_hysteresis) around it. Only an instance that has just started, and that was not told what
/// to [expect](crate::PolicyBuilder::with_expected_predictions_per_day), may cross one back within its first quarter of an
/// hour: it goes by a few minutes then. A budget's rates stay while they would have kept no more than
/// it, and not so much less that noise does not explain it: a tenth and sixteen standard deviations of the count less, but
/// half of it at the most. Outside of that they fall at once, within an interval, and rise so that rows grow by half.
///
/// # When not
/// For a rate that does not change, and that is the same for all rows, a [`Sampler`](crate::Sampler) is enough.
#[derive(Clone)]
pub struct Adaptive {
    policy: Policy,
    /// The number of the interval that runs.
    interval: u64,
    volume: Volume,
    /// The fleet's volume as it was told, and the interval from which on it is too old.
    told: Option<(f64, u64)>,
    tier: usize,
    memory: Memory,
    strata: StrataMemory,
    budget: BudgetControl,
    saving: SavingWatch,
    common: Common,
    table: RateTable,
}

impl Adaptive {
    /// Rates by `policy`, for an instance that has seen nothing yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let tier = policy.expected_per_day.map_or(0, |per_day| policy.tiers.after(0, per_day));
        let memory = Memory::new(policy.half_life);
        let strata = StrataMemory::new(policy.half_life, policy.buckets.places(), policy.segment.as_deref());
        let common = Common { base: policy.tiers.rate(tier), thinning: 1.0 };
        // nobody knows yet what is rare: no floors
        let floors = vec![0.0; strata.cells.texts().len()];
        let table = table(&policy, 0, &strata, common, &floors, &rules::in_force(&policy, &memory));
        Self {
            interval: 0,
            volume: Volume::new(policy.interval),
            told: None,
            tier,
            memory,
            strata,
            budget: BudgetControl::new(policy.budget, policy.interval, policy.least_rate),
            saving: SavingWatch::new(policy.warn_above),
            common,
            table,
            policy,
        }
    }

    /// The rates of the interval that runs.
    #[must_use]
    pub fn table(&self) -> RateTable {
        self.table.clone()
    }

    /// A rate that all rows have in common, in the interval that runs.
    #[must_use]
    pub fn common_rate(&self, of: CommonRate) -> f64 {
        match of {
            CommonRate::Base => self.common.base,
            CommonRate::Thinning => self.common.thinning,
        }
    }

    /// Tells what the whole fleet has predicted in the trailing 24 hours: something central knows. It counts from the next
    /// interval on, and for 24 hours; after that the instance's own volume times the policy's number of instances does
    /// again.
    ///
    /// # Errors
    /// When it is not a finite number from 0.
    pub fn set_fleet_predictions_per_day(&mut self, predictions: f64) -> Result<(), SampleError> {
        if !(predictions >= 0.0 && predictions.is_finite()) {
            return Err(SampleError::new("a fleet's volume is a finite number of predictions from 0"));
        }
        let until = self.interval.saturating_add(volume::intervals_per_day(self.policy.interval));
        self.told = Some((predictions, until));
        Ok(())
    }

    /// Ends an interval: the rates of the next follow from it and all before. Under a millisecond for two thousand strata,
    /// tens of them for the hundred thousand that there can be.
    pub fn end_interval(&mut self, counts: &IntervalCounts) -> IntervalEnd {
        self.interval = self.interval.saturating_add(1);
        self.volume.end_interval(counts.totals().predictions);
        self.memory.end_interval(counts);
        self.strata.end_interval(counts, self.policy.segment.as_deref(), self.policy.most_cells);
        self.budget.see_bytes_per_row(counts.bytes_per_row());

        let per_day = self.fleet_predictions_per_day();
        let tier = per_day.map_or(self.tier, |per_day| self.policy.tiers.after(self.tier, per_day));
        let is_new_tier = tier != self.tier;
        self.tier = tier;

        let floors = self.floors();
        let rules = rules::in_force(&self.policy, &self.memory);
        let groups = self.groups(&floors, &rules);
        let common = self.budget.next(self.policy.tiers.rate(tier), &groups);
        let changes = self.changes(common, is_new_tier);
        self.common = common;
        self.table = table(&self.policy, self.interval, &self.strata, common, &floors, &rules);
        IntervalEnd {
            table: self.table.clone(),
            changes,
            totals: counts.totals(),
            fleet_predictions_per_day: per_day,
            warning: self.saving.end_interval(&self.memory),
        }
    }

    fn fleet_predictions_per_day(&self) -> Option<f64> {
        let told = self.told.filter(|(_, until)| self.interval <= *until).map(|(per_day, _)| per_day);
        let own = || self.volume.per_day().map(|per_day| per_day * f64::from(self.policy.instances));
        let expected = self.policy.expected_per_day.filter(|_| !self.volume.is_of_a_day());
        told.or(expected).or_else(own)
    }

    /// By stratum, the rate at which the floor's rows are kept of the rows that are expected. Not in the shared cell: a new
    /// version is there at first, and nobody can expect how much comes of it.
    fn floors(&self) -> Vec<f64> {
        let rows = self.policy.floor_rows;
        let floor = |expected: f64| match rows {
            rows if rows <= 0.0 => 0.0,
            rows if rows >= expected => 1.0,
            rows => rows / expected,
        };
        let shared = self.policy.buckets.places();
        let own = self.strata.cells.texts().len() - shared;
        self.strata.means().take(own).map(floor).chain(std::iter::repeat_n(0.0, shared)).collect()
    }

    /// The last interval's rows by the rates that floors and rules would give them.
    #[expect(clippy::cast_precision_loss, reason = "counts of an interval are tiny beside 2^53")]
    fn groups(&self, floors: &[f64], rules: &[InForce]) -> Vec<Group> {
        let mut by_cause = [0.0; CAUSES];
        for in_force in rules {
            by_cause[in_force.rule.index()] = in_force.rate;
        }
        let of_stratum = |(rows, floor): (&[u64], &f64)| {
            let groups = rows.iter().zip(by_cause).filter(|(rows, _)| **rows > 0);
            let groups = groups.map(|(rows, rate)| Group { rows: *rows as f64, at_least: rate.max(*floor) });
            groups.collect::<Vec<_>>()
        };
        self.strata.last().zip(floors).flat_map(of_stratum).collect()
    }

    fn changes(&self, common: Common, is_new_tier: bool) -> Vec<RateChange> {
        let change = |of, from: f64, to: f64, because| {
            let at_interval = self.interval;
            (from.to_bits() != to.to_bits()).then_some(RateChange { of, from, to, because, at_interval })
        };
        let because = if is_new_tier { Because::Volume } else { Because::Budget };
        let base = change(CommonRate::Base, self.common.base, common.base, because);
        let thinning = change(CommonRate::Thinning, self.common.thinning, common.thinning, Because::Budget);
        base.into_iter().chain(thinning).collect()
    }
}

impl fmt::Debug for Adaptive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adaptive")
            .field("tier", &self.tier)
            .field("common", &self.common)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

fn table(
    policy: &Policy,
    interval: u64,
    strata: &StrataMemory,
    common: Common,
    floors: &[f64],
    in_force: &[InForce],
) -> RateTable {
    let mut rules = RuleRates::default();
    for rule in in_force {
        rules.put(rule.rule, sample_rate(rule.rate * common.thinning));
        match (rule.rule, rule.cut_off) {
            (Rule::HighScore, Some(above)) => rules.above = above,
            (Rule::LowScore, Some(below)) => rules.below = below,
            _ => {}
        }
    }
    let rate = |floor: &f64| sample_rate(common.base.max(*floor) * common.thinning);
    RateTable::new(Rates {
        interval,
        buckets: policy.buckets.clone(),
        has_segment: policy.segment.is_some(),
        most_cells: policy.most_cells,
        cells: strata.cells.clone(),
        strata: floors.iter().map(rate).collect(),
        rules,
    })
}

/// A rate that keeps something, whatever was computed.
fn sample_rate(rate: f64) -> SampleRate {
    const LEAST: f64 = 1e-12;
    SampleRate::new(rate.clamp(LEAST, 1.0)).unwrap_or(SampleRate::ALL)
}
