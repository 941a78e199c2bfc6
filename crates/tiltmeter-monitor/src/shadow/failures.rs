//! How often the two sides fail.

use serde::Serialize;
use tiltmeter_record::columns::{PairBucket, PairColumns};

use super::known::share;
use super::rows::Rows;
use crate::Measured;

/// How often the two sides fail, over requests whose challenger was asked.
///
/// A challenger that was not asked (no permit, breaker open, shed, …) has not failed: how many these are says the
/// coverage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Failures {
    /// Requests whose challenger was asked.
    pub asked: u64,
    /// The share of them that it answered with an error or not readably; Wilson's interval, as below.
    pub error_rate: Measured,
    /// The share of them that it did not answer in time.
    pub timeout_rate: Measured,
    /// Both together.
    pub failure_rate: Measured,
    /// The share of them that the champion answered with a status from 500 on, of those whose status is known.
    pub champion_error_rate: Measured,
}

pub(super) fn failures(asked: &Rows, table: &PairColumns) -> Failures {
    let buckets = asked.gather(&table.requests().bucket);
    let rate = |failed: fn(PairBucket) -> bool| {
        let failed: Vec<bool> = buckets.iter().map(|bucket| failed(*bucket)).collect();
        share(asked, &failed, "the challenger was not asked")
    };
    let status = table.champion().status();
    let known = asked.filtered(|row| status[row].is_some());
    let failed: Vec<bool> =
        known.gather(status).into_iter().map(|status| status.is_some_and(|status| status >= 500)).collect();
    Failures {
        asked: asked.len() as u64,
        error_rate: rate(|bucket| bucket == PairBucket::ChallengerError),
        timeout_rate: rate(|bucket| bucket == PairBucket::Timeout),
        failure_rate: rate(|bucket| bucket != PairBucket::Paired),
        champion_error_rate: share(&known, &failed, "no status is known"),
    }
}
