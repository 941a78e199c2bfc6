//! Latencies against what is promised.

use serde::Serialize;
use tiltmeter_record::spec::Sla;

use super::Latencies;
use crate::Measured;
use crate::shadow::known::share;
use crate::shadow::rows::Rows;

/// The 99th percentile of latency that is promised to callers, and how often the two sides are above it.
///
/// The percentile is within the promise as long as at most one request in a hundred is above it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LatencySla {
    /// What is promised.
    pub bound_ms: f64,
    /// The champion's share of requests above it, with Wilson's interval.
    pub champion_share_above: Measured,
    /// The challenger's.
    pub challenger_share_above: Measured,
    /// What follows for the champion.
    pub champion: SlaVerdict,
    /// What follows for the challenger.
    pub challenger: SlaVerdict,
}

/// What follows from a share and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaVerdict {
    /// The whole interval is within the promise.
    Held,
    /// The promise lies inside of the interval: there are too few requests to tell.
    Unproven,
    /// The whole interval is beyond the promise.
    Broken,
    /// There is no latency.
    Unknown,
}

/// The share of requests that may be above the 99th percentile.
const ALLOWED: f64 = 0.01;

/// `None` when nothing is promised.
pub(in crate::shadow) fn latency_sla(
    rows: &Rows,
    latencies: Latencies<'_>,
    promised: Sla,
) -> Option<LatencySla> {
    let bound_ms = promised.latency_p99_ms?;
    let rows = rows.filtered(|row| latencies.known(row));
    let above = |values: &[f64]| {
        let above: Vec<bool> = rows.gather(values).into_iter().map(|latency| latency > bound_ms).collect();
        share(&rows, &above, "no request has both latencies")
    };
    let (champion_share_above, challenger_share_above) =
        (above(latencies.champion), above(latencies.challenger));
    Some(LatencySla {
        bound_ms,
        champion: verdict(&champion_share_above),
        challenger: verdict(&challenger_share_above),
        champion_share_above,
        challenger_share_above,
    })
}

fn verdict(share: &Measured) -> SlaVerdict {
    match share.estimate().and_then(|estimate| estimate.interval) {
        None => SlaVerdict::Unknown,
        Some((_, upper)) if upper <= ALLOWED => SlaVerdict::Held,
        Some((lower, _)) if lower > ALLOWED => SlaVerdict::Broken,
        Some(_) => SlaVerdict::Unproven,
    }
}
