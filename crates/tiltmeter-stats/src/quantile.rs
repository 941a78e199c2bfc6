//! Quantiles, by two of their definitions.

use std::borrow::Cow;

use crate::ecdf::{Ecdf, check_share};
use crate::error::{Result, Undefined};
use crate::order_statistics::order_statistics;
use crate::sample::{Sample, Squarable};
use crate::sorted::Sorted;

/// Quantiles by linear interpolation: type 7 of Hyndman and Fan (*American Statistician* 50, 1996), the default
/// of numpy and R.
///
/// ```text
/// h = (n − 1) q,    Q(q) = x₍⌊h⌋₎ + (h − ⌊h⌋)(x₍⌊h⌋₊₁₎ − x₍⌊h⌋₎)    with x₍₀₎ ≤ … ≤ x₍ₙ₋₁₎
/// ```
///
/// One result for each of `q`, within the values' range. There is no such definition with weights: see
/// [`quantile_inverted_cdf`]. NaN is left out. Between a number and an infinity lies the infinity, between −∞
/// and +∞ nothing is defined. O(n) for a few quantiles of many values that are spread out, at the most O(n log n).
///
/// # Errors
/// [`Undefined::Empty`] when no value is present; [`Undefined::Infinite`] when a quantile is between −∞ and +∞;
/// invalid when one of `q` is not within 0 and 1.
///
/// ```
/// # use tiltmeter_stats::quantile_linear;
/// assert_eq!(quantile_linear(&[4.0, 1.0, 3.0, 2.0], &[0.0, 0.5, 0.75])?, [1.0, 2.5, 3.25]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn quantile_linear(values: &[f64], q: &[f64]) -> Result<Vec<f64>> {
    let present = present(values);
    let places = q.iter().map(|&q| Place::of(q, present.len())).collect::<Result<Vec<Place>>>()?;
    let ranks: Vec<usize> = places.iter().flat_map(|place| [place.before, place.before + 1]).collect();
    let found = order_statistics(&present, &ranks);
    places.iter().zip(found.chunks(2)).map(|(place, pair)| place.between(pair[0], pair[1])).collect()
}

/// [`quantile_linear`] of values in order. O(1) for each of `q`.
///
/// # Errors
/// As [`quantile_linear`].
pub fn quantile_linear_sorted(values: Sorted<'_>, q: &[f64]) -> Result<Vec<f64>> {
    let values = values.values();
    let quantile = |&q: &f64| {
        let place = Place::of(q, values.len())?;
        place.between(values[place.before], values[(place.before + 1).min(values.len() - 1)])
    };
    q.iter().map(quantile).collect()
}

/// The values that are not NaN; a copy only when some are.
fn present(values: &[f64]) -> Cow<'_, [f64]> {
    if values.iter().any(|value| value.is_nan()) {
        values.iter().copied().filter(|value| !value.is_nan()).collect()
    } else {
        Cow::Borrowed(values)
    }
}

/// Where a quantile lies among values in order.
#[derive(Clone, Copy, Debug)]
struct Place {
    before: usize,
    part: f64,
}

impl Place {
    fn of(q: f64, size: usize) -> Result<Self> {
        check_share(q)?;
        let Some(last) = size.checked_sub(1) else {
            return Err(Undefined::Empty.into());
        };
        let place = last as f64 * q;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the last place"
        )]
        let before = (place.floor() as usize).min(last);
        Ok(Self { before, part: place - place.floor() })
    }

    fn between(self, low: f64, high: f64) -> Result<f64> {
        if self.part <= 0.0 || low >= high {
            return Ok(low);
        }
        if low.is_infinite() && high.is_infinite() {
            return Err(Undefined::Infinite.into());
        }
        // not low + part (high − low): the difference could overflow
        Ok((low * (1.0 - self.part) + high * self.part).clamp(low, high))
    }
}

/// Quantiles by inversion of the distribution function, with or without weights: the smallest value x with
/// F(x) ≥ q.
///
/// Type 1 of Hyndman and Fan. Always one of the values, so that it stays finite next to an infinity, and the
/// only of the usual definitions that weights have a meaning in. One result for each of `q`. NaN is left out.
/// For more of the same sample see [`Ecdf::quantile`]. O(n log n) with weights, without as
/// [`quantile_linear`].
///
/// # Errors
/// [`Undefined::Empty`] when no value is present; invalid when one of `q` is not within 0 and 1.
///
/// ```
/// # use tiltmeter_stats::{Sample, quantile_inverted_cdf};
/// assert_eq!(quantile_inverted_cdf(&[4.0, 1.0, 3.0, 2.0], &[0.5, 0.75])?, [2.0, 3.0]);
/// let weighted = Sample::weighted(&[1.0, 2.0, 3.0], &[1.0, 1.0, 8.0])?;
/// assert_eq!(quantile_inverted_cdf(weighted, &[0.2, 0.5])?, [2.0, 3.0]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn quantile_inverted_cdf<'a>(sample: impl Into<Sample<'a>>, q: &[f64]) -> Result<Vec<f64>> {
    let sample = sample.into();
    if sample.weights().is_some() {
        let ecdf = Ecdf::of(Squarable::of(sample).sample()?)?;
        return q.iter().map(|&q| ecdf.quantile(q)).collect();
    }
    let present = present(sample.values());
    let ranks = q.iter().map(|&q| inverted_rank(q, present.len())).collect::<Result<Vec<usize>>>()?;
    Ok(order_statistics(&present, &ranks).into_iter().map(|value| value + 0.0).collect())
}

/// [`quantile_inverted_cdf`] of values in order, without weights. O(1) for each of `q`.
///
/// # Errors
/// As [`quantile_inverted_cdf`].
pub fn quantile_inverted_cdf_sorted(values: Sorted<'_>, q: &[f64]) -> Result<Vec<f64>> {
    let values = values.values();
    q.iter().map(|&q| Ok(values[inverted_rank(q, values.len())?])).collect()
}

/// The rank, from 0, of the smallest of `size` values with F(x) ≥ q.
pub(crate) fn inverted_rank(q: f64, size: usize) -> Result<usize> {
    check_share(q)?;
    if size == 0 {
        return Err(Undefined::Empty.into());
    }
    // shares are compared, not ranks: c / n and i / 10 round to the same number where they are equal
    let reaches = |count: usize| count as f64 / size as f64 >= q;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to the number of values"
    )]
    let mut count = ((q * size as f64) as usize).clamp(1, size);
    while count > 1 && reaches(count - 1) {
        count -= 1;
    }
    while count < size && !reaches(count) {
        count += 1;
    }
    Ok(count - 1)
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
        let error = quantile_linear(&[f64::NEG_INFINITY, f64::INFINITY], &[0.5]).unwrap_err();
        assert_eq!(error.undefined(), Some(Undefined::Infinite));
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
