//! How often the two sides fail.

use serde::Serialize;
use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::PairColumns;

use super::known::share;
use super::rows::Rows;
use crate::Measured;

/// How often the two sides fail, over requests whose challenger was asked.
///
/// A challenger that was not asked (no permit, breaker open, shed, …) has not failed: how many these are says the
/// coverage. But a breaker opens since the challenger fails, so one that is down for half of the day has a
/// [`failure_rate`](Self::failure_rate) of a few probes: judge it by [`unavailable_rate`](Self::unavailable_rate).
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
    /// The share of requests that it failed, or was not asked for since its breaker was open, of all that it was asked for
    /// or would have been but for the breaker.
    pub unavailable_rate: Measured,
    /// The share of asked requests that the champion answered with a status from 500 on, of those whose status is known.
    pub champion_error_rate: Measured,
}

/// Of requests that were asked, and of those that the breaker kept back as well.
pub(super) fn failures(asked: &Rows, wanted: &Rows, table: &PairColumns) -> Failures {
    let rate_of = |rows: &Rows, failed: fn(PairBucket) -> bool| {
        let buckets = rows.gather(&table.requests().bucket);
        let failed: Vec<bool> = buckets.into_iter().map(failed).collect();
        share(rows, &failed, "the challenger was not asked")
    };
    let rate = |failed| rate_of(asked, failed);
    let status = table.champion().status();
    let known = asked.filtered(|row| status[row].is_some());
    let failed: Vec<bool> =
        known.gather(status).into_iter().map(|status| status.is_some_and(|status| status >= 500)).collect();
    Failures {
        asked: asked.len() as u64,
        error_rate: rate(|bucket| bucket == PairBucket::ChallengerError),
        timeout_rate: rate(|bucket| bucket == PairBucket::Timeout),
        failure_rate: rate(|bucket| bucket != PairBucket::Paired),
        unavailable_rate: rate_of(wanted, |bucket| bucket != PairBucket::Paired),
        champion_error_rate: share(&known, &failed, "no status is known"),
    }
}
