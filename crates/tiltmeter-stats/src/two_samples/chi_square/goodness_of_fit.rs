//! The test of counts against shares that are known.

use super::{SMALL, p_value};
use crate::bins::{BinCounts, check_counts};
use crate::error::{Error, Result, Undefined};

/// By how much the given shares may miss a sum of 1.
const TOLERANCE: f64 = 1e-6;

/// Whether counts fit shares that are known exactly: Pearson's chi-square test of goodness of fit.
///
/// ```text
/// χ² = Σ (O − E)²/E = n Σ (oᵢ − eᵢ)²/eᵢ     oᵢ the observed shares, eᵢ the given ones
/// ```
///
/// The shares must be known from elsewhere: a theory, a census. Shares of a reference are those of a sample, and need
/// [`ChiSquareTest`](crate::ChiSquareTest): taken for exact they make the test reject too often, by far when the
/// reference is not much larger. Pearson, *Philosophical Magazine* 50 (1900), 157.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChiSquareFit {
    /// χ², from 0 to +∞: infinite when a category was observed that has a share of 0. If the shares are right its
    /// mean is `degrees_of_freedom`, and its variance twice that.
    pub statistic: f64,
    /// The probability of such a χ² or a larger one if the shares are right; 1 when χ² is 0, 0 when it is infinite.
    ///
    /// The limit is usable when no expected count is below 1, and few are below 5: see `min_expected`.
    pub p_value: f64,
    /// One less than there are categories.
    pub degrees_of_freedom: usize,
    /// Cohen's w, √(χ²/n), from 0 to +∞: how far the shares are apart, whatever the size.
    pub cohens_w: f64,
    /// The smallest expected count.
    pub min_expected: f64,
    /// How many categories have an expected count below 5.
    pub cells_below_5: usize,
    /// How many categories were observed that have a share of 0.
    pub impossible: usize,
    /// n: the effective size of the sample.
    pub n: f64,
}

/// The chi-square test of goodness of fit: counts, each value once, against known shares that add up to 1.
///
/// Categories that were not observed and have a share of 0 do not count. O(k).
///
/// # Errors
/// [`Empty`](Undefined::Empty) when all counts are 0; invalid when there are not as many shares as counts, one of
/// either is negative or not finite, or the shares do not add up to 1 within 10⁻⁶.
///
/// ```
/// # use tiltmeter_stats::chi_square_goodness_of_fit;
/// // a die
/// let fit = chi_square_goodness_of_fit(&[16.0, 18.0, 16.0, 14.0, 12.0, 12.0], &[1.0 / 6.0; 6])?;
/// // scipy.stats.chisquare([16, 18, 16, 14, 12, 12])
/// assert!((fit.statistic - 2.0).abs() < 1e-12);
/// assert!((fit.p_value - 0.84915).abs() < 1e-5);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_goodness_of_fit(observed: &[f64], shares: &[f64]) -> Result<ChiSquareFit> {
    ChiSquareFit::of_counts(observed, None, shares)
}

impl ChiSquareFit {
    /// The test of a sample in bins, with Kish's effective size. O(bins).
    ///
    /// # Errors
    /// As [`chi_square_goodness_of_fit`].
    pub fn of(observed: &BinCounts, shares: &[f64]) -> Result<Self> {
        Self::of_counts(&observed.counts, Some(observed.effective_size()), shares)
    }

    fn of_counts(observed: &[f64], size: Option<f64>, shares: &[f64]) -> Result<Self> {
        if observed.len() != shares.len() {
            let (counts, shares) = (observed.len(), shares.len());
            return Err(Error::invalid(format!("{counts} counts stand against {shares} shares")));
        }
        check_counts(observed)?;
        check_counts(shares)?;
        let total: f64 = observed.iter().sum();
        if total <= 0.0 {
            return Err(Undefined::Empty.into());
        }
        let sum: f64 = shares.iter().sum();
        if (sum - 1.0).abs() > TOLERANCE {
            return Err(Error::invalid(format!("the shares add up to {sum}, allowed: 1")));
        }
        let n = size.unwrap_or(total);
        if !(total.is_finite() && n > 0.0) {
            return Err(Error::invalid("the counts are too large or too small to be summed"));
        }
        let (mut squares, mut categories, mut impossible) = (0.0, 0, 0);
        let (mut min_expected, mut cells_below_5) = (f64::INFINITY, 0);
        for (count, share) in observed.iter().zip(shares) {
            let (observed, expected) = (count / total, share / sum);
            if observed <= 0.0 && expected <= 0.0 {
                continue;
            }
            categories += 1;
            min_expected = f64::min(min_expected, n * expected);
            cells_below_5 += usize::from(n * expected < SMALL);
            impossible += usize::from(expected <= 0.0);
            let difference = observed - expected;
            squares += if expected > 0.0 { difference / expected * difference } else { f64::INFINITY };
        }
        let (statistic, freedom) = (n * squares, categories - 1);
        Ok(Self {
            statistic,
            p_value: p_value(statistic, freedom),
            degrees_of_freedom: freedom,
            cohens_w: squares.sqrt(),
            min_expected,
            cells_below_5,
            impossible,
            n,
        })
    }
}
