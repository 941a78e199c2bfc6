//! How scores are grouped to be compared with outcomes.

use crate::error::{Error, Result};
use crate::quantile::{quantile_inverted_cdf, quantile_linear};
use crate::sample::Sample;

/// How scores are grouped to be compared with outcomes; by default 10 bins of one width.
///
/// Bins are (a, b]: a score equal to an edge belongs to the lower bin, as in scikit-learn. The lowest score of all is
/// in the first bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CalibrationBins {
    /// So many bins of one width between 0 and 1. The bins of two samples are the same, so that they can be compared
    /// bin by bin.
    Uniform(usize),
    /// So many bins between quantiles of the scores, which hold about as many rows each; where scores are tied, fewer
    /// bins hold any. Every bin says something also when most scores are near 0, but the bins of two samples differ.
    ///
    /// Quantiles are those of [`quantile_linear`](crate::quantile_linear) for equal weights, as scikit-learn has
    /// them, and of [`quantile_inverted_cdf`](crate::quantile_inverted_cdf) for others.
    Quantile(usize),
}

impl Default for CalibrationBins {
    fn default() -> Self {
        Self::Uniform(10)
    }
}

impl CalibrationBins {
    /// The edges, ascending, one more than there are bins. `rows` are `(score, weight)`, at least one.
    pub(super) fn edges(self, rows: impl Iterator<Item = (f64, f64)>) -> Result<Vec<f64>> {
        const MOST: usize = 10_000;
        let (Self::Uniform(bins) | Self::Quantile(bins)) = self;
        if !(1..=MOST).contains(&bins) {
            return Err(Error::invalid(format!("there are {bins} bins, allowed: from 1 to {MOST}")));
        }
        // multiples of the width as numpy.linspace makes them, and the last one exactly 1
        let width = 1.0 / bins as f64;
        let share = |bin: usize| if bin == bins { 1.0 } else { bin as f64 * width };
        let shares: Vec<f64> = (0..=bins).map(share).collect();
        match self {
            Self::Uniform(_) => Ok(shares),
            Self::Quantile(_) => {
                let (scores, weights): (Vec<f64>, Vec<f64>) = rows.unzip();
                if weights.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits()) {
                    quantile_linear(&scores, &shares)
                } else {
                    quantile_inverted_cdf(Sample::weighted(&scores, &weights)?, &shares)
                }
            }
        }
    }
}
