//! Scales on which weights, and numbers of any size, can be squared and summed.

use super::Sample;
use crate::error::Result;

/// The power of two that brings `largest` into [1, 2), or near it when it is subnormal; 1 for 0, ∞ and NaN.
///
/// Estimates do not depend on the scale of the weights, but squares of weights, and products of weights and values,
/// leave the range of numbers when they are extreme. Multiplying by a power of two rounds nothing, except numbers some
/// 10³⁰⁰ times smaller than the largest; so sums of scaled numbers have the digits of the sums of the numbers
/// themselves. Its reciprocal is the unit, by which results are multiplied.
pub(crate) fn to_about_one(largest: f64) -> f64 {
    const LOWEST: i32 = -1022;
    if !largest.is_finite() || largest <= 0.0 {
        return 1.0;
    }
    let biased = i32::from(u16::try_from((largest.to_bits() >> 52) & 0x7ff).unwrap_or(0));
    2.0_f64.powi(-(biased - 1023).max(LOWEST))
}

/// The same of the largest of some numbers from 0.
pub(crate) fn scale_of(numbers: impl IntoIterator<Item = f64>) -> f64 {
    to_about_one(numbers.into_iter().fold(0.0, f64::max))
}

/// The scaled weight of a row that weighs `weight`: a light one still counts its row, and one that is too heavy because
/// its row counts nowhere stays finite.
pub(crate) fn kept(weight: f64, scaled: f64) -> f64 {
    if weight > 0.0 { scaled.clamp(f64::MIN_POSITIVE, f64::MAX) } else { 0.0 }
}

/// A sample whose weights can be squared and summed: scaled where they are extreme, and else as they are, so that
/// weights of 1 can still be told from others.
pub(crate) struct Squarable<'a> {
    sample: Sample<'a>,
    scaled: Option<Vec<f64>>,
}

impl<'a> Squarable<'a> {
    pub(crate) fn of(sample: Sample<'a>) -> Self {
        const ORDINARY: std::ops::RangeInclusive<f64> = 1e-100..=1e100;
        let largest = || sample.present().map(|(_, weight)| weight).fold(0.0, f64::max);
        let scaled = sample.weights().and_then(|weights| {
            let largest = largest();
            let scale = to_about_one(largest);
            let scaled = |&weight: &f64| kept(weight, weight * scale);
            (!ORDINARY.contains(&largest)).then(|| weights.iter().map(scaled).collect())
        });
        Self { sample, scaled }
    }

    /// The sample; its weights stay valid when they are scaled.
    pub(crate) fn sample(&self) -> Result<Sample<'_>> {
        match &self.scaled {
            Some(weights) => Sample::weighted(self.sample.values(), weights),
            None => Ok(self.sample),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use super::*;

    #[test]
    fn scales_to_between_one_and_two() {
        for number in [f64::MIN_POSITIVE, 1e-300, 0.3, 1.0, 1.999, 2.0, 7e9, 1e300, f64::MAX] {
            let (scale, unit) = (to_about_one(number), to_about_one(number).recip());
            assert!((1.0..2.0).contains(&(number * scale)), "{number}");
            assert_eq!((number * scale * unit, number / unit), (number, number * scale));
        }
        assert!(5e-324 * to_about_one(5e-324) > 1e-16);
        for number in [0.0, f64::INFINITY, f64::NAN] {
            assert_eq!(to_about_one(number), 1.0);
        }
    }

    #[test]
    fn only_extreme_weights_are_scaled() {
        let weights = |weights: &[f64]| {
            let values = [1.0, f64::NAN];
            let squarable = Squarable::of(Sample::weighted(&values, weights).unwrap());
            squarable.sample().unwrap().weights().unwrap().to_vec()
        };
        assert_eq!(weights(&[3.0, 1.0]), [3.0, 1.0]);
        assert_eq!(weights(&[2_f64.powi(-500), f64::MAX]), [1.0, f64::MAX]);
        assert_eq!(weights(&[2_f64.powi(500), 2_f64.powi(501)]), [1.0, 2.0]);
        assert_eq!(weights(&[1e300, 1e-30])[1], f64::MIN_POSITIVE);
        assert_eq!(weights(&[1e300, 0.0])[1], 0.0);
        // nothing that counts: left for the statistic to say
        assert_eq!(weights(&[0.0, 1.0]), [0.0, 1.0]);
    }
}
