//! The probability of any false rejection, in one step.

use super::p_values::check;
use crate::error::Result;

/// Bonferroni's adjusted p-values, `min(1, m · p)`: rejecting those up to α keeps the probability of any false rejection
/// at α, however the m tests depend on each other.
///
/// [`holm`](crate::holm) promises the same and never rejects less. What this has in its favour is that each
/// adjusted p-value depends on its own and on m alone, so that it does not change with what the other tests
/// find. The result stands in the order of the input. Empty input gives empty output. Cost: O(m).
///
/// Dunn (1961), *JASA* 56, 52–64.
///
/// ```
/// let adjusted = tiltmeter_stats::bonferroni(&[0.25, 0.5, 0.125])?;
/// assert_eq!(adjusted, [0.75, 1.0, 0.375]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
///
/// # Errors
/// Invalid when a p-value is not from 0 to 1; NaN is not.
pub fn bonferroni(p_values: &[f64]) -> Result<Vec<f64>> {
    check(p_values)?;
    Ok(p_values.iter().map(|p| (p_values.len() as f64 * p).min(1.0)).collect())
}
