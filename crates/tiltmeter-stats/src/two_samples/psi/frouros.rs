//! The index as frouros defines it.

use super::{Psi, psi};
use crate::error::Result;
use crate::histogram::Histogram;
use crate::two_samples::shares::{Shares, left_out};

/// The population stability index as frouros's `PSI` computes it with 10 bins, to compare with its numbers.
///
/// It differs from [`psi_numeric`](super::psi_numeric) in two ways. The bins are ten of equal width over both samples
/// together, so that they are not frozen with the reference, and an outlier empties them. And a share of 0 is replaced
/// by 2.2·10⁻³⁰⁸, so that a bin that one sample lacks adds some 700 times its share in the other: 1.5 for a shift that
/// other definitions give 0.11. NaN and ±∞, which frouros has no answer for, are left out. O(n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no finite values; invalid when the values are too close for 10 bins.
///
/// ```
/// # use tiltmeter_stats::psi_frouros;
/// let psi = psi_frouros(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 10.0])?;
/// // 3 has its bin alone, and 10 has: ¼ ln(¼ / 2.2e-308), twice
/// assert!((psi.value - 353.5051).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_frouros(reference: &[f64], current: &[f64]) -> Result<Psi> {
    let samples = [reference, current];
    let (reference, current) = (finite(reference), finite(current));
    let missing = left_out(samples, [&reference, &current]);
    let both: Vec<f64> = reference.iter().chain(&current).copied().collect();
    let counts = if both.is_empty() {
        [Vec::new(), Vec::new()]
    } else {
        let edges = Histogram::equal_width(&both, 10)?.edges;
        [Histogram::with_edges(&reference, &edges)?.counts, Histogram::with_edges(&current, &edges)?.counts]
    };
    let shares = Shares::of_counts(&counts[0], &counts[1])?.leaving_out(missing);
    Ok(psi(&shares, |share, _| if share > 0.0 { share } else { f64::MIN_POSITIVE }))
}

/// The values that are numbers.
fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| value.is_finite()).collect()
}
