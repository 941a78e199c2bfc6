//! Rates that a budget allows.

use std::time::Duration;

use crate::policy::Budget;

/// By how much rows may grow from one interval to the next where a budget has slack again.
const GROWTH: f64 = 1.5;
/// The least factor on all rates: not even a budget leaves nothing.
const LEAST_THINNING: f64 = 1e-6;
const BISECTIONS: usize = 60;

/// What of the rates is the same for all rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Common {
    /// The rate where neither a rule nor a floor keeps more.
    pub(super) base: f64,
    /// A factor on all rates, below 1 where the base cannot be lowered further.
    pub(super) thinning: f64,
}

/// Rows of the last interval with a rate of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) rows: f64,
    /// By rule or floor.
    pub(super) at_least: f64,
}

/// The most rows of an interval, and what the budget has brought about.
#[derive(Clone, Debug)]
pub(super) struct BudgetControl {
    budget: Option<Budget>,
    interval: Duration,
    least_rate: f64,
    bytes_per_row: Option<f64>,
    /// Nothing where the budget has slack.
    held: Option<Common>,
}

impl BudgetControl {
    pub(super) fn new(budget: Option<Budget>, interval: Duration, least_rate: f64) -> Self {
        Self { budget, interval, least_rate, bytes_per_row: None, held: None }
    }

    pub(super) fn see_bytes_per_row(&mut self, bytes: Option<f64>) {
        if let Some(bytes) = bytes {
            self.bytes_per_row =
                Some(self.bytes_per_row.map_or(bytes, |before| f64::midpoint(before, bytes)));
        }
    }

    /// The common rates of the next interval, where those of the last were `groups` and the volume allows `tier`.
    ///
    /// They stay as they are while they would have kept between `most / (1 + tolerance)` and `most`; outside of that they
    /// aim at its middle. So rates settle, and do not follow the noise of the counts.
    pub(super) fn next(&mut self, tier: f64, groups: &[Group]) -> Common {
        let free = Common { base: tier, thinning: 1.0 };
        let now = self.held.map_or(free, |held| Common { base: held.base.min(tier), ..held });
        let kept = kept(groups, now);
        let (Some(most), true) = (self.most_rows(), kept > 0.0) else {
            // nothing to learn from
            return now;
        };
        let tolerance = tolerance(groups, now);
        let aim = most / (1.0 + 0.5 * tolerance);
        let next = if kept > most {
            self.that_keep(aim, groups, tier)
        } else if self.held.is_some() && kept < most / (1.0 + tolerance) {
            self.that_keep(aim.min(kept * GROWTH), groups, tier)
        } else {
            now
        };
        self.held = (next.base < tier || next.thinning < 1.0).then_some(next);
        next
    }

    fn most_rows(&self) -> Option<f64> {
        let seconds = self.interval.as_secs_f64();
        match self.budget? {
            Budget::RowsPerSecond(rows) => Some(rows * seconds),
            Budget::BytesPerSecond(bytes) => {
                self.bytes_per_row.map(|per_row| bytes * seconds / per_row.max(1.0))
            }
        }
    }

    /// The greatest rates that keep at most `most` of `groups`: first the base is lowered, and only then all rates.
    fn that_keep(&self, most: f64, groups: &[Group], tier: f64) -> Common {
        let at = |base: f64| kept(groups, Common { base, thinning: 1.0 });
        let least = self.least_rate.min(tier);
        if at(tier) <= most {
            return Common { base: tier, thinning: 1.0 };
        }
        if at(least) > most {
            return Common { base: least, thinning: (most / at(least)).clamp(LEAST_THINNING, 1.0) };
        }
        let (mut low, mut high) = (least, tier);
        for _ in 0..BISECTIONS {
            let middle = f64::midpoint(low, high);
            if at(middle) <= most { low = middle } else { high = middle }
        }
        Common { base: low, thinning: 1.0 }
    }
}

/// How wide the band is in which rates stay, as a share of the budget: a tenth, and on both sides eight standard deviations of
/// the rows that would have been kept, as counts of a steady traffic vary. The rates follow from one count that is four off to
/// one side at the most, and stay at one that is as far off to the other. At most 1: a budget is used to half of it at least.
fn tolerance(groups: &[Group], common: Common) -> f64 {
    let rates = groups.iter().map(|group| (group.rows, common.base.max(group.at_least) * common.thinning));
    let (mean, variance) = rates.fold((0.0, 0.0), |(mean, variance), (rows, rate)| {
        (mean + rows * rate, variance + rows * rate * rate)
    });
    (0.1 + 16.0 * variance.sqrt() / mean).min(1.0)
}

/// The rows that are kept of `groups` in expectation.
fn kept(groups: &[Group], common: Common) -> f64 {
    groups.iter().map(|group| group.rows * common.base.max(group.at_least) * common.thinning).sum()
}
