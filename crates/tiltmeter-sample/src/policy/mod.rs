//! What is kept, as the service's owner says it: made, checked, and kept apart from what becomes of it.

mod builder;
mod check;
mod error;
mod keep;
#[cfg(test)]
mod tests;
mod tiers;

use std::time::Duration;

pub use builder::PolicyBuilder;
pub use error::PolicyError;
pub use keep::{CutOff, KeepRule};
pub use tiers::{VolumeTier, VolumeTiers};

use crate::Rule;
use crate::strata::ScoreBuckets;

/// What is kept: tiers, strata, rules, a floor and a budget.
///
/// A [`PolicyBuilder`] makes it: [`tails`](Self::tails) and [`capped`](Self::capped) begin one. It does nothing itself:
/// [`Adaptive`](crate::Adaptive) makes rates of it. One policy is for one model; its versions are strata.
///
/// # When not
/// A service with fewer than 100,000 predictions a day needs no policy: rows are cheap, and all of them say more than some.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(crate) interval: Duration,
    pub(crate) instances: u32,
    pub(crate) expected_per_day: Option<f64>,
    pub(crate) tiers: VolumeTiers,
    pub(crate) buckets: ScoreBuckets,
    pub(crate) segment: Option<String>,
    pub(crate) most_cells: usize,
    pub(crate) rules: [Option<KeepRule>; Rule::COUNT],
    pub(crate) high: CutOff,
    pub(crate) low: CutOff,
    pub(crate) floor_rows: f64,
    pub(crate) least_rate: f64,
    pub(crate) budget: Option<Budget>,
    pub(crate) half_life: u32,
    pub(crate) warn_above: f64,
}

/// What one instance may keep in a second, in expectation, as far as the last interval foretells the next.
///
/// It has the last word. First it lowers the rate of what neither a rule nor a floor keeps, down to the
/// [least](PolicyBuilder::with_least_rate), and then thins all rows alike, also failures and those that the application asked
/// for. A flood is over the budget for one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Budget {
    /// Rows.
    RowsPerSecond(f64),
    /// Bytes, as [`IntervalCounts::add_bytes`](crate::IntervalCounts::add_bytes) tells of kept rows: no bound before it has. The
    /// log tells what they take in memory, uncompressed; stored they usually take fewer.
    BytesPerSecond(f64),
}

impl Policy {
    /// Keeps all that is remarkable: scores above 0.95 and below 0.05, failures, features outside of the training range,
    /// disagreements, and what the application asks for, each at a rate of 1. Of a model that is often sure of itself
    /// that is most of the rows.
    pub fn tails() -> PolicyBuilder {
        PolicyBuilder::tails()
    }

    /// Keeps of what is remarkable no more than a stated share of all predictions: 1.5 % of the highest scores and as many
    /// of the lowest, by [quantile](CutOff::Quantile) and at a rate of 0.5, and 1 % each of failures, features outside of the
    /// training range and disagreements. What the application asks for is kept at a rate of 1. Where everything else is kept
    /// at a tenth, that makes 15.1 % at the most, and what the application asks for.
    pub fn capped() -> PolicyBuilder {
        PolicyBuilder::capped()
    }

    /// The time between two [ends of an interval](crate::Adaptive::end_interval).
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The name of the segment whose values are strata.
    #[must_use]
    pub fn segment(&self) -> Option<&str> {
        self.segment.as_deref()
    }

    pub(crate) fn rule(&self, rule: Rule) -> Option<KeepRule> {
        self.rules.get(rule.index()).copied().flatten()
    }
}
