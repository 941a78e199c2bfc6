//! The index as evidently defines it.

use super::{Psi, psi};
use crate::error::Result;
use crate::two_samples::tool_bins::{ToolBins, evidently_floor};

/// The population stability index of a numeric column as evidently computes it, to compare with its numbers.
///
/// It differs from [`psi_numeric`](super::psi_numeric) in three ways. The bins are of equal width over both samples
/// together, as many as Sturges' rule gives, whatever its `n_bins` says: they are not frozen with the reference. When
/// the reference has at most 20 distinct values every value of either sample is a bin: a reference of whole numbers
/// against a continuous current sample gives 9.4 where nothing has moved. And a share of 0 is replaced, by 10⁻⁴, or by a
/// millionth of the sample's smallest share if that is at most 10⁻⁴.
///
/// NaN and ±∞ are left out, as in evidently's reports; its function alone counts NaN in the sample's size. Columns of
/// whole numbers are binned as floating-point ones; numpy's bins of integer columns are at least 1 wide. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no finite values; invalid when the values are too close for so many bins.
///
/// ```
/// # use tiltmeter_stats::psi_evidently;
/// // constants are categories: (1 − 10⁻⁴) ln 10⁴, twice
/// assert_eq!(format!("{:.4}", psi_evidently(&[3.5; 500], &[4.0; 500])?.value), "18.4188");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_evidently(reference: &[f64], current: &[f64]) -> Result<Psi> {
    let bins = ToolBins::evidently(reference, current)?;
    let shares = bins.shares()?;
    Ok(psi(&shares, |share, smallest| if share > 0.0 { share } else { evidently_floor(smallest) }))
}
