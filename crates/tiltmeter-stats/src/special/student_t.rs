//! Student's t distribution.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::SMALLEST;
use super::boundary::boundary;
use super::normal::normal_sf;

/// Above so many degrees of freedom Wallace's normal approximation of Student's t is used.
const EXACT_STUDENT_T: f64 = 1e6;
/// Above so many degrees of freedom Student's t is normal, to the last digit.
const NORMAL_STUDENT_T: f64 = 1e20;

/// P(T > x) of Student's t with `degrees_of_freedom` > 0, of which there may be infinitely many.
///
/// Right to 10⁻¹¹ of itself up to 1 000 degrees of freedom, to 10⁻⁸ up to 10⁶. Above it is Wallace's approximation
/// (*Annals of Mathematical Statistics* 30, 1959, 1121), right to 10⁻¹¹ for x up to 5.
///
/// ```
/// # use tiltmeter_stats::student_t_sf;
/// assert!((student_t_sf(2.228138851986274, 10.0) - 0.025).abs() < 1e-14);
/// ```
#[must_use]
pub fn student_t_sf(x: f64, degrees_of_freedom: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if degrees_of_freedom > NORMAL_STUDENT_T {
        return normal_sf(x);
    }
    if degrees_of_freedom > EXACT_STUDENT_T {
        let deviate = (degrees_of_freedom * (x * x / degrees_of_freedom).ln_1p()).sqrt();
        return normal_sf((1.0 - 2.0 / (8.0 * degrees_of_freedom + 3.0)) * deviate.copysign(x));
    }
    if x.is_infinite() && degrees_of_freedom > 0.0 {
        return if x > 0.0 { 0.0 } else { 1.0 };
    }
    if degrees_of_freedom.is_nan() || degrees_of_freedom < SMALLEST {
        return f64::NAN;
    }
    StudentsT::new(0.0, 1.0, degrees_of_freedom)
        .map_or(f64::NAN, |distribution| distribution.sf(x).clamp(0.0, 1.0))
}

/// The x with P(T ≤ x) = `probability`, of Student's t with `degrees_of_freedom` > 0; ∓∞ at 0 and 1.
///
/// Bisects [`student_t_sf`], some 60 evaluations: statrs's inverse has loops without a bound.
///
/// ```
/// # use tiltmeter_stats::student_t_quantile;
/// assert!((student_t_quantile(0.975, 10.0) - 2.228138851986274).abs() < 1e-12);
/// ```
#[must_use]
pub fn student_t_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) || student_t_sf(0.0, degrees_of_freedom).is_nan() {
        return f64::NAN;
    }
    let tail = probability.min(1.0 - probability);
    let sign = if probability < 0.5 { -1.0 } else { 1.0 };
    if tail <= 0.0 {
        return sign * f64::INFINITY;
    }
    if tail >= 0.5 {
        return 0.0;
    }
    sign * boundary(|x| student_t_sf(x, degrees_of_freedom) > tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_approximation_of_student_meets_the_exact_one() {
        for x in [-3.0_f64, 0.5, 3.0, 5.0] {
            let (exact, approximate) = (student_t_sf(x, 1e6), student_t_sf(x, 1e6 + 1e-3));
            assert!((exact - approximate).abs() < 1e-8 * exact, "{x}: {exact} {approximate}");
        }
    }
}
