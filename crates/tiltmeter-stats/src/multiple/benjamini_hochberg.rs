//! The false discovery rate, for independent or positively dependent tests.

use super::p_values::step_up;
use crate::error::Result;

/// Benjamini and Hochberg's adjusted p-values: rejecting those up to q keeps the expected share of false ones among the
/// rejected at q, for independent or positively dependent tests.
///
/// With the m p-values sorted, `adjusted(i) = min over j ≥ i of min(1, m · p(j) / j)`. The result stands in the order of
/// the input. Empty input gives empty output. Cost: one sort.
///
/// The share is kept at q · m₀/m in fact, m₀ the number of true null hypotheses, and on average over many such
/// lists: in a single one it may be anything. Positively dependent are tests of columns that rise and fall together;
/// for tests that exclude each other there is [`benjamini_yekutieli`](crate::benjamini_yekutieli).
///
/// # Which adjustment
/// This one to list what deserves a look: among the columns that it calls drifted few are not. [`holm`](crate::holm)
/// where each rejection raises an alarm. Simulated with nominal 5 %, 20 independent tests, 15 of them of true null
/// hypotheses, the others with a shift of 3 standard deviations:
///
/// | adjusted by | share of false rejections | any false rejection | found of 5 |
/// |---|---|---|---|
/// | nothing | 13 % | 53 % | 4.3 |
/// | Benjamini and Hochberg | 3.7 % | 15 % | 3.3 |
/// | Benjamini and Yekutieli | 1.0 % | 3.5 % | 2.3 |
/// | Holm | 1.2 % | 4.0 % | 2.5 |
/// | Bonferroni | 1.1 % | 3.5 % | 2.5 |
///
/// A NaN is refused and not left out: a test that could not be computed is no test, and only the caller knows whether
/// it counts as one of the looks.
///
/// Benjamini & Hochberg (1995), *J. R. Statist. Soc. B* 57, section 3.1; Benjamini & Yekutieli (2001), *Annals of
/// Statistics* 29, theorem 1.2, for positive dependence.
///
/// ```
/// // scipy.stats.false_discovery_control([0.01, 0.04, 0.03])
/// let adjusted = tiltmeter_stats::benjamini_hochberg(&[0.01, 0.04, 0.03])?;
/// let expected = [0.03, 0.04, 0.04];
/// assert!(adjusted.iter().zip(expected).all(|(adjusted, expected)| (adjusted - expected).abs() < 1e-15));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
///
/// # Errors
/// Invalid when a p-value is not from 0 to 1; NaN is not.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>> {
    step_up(p_values, 1.0)
}
