//! Scales without rounding.

/// The power of two that brings a number above 0 to about 1 in magnitude, so that sums and products of numbers up to it
/// stay in range. Multiplying by it rounds nothing, but for numbers that become subnormal.
pub(super) fn to_unit(largest: f64) -> f64 {
    if !(largest > 0.0 && largest.is_finite()) {
        return 1.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a double's exponent is from -1074 to 1023")]
    let exponent = largest.log2().floor() as i32;
    2.0_f64.powi((-exponent).clamp(-1022, 1022))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_near_1() {
        for number in [5e-324, 1e-300, 0.3, 1.0, 7.0, 1e300, f64::MAX] {
            let scaled = number * to_unit(number);
            assert!(scaled > 1e-17 && scaled < 4.1, "{number}: {scaled}");
            assert!(to_unit(number).to_bits().trailing_zeros() >= 52, "{number}");
        }
        assert_eq!([0.0, f64::NAN, f64::INFINITY].map(to_unit), [1.0; 3]);
    }
}
