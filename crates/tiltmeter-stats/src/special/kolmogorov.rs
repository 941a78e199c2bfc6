//! Kolmogorov's distribution.

use std::f64::consts::PI;

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

    #[test]
    fn the_two_series_of_kolmogorov_meet() {
        let (below, above) = (kolmogorov_sf(1.0 - f64::EPSILON), kolmogorov_sf(1.0));
        assert!((below - above).abs() < 1e-14, "{below} {above}");
    }
}
