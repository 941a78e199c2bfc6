//! What became of the requests at a challenger, for the way to another process.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use tiltmeter::shadow::ShadowLedger;

/// The books of a challenger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// Requests of the route.
    pub eligible: u64,
    /// How many ended in each bucket; without those that are empty.
    pub buckets: BTreeMap<String, u64>,
}

impl Books {
    pub(super) fn of(ledger: &ShadowLedger) -> Self {
        let buckets = ledger.iter().filter(|&(_, count)| count > 0);
        Self {
            eligible: ledger.eligible,
            buckets: buckets.map(|(bucket, count)| (bucket.as_str().to_owned(), count)).collect(),
        }
    }

    /// Requests that have not ended.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.eligible.saturating_sub(self.buckets.values().sum())
    }

    /// What has come since the books were as in `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = self.clone();
        since.eligible -= earlier.eligible;
        for (bucket, count) in &mut since.buckets {
            *count -= earlier.buckets.get(bucket).copied().unwrap_or_default();
        }
        since
    }

    /// Adds the books of another round.
    pub fn add(&mut self, other: &Self) {
        self.eligible += other.eligible;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(bucket.clone()).or_default() += count;
        }
    }
}

/// The shares of the buckets, in percent.
impl fmt::Display for Books {
    #[expect(clippy::cast_precision_loss, reason = "shares of some thousands")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (bucket, &count)) in self.buckets.iter().filter(|&(_, &count)| count > 0).enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{bucket} {:.2} %", 100.0 * count as f64 / self.eligible as f64)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books(eligible: u64, buckets: &[(&str, u64)]) -> Books {
        let buckets = buckets.iter().map(|&(bucket, count)| (bucket.to_owned(), count)).collect();
        Books { eligible, buckets }
    }

    #[test]
    fn what_came_since_and_what_came_before_are_the_whole() {
        let (before, after) = (books(3, &[("paired", 2)]), books(10, &[("paired", 6), ("timeout", 3)]));
        assert_eq!((before.under_way(), after.under_way()), (1, 1));
        let since = after.since(&before);
        assert_eq!(since, books(7, &[("paired", 4), ("timeout", 3)]));
        let mut whole = before;
        whole.add(&since);
        assert_eq!(whole, after);
        assert_eq!(since.to_string(), "paired 57.14 %, timeout 42.86 %");
    }
}
