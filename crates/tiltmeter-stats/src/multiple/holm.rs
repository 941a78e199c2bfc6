//! The probability of any false rejection, step by step.

use super::p_values::ascending;
use crate::error::Result;

/// Holm's adjusted p-values: rejecting those up to α keeps the probability of any false rejection at α, however the
/// tests depend on each other.
///
/// With the m p-values sorted, `adjusted(i) = max over j ≤ i of min(1, (m − j + 1) · p(j))`. The result stands in the
/// order of the input. Empty input gives empty output. Cost: one sort.
///
/// Holm (1979), *Scand. J. Statist.* 6, section 3.
///
/// ```
/// let adjusted = tiltmeter_stats::holm(&[0.01, 0.04, 0.03])?;
/// // 3 · 0.01, then 2 · 0.03, and not less than that for the largest
/// let expected = [0.03, 0.06, 0.06];
/// assert!(adjusted.iter().zip(expected).all(|(adjusted, expected)| (adjusted - expected).abs() < 1e-15));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
///
/// # Errors
/// Invalid when a p-value is not from 0 to 1; NaN is not.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut greatest: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        greatest = greatest.max(((p_values.len() - rank) as f64 * p_values[index]).min(1.0));
        adjusted[index] = greatest;
    }
    Ok(adjusted)
}
