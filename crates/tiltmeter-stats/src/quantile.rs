//! Quantiles, by two of their definitions.

use crate::ecdf::{Ecdf, check_share};
use crate::error::{Result, Undefined};
use crate::sample::Sample;

/// Quantiles by linear interpolation: type 7 of Hyndman and Fan (*American Statistician* 50, 1996), the default
/// of numpy and R.
///
/// ```text
/// h = (n − 1) q,    Q(q) = x₍⌊h⌋₎ + (h − ⌊h⌋)(x₍⌊h⌋₊₁₎ − x₍⌊h⌋₎)    with x₍₀₎ ≤ … ≤ x₍ₙ₋₁₎
/// ```
///
/// One result for each of `q`, within the values' range. There is no such definition with weights: see
/// [`quantile_inverted_cdf`]. NaN is left out. Between a number and an infinity lies the infinity, between −∞
/// and +∞ lies NaN. O(n log n).
///
/// # Errors
/// [`Undefined::Empty`] when no value is present; invalid when one of `q` is not within 0 and 1.
///
/// ```
/// # use tiltmeter_stats::quantile_linear;
/// assert_eq!(quantile_linear(&[4.0, 1.0, 3.0, 2.0], &[0.0, 0.5, 0.75])?, [1.0, 2.5, 3.25]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn quantile_linear(values: &[f64], q: &[f64]) -> Result<Vec<f64>> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    q.iter().map(|&q| linear_of_sorted(&sorted, q)).collect()
}

fn linear_of_sorted(sorted: &[f64], q: f64) -> Result<f64> {
    check_share(q)?;
    let Some(last) = sorted.len().checked_sub(1) else {
        return Err(Undefined::Empty.into());
    };
    let place = last as f64 * q;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the last place")]
    let before = place.floor() as usize;
    let (low, high) = (sorted[before], sorted[last.min(before + 1)]);
    let part = place - place.floor();
    if part <= 0.0 || low >= high {
        return Ok(low);
    }
    // not low + part (high − low): the difference could overflow
    Ok((low * (1.0 - part) + high * part).clamp(low, high))
}

/// Quantiles by inversion of the distribution function, with or without weights: the smallest value x with
/// F(x) ≥ q.
///
/// Type 1 of Hyndman and Fan. Always one of the values, so that it stays finite next to an infinity, and the
/// only of the usual definitions that weights have a meaning in. One result for each of `q`. NaN is left out.
/// For more of the same sample see [`Ecdf::quantile`]. O(n log n).
///
/// # Errors
/// [`Undefined::Empty`] when no value is present; invalid when one of `q` is not within 0 and 1, or as
/// [`Ecdf::of`] is.
///
/// ```
/// # use tiltmeter_stats::{Sample, quantile_inverted_cdf};
/// assert_eq!(quantile_inverted_cdf(&[4.0, 1.0, 3.0, 2.0], &[0.5, 0.75])?, [2.0, 3.0]);
/// let weighted = Sample::weighted(&[1.0, 2.0, 3.0], &[1.0, 1.0, 8.0])?;
/// assert_eq!(quantile_inverted_cdf(weighted, &[0.2, 0.5])?, [2.0, 3.0]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn quantile_inverted_cdf<'a>(sample: impl Into<Sample<'a>>, q: &[f64]) -> Result<Vec<f64>> {
    let ecdf = Ecdf::of(sample)?;
    q.iter().map(|&q| ecdf.quantile(q)).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn infinities_are_values() {
        let values = [f64::NEG_INFINITY, 1.0, f64::INFINITY];
        assert_eq!(
            quantile_linear(&values, &[0.25, 0.5, 0.75]).unwrap(),
            [f64::NEG_INFINITY, 1.0, f64::INFINITY]
        );
        assert!(quantile_linear(&[f64::NEG_INFINITY, f64::INFINITY], &[0.5]).unwrap()[0].is_nan());
    }

    #[test]
    fn a_share_is_within_0_and_1() {
        for q in [-0.1, 1.1, f64::NAN] {
            assert!(quantile_linear(&[1.0], &[q]).unwrap_err().is_invalid());
            assert!(quantile_inverted_cdf(&[1.0], &[q]).unwrap_err().is_invalid());
        }
    }

    proptest! {
        #[test]
        fn they_ascend_within_the_range(values in proptest::collection::vec(any::<f64>(), 1..40)) {
            let q: Vec<f64> = (0..=20).map(|step| f64::from(step) / 20.0).collect();
            prop_assume!(values.iter().any(|value| !value.is_nan()));
            prop_assume!(values.iter().all(|value| !value.is_infinite()));
            let present = || values.iter().copied().filter(|value| !value.is_nan());
            for quantiles in [quantile_linear(&values, &q), quantile_inverted_cdf(&values, &q)] {
                let quantiles = quantiles.unwrap();
                prop_assert!(quantiles.is_sorted(), "{quantiles:?}");
                prop_assert_eq!(quantiles[0], present().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(quantiles[20], present().fold(f64::NEG_INFINITY, f64::max));
            }
        }
    }
}
