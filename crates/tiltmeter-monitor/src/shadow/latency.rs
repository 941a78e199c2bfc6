//! How long the two sides take.

mod histogram;
mod quantiles;
mod sla;

use serde::Serialize;

pub use self::histogram::LatencyHistogram;
pub(super) use self::histogram::latency_histogram;
use self::quantiles::{Ordered, QUANTILES};
pub(super) use self::sla::latency_sla;
pub use self::sla::{LatencySla, SlaVerdict};
use super::known::{mean, undefined};
use super::resample::{Replicates, Resample};
use super::rows::Rows;
use crate::Measured;

/// How long the two sides take, over the same requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LatencyComparison {
    /// Requests of which both latencies are known.
    pub requests: u64,
    /// How many of them are timeouts, which count as the time that the challenger was waited for, or longer.
    pub timeouts: u64,
    /// The champion's.
    pub champion: LatencyFigures,
    /// The challenger's.
    pub challenger: LatencyFigures,
    /// The challenger's less the champion's.
    pub difference: LatencyFigures,
}

/// Latencies in milliseconds.
///
/// Quantiles are of type 7 without weights, and of type 1 (the inverted distribution function) with them. Their
/// intervals, and those of their differences, are percentile intervals of a seeded bootstrap of requests; that of a
/// mean is Student's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LatencyFigures {
    /// The mean.
    pub mean: Measured,
    /// The median.
    pub p50: Measured,
    /// The 95th percentile.
    pub p95: Measured,
    /// The 99th percentile.
    pub p99: Measured,
}

/// Latencies by row of the table; NaN where one is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latencies<'a> {
    pub(super) champion: &'a [f64],
    pub(super) challenger: &'a [f64],
    pub(super) is_timeout: &'a [bool],
}

impl Latencies<'_> {
    pub(super) fn known(&self, row: usize) -> bool {
        self.champion[row].is_finite() && self.challenger[row].is_finite()
    }
}

/// Of those of the rows whose latencies are known.
pub(super) fn latency(rows: &Rows, latencies: Latencies<'_>, resample: Resample) -> LatencyComparison {
    let rows = rows.filtered(|row| latencies.known(row));
    let (one, other) = (rows.gather(latencies.champion), rows.gather(latencies.challenger));
    let differences: Vec<f64> = one.iter().zip(&other).map(|(one, other)| other - one).collect();
    let [champion, challenger, difference] = quantiles(&rows, &one, &other, resample);
    let figures = |values: &[f64], [p50, p95, p99]: [Measured; QUANTILES.len()]| LatencyFigures {
        mean: if values.is_empty() { none() } else { mean(rows.sample(values)) },
        p50,
        p95,
        p99,
    };
    LatencyComparison {
        requests: rows.len() as u64,
        timeouts: rows.iter().filter(|weighted| latencies.is_timeout[weighted.row]).count() as u64,
        champion: figures(&one, champion),
        challenger: figures(&other, challenger),
        difference: figures(&differences, difference),
    }
}

fn none() -> Measured {
    undefined("no request has both latencies")
}

/// Of champion, challenger and difference.
fn quantiles(
    rows: &Rows,
    champion: &[f64],
    challenger: &[f64],
    resample: Resample,
) -> [[Measured; QUANTILES.len()]; 3] {
    let sides = [champion, challenger].map(|values| Ordered::of(values, rows.weights()));
    let of_draw = |counts: &[u8]| -> Option<[[f64; QUANTILES.len()]; 3]> {
        let [one, other] = [sides[0].quantiles(counts)?, sides[1].quantiles(counts)?];
        Some([one, other, std::array::from_fn(|place| other[place] - one[place])])
    };
    let Some(values) = of_draw(&vec![1; rows.len()]) else {
        return std::array::from_fn(|_| std::array::from_fn(|_| none()));
    };
    let mut found = values.map(|side| side.map(|value| (value, Replicates::default())));
    resample.each(rows.len(), |counts| {
        for (found, drawn) in found.iter_mut().zip(of_draw(counts).into_iter().flatten()) {
            found.iter_mut().zip(drawn).for_each(|((_, draws), drawn)| draws.push(drawn));
        }
    });
    found.map(|side| side.map(|(value, draws)| draws.percentile(value)))
}

#[cfg(test)]
mod tests;
