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
/// let expected = [0.03, 0.04, 0.04];
/// assert!(adjusted.iter().zip(expected).all(|(adjusted, expected)| (adjusted - expected).abs() < 1e-15));
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
/// ```
/// let adjusted = tiltmeter_stats::holm(&[0.01, 0.04, 0.03])?;
/// // 3 · 0.01, then 2 · 0.03, and not less than that for the largest
/// let expected = [0.03, 0.06, 0.06];
/// assert!(adjusted.iter().zip(expected).all(|(adjusted, expected)| (adjusted - expected).abs() < 1e-15));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
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
    use proptest::prelude::*;

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

    /// `scipy.stats.false_discovery_control(p)`, scipy 1.17.1
    #[test]
    fn a_later_one_that_is_smaller_lowers_those_before_it() {
        for (p, adjusted) in [
            ([0.01, 0.04, 0.03].as_slice(), [0.03, 0.04, 0.04].as_slice()),
            (&[0.005, 0.04, 0.03, 0.7], &[0.02, 0.053_333_333_333_333_33, 0.053_333_333_333_333_33, 0.7]),
            (&[0.03, 0.031, 0.9, 0.6], &[0.062, 0.062, 0.9, 0.8]),
            (&[0.6, 0.2, 0.7], &[0.7, 0.6, 0.7]),
            (&[1.0, 0.9], &[1.0, 1.0]),
        ] {
            near(&benjamini_hochberg(p).unwrap(), adjusted);
        }
    }

    /// By hand: m times the smallest, m − 1 times the next, …, never less than the one before and never more than 1.
    #[test]
    fn an_earlier_one_that_is_larger_raises_those_after_it() {
        for (p, adjusted) in [
            // 3 · 0.01; 2 · 0.03; 1 · 0.04 < 0.06
            ([0.01, 0.04, 0.03].as_slice(), [0.03, 0.06, 0.06].as_slice()),
            // 4 · 0.005; 3 · 0.03; 2 · 0.04 < 0.09; 1 · 0.7
            (&[0.005, 0.04, 0.03, 0.7], &[0.02, 0.09, 0.09, 0.7]),
            // 3 · 0.2; 2 · 0.6 > 1; 1 · 0.7 < 1
            (&[0.6, 0.2, 0.7], &[1.0, 0.6, 1.0]),
            // 2 · 0.9 > 1; 1
            (&[1.0, 0.9], &[1.0, 1.0]),
        ] {
            near(&holm(p).unwrap(), adjusted);
        }
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

    proptest! {
        #[test]
        fn adjusting_keeps_the_order_and_lowers_nothing(p in proptest::collection::vec(0.0..=1.0, 1..20)) {
            let (rate, any) = (benjamini_hochberg(&p).unwrap(), holm(&p).unwrap());
            for one in 0..p.len() {
                // 1e-15: m · p / m is rounded twice
                prop_assert!(p[one] <= rate[one] + 1e-15 && rate[one] <= any[one] + 1e-15 && any[one] <= 1.0);
                for other in (0..p.len()).filter(|&other| p[one] <= p[other]) {
                    prop_assert!(rate[one] <= rate[other] && any[one] <= any[other]);
                }
            }
        }
    }
}
