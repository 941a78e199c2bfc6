//! The latencies of both sides, to be drawn.

use serde::Serialize;

use super::Latencies;
use crate::shadow::rows::Rows;

/// Bins of the histogram.
const BINS: usize = 60;

/// Shares of the latencies of both sides in the same bins, each wider than the one before by the same factor: a tail is
/// seen as well as the bulk.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LatencyHistogram {
    /// The edges of the bins in milliseconds, one more than there are bins. A bin has its lower edge, the last one its
    /// upper one too.
    pub edges_ms: Vec<f64>,
    /// The champion's share of each bin.
    pub champion: Vec<f64>,
    /// The challenger's. A timeout counts as the time that it was waited for, or longer.
    pub challenger: Vec<f64>,
}

/// `None` when no request has both latencies. Latencies below a microsecond are in the first bin.
pub(in crate::shadow) fn latency_histogram(
    rows: &Rows,
    latencies: Latencies<'_>,
) -> Option<LatencyHistogram> {
    let rows = rows.filtered(|row| latencies.known(row));
    let sides = [latencies.champion, latencies.challenger].map(|values| rows.gather(values));
    let both = || sides.iter().flatten().map(|latency| latency.max(1e-3));
    let (low, high) = (both().reduce(f64::min)?, both().reduce(f64::max)?);
    // bins of a single latency have some width too
    let (from, to) = if low < high { (low.ln(), high.ln()) } else { (low.ln() - 0.1, low.ln() + 0.1) };
    let edge = |edge: usize| (from + (to - from) * edge as f64 / BINS as f64).exp().min(f64::MAX);
    let edges_ms: Vec<f64> = (0..=BINS).map(edge).collect();
    let [champion, challenger] = sides.map(|latencies| {
        let mut shares = vec![0.0; BINS];
        let mut whole = 0.0;
        for (latency, weighted) in latencies.iter().zip(rows.iter()) {
            let bin = edges_ms[1..BINS].partition_point(|edge| edge <= latency);
            shares[bin] += weighted.weight;
            whole += weighted.weight;
        }
        shares.iter_mut().for_each(|share| *share /= whole);
        shares
    });
    Some(LatencyHistogram { edges_ms, champion, challenger })
}
