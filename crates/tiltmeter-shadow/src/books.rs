//! The books of a challenger: every eligible request, and what became of it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tiltmeter_record::PairBucket;

const BUCKETS: usize = PairBucket::ALL.len();

/// The books as they are kept.
#[derive(Debug, Default)]
pub(crate) struct ShadowBooks {
    /// Requests that got a permit.
    begun: AtomicU64,
    /// What became of them.
    ended: [AtomicU64; BUCKETS],
    /// Requests that got none. They count by their reason alone, on both sides: whoever reads meanwhile sees both or neither.
    refused: [AtomicU64; BUCKETS],
}

impl ShadowBooks {
    /// A request has a permit.
    pub(crate) fn begun(&self) {
        self.begun.fetch_add(1, Relaxed);
    }

    /// A request that had a permit has come to its end. Before the permit is given back, so that who waits for that sees it.
    pub(crate) fn ended(&self, bucket: PairBucket) {
        self.ended[bucket.index()].fetch_add(1, Relaxed);
    }

    /// A request has got no permit.
    pub(crate) fn refused(&self, bucket: PairBucket) {
        self.refused[bucket.index()].fetch_add(1, Relaxed);
    }

    pub(crate) fn read(&self) -> ShadowLedger {
        // against the flow: what has ended has begun
        let ended: [u64; BUCKETS] = std::array::from_fn(|place| self.ended[place].load(Relaxed));
        let refused: [u64; BUCKETS] = std::array::from_fn(|place| self.refused[place].load(Relaxed));
        let begun = self.begun.load(Relaxed);
        ShadowLedger {
            eligible: begun + refused.iter().sum::<u64>(),
            counts: std::array::from_fn(|place| ended[place] + refused[place]),
        }
    }
}

/// What became of the eligible requests at one challenger: `eligible` = the sum of all buckets, once the shadow has been shut
/// down. While it runs, what is [under way](Self::under_way) stands between the two sides.
///
/// The data may differ: see [`PairBucket`].
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowLedger {
    /// Requests of the routes that are shadowed.
    pub eligible: u64,
    counts: [u64; BUCKETS],
}

impl ShadowLedger {
    /// How many requests ended in `bucket`.
    #[must_use]
    pub fn by(&self, bucket: PairBucket) -> u64 {
        self.counts[bucket.index()]
    }

    /// Each bucket with its count, in the order of [`PairBucket::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (PairBucket, u64)> + '_ {
        PairBucket::ALL.iter().map(|&bucket| (bucket, self.by(bucket)))
    }

    /// Requests that have not ended yet.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.eligible.saturating_sub(self.counts.iter().sum())
    }

    /// Whether every eligible request is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.eligible == self.counts.iter().sum::<u64>()
    }

    /// The share of the eligible requests that are paired; `None` without any.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share: what is above 2^53 is not what it is looked at for"
    )]
    pub fn coverage(&self) -> Option<f64> {
        (self.eligible > 0).then(|| self.by(PairBucket::Paired) as f64 / self.eligible as f64)
    }

    /// The same, with what is under way given up.
    pub(crate) fn closed(mut self) -> Self {
        self.counts[PairBucket::ShuttingDown.index()] += self.under_way();
        self
    }
}

/// Shows the buckets that are not empty.
impl fmt::Debug for ShadowLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.iter().filter(|&(_, count)| count > 0);
        f.debug_map()
            .entry(&"eligible", &self.eligible)
            .entries(counts.map(|(bucket, count)| (bucket.as_str(), count)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_stands_between_the_two_sides() {
        let books = ShadowBooks::default();
        books.refused(PairBucket::SampledOut);
        (0..3).for_each(|_| books.begun());
        books.ended(PairBucket::Paired);
        books.ended(PairBucket::Timeout);
        let ledger = books.read();
        assert_eq!((ledger.eligible, ledger.under_way(), ledger.balances()), (4, 1, false));
        assert_eq!(ledger.coverage(), Some(0.25));
        let closed = ledger.closed();
        assert!(closed.balances());
        assert_eq!(closed.by(PairBucket::ShuttingDown), 1);
        let shown =
            "{\"eligible\": 4, \"paired\": 1, \"sampled_out\": 1, \"timeout\": 1, \"shutting_down\": 1}";
        assert_eq!(format!("{closed:?}"), shown);
        assert_eq!(ShadowLedger::default().coverage(), None);
    }
}
