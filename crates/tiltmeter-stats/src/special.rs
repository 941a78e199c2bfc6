//! Tail probabilities and quantiles of the distributions that the tests here refer to.
//!
//! Arguments outside of the domain give NaN, as NaN does; nothing panics, and every loop is bounded.

use std::f64::consts::PI;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// Above so many degrees of freedom Wilson and Hilferty's normal approximation of chi-square is used.
const EXACT_CHI_SQUARE: f64 = 1e6;
/// Below so few degrees of freedom the gamma function of half of them overflows.
const SMALLEST: f64 = 1e-300;
/// Above so many degrees of freedom Wallace's normal approximation of Student's t is used.
const EXACT_STUDENT_T: f64 = 1e6;
/// Above so many degrees of freedom Student's t is normal, to the last digit.
const NORMAL_STUDENT_T: f64 = 1e20;

/// P(Z > x) of the standard normal distribution, to 10⁻¹³ of itself in the upper tail, up to where it is below
/// 10⁻³⁰⁷.
///
/// As half of chi-square's with one degree of freedom: statrs's `erfc` is right to 10⁻¹⁰ only.
///
/// ```
/// # use tiltmeter_stats::normal_sf;
/// assert!((normal_sf(1.959963984540054) - 0.025).abs() < 1e-15);
/// ```
#[must_use]
pub fn normal_sf(x: f64) -> f64 {
    let beyond = 0.5 * chi_square_sf(x * x, 1.0);
    if x < 0.0 { 1.0 - beyond } else { beyond }
}

/// The x with P(Z ≤ x) = `probability`, of the standard normal distribution; ∓∞ at 0 and 1.
///
/// ```
/// # use tiltmeter_stats::normal_quantile;
/// assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-12);
/// assert!(normal_quantile(1.5).is_nan());
/// ```
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    if (0.0..=1.0).contains(&probability) { Normal::standard().inverse_cdf(probability) } else { f64::NAN }
}

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

/// The smallest x from 0 that `is_below` does not hold for; it must hold below that and not above. Looks for
/// the power of two first, so that x is right to the last place however small or large: at most 1 130 steps.
fn boundary(is_below: impl Fn(f64) -> bool) -> f64 {
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

/// P(K > x) of Kolmogorov's distribution, the limit of √n·D.
///
/// ```text
/// P(K > x) = 2 Σ (−1)^(k−1) exp(−2k²x²)                       for x ≥ 1
///          = 1 − √(2π)/x Σ exp(−(2k−1)²π²/(8x²))               below, the theta-dual series
/// ```
///
/// Both are cut where their terms are below the precision of a double (at most 5 of them). 1 at and below 0.
/// Kolmogorov (1933); the dual form: Feller, *Annals of Mathematical Statistics* 19 (1948), 177.
///
/// ```
/// # use tiltmeter_stats::kolmogorov_sf;
/// assert!((kolmogorov_sf(1.3580986393225507) - 0.05).abs() < 1e-12);
/// assert_eq!(kolmogorov_sf(0.0), 1.0);
/// ```
#[must_use]
pub fn kolmogorov_sf(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    let terms = (1..=5).map(f64::from);
    let probability = if x < 1.0 {
        let term = |k: f64| (-((2.0 * k - 1.0) * PI / x).powi(2) / 8.0).exp();
        let sum: f64 = terms.map(term).sum();
        // the exponential wins against 1/x: where the sum is 0 so is the quotient, though 1/x may be ∞
        if sum > 0.0 { 1.0 - (2.0 * PI).sqrt() / x * sum } else { 1.0 }
    } else {
        let term = |k: f64| if k % 2.0 > 0.0 { 1.0 } else { -1.0 } * (-2.0 * (k * x).powi(2)).exp();
        2.0 * terms.map(term).sum::<f64>()
    };
    probability.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [f64; 12] = [
        f64::NEG_INFINITY,
        f64::MIN,
        -1.0,
        -0.0,
        5e-324,
        1e-300,
        0.5,
        1.0,
        1e6,
        1e16,
        f64::MAX,
        f64::INFINITY,
    ];

    #[test]
    fn stays_within_0_and_1_and_ends() {
        for x in HOSTILE {
            for probability in [normal_sf(x), kolmogorov_sf(x)] {
                assert!((0.0..=1.0).contains(&probability), "{x}: {probability}");
            }
            for dof in HOSTILE {
                for probability in [chi_square_sf(x, dof), student_t_sf(x, dof)] {
                    let is_defined = (0.0..=1.0).contains(&probability);
                    assert!(is_defined || probability.is_nan(), "{x}, {dof}: {probability}");
                    assert!(is_defined || dof < 1e-200 || dof.is_infinite(), "{x}, {dof}: {probability}");
                }
                let quantile = chi_square_quantile(x, dof);
                assert!(quantile >= 0.0 || quantile.is_nan(), "{x}, {dof}: {quantile}");
                let quantile = student_t_quantile(x, dof);
                assert_eq!(
                    quantile.is_nan(),
                    !(0.0..=1.0).contains(&x) || dof < SMALLEST,
                    "{x}, {dof}: {quantile}"
                );
            }
        }
    }

    /// `scipy.stats.norm.ppf` of scipy 1.17.
    #[test]
    fn quantiles_of_the_normal_distribution_are_scipys() {
        let known = [
            (1e-300, -37.0470962993612),
            (1e-10, -6.361340902404056),
            (0.025, -1.9599639845400545),
            (0.3, -0.5244005127080409),
            (0.499_999, -2.5066282745665593e-06),
            (0.9, 1.2815515655446004),
            (0.999_999_9, 5.199337582290661),
        ];
        for (probability, quantile) in known {
            let got = normal_quantile(probability);
            assert!((got - quantile).abs() < 1e-13 * quantile.abs(), "{probability}: {got} {quantile}");
        }
    }

    #[test]
    fn the_two_series_of_kolmogorov_meet() {
        let (below, above) = (kolmogorov_sf(1.0 - f64::EPSILON), kolmogorov_sf(1.0));
        assert!((below - above).abs() < 1e-14, "{below} {above}");
    }

    #[test]
    fn the_approximation_of_chi_square_meets_the_exact_one() {
        for x in [998_000.0, 1e6, 1_002_000.0] {
            let (exact, approximate) = (chi_square_sf(x, 1e6), chi_square_sf(x, 1e6 + 1e-3));
            assert!((exact - approximate).abs() < 1e-6, "{x}: {exact} {approximate}");
        }
    }

    #[test]
    fn the_approximation_of_student_meets_the_exact_one() {
        for x in [-3.0_f64, 0.5, 3.0, 5.0] {
            let (exact, approximate) = (student_t_sf(x, 1e6), student_t_sf(x, 1e6 + 1e-3));
            assert!((exact - approximate).abs() < 1e-8 * exact, "{x}: {exact} {approximate}");
        }
    }

    #[test]
    fn quantiles_invert_the_tails() {
        for probability in [1e-6, 0.01, 0.5, 0.95, 0.999_999] {
            assert!((1.0 - normal_sf(normal_quantile(probability)) - probability).abs() < 1e-12);
            for dof in [1.0, 9.0, 250.0] {
                let back = 1.0 - chi_square_sf(chi_square_quantile(probability, dof), dof);
                assert!((back - probability).abs() < 1e-9, "{probability}, {dof}: {back}");
                let back = 1.0 - student_t_sf(student_t_quantile(probability, dof), dof);
                assert!((back - probability).abs() < 1e-12, "{probability}, {dof}: {back}");
            }
        }
    }
}
