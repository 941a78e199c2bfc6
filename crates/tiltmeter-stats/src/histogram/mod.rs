//! Histograms of equal or given width, as numpy counts them.

mod edges;

#[cfg(test)]
mod tests;

pub use edges::{BinRule, histogram_edges};

use crate::error::{Error, Result};
use crate::sample::Sample;

/// How many values are between edges.
///
/// The bins are [a, b), the last one [a, b]: numpy's. Nothing is lost: values outside of the edges are counted
/// below and above, ±∞ among them, and NaN as missing. For people to look at; statistics over time need bins
/// that are frozen with a reference: [`QuantileBins`](crate::QuantileBins).
///
/// ```
/// # use tiltmeter_stats::Histogram;
/// let histogram = Histogram::with_edges(&[-1.0, 0.0, 0.5, 1.0, 2.0, f64::NAN], &[0.0, 1.0, 2.0])?;
/// assert_eq!(histogram.counts, [2.0, 2.0]);
/// assert_eq!((histogram.below, histogram.above, histogram.missing), (1.0, 0.0, 1));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Histogram {
    /// The edges, ascending; one more than there are bins.
    pub edges: Vec<f64>,
    /// By bin: how many values, or the sum of their weights.
    pub counts: Vec<f64>,
    /// How many values are below the first edge.
    pub below: f64,
    /// How many values are above the last edge.
    pub above: f64,
    /// How many rows that count have no value.
    pub missing: u64,
}

impl Histogram {
    /// Counts between given edges. O(n log of the number of edges).
    ///
    /// # Errors
    /// Invalid when there are fewer than two edges, or they do not ascend.
    pub fn with_edges<'a>(sample: impl Into<Sample<'a>>, edges: &[f64]) -> Result<Self> {
        let sample = sample.into();
        if edges.len() < 2 || edges.iter().any(|edge| edge.is_nan()) || !edges.is_sorted_by(|a, b| a < b) {
            return Err(Error::invalid(
                "the edges of a histogram must ascend, and there must be two or more",
            ));
        }
        let (mut counts, mut below, mut above) = (vec![0.0; edges.len() - 1], 0.0, 0.0);
        let last = edges.len() - 1;
        for (value, weight) in sample.present() {
            match edges.partition_point(|&edge| edge <= value) {
                0 => below += weight,
                place if place <= last => counts[place - 1] += weight,
                _ if value <= edges[last] => counts[last - 1] += weight,
                _ => above += weight,
            }
        }
        Ok(Self { edges: edges.to_vec(), counts, below, above, missing: sample.missing() as u64 })
    }

    /// Counts in `bins` bins of equal width from the smallest to the largest finite value; those of a constant
    /// c are from c − ½ to c + ½. The edges are those of `numpy.histogram`, rounding and all. O(n log `bins`).
    ///
    /// # Errors
    /// [`Undefined::Empty`](crate::Undefined::Empty) when there is no finite value; invalid when `bins` is 0 or
    /// above 100 000, or the values are too close for so many different edges.
    pub fn equal_width<'a>(sample: impl Into<Sample<'a>>, bins: usize) -> Result<Self> {
        let sample = sample.into();
        let edges = edges::equal_width(sample.present().map(|(value, _)| value), bins)?;
        Self::with_edges(sample, &edges)
    }
}
