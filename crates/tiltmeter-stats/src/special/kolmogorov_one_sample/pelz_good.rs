//! Kolmogorov's limit and its corrections for n values, in the form that converges for small distances.
//!
//! Pelz and Good, *Journal of the Royal Statistical Society* B 38 (1976), 152, after Li-Chien (1956) and Korolyuk
//! (1960).

use std::f64::consts::PI;

/// More terms than are above the rounding of the first, for z up to 1.5.
const TERMS: u32 = 8;

/// P(D < d), with an error of the order n⁻², for n·d² up to 2.2.
///
/// ```text
/// P(D < d) = K₀(z) + K₁(z)/√n + K₂(z)/n + K₃(z)/√n³        with z = √n·d
/// ```
pub(super) fn cdf(d: f64, n: f64) -> f64 {
    let z = n.sqrt() * d;
    // below, K₀ is 10⁻³⁰⁰, and the powers of 1/z overflow
    if z < 0.042 {
        return 0.0;
    }
    let square = z * z;
    let powers = |exponent: i32| z.powi(exponent);
    let mut sums = [0.0; 4];
    for k in (1..=TERMS).map(f64::from) {
        // of the odd numbers
        let odd = 2.0 * k - 1.0;
        let angle = (odd * PI / 2.0).powi(2);
        let weight = (-angle / (2.0 * square)).exp();
        let polynomials = [
            1.0 / z,
            (angle - square) / (6.0 * powers(4)),
            (6.0 * powers(6)
                + 2.0 * powers(4)
                + (2.0 * powers(4) - 5.0 * square) * angle
                + (1.0 - 2.0 * square) * angle.powi(2))
                / (72.0 * powers(7)),
            (-30.0 * powers(6) - 90.0 * powers(8)
                + (135.0 * powers(4) - 96.0 * powers(6)) * angle
                + (212.0 * powers(4) - 60.0 * square) * angle.powi(2)
                + (5.0 - 30.0 * square) * angle.powi(3))
                / (6480.0 * powers(10)),
        ];
        for (sum, polynomial) in sums.iter_mut().zip(polynomials) {
            *sum += polynomial * weight;
        }
        // of all numbers
        let angle = (k * PI).powi(2);
        let weight = (-angle / (2.0 * square)).exp();
        sums[2] -= angle / (36.0 * powers(3)) * weight;
        sums[3] += (3.0 * square - angle) * angle / (216.0 * powers(6)) * weight;
    }
    let root = n.sqrt();
    (2.0 * PI).sqrt() * sums.into_iter().rev().fold(0.0, |total, sum| total / root + sum)
}
