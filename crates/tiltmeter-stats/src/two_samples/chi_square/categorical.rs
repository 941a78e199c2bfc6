//! The test of two columns of categories, and which categories one of them does not have.

use super::ChiSquareTest;
use crate::error::Result;
use crate::two_samples::shares::Categories;

/// The test of homogeneity of two samples of categories, and the categories that only one of them has.
///
/// What is new or gone is listed apart from the test: one row of a new category hardly moves χ², and may still be the
/// one that a model cannot encode.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChiSquareCategorical<'a, S> {
    /// The test, over all categories of either sample.
    pub test: ChiSquareTest,
    /// The categories that the current sample lacks, in their order.
    pub only_in_reference: Vec<&'a S>,
    /// The categories that are new in the current sample, in their order.
    pub only_in_current: Vec<&'a S>,
}

/// The chi-square test of homogeneity of two samples of categories; every category of either sample counts. O(n log
/// k) for k categories. See [`ChiSquareTest`].
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::chi_square_categorical;
/// let reference = ["p", "q", "p", "q", "q", "q", "q", "q", "p"];
/// let result = chi_square_categorical(&reference, &["p", "p", "q", "q", "r", "p", "r", "p"])?;
/// // scipy.stats.chi2_contingency([[3, 6, 0], [4, 2, 2]])
/// assert!((result.test.statistic - 4.0982).abs() < 1e-4);
/// assert!((result.test.p_value - 0.1288).abs() < 1e-4);
/// assert_eq!(result.only_in_current, [&"r"]);
/// assert_eq!(result.test.cells_below_5, 6);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_categorical<'a, S: Ord>(
    reference: &'a [S],
    current: &'a [S],
) -> Result<ChiSquareCategorical<'a, S>> {
    chi_square_categorical_weighted(reference, None, current, None)
}

/// The same with a weight for each value; `None` counts each once. The shares are weighted, and the sizes Kish's.
///
/// # Errors
/// As [`chi_square_categorical`]; invalid when there are not as many weights as values, or a weight is negative, NaN
/// or infinite, or all are 0.
///
/// ```
/// # use tiltmeter_stats::chi_square_categorical_weighted;
/// let (reference, current) = (["a", "a", "a", "b"], ["a", "b", "b"]);
/// let result = chi_square_categorical_weighted(&reference, None, &current, Some(&[10.0, 1.0, 1.0]))?;
/// // the current sample tells as much as 144 / 102 values
/// assert!((result.test.current_effective_size - 1.41).abs() < 0.01);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn chi_square_categorical_weighted<'a, S: Ord>(
    reference: &'a [S],
    reference_weights: Option<&[f64]>,
    current: &'a [S],
    current_weights: Option<&[f64]>,
) -> Result<ChiSquareCategorical<'a, S>> {
    let categories = Categories::of(reference, reference_weights, current, current_weights)?;
    let test = ChiSquareTest::uncorrected(&categories.shares()?);
    let [only_in_reference, only_in_current] = categories.unseen();
    Ok(ChiSquareCategorical { test, only_in_reference, only_in_current })
}
