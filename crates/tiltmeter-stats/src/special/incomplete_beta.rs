//! The incomplete beta function.

use std::f64::consts::TAU;

use statrs::function::gamma::ln_gamma;

/// At most so many levels. 90 are enough from one and a half standard deviations beyond the mean; close to it there are
/// some hundreds, more with the square root of the smaller parameter.
const LEVELS: u32 = 20_000;

/// `I_x(a, b)` as a part of `x^a y^b / B(a, b)`, for x ≤ a / (a + b), y = 1 − x and `excess` = a y − b x, which are all
/// given, as a difference would lose their digits.
///
/// The continued fraction of Didonato & Morris, *ACM Transactions on Mathematical Software* 18 (1992), 360–373,
/// equation 9, which does not cancel where x is near 1; by the method of Lentz. a, b > 0. Bounded.
pub(crate) fn beta_fraction(a: f64, b: f64, [x, y]: [f64; 2], excess: f64) -> f64 {
    let numerator = |m: f64| {
        let step = a + 2.0 * m - 1.0;
        // by quotients, which neither overflow nor underflow
        ((a + m - 1.0) / step) * ((a + b + m - 1.0) / step) * (m * x) * ((b - m) * x)
    };
    let denominator = |m: f64| {
        let next = a + 2.0 * m + 1.0;
        let first = if m > 0.0 { m + m * x * ((b - m) / (a + 2.0 * m - 1.0)) } else { 0.0 };
        first + (a + m) / next * (excess + 1.0 + m * (1.0 + y))
    };
    let nonzero = |value: f64| if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value };
    let mut value = nonzero(denominator(0.0));
    let (mut above, mut below) = (value, 0.0);
    for level in 1..LEVELS {
        let (over, under) = (numerator(f64::from(level)), denominator(f64::from(level)));
        below = 1.0 / nonzero(under + over * below);
        above = nonzero(under + over / above);
        let factor = above * below;
        value *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    1.0 / value
}

/// `I_x(a, b)`, the distribution function of Beta(a, b): right to about 10⁻¹⁰ of itself up to the mean, and of its
/// complement above it, for a and b to 10¹².
///
/// Not statrs's, which takes differences of logarithms of gamma functions and has lost all digits by 10⁸.
pub(crate) fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let excess = a - (a + b) * x;
    if excess >= 0.0 {
        up_to_the_mean(a, b, [x, 1.0 - x], excess)
    } else {
        1.0 - up_to_the_mean(b, a, [1.0 - x, x], -excess)
    }
}

/// 1 − `I_x(a, b)`, with all its digits above the mean.
pub(crate) fn beta_sf(a: f64, b: f64, x: f64) -> f64 {
    let excess = (a + b) * x - a;
    if x <= 0.0 || x >= 1.0 || excess < 0.0 {
        1.0 - beta_cdf(a, b, x)
    } else {
        up_to_the_mean(b, a, [1.0 - x, x], excess)
    }
}

fn up_to_the_mean(a: f64, b: f64, [x, y]: [f64; 2], excess: f64) -> f64 {
    // x^a y^b / B(a, b) by what it is at the mean, where the large logarithms cancel
    let exponent = -a * less_its_logarithm(-excess / a) - b * less_its_logarithm(excess / b)
        + (beyond_stirling(a + b) - beyond_stirling(a) - beyond_stirling(b));
    let factor = (a / TAU * (b / (a + b))).sqrt() * exponent.exp();
    (factor * beta_fraction(a, b, [x, y], excess)).clamp(0.0, 1.0)
}

/// e − ln(1 + e), e > −1.
fn less_its_logarithm(e: f64) -> f64 {
    /// Below this the difference cancels more digits than the series, of so many terms, leaves out.
    const SMALL: f64 = 0.05;
    const TERMS: u32 = 12;
    if e.abs() > SMALL {
        return e - e.ln_1p();
    }
    // e²/2 − e³/3 + …
    (2..2 + TERMS).rev().fold(0.0, |sum, power| 1.0 / f64::from(power) - e * sum) * e * e
}

/// ln Γ(a) without the large terms of Stirling's series, (a − ½) ln a − a + ln √2π.
fn beyond_stirling(a: f64) -> f64 {
    const ASYMPTOTIC: f64 = 16.0;
    if a < ASYMPTOTIC {
        return ln_gamma(a) - ((a - 0.5) * a.ln() - a + TAU.ln() / 2.0);
    }
    let square = (1.0 / a).powi(2);
    let coefficients = [1.0 / 1_188.0, -1.0 / 1_680.0, 1.0 / 1_260.0, -1.0 / 360.0, 1.0 / 12.0];
    coefficients.iter().fold(0.0, |sum, coefficient| sum * square + coefficient) / a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_function_is_that_of_scipy() {
        // scipy.stats.beta.cdf(x, a, b), scipy 1.17.1
        for (a, b, x, expected) in SCIPY {
            let share = beta_cdf(a, b, x);
            assert!(
                (share - expected).abs() <= 1e-10 * expected,
                "{a} {b} {x}: {share}, expected {expected}"
            );
            let beyond = beta_sf(a, b, x);
            assert!((beyond - (1.0 - expected)).abs() <= 1e-10, "{a} {b} {x}: {beyond} beyond");
            // 1 − x is rounded
            let beyond = beta_cdf(b, a, 1.0 - x);
            assert!((beyond - (1.0 - expected)).abs() <= 1e-9 + 1e-15 / x, "{b} {a}: {beyond}");
        }
    }

    #[test]
    fn the_ends_are_exact_and_the_middle_of_symmetric_ones() {
        for size in [0.5, 1.0, 7.0, 1e3, 1e6] {
            assert!((beta_cdf(size, size, 0.5) - 0.5).abs() < 1e-9, "{size}");
            assert!(beta_cdf(size, 2.0, 0.0) <= 0.0 && beta_cdf(size, 2.0, 1.0) >= 1.0);
        }
    }

    const SCIPY: [(f64, f64, f64, f64); 11] = [
        (19.0, 22.0, 0.3, 0.014777047650882632),
        (1.0, 1e6, 1e-07, 0.09516258648822781),
        (3.0, 1e9, 1e-09, 0.08030139734730393),
        (3.0, 1e9, 6e-10, 0.0231152878296861),
        (5e5, 500_001.0, 0.4991, 0.03600918946241713),
        (5e8, 500_000_001.0, 0.49997, 0.028891870835450473),
        (5e8, 500_000_001.0, 0.4999690097484223, 0.02499999999997894),
        (12_345.0, 987_656.0, 0.0121, 0.012860333589097784),
        (0.5, 0.5, 0.1, 0.20483276469913345),
        (16.0, 15.5, 0.2, 6.824798756106118e-05),
        (2e3, 1e9, 1.9e-06, 0.011698438752814596),
    ];
}
