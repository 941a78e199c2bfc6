//! Coverage, by the books of the shadow.

use serde::Serialize;
use tiltmeter_record::{PairBucket, ShadowAccount};

use super::BucketCount;

/// What the shadow's books say of all requests that the challenger could have seen: those in no row among them.
///
/// They count requests, where rows are instances of requests; and what the log could not read, which is the challenger's error
/// in the rows, is paired here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CoverageByBooks {
    /// Requests that the challenger could have seen.
    pub eligible: u64,
    /// What became of them: all buckets. With [`under_way`](Self::under_way) they add up to `eligible`.
    pub buckets: Vec<BucketCount>,
    /// Requests that had not come to their end when the books were read last.
    pub under_way: u64,
    /// The share of the eligible requests that are paired; `None` without any.
    pub paired: Option<f64>,
    /// The share of the eligible requests that the sample was to take and that are paired; `None` without any.
    pub paired_of_chosen: Option<f64>,
    /// Shadows whose books these are: each start of each process.
    pub shadows: u64,
    /// Those of them that have not said that they have ended: after their last books nothing is known.
    pub running: u64,
}

impl CoverageByBooks {
    pub(in crate::shadow) fn of(account: &ShadowAccount) -> Self {
        let requests = &account.requests;
        let paired = requests.by(PairBucket::Paired);
        let chosen = requests.eligible.saturating_sub(requests.by(PairBucket::SampledOut));
        let share = |of: u64| (of > 0).then(|| paired as f64 / of as f64);
        Self {
            eligible: requests.eligible,
            buckets: requests.iter().map(|(bucket, requests)| BucketCount { bucket, requests }).collect(),
            under_way: requests.under_way(),
            paired: share(requests.eligible),
            paired_of_chosen: share(chosen),
            shadows: account.shadows,
            running: account.running,
        }
    }
}
