//! The false discovery rate, however tests depend on each other.

use super::p_values::step_up;
use crate::error::Result;

/// Benjamini and Yekutieli's adjusted p-values: rejecting those up to q keeps the expected share of false ones among the
/// rejected at q, however the tests depend on each other.
///
/// They are those of [`benjamini_hochberg`](crate::benjamini_hochberg) times 1 + 1/2 + … + 1/m, at most 1: 2.9 for 10
/// tests, 5.2 for 100, 7.5 for 1000. That is a high price, and rarely needed: the share stays below q without it for
/// positively dependent tests. The result stands in the order of the input. Empty input gives empty output. Cost: one
/// sort.
///
/// Benjamini & Yekutieli (2001), *Annals of Statistics* 29, 1165–1188, theorem 1.3.
///
/// ```
/// // scipy.stats.false_discovery_control([0.01, 0.04, 0.03], method="by")
/// let adjusted = tiltmeter_stats::benjamini_yekutieli(&[0.01, 0.04, 0.03])?;
/// let expected = [0.055, 0.22 / 3.0, 0.22 / 3.0];
/// assert!(adjusted.iter().zip(expected).all(|(adjusted, expected)| (adjusted - expected).abs() < 1e-15));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
///
/// # Errors
/// Invalid when a p-value is not from 0 to 1; NaN is not.
pub fn benjamini_yekutieli(p_values: &[f64]) -> Result<Vec<f64>> {
    // the smallest terms first, which rounds least
    let harmonic: f64 = (1..=p_values.len()).rev().map(|rank| 1.0 / rank as f64).sum();
    step_up(p_values, harmonic)
}
