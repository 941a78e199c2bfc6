//! The tests of other tools: with Yates' correction, and with the reference taken for exact.

use super::{ChiSquareFit, ChiSquareTest, chi_square_goodness_of_fit};
use crate::error::Result;
use crate::two_samples::shares::{Categories, Shares};

/// The chi-square test of homogeneity with Yates' correction when there are two categories: scipy's default.
///
/// ```text
/// χ² = Σ (|O − E| − min(½, |O − E|))² / E     for two categories, else as without the correction
/// ```
///
/// It approximates Fisher's exact test, which holds the totals of both categories fixed. Those of drift are not, and
/// then it is too cautious: at a nominal 5 % it rejects 3.5 % of samples of 100 values. Prefer
/// [`chi_square_from_counts`](crate::chi_square_from_counts). `cramers_v` is that without the correction. O(k).
/// Yates, *Supplement to the Journal of the Royal Statistical Society* 1 (1934), 217.
///
/// # Errors
/// As [`chi_square_from_counts`](crate::chi_square_from_counts).
///
/// ```
/// # use tiltmeter_stats::chi_square_yates_from_counts;
/// let test = chi_square_yates_from_counts(&[14.0, 55.0], &[30.0, 16.0])?;
/// // scipy.stats.chi2_contingency([[14, 55], [30, 16]])
/// assert!((test.statistic - 21.720484).abs() < 1e-6);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_yates_from_counts(reference: &[f64], current: &[f64]) -> Result<ChiSquareTest> {
    Ok(yates(&Shares::of_counts(reference, current)?))
}

/// The chi-square test of two samples of categories as NannyML's `chi2` (0.13) and alibi-detect compute it, to
/// compare with their numbers: [`chi_square_yates_from_counts`] over the categories of either sample.
///
/// It is another test for two categories than for three. O(n log k) for k categories.
///
/// # Errors
/// As [`chi_square_categorical`](crate::chi_square_categorical).
///
/// ```
/// # use tiltmeter_stats::chi_square_nannyml;
/// let test = chi_square_nannyml(&["a", "a", "a", "b"], &["a", "b", "b", "b", "b"])?;
/// // scipy.stats.chi2_contingency([[3, 1], [1, 4]])
/// assert!((test.p_value - 0.3296).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_nannyml<S: Ord>(reference: &[S], current: &[S]) -> Result<ChiSquareTest> {
    Ok(yates(&Categories::of(reference, None, current, None)?.shares()?))
}

/// The chi-square test of two samples of categories as evidently's `chisquare` (0.7) computes it, to compare with its
/// numbers: goodness of fit, with the reference's shares taken for exact.
///
/// They are not: for samples of about the same size it rejects 17 % of those without drift at a nominal 5 % with one
/// degree of freedom, and one row of a new category makes p 0. O(n log k) for k categories.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::chi_square_evidently;
/// let fit = chi_square_evidently(&["a", "a", "b", "b"], &["a", "a", "a", "b"])?;
/// // scipy.stats.chisquare([3, 1], [2, 2])
/// assert!((fit.p_value - 0.3173).abs() < 1e-4);
/// assert_eq!(chi_square_evidently(&["a", "b"], &["a", "b", "c"])?.p_value, 0.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_evidently<S: Ord>(reference: &[S], current: &[S]) -> Result<ChiSquareFit> {
    let categories = Categories::of(reference, None, current, None)?;
    let shares = categories.shares()?;
    let known: Vec<f64> = shares.pairs().map(|[p, _]| p).collect();
    chi_square_goodness_of_fit(&categories.current, &known)
}

fn yates(shares: &Shares<'_>) -> ChiSquareTest {
    // |O − E| = |p − q| / (1/n + 1/m)
    let correction = if shares.bins() == 2 { 0.5 * shares.per_value() } else { 0.0 };
    ChiSquareTest::of(shares, correction)
}
