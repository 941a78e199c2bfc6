//! Where a condition ends.

/// The smallest x from 0 that `is_below` does not hold for; it must hold below that and not above. Looks for
/// the power of two first, so that x is right to the last place however small or large: some 60 steps for numbers
/// about 1, and at most 1 130.
pub(crate) fn boundary(is_below: impl Fn(f64) -> bool) -> f64 {
    let mut high = 1.0;
    while high < f64::INFINITY && is_below(high) {
        high *= 2.0;
    }
    if high.is_infinite() {
        return high;
    }
    while high > 0.0 && !is_below(high / 2.0) {
        high /= 2.0;
    }
    let mut low = high / 2.0;
    for _ in 0..f64::MANTISSA_DIGITS {
        let middle = low + (high - low) / 2.0;
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
