//! A scale on which numbers of any size can be squared and summed.

/// The power of two at or below `largest`, which is finite and not negative: numbers divided by it are below 2, and
/// not rounded, unless they are 10³⁰⁰ times smaller than the largest.
pub(crate) fn binary_scale(largest: f64) -> f64 {
    const EXPONENT: u64 = 0x7FF0_0000_0000_0000;
    f64::from_bits(largest.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_divided_by_it_is_from_1_to_2() {
        for largest in [f64::MAX, 1e300, 3.0, 1.0, 0.3, 1e-300, f64::MIN_POSITIVE] {
            assert!((1.0..2.0).contains(&(largest / binary_scale(largest))), "{largest}");
            assert!(binary_scale(largest).recip().is_finite());
        }
        assert!(binary_scale(0.0) > 0.0 && binary_scale(5e-324) > 0.0);
    }
}
