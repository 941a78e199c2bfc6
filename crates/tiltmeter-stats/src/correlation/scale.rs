//! Keeps sums of products in the range of numbers, whatever the scale of what is summed.

/// The power of two that brings `largest` into [1, 2), or near it when it is subnormal: multiplying by it costs no
/// digits. 1 for 0, ∞ and NaN.
pub(crate) fn to_about_one(largest: f64) -> f64 {
    const LOWEST: i32 = -1022;
    if !largest.is_finite() || largest <= 0.0 {
        return 1.0;
    }
    let biased = i32::from(u16::try_from((largest.to_bits() >> 52) & 0x7ff).unwrap_or(0));
    2.0_f64.powi(-(biased - 1023).max(LOWEST))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use super::*;

    #[test]
    fn scales_to_between_one_and_two() {
        for number in [f64::MIN_POSITIVE, 1e-300, 0.3, 1.0, 1.999, 2.0, 7e9, 1e300, f64::MAX] {
            let scaled = number * to_about_one(number);
            assert!((1.0..2.0).contains(&scaled), "{number}: {scaled}");
            assert_eq!(scaled / to_about_one(number), number);
        }
        assert!(5e-324 * to_about_one(5e-324) > 1e-16);
        for number in [0.0, f64::INFINITY, f64::NAN] {
            assert_eq!(to_about_one(number), 1.0);
        }
    }
}
