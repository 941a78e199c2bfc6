//! Which rows are worth keeping.

mod budget;
mod keep;
mod strata;
mod tiers;

use std::time::Duration;

pub use budget::SamplingBudget;
pub use keep::{KeepRules, SamplingRule, ScoreCutOff, ScoreRule};
pub use strata::ScoreBuckets;
pub use tiers::{SamplingTier, SamplingTiers};

use super::feature::Declared;
use super::field::Field;
use super::fields::Fields;
use super::key_source::key_source;
use super::problem::Problem;
use crate::FeatureName;
use crate::privacy::{KeySource, PrivacyPolicy};

const RATE: &str = "a rate from 0.000001 to 1";
const INTERVAL: &str = "a duration from 1s to 1d";
const PER_DAY: &str = "a number from 0 to 1e15";
const FLOOR: &str = "a number of rows from 0 to 1e9";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_INSTANCES: usize = 1_000_000;
const MOST_CELLS: usize = 1 << 10;
const LONGEST_HALF_LIFE: usize = 100_000;

/// Which rows of a model are worth keeping: the spec's `sampling`.
///
/// It is a description alone: `tiltmeter-sample` makes a policy of it, and every one that a spec can hold is a good one.
/// Everything but the policy has a default, of which some follow from the policy ([`Sampling::defaults`]).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sampling {
    /// What is kept where nothing else is said. With [`SamplingPolicy::All`] only [`key`](Self::key) says anything more.
    pub policy: SamplingPolicy,
    /// The rate by volume.
    pub tiers: SamplingTiers,
    /// How many instances the fleet has: from what one of them sees the volume is guessed as long as nobody tells it. 1 to
    /// 1,000,000; 1.
    pub instances: u32,
    /// What the fleet predicts in 24 hours, 0 to 10^15, until as much time has been counted; `None` when that is not known.
    pub expected_per_day: Option<f64>,
    /// How long rates stay as they are: a second to a day. A minute.
    pub interval: Duration,
    /// How the scores are divided into strata. 20 of equal width.
    pub buckets: ScoreBuckets,
    /// The feature whose values are strata as well; of type string, boolean or integer.
    pub segment: Option<FeatureName>,
    /// The most pairs of the segment's value and a version that have strata of their own, 1 to 1,024; the rarest share one.
    /// 128.
    pub max_cells: usize,
    /// What is kept at rates of its own.
    pub keep: KeepRules,
    /// How many rows of each stratum an instance keeps in an interval at least, or all if they are fewer, in expectation:
    /// 0 to 10^9, and no more than a budget has room for. 0.
    pub floor: f64,
    /// What one instance may keep; `None` when there is no bound.
    pub budget: Option<SamplingBudget>,
    /// The least rate that a budget may bring about before it thins what rules and floors keep: 10^-6 to 1. 0.001.
    pub least_rate: f64,
    /// After how many intervals what was counted counts half: 1 to 100,000. 60.
    pub half_life: u32,
    /// The share of all predictions that are kept by rules only, above which there is a warning: above 0, up to 1. 0.1.
    pub warn_above: f64,
    /// Where the key of the hash comes from, which decides what is kept. `None`: the application hands it over.
    pub key: Option<KeySource>,
}

/// What is kept where nothing else is said: the `policy` of `sampling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SamplingPolicy {
    /// `all`: every row, with a probability of 1.
    All,
    /// `tails`: all that is remarkable, and some of the rest. Of a model that is often sure of itself that is most of the
    /// rows.
    Tails,
    /// `capped`: of what is remarkable no more than a stated share of all predictions, and some of the rest.
    Capped,
}

impl SamplingPolicy {
    const ALLOWED: &str = "all, tails, capped";

    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::Tails, Self::Capped];

    /// The word that stands in the spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Tails => "tails",
            Self::Capped => "capped",
        }
    }
}

impl Sampling {
    /// What holds where the spec says no more than the policy.
    ///
    /// ```
    /// use tiltmeter_record::spec::{Sampling, SamplingPolicy};
    ///
    /// let sampling = Sampling::defaults(SamplingPolicy::Tails);
    /// assert_eq!((sampling.tiers.rate_above, sampling.floor), (0.1, 0.0));
    /// ```
    #[must_use]
    pub fn defaults(policy: SamplingPolicy) -> Self {
        Self {
            policy,
            tiers: SamplingTiers::defaults(policy),
            instances: 1,
            expected_per_day: None,
            interval: Duration::from_secs(60),
            buckets: ScoreBuckets::Equal(20),
            segment: None,
            max_cells: 128,
            keep: KeepRules::defaults(policy),
            floor: 0.0,
            budget: None,
            least_rate: 0.001,
            half_life: 60,
            warn_above: 0.1,
            key: None,
        }
    }

    pub(super) fn read(
        field: &Field<'_>,
        features: Option<&Declared<'_>>,
        privacy: Option<&PrivacyPolicy>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let known = [
            "policy",
            "rate",
            "tiers",
            "hysteresis",
            "instances",
            "expected_per_day",
            "interval",
            "buckets",
            "edges",
            "segment",
            "max_cells",
            "keep",
            "floor",
            "budget",
            "least_rate",
            "half_life",
            "warn_above",
            "key",
        ];
        let fields = Fields::known(field, &known, problems)?;
        let choices = SamplingPolicy::ALL.map(|policy| (policy.as_str(), policy));
        let policy = fields
            .required("policy", SamplingPolicy::ALLOWED, problems)
            .and_then(|field| field.choice(&choices, problems));
        if policy == Some(SamplingPolicy::All) {
            alone(&fields, problems);
        }
        // without a policy the file is refused: any one serves to find what else is wrong
        let mut found = Self::defaults(policy.unwrap_or(SamplingPolicy::Tails));

        found.tiers.read(&fields, problems);
        if let Some(field) = fields.optional("keep") {
            found.keep = found.keep.read(field, policy.is_some(), problems);
        }
        if let Some(buckets) = ScoreBuckets::read(&fields, problems) {
            found.buckets = buckets;
        }
        found.segment = fields
            .optional("segment")
            .zip(features)
            .and_then(|(field, features)| strata::segment(field, features, privacy, problems));
        found.max_cells =
            fields.count_or(found.max_cells, "max_cells", MOST_CELLS, problems).unwrap_or(found.max_cells);
        found.instances = whole(&fields, "instances", found.instances, MOST_INSTANCES, problems);
        found.half_life = whole(&fields, "half_life", found.half_life, LONGEST_HALF_LIFE, problems);
        if let Some(interval) = fields.optional("interval").and_then(|field| interval(field, problems)) {
            found.interval = interval;
        }

        let mut number =
            |key, allowed, fits| fields.optional(key).and_then(|field| field.number(allowed, fits, problems));
        found.expected_per_day = number("expected_per_day", PER_DAY, |number| (0.0..=1e15).contains(&number));
        let floor = number("floor", FLOOR, |rows| (0.0..=1e9).contains(&rows));
        let warn_above =
            number("warn_above", "a share above 0 and up to 1", |share| share > 0.0 && share <= 1.0);
        found.least_rate = number("least_rate", RATE, is_rate).unwrap_or(found.least_rate);
        found.floor = floor.unwrap_or(found.floor);
        found.warn_above = warn_above.unwrap_or(found.warn_above);
        found.budget = fields.optional("budget").and_then(|field| SamplingBudget::read(field, problems));
        found.floor_within_budget(&fields, problems);
        found.key = fields.optional("key").and_then(|field| key_source(field, problems));
        Some(found)
    }

    /// A floor of one stratum that is more than the budget of all of them can never be held.
    fn floor_within_budget(&self, fields: &Fields<'_>, problems: &mut Vec<Problem>) {
        if let (Some(SamplingBudget::RowsPerSecond(rows)), Some(field)) =
            (self.budget, fields.optional("floor"))
            && self.floor > rows * self.interval.as_secs_f64()
        {
            let found = format!("{} rows of a stratum in an interval", self.floor);
            let most = rows * self.interval.as_secs_f64();
            problems
                .push(field.problem(found).allow(format!("at most the budget of an interval, {most} rows")));
        }
    }
}

/// A policy that keeps everything leaves nothing to say but the key, which others may draw with.
fn alone(fields: &Fields<'_>, problems: &mut Vec<Problem>) {
    for (key, field) in fields.iter().filter(|(key, _)| !["policy", "key"].contains(key)) {
        let found = format!("{key} beside the policy all, which keeps every row");
        problems.push(field.problem(found).allow("key alone, or the policy tails or capped"));
    }
}

fn interval(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Duration> {
    let interval = field.duration(INTERVAL, problems)?;
    if !(Duration::from_secs(1)..=DAY).contains(&interval) {
        problems.push(field.misfit(INTERVAL));
        return None;
    }
    Some(interval)
}

/// What stands at `key`, a whole number from 1 to `max`, or `usual`.
fn whole(fields: &Fields<'_>, key: &str, usual: u32, max: usize, problems: &mut Vec<Problem>) -> u32 {
    let count = fields.optional(key).and_then(|field| field.count(max, problems));
    count.and_then(|count| u32::try_from(count).ok()).unwrap_or(usual)
}

/// A row that is kept less often than once in a million weighs as much as none.
fn is_rate(rate: f64) -> bool {
    (1e-6..=1.0).contains(&rate)
}
