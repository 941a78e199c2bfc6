//! What two profiles tell about the samples that they were made of: bounds, where they do not tell all.

mod exact;
mod ks;
mod superiority;
#[cfg(test)]
mod tests;
mod wasserstein;

pub use ks::KsBounds;
pub use superiority::SuperiorityBounds;
pub use wasserstein::WassersteinBounds;

use super::{NumericProfile, QuantileSketch};
use crate::bins::{BinCounts, BinInterval, QuantileBins};
use crate::error::{Error, Result};

/// By how much sums of weights in two orders differ at the most, as shares.
const ROUNDING: f64 = 1e-9;

/// Two bounds of a number, of which both hold.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    lower: f64,
    upper: f64,
}

impl Bounds {
    /// Those of a sketch hold with a probability only: where they contradict what is certain they are left out.
    fn and_likely(self, likely: Self) -> Self {
        let (lower, upper) = (self.lower.max(likely.lower), self.upper.min(likely.upper));
        if lower <= upper {
            Self { lower, upper }
        } else if lower - upper < ROUNDING {
            Self { lower: upper, upper: lower }
        } else {
            self
        }
    }

    fn within_0_and_1(self) -> Self {
        Self { lower: self.lower.clamp(0.0, 1.0), upper: self.upper.clamp(0.0, 1.0) }
    }
}

/// Bounds of a number from 0 to 1, from the bins or the sketches that both profiles have, or from both.
fn bounds(
    reference: &NumericProfile,
    current: &NumericProfile,
    of_bins: impl Fn(&[Bin]) -> Bounds,
    of_sketches: impl Fn(&QuantileSketch, &QuantileSketch) -> Bounds,
) -> Result<Bounds> {
    let certain = reference.same_bins(current)?.map(|(bins, p, q)| of_bins(&shares(bins, p, q)));
    let likely = reference.sketches(current).map(|(f, g)| of_sketches(f, g));
    let bounds = match (certain, likely) {
        (Some(certain), Some(likely)) => certain.and_likely(likely),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => {
            return Err(Error::invalid(
                "the profiles have neither bins nor sketches, and there are no bounds",
            ));
        }
    };
    Ok(bounds.within_0_and_1())
}

/// A bin with the shares of both samples.
struct Bin {
    /// All values in it are equal.
    is_atom: bool,
    /// The shares in the bin.
    own: [f64; 2],
    /// The shares in all bins before it.
    before: [f64; 2],
    /// The shares up to and with it.
    up_to: [f64; 2],
}

/// Without weights each share is one division of counts, so that equal ones have the difference 0.
fn shares(bins: &QuantileBins, reference: &BinCounts, current: &BinCounts) -> Vec<Bin> {
    let totals = [reference.total(), current.total()];
    let mut sums = [0.0; 2];
    let each = bins.intervals().zip(reference.counts.iter().zip(&current.counts));
    let bin = |(interval, (&p, &q)): (BinInterval, (&f64, &f64))| {
        let before = sums;
        sums = [sums[0] + p, sums[1] + q];
        let [own, before, up_to] = [[p, q], before, sums].map(|of| [of[0] / totals[0], of[1] / totals[1]]);
        Bin { is_atom: matches!(interval, BinInterval::Exactly(_)), own, before, up_to }
    };
    each.map(bin).collect()
}
