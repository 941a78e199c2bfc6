//! The chi-square distribution.

use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

use super::SMALLEST;
use super::boundary::boundary;
use super::normal::{normal_quantile, normal_sf};

/// Above so many degrees of freedom Wilson and Hilferty's normal approximation of chi-square is used.
const EXACT_CHI_SQUARE: f64 = 1e6;

/// P(X > x) of chi-square with `degrees_of_freedom` > 0.
///
/// Above 10⁶ degrees of freedom it is Wilson and Hilferty's approximation (*PNAS* 17, 1931), then right to 10⁻⁷.
///
/// ```
/// # use tiltmeter_stats::chi_square_sf;
/// assert!((chi_square_sf(16.918977604620448, 9.0) - 0.05).abs() < 1e-12);
/// ```
#[must_use]
pub fn chi_square_sf(x: f64, degrees_of_freedom: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if degrees_of_freedom > EXACT_CHI_SQUARE && degrees_of_freedom.is_finite() {
        let spread = 2.0 / 9.0 / degrees_of_freedom;
        return normal_sf(((x.max(0.0) / degrees_of_freedom).cbrt() - (1.0 - spread)) / spread.sqrt());
    }
    chi_square_tails(x, degrees_of_freedom)[1]
}

/// The x with P(X ≤ x) = `probability`, of chi-square with `degrees_of_freedom` > 0.
///
/// Bisects the tail, some 60 evaluations: statrs's inverse is off by a factor of 600 at 10⁻⁶ with one degree of
/// freedom.
///
/// ```
/// # use tiltmeter_stats::chi_square_quantile;
/// assert!((chi_square_quantile(0.95, 9.0) - 16.918977604620448).abs() < 1e-9);
/// ```
#[must_use]
pub fn chi_square_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    if degrees_of_freedom > EXACT_CHI_SQUARE && degrees_of_freedom.is_finite() {
        let spread = 2.0 / 9.0 / degrees_of_freedom;
        return degrees_of_freedom
            * (1.0 - spread + normal_quantile(probability) * spread.sqrt()).max(0.0).powi(3);
    }
    if degrees_of_freedom.is_nan() || degrees_of_freedom < SMALLEST || degrees_of_freedom.is_infinite() {
        return f64::NAN;
    }
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    // each by the tail that is small, and so has all its digits
    if probability < 0.5 {
        boundary(|x| chi_square_tails(x, degrees_of_freedom)[0] < probability)
    } else {
        boundary(|x| chi_square_tails(x, degrees_of_freedom)[1] > 1.0 - probability)
    }
}

/// P(X ≤ x) and P(X > x), each by its own expansion. Not by statrs's `ChiSquared`, which panics where x / 2 is 0.
fn chi_square_tails(x: f64, degrees_of_freedom: f64) -> [f64; 2] {
    let (half, shape) = (x / 2.0, degrees_of_freedom / 2.0);
    if degrees_of_freedom.is_nan() || degrees_of_freedom < SMALLEST || degrees_of_freedom.is_infinite() {
        [f64::NAN; 2]
    } else if half <= 0.0 {
        [0.0, 1.0]
    } else if half.is_infinite() {
        [1.0, 0.0]
    } else {
        let tails = [checked_gamma_lr(shape, half), checked_gamma_ur(shape, half)];
        tails.map(|tail| tail.map_or(f64::NAN, |tail| tail.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_approximation_of_chi_square_meets_the_exact_one() {
        for x in [998_000.0, 1e6, 1_002_000.0] {
            let (exact, approximate) = (chi_square_sf(x, 1e6), chi_square_sf(x, 1e6 + 1e-3));
            assert!((exact - approximate).abs() < 1e-6, "{x}: {exact} {approximate}");
        }
    }
}
