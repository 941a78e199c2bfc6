//! Pearson's chi-square tests of counts.

mod categorical;
mod goodness_of_fit;
mod tools;

#[cfg(test)]
mod tests;

pub use categorical::{ChiSquareCategorical, chi_square_categorical, chi_square_categorical_weighted};
pub use goodness_of_fit::{ChiSquareFit, chi_square_goodness_of_fit};
pub use tools::{chi_square_evidently, chi_square_nannyml, chi_square_yates_from_counts};

use crate::bins::BinCounts;
use crate::error::Result;
use crate::sample::Sample;
use crate::special::chi_square_sf;

use super::sampling_noise::{mean_of_chi, variance_of_chi};
use super::shares::{Binned, Shares};

/// Below this expected count a cell is small (Cochran, *Biometrics* 10, 1954, 417).
const SMALL: f64 = 5.0;

/// Whether two samples have the same shares: Pearson's chi-square of the 2 × k table, without a correction.
///
/// ```text
/// χ² = Σ (O − E)²/E = Σ (pᵢ − qᵢ)² / (rᵢ (1/n + 1/m))     rᵢ = (n pᵢ + m qᵢ)/(n + m)
/// V = √(χ² / (n + m))
/// ```
///
/// Both samples are samples: a test that takes the reference's shares for exact, as evidently's and whylogs' do,
/// rejects too often, and always when the current sample has one new category
/// ([`chi_square_evidently`](crate::chi_square_evidently)). Categories that both lack do not count.
///
/// With weights the shares are weighted, and n and m are Kish's effective sizes (Rao and Scott, *JASA* 76, 1981, 221,
/// with one design effect for each sample). At a nominal 5 % that rejects 4 to 5 % without drift; the sums of weights
/// for n and m would reject always.
///
/// A small p-value says that there is a difference, not that it matters: judge Cramér's V against what is expected of
/// it too. Pearson, *Philosophical Magazine* 50 (1900), 157; Cramér, *Mathematical Methods of Statistics* (1946),
/// section 21.9.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChiSquareTest {
    /// χ², from 0 to n + m. Without drift its mean is `degrees_of_freedom`, and its variance twice that.
    pub statistic: f64,
    /// The probability of such a χ² or a larger one without drift; 1 when χ² is 0.
    ///
    /// The limit is usable when no expected count is below 1, and few are below 5: see `min_expected`.
    pub p_value: f64,
    /// k − 1: one less than there are categories.
    pub degrees_of_freedom: usize,
    /// Cramér's V, from 0, the same shares, to 1, no overlap; `None` for one category.
    ///
    /// It is biased: see `expected_cramers_v`. It depends on the sizes' ratio too, with weights on that of Kish's
    /// sizes. Of a table with two rows it is Cohen's w.
    pub cramers_v: Option<f64>,
    /// The mean of V without drift, by sampling alone: that of χ with k − 1 degrees of freedom, over √(n + m); at
    /// most 1.
    pub expected_cramers_v: f64,
    /// The standard deviation of V without drift, from the same χ.
    pub expected_cramers_v_spread: f64,
    /// The smallest expected count of the 2 k cells.
    pub min_expected: f64,
    /// How many of the 2 k cells have an expected count below 5.
    pub cells_below_5: usize,
    /// How many categories the current sample lacks and the reference has.
    pub only_in_reference: usize,
    /// How many categories are new in the current sample.
    pub only_in_current: usize,
    /// n: the effective size of the reference.
    pub reference_effective_size: f64,
    /// m: the effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing (NaN); they are left out. 0 for plain counts and for categories.
    pub missing_reference: u64,
    /// How many values of the current sample are missing, likewise.
    pub missing_current: u64,
}

/// The chi-square test of homogeneity of two samples counted in the same bins or categories, each value once.
///
/// For weighted counts use [`ChiSquareTest::between`]: their sum is no sample size. O(k).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; invalid when there are not as many counts, or one is negative or not finite.
///
/// ```
/// # use tiltmeter_stats::chi_square_from_counts;
/// let test = chi_square_from_counts(&[50.0, 30.0, 20.0, 0.0], &[30.0, 30.0, 40.0, 0.0])?;
/// // scipy.stats.chi2_contingency([[50, 30, 20], [30, 30, 40]])
/// assert!((test.statistic - 11.6667).abs() < 1e-4);
/// assert!((test.p_value - 0.002929).abs() < 1e-6);
/// assert_eq!((test.degrees_of_freedom, test.min_expected, test.cells_below_5), (2, 30.0, 0));
/// assert!(test.cramers_v > Some(0.24) && test.expected_cramers_v < 0.09);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_from_counts(reference: &[f64], current: &[f64]) -> Result<ChiSquareTest> {
    Ok(ChiSquareTest::uncorrected(&Shares::of_counts(reference, current)?))
}

/// The chi-square test of homogeneity of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the
/// reference. Unlike [`ks_two_sample`](crate::ks_two_sample) it is right for columns with few distinct values.
///
/// NaN is left out, ±∞ are in the outer bins. With weights the shares are weighted, and the sizes Kish's. To compare
/// one reference with many samples keep its bins and counts, and use [`ChiSquareTest::between`]. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::chi_square_numeric;
/// let test = chi_square_numeric(&[0.0, 0.0, 0.0, 0.0, 1.0, 1.0], &[1.0, 1.0, 1.0, 1.0, 0.0])?;
/// assert_eq!(test.degrees_of_freedom, 1);
/// assert!((test.p_value - 0.122).abs() < 1e-3);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_numeric<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<ChiSquareTest> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(ChiSquareTest::uncorrected(&binned.shares()?))
}

impl ChiSquareTest {
    /// The test of two samples counted in the same bins, with Kish's effective sizes. O(bins).
    ///
    /// # Errors
    /// As [`chi_square_from_counts`].
    pub fn between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(Self::uncorrected(&Shares::of_bins(reference, current)?))
    }

    fn uncorrected(shares: &Shares<'_>) -> Self {
        Self::of(shares, 0.0)
    }

    /// `correction` is taken off each |p − q|, as far as it goes.
    fn of(shares: &Shares<'_>, correction: f64) -> Self {
        let (n, m) = (shares.reference_effective_size, shares.current_effective_size);
        let (mut corrected, mut uncorrected, mut categories) = (0.0, 0.0, 0);
        let (mut min_expected, mut cells_below_5, mut only) = (f64::INFINITY, 0, [0, 0]);
        for [p, q] in shares.pairs() {
            let difference = (p - q).abs();
            categories += 1;
            uncorrected += mean_square_part(shares, [p, q], difference);
            corrected += mean_square_part(shares, [p, q], (difference - correction).max(0.0));
            let pooled = shares.pooled([p, q]);
            let expected = [n * pooled, m * pooled];
            min_expected = expected.into_iter().fold(min_expected, f64::min);
            cells_below_5 += expected.iter().filter(|&&expected| expected < SMALL).count();
            only[0] += usize::from(q <= 0.0);
            only[1] += usize::from(p <= 0.0);
        }
        let (corrected, uncorrected, freedom) =
            (f64::min(corrected, 1.0), f64::min(uncorrected, 1.0), categories - 1);
        let statistic = n * corrected + m * corrected;
        Self {
            statistic,
            p_value: p_value(statistic, freedom),
            degrees_of_freedom: freedom,
            cramers_v: (freedom > 0).then_some(uncorrected.sqrt()),
            expected_cramers_v: (mean_of_chi(freedom) / (n + m).sqrt()).min(1.0),
            expected_cramers_v_spread: (variance_of_chi(freedom) / (n + m)).sqrt().min(1.0),
            min_expected,
            cells_below_5,
            only_in_reference: only[0],
            only_in_current: only[1],
            reference_effective_size: n,
            current_effective_size: m,
            missing_reference: shares.missing[0],
            missing_current: shares.missing[1],
        }
    }
}

/// What a category adds to χ²/(n + m), which is at most 1: v(1 − v) d²/r with v = n/(n + m) and the share r of both
/// samples.
fn mean_square_part(shares: &Shares<'_>, [p, q]: [f64; 2], difference: f64) -> f64 {
    let pooled = shares.pooled([p, q]);
    let [n_part, m_part] = shares.weights().map(|weight| weight * difference);
    // r is not below the part of the larger share, and 0 only where numbers are too small
    let (larger, smaller) = if p > q { (n_part, m_part) } else { (m_part, n_part) };
    if pooled > 0.0 { larger / pooled * smaller } else { 0.0 }
}

fn p_value(statistic: f64, freedom: usize) -> f64 {
    if freedom == 0 || statistic <= 0.0 { 1.0 } else { chi_square_sf(statistic, freedom as f64) }
}
