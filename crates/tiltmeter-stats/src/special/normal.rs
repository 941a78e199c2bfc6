//! The standard normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

use super::chi_square::chi_square_sf;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
