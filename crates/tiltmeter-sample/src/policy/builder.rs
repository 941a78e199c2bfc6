//! Making a policy.

use std::time::Duration;

use super::check;
use super::{Budget, CutOff, KeepRule, Policy, PolicyError, VolumeTiers};
use crate::Rule;
use crate::strata::ScoreBuckets;

/// Makes a [`Policy`].
///
/// ```
/// use tiltmeter_sample::{KeepRule, Policy, Rule, VolumeTiers};
///
/// let error = Policy::tails()
///     .with_tiers(VolumeTiers::constant(0.0))
///     .with_rule(Rule::Failed, KeepRule::at(1.5))
///     .with_segment("carier")
///     .build(&["carrier", "origin"])
///     .unwrap_err();
/// assert_eq!(error.faults().count(), 3);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PolicyBuilder {
    policy: Policy,
    edges: Vec<f64>,
}

impl PolicyBuilder {
    /// The most score buckets.
    pub const MAX_BUCKETS: usize = 100;
    /// The most pairs of a segment's value and a version.
    pub const MAX_CELLS: usize = 1 << 10;

    pub(super) fn tails() -> Self {
        let policy = Policy {
            interval: Duration::from_secs(60),
            instances: 1,
            expected_per_day: None,
            tiers: VolumeTiers::default(),
            buckets: ScoreBuckets::default(),
            segment: None,
            most_cells: 128,
            rules: [Some(KeepRule::always()); Rule::COUNT],
            high: CutOff::At(0.95),
            low: CutOff::At(0.05),
            floor_rows: 0.0,
            least_rate: 0.001,
            budget: None,
            half_life: 60,
            warn_above: 0.1,
        };
        Self { policy, edges: equal_width(20) }
    }

    pub(super) fn capped() -> Self {
        let scores = KeepRule::at(0.5).with_most_kept(0.015);
        let flagged = KeepRule::always().with_most_kept(0.01);
        Self::tails()
            .with_high_scores(CutOff::Quantile)
            .with_low_scores(CutOff::Quantile)
            .with_rule(Rule::HighScore, scores)
            .with_rule(Rule::LowScore, scores)
            .with_rule(Rule::Failed, flagged)
            .with_rule(Rule::OutsideTrainingRange, flagged)
            .with_rule(Rule::Disagreement, flagged)
    }

    /// The time between two [ends of an interval](crate::Adaptive::end_interval): a second to a day, a minute without.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.policy.interval = interval;
        self
    }

    /// The rate by volume.
    pub fn with_tiers(mut self, tiers: VolumeTiers) -> Self {
        self.policy.tiers = tiers;
        self
    }

    /// How many instances the fleet has: as long as nobody
    /// [tells](crate::Adaptive::set_fleet_predictions_per_day) the fleet's volume, it is this one's times that. 1 without.
    pub fn with_instances(mut self, instances: u32) -> Self {
        self.policy.instances = instances;
        self
    }

    /// What the fleet predicts in 24 hours, until as much time has been counted. Without, an instance that has just started
    /// takes the volume to be small, so that it keeps all at the usual rates, and what it has seen to go on: after a quarter of
    /// an hour, and already after three intervals if it has seen 400 predictions by then, or as soon as it has.
    pub fn with_expected_predictions_per_day(mut self, predictions: f64) -> Self {
        self.policy.expected_per_day = Some(predictions);
        self
    }

    /// As many buckets of equal width on [0, 1]: 1 to [`MAX_BUCKETS`](Self::MAX_BUCKETS), 20 without.
    pub fn with_buckets(mut self, buckets: usize) -> Self {
        // one too many is enough for the check to find fault with
        self.edges =
            if buckets == 0 { vec![f64::NAN] } else { equal_width(buckets.min(Self::MAX_BUCKETS + 1)) };
        self
    }

    /// Buckets with these edges between them, ascending, each above 0 and below 1. An edge belongs to the bucket above it.
    pub fn with_bucket_edges(mut self, edges: &[f64]) -> Self {
        self.edges = edges.iter().copied().take(Self::MAX_BUCKETS + 1).collect();
        self
    }

    /// The segment whose values are strata: one that [`build`](Self::build) is told of.
    pub fn with_segment(mut self, name: impl Into<String>) -> Self {
        self.policy.segment = Some(name.into());
        self
    }

    /// The most pairs of a segment's value and a version that have strata of their own, 1 to
    /// [`MAX_CELLS`](Self::MAX_CELLS); 128 without. The rarest share one.
    pub fn with_most_cells(mut self, cells: usize) -> Self {
        self.policy.most_cells = cells;
        self
    }

    /// What `rule` keeps.
    pub fn with_rule(mut self, rule: Rule, keep: KeepRule) -> Self {
        self.policy.rules[rule.index()] = Some(keep);
        self
    }

    /// `rule` keeps nothing beyond what is kept anyway.
    pub fn without_rule(mut self, rule: Rule) -> Self {
        self.policy.rules[rule.index()] = None;
        self
    }

    /// Above which score [`Rule::HighScore`] matches.
    pub fn with_high_scores(mut self, above: CutOff) -> Self {
        self.policy.high = above;
        self
    }

    /// Below which score [`Rule::LowScore`] matches.
    pub fn with_low_scores(mut self, below: CutOff) -> Self {
        self.policy.low = below;
        self
    }

    /// At least so many rows of each stratum in an interval, or all if they are fewer, in expectation: 0 without. It costs at
    /// most as many rows times the number of strata. May be a fraction: 1/60 is a row in an hour of minutes. What is expected
    /// is what past intervals had, so that a stratum that had nothing is kept as a whole when it comes. The stratum of all
    /// that have none of their own has no floor.
    pub fn with_floor_rows(mut self, rows: f64) -> Self {
        self.policy.floor_rows = rows;
        self
    }

    /// The least rate that a budget may bring about before it thins what rules and floors keep: 10^-6 to 1, 0.001 without.
    pub fn with_least_rate(mut self, rate: f64) -> Self {
        self.policy.least_rate = rate;
        self
    }

    /// What an instance may keep in a second: no bound without. A fleet's budget is that divided by its instances.
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.policy.budget = Some(budget);
        self
    }

    /// After how many intervals what was counted counts half, for floors and for shares of rules: 1 to 100,000, 60 without.
    pub fn with_half_life(mut self, intervals: u32) -> Self {
        self.policy.half_life = intervals;
        self
    }

    /// The share of all predictions, in (0, 1], that are kept by rules only, above which there is a
    /// [warning](crate::RulesEatSaving): 0.1 without.
    pub fn with_warning_above(mut self, share: f64) -> Self {
        self.policy.warn_above = share;
        self
    }

    /// The policy, where `segments` are the names that there are.
    ///
    /// # Errors
    /// When anything is wrong: all that is.
    pub fn build(mut self, segments: &[&str]) -> Result<Policy, PolicyError> {
        let faults = check::faults(&self.policy, &self.edges, segments);
        if !faults.is_empty() {
            return Err(PolicyError::new(faults));
        }
        self.policy.buckets = ScoreBuckets::new(self.edges);
        Ok(self.policy)
    }
}

/// The edges between `buckets` buckets of equal width on [0, 1].
#[expect(clippy::cast_precision_loss, reason = "at most a hundred or so")]
fn equal_width(buckets: usize) -> Vec<f64> {
    (1..buckets).map(|edge| edge as f64 / buckets as f64).collect()
}
