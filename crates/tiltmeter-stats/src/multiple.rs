//! Many looks at once: p-values that are adjusted for their number.

use crate::error::{Error, Result};

/// Benjamini and Hochberg's adjusted p-values: rejecting those up to q keeps the expected share of false ones among the
/// rejected at q, for independent or positively dependent tests.
///
/// With the m p-values sorted, `adjusted(i) = min over j ≥ i of min(1, m · p(j) / j)`. The result stands in the order of
/// the input. Empty input gives empty output. Cost: one sort.
///
/// Benjamini & Hochberg (1995), *J. R. Statist. Soc. B* 57, section 3.1.
///
/// ```
/// // scipy.stats.false_discovery_control([0.01, 0.04, 0.03])
/// let adjusted = tiltmeter_stats::benjamini_hochberg(&[0.01, 0.04, 0.03])?;
/// assert!((adjusted[0] - 0.03).abs() < 1e-15 && (adjusted[1] - 0.04).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
///
/// # Errors
/// When a p-value is not from 0 to 1; NaN is not.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>> {
    let order = ascending(p_values)?;
    let m = p_values.len() as f64;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (rank, &index) in order.iter().enumerate().rev() {
        least = least.min(m * p_values[index] / (rank + 1) as f64);
        adjusted[index] = least;
    }
    Ok(adjusted)
}

/// Holm's adjusted p-values: rejecting those up to α keeps the probability of any false rejection at α, however the
/// tests depend on each other.
///
/// With the m p-values sorted, `adjusted(i) = max over j ≤ i of min(1, (m − j + 1) · p(j))`. The result stands in the
/// order of the input. Empty input gives empty output. Cost: one sort.
///
/// Holm (1979), *Scand. J. Statist.* 6, section 3.
///
/// # Errors
/// When a p-value is not from 0 to 1; NaN is not.
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

fn ascending(p_values: &[f64]) -> Result<Vec<usize>> {
    if let Some(p) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(Error::invalid(format!("a p-value is {p}, allowed: numbers from 0 to 1")));
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `statsmodels.stats.multitest.multipletests(P, method=…)[1]`, methods `fdr_bh` and `holm`
    const P: [f64; 5] = [0.01, 0.02, 0.03, 0.04, 0.5];

    fn near(got: &[f64], expected: &[f64]) {
        assert_eq!(got.len(), expected.len());
        assert!(got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-12), "{got:?}");
    }

    #[test]
    fn golden_values() {
        near(&benjamini_hochberg(&P).unwrap(), &[0.05, 0.05, 0.05, 0.05, 0.5]);
        near(&holm(&P).unwrap(), &[0.05, 0.08, 0.09, 0.09, 0.5]);
    }

    #[test]
    fn the_order_is_that_of_the_input() {
        near(&benjamini_hochberg(&[0.5, 0.01, 0.9]).unwrap(), &[0.75, 0.03, 0.9]);
        near(&holm(&[0.5, 0.01]).unwrap(), &[0.5, 0.02]);
        assert_eq!(holm(&[]).unwrap(), Vec::<f64>::new());
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for wrong in [f64::NAN, -0.1, 1.1] {
            assert!(holm(&[wrong]).unwrap_err().is_invalid());
            assert!(benjamini_hochberg(&[wrong]).is_err());
        }
    }
}
