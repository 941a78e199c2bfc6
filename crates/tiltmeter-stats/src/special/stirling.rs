//! Probabilities of the binomial distribution, in which no large logarithms cancel.

use std::f64::consts::TAU;

/// From here on Stirling's series is right to the last digit.
const STIRLING: f64 = 16.0;

/// P(X = k) of the binomial distribution, for `counts` of k successes and n − k failures, `expected` to be np and
/// n(1 − p), and `distance` = np − k, which is given too, as a difference would lose its digits.
///
/// All above 0, the counts not only whole: with gamma functions for the factorials it is a density of the beta
/// distribution. By Loader's formula (*Fast and Accurate Computation of Binomial Probabilities*, 2000).
pub(super) fn binomial_probability(counts: [f64; 2], expected: [f64; 2], distance: f64) -> f64 {
    let [k, rest] = counts;
    let n = k + rest;
    let exponent = stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - k * deviance(distance / k, expected[0] / k)
        - rest * deviance(-distance / rest, expected[1] / rest);
    (n / k / rest / TAU).sqrt() * exponent.exp()
}

/// u − ln(1 + u) for u > −1, without its cancellation near 0: half of the deviance per count, of a count of which 1 + u
/// times as much is expected. `ratio` is 1 + u, which has its own digits near 0.
fn deviance(u: f64, ratio: f64) -> f64 {
    if u.abs() > 0.3 {
        return u - ratio.ln();
    }
    // ln(1 + u) = 2 artanh(r)
    let r = u / (2.0 + u);
    let square = r * r;
    // r² is below 0.032: ten terms
    let series = (1..=10).rev().fold(0.0, |sum, k| (sum + 1.0 / f64::from(2 * k + 1)) * square);
    r * (u - 2.0 * series)
}

/// ln Γ(x + 1) − ln(√(2πx) (x/e)^x) for x > 0.
pub(super) fn stirling_error(x: f64) -> f64 {
    let (mut shifted, mut steps) = (x, 0.0);
    while shifted < STIRLING {
        steps += (shifted + 0.5) * shifted.recip().ln_1p() - 1.0;
        shifted += 1.0;
    }
    let square = shifted * shifted;
    let coefficients = [1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    steps + coefficients.into_iter().fold(0.0, |sum, coefficient| sum / square + coefficient) / shifted
}
