//! The index as evidently defines it.

use super::{FLOOR, Psi, psi};
use crate::error::Result;
use crate::histogram::{BinRule, Histogram, histogram_edges};
use crate::two_samples::shares::Shares;

/// Up to so many distinct values of the reference every value is a category.
const CATEGORIES: usize = 20;

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
    let (reference, current) = (finite(reference), finite(current));
    let [reference, current] = if distinct(&reference).len() > CATEGORIES {
        let both: Vec<f64> = reference.iter().chain(&current).copied().collect();
        let edges = histogram_edges(&both, BinRule::Sturges)?;
        [Histogram::with_edges(&reference, &edges)?.counts, Histogram::with_edges(&current, &edges)?.counts]
    } else {
        let both: Vec<f64> = reference.iter().chain(&current).copied().collect();
        let categories = distinct(&both);
        [&reference, &current].map(|values| {
            let mut counts = vec![0.0; categories.len()];
            for value in values {
                counts[categories.partition_point(|category| category < value)] += 1.0;
            }
            counts
        })
    };
    let shares = Shares::of_counts(&reference, &current)?;
    Ok(psi(&shares, |share, smallest| match share {
        share if share > 0.0 => share,
        _ if smallest <= FLOOR => smallest / 1e6,
        _ => FLOOR,
    }))
}

/// The values that are numbers, and 0 for −0.
pub(super) fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| value.is_finite()).map(|value| value + 0.0).collect()
}

/// The distinct values, ascending.
fn distinct(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup_by(|value, before| *value <= *before);
    values
}
