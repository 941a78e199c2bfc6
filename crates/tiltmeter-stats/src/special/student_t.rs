//! Student's t distribution.

use std::f64::consts::PI;

use super::SMALLEST;
use super::boundary::boundary;
use super::incomplete_beta::beta_fraction;
use super::normal::normal_sf;

/// Above so many degrees of freedom Student's t is normal, to the last digit.
const NORMAL_STUDENT_T: f64 = 1e20;

/// P(T > x) of Student's t with `degrees_of_freedom` > 0, of which there may be infinitely many.
///
/// Right to 10⁻¹² of itself, up to where it is below 10⁻³⁰⁷. By the incomplete beta function: one series about the
/// middle, one for the far tail, and a continued fraction between them. At most some hundred steps.
///
/// ```
/// # use tiltmeter_stats::student_t_sf;
/// assert!((student_t_sf(2.228138851986274, 10.0) - 0.025).abs() < 1e-14);
/// ```
#[must_use]
pub fn student_t_sf(x: f64, degrees_of_freedom: f64) -> f64 {
    if x.is_nan() || degrees_of_freedom.is_nan() || degrees_of_freedom < SMALLEST {
        return f64::NAN;
    }
    if degrees_of_freedom > NORMAL_STUDENT_T {
        return normal_sf(x);
    }
    let beyond = match Part::of(x.abs(), degrees_of_freedom) {
        Part::Middle(share) if x < 0.0 => 0.5 + share,
        Part::Middle(share) => 0.5 - share,
        Part::Tail(share) if x < 0.0 => 1.0 - share,
        Part::Tail(share) => share,
    };
    beyond.clamp(0.0, 1.0)
}

/// The x with P(T ≤ x) = `probability`, of Student's t with `degrees_of_freedom` > 0; ∓∞ at 0 and 1, and where x would
/// be beyond all numbers.
///
/// Bisects the tail, or what is between 0 and x where that has more digits: some 60 evaluations.
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
    // Student's t is normal there
    let degrees_of_freedom = degrees_of_freedom.min(NORMAL_STUDENT_T);
    sign * boundary(|x| match Part::of(x, degrees_of_freedom) {
        Part::Middle(share) => share < 0.5 - tail,
        Part::Tail(share) => share > tail,
    })
}

/// What has all its digits.
enum Part {
    /// P(0 < T < x).
    Middle(f64),
    /// P(T > x).
    Tail(f64),
}

impl Part {
    /// For x ≥ 0 and finite degrees of freedom ν > 0. With y = x² / (ν + x²) and z = 1 − y
    ///
    /// ```text
    /// P(0 < T < x) = √y z^(ν/2) / B(ν/2, ½) Σ y^k ((ν+1)/2)_k / (3/2)_k
    /// P(T > x)     = √y z^(ν/2) / B(ν/2, ½) Σ z^k ((ν+1)/2)_k / (ν/2+1)_k / ν
    /// ```
    fn of(x: f64, degrees_of_freedom: f64) -> Self {
        /// The middle ends here: beyond it is the tail that is small.
        const MIDDLE: f64 = 1.5;
        if x.is_infinite() {
            return Self::Tail(0.0);
        }
        let a = degrees_of_freedom / 2.0;
        let root = degrees_of_freedom.sqrt();
        let ratio =
            if (1e-100..1e100).contains(&x) { x * x / degrees_of_freedom } else { (x / root).powi(2) };
        if x >= root {
            // ratio may be ∞, or ν be in x² no more
            let z = 1.0 / (1.0 + ratio);
            let ln_z = if ratio < 1e100 { -ratio.ln_1p() } else { degrees_of_freedom.ln() - 2.0 * x.ln() };
            let density = (a * ln_z).exp() * (1.0 / (1.0 + 1.0 / ratio)).sqrt() * inverse_beta(a);
            return Self::Tail(density / degrees_of_freedom * series(a + 0.5, a + 1.0, z));
        }
        let (y, z) = (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio));
        let density = (-a * ratio.ln_1p()).exp() * inverse_beta(a);
        if x < MIDDLE {
            // not the root of y, which is 0 for small x
            Self::Middle(density * (x / root) * z.sqrt() * series(a + 0.5, 1.5, y))
        } else {
            let excess = z * (x - 1.0) * (x + 1.0) / 2.0;
            Self::Tail(density * y.sqrt() / 2.0 * beta_fraction(a, 0.5, [z, y], excess))
        }
    }
}

/// Σ (a)_k / (b)_k x^k, where the terms become less than half of the one before.
fn series(a: f64, b: f64, x: f64) -> f64 {
    const TERMS: u32 = 200;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 0..TERMS {
        let k = f64::from(k);
        term *= (a + k) / (b + k) * x;
        sum += term;
        if term <= sum * f64::EPSILON / 4.0 {
            break;
        }
    }
    sum
}

/// 1 / B(a, ½) = Γ(a + ½) / (Γ(a) √π).
///
/// From 16 by the asymptotic series of the ratio, in powers of a − ¼, of which every other is 0 (*NIST Digital Library
/// of Mathematical Functions*, 5.11.14); below it by recurrence.
fn inverse_beta(a: f64) -> f64 {
    const ASYMPTOTIC: f64 = 16.0;
    let (mut shifted, mut factor) = (a, 1.0);
    while shifted < ASYMPTOTIC {
        factor *= shifted / (shifted + 0.5);
        shifted += 1.0;
    }
    let middle = shifted - 0.25;
    let square = (1.0 / middle).powi(2);
    let coefficients =
        [50_521.0 / 20_971_520.0, -1_385.0 / 1_048_576.0, 61.0 / 49_152.0, -5.0 / 2_048.0, 1.0 / 64.0];
    let exponent = coefficients.iter().fold(0.0, |sum, coefficient| (sum + coefficient) * square);
    factor * (middle / PI).sqrt() * exponent.exp()
}
