//! How long the two sides take.

mod histogram;
mod quantiles;
mod sla;

use serde::Serialize;

pub use self::histogram::LatencyHistogram;
pub(super) use self::histogram::latency_histogram;
use self::quantiles::{Ordered, QUANTILES};
pub use self::sla::{LatencySla, SlaVerdict};
pub(super) use self::sla::latency_sla;
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
    let (champion, challenger) = (rows.gather(latencies.champion), rows.gather(latencies.challenger));
    let difference: Vec<f64> = champion.iter().zip(&challenger).map(|(one, other)| other - one).collect();
    let means = [&champion, &challenger, &difference].map(|values| mean(rows.sample(values)));
    let timeouts = rows.iter().filter(|weighted| latencies.is_timeout[weighted.row]).count() as u64;
    let quantiles = quantiles(&rows, &champion, &challenger, resample);
    let figures = means.into_iter().zip(quantiles).map(|(mean, [p50, p95, p99])| LatencyFigures {
        mean: if rows.len() == 0 { none() } else { mean },
        p50,
        p95,
        p99,
    });
    let [champion, challenger, difference] = three(figures);
    LatencyComparison { requests: rows.len() as u64, timeouts, champion, challenger, difference }
}

fn none() -> Measured {
    undefined("no request has both latencies")
}

fn three(figures: impl Iterator<Item = LatencyFigures>) -> [LatencyFigures; 3] {
    let mut figures = figures.fuse();
    std::array::from_fn(|_| {
        figures.next().unwrap_or_else(|| LatencyFigures { mean: none(), p50: none(), p95: none(), p99: none() })
    })
}

/// Of champion, challenger and difference.
fn quantiles(
    rows: &Rows,
    champion: &[f64],
    challenger: &[f64],
    resample: Resample,
) -> [[Measured; QUANTILES.len()]; 3] {
    let sides = [champion, challenger].map(|values| Ordered::of(values, rows.weights()));
    let all = vec![1; rows.len()];
    let of_draw = |counts: &[u8]| -> Option<[[f64; QUANTILES.len()]; 3]> {
        let [one, other] = [sides[0].quantiles(counts)?, sides[1].quantiles(counts)?];
        Some([one, other, std::array::from_fn(|place| other[place] - one[place])])
    };
    let Some(values) = of_draw(&all) else {
        return std::array::from_fn(|_| std::array::from_fn(|_| none()));
    };
    let mut draws: [[Replicates; QUANTILES.len()]; 3] = Default::default();
    resample.each(rows.len(), |counts| {
        for (draws, figures) in draws.iter_mut().zip(of_draw(counts).into_iter().flatten()) {
            draws.iter_mut().zip(figures).for_each(|(draws, figure)| draws.push(figure));
        }
    });
    let mut sides = values.into_iter().zip(draws);
    std::array::from_fn(|_| {
        let mut figures = sides.next().into_iter().flat_map(|(values, draws)| values.into_iter().zip(draws));
        std::array::from_fn(|_| {
            figures.next().map_or_else(none, |(value, draws)| draws.percentile(value))
        })
    })
}

#[cfg(test)]
mod tests;
