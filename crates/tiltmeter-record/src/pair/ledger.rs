//! The books of a challenger: every eligible request, and what became of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::PairBucket;

const BUCKETS: usize = PairBucket::ALL.len();

/// What became of the eligible requests at one challenger: `eligible` = the sum of all buckets, once the shadow has been shut
/// down. While it runs, what is [under way](Self::under_way) stands between the two sides.
///
/// The pairs in the data may differ: see [`PairBucket`].
///
/// ```
/// use tiltmeter_record::{PairBucket, ShadowLedger};
///
/// let ledger = ShadowLedger::new(10, |bucket| match bucket {
///     PairBucket::Paired => 8,
///     PairBucket::Timeout => 1,
///     _ => 0,
/// });
/// assert_eq!((ledger.under_way(), ledger.coverage()), (1, Some(0.8)));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowLedger {
    /// Requests of the routes that are shadowed.
    pub eligible: u64,
    counts: [u64; BUCKETS],
}

impl ShadowLedger {
    /// The books of `eligible` requests, of which so many ended in each bucket.
    #[must_use]
    pub fn new(eligible: u64, count: impl FnMut(PairBucket) -> u64) -> Self {
        Self { eligible, counts: PairBucket::ALL.map(count) }
    }

    /// How many requests ended in `bucket`.
    #[must_use]
    pub fn by(&self, bucket: PairBucket) -> u64 {
        self.counts[bucket.index()]
    }

    /// Each bucket with its count, in the order of [`PairBucket::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (PairBucket, u64)> + '_ {
        PairBucket::ALL.iter().map(|&bucket| (bucket, self.by(bucket)))
    }

    /// Requests that have come to an end.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Requests that have not ended yet.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.eligible.saturating_sub(self.ended())
    }

    /// Whether every eligible request is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.eligible == self.ended()
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

    /// The same, with what is under way given up: it counts as [`ShuttingDown`](PairBucket::ShuttingDown).
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.counts[PairBucket::ShuttingDown.index()] += self.under_way();
        self
    }

    /// The books of both: of two processes, say.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::new(self.eligible.saturating_add(other.eligible), |bucket| {
            self.by(bucket).saturating_add(other.by(bucket))
        })
    }

    /// What has come since `earlier`, which are earlier books of the same.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self::new(self.eligible.saturating_sub(earlier.eligible), |bucket| {
            self.by(bucket).saturating_sub(earlier.by(bucket))
        })
    }
}

/// The buckets by their words, also those that are empty.
impl Serialize for ShadowLedger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + BUCKETS))?;
        map.serialize_entry(ELIGIBLE, &self.eligible)?;
        for (bucket, count) in self.iter() {
            map.serialize_entry(bucket.as_str(), &count)?;
        }
        map.end()
    }
}

/// The word of what the buckets are of.
const ELIGIBLE: &str = "eligible";

/// Reads what its `Serialize` wrote. A bucket that is absent is empty; one that is not known is an error, because its count has
/// no place here.
impl<'de> Deserialize<'de> for ShadowLedger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut counts = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let eligible = counts.remove(ELIGIBLE).ok_or_else(|| D::Error::missing_field(ELIGIBLE))?;
        let ledger = Self::new(eligible, |bucket| counts.remove(bucket.as_str()).unwrap_or_default());
        match counts.keys().next() {
            None => Ok(ledger),
            Some(unknown) => Err(D::Error::custom(format!("{unknown:?} is no bucket"))),
        }
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
        let ledger = ShadowLedger::new(4, |bucket| match bucket {
            PairBucket::Paired | PairBucket::SampledOut | PairBucket::Timeout => 1,
            _ => 0,
        });
        assert_eq!((ledger.ended(), ledger.under_way(), ledger.balances()), (3, 1, false));
        assert_eq!(ledger.coverage(), Some(0.25));
        let closed = ledger.closed();
        assert!(closed.balances());
        assert_eq!(closed.by(PairBucket::ShuttingDown), 1);
        let shown =
            "{\"eligible\": 4, \"paired\": 1, \"sampled_out\": 1, \"timeout\": 1, \"shutting_down\": 1}";
        assert_eq!(format!("{closed:?}"), shown);
        assert_eq!(ShadowLedger::default().coverage(), None);
    }

    #[test]
    fn books_are_added_and_taken_apart() {
        let ledger = |eligible, paired| {
            ShadowLedger::new(eligible, |bucket| if bucket == PairBucket::Paired { paired } else { 0 })
        };
        assert_eq!(ledger(5, 4).plus(&ledger(u64::MAX, 1)), ledger(u64::MAX, 5));
        assert_eq!(ledger(5, 4).since(&ledger(2, 1)), ledger(3, 3));
        assert_eq!(ledger(1, 1).since(&ledger(2, 2)), ledger(0, 0), "books that began anew");
    }

    #[test]
    fn the_text_has_every_bucket() {
        let ledger = ShadowLedger::new(60, |bucket| bucket.index() as u64);
        let text = serde_json::to_value(ledger).unwrap();
        assert_eq!(text.as_object().unwrap().len(), 12);
        assert_eq!((&text["eligible"], &text["log_dropped"]), (&60.into(), &10.into()));
        assert_eq!(serde_json::from_value::<ShadowLedger>(text).unwrap(), ledger);
    }

    #[test]
    fn what_is_no_ledger_is_refused() {
        let read = |text: &str| serde_json::from_str::<ShadowLedger>(text).map_err(|error| error.to_string());
        assert_eq!(read(r#"{"eligible": 3}"#).unwrap(), ShadowLedger::new(3, |_| 0));
        assert!(read(r#"{"paired": 3}"#).unwrap_err().contains("missing field `eligible`"));
        assert!(read(r#"{"eligible": 3, "lost": 1}"#).unwrap_err().contains("\"lost\" is no bucket"));
        assert!(read(r#"{"eligible": 3, "paired": -1}"#).is_err());
    }
}
