//! How large a divergence is by sampling alone.

use super::shares::Shares;

/// Up to so many degrees of freedom the mean of χ is found step by step, above by a series.
const STEPS: usize = 100;

/// The distribution of a divergence without drift: c (1/n + 1/m) χ² with B − 1 degrees of freedom.
///
/// All divergences of shares that are smooth are, to second order, c Σ (pᵢ − qᵢ)²/pᵢ with a c of their own, and that
/// sum is chi-square times 1/n + 1/m (Csiszár and Shields, *Information Theory and Statistics*, 2004, section 4).
#[derive(Clone, Copy)]
pub(super) struct SamplingNoise {
    scale: f64,
    freedom: usize,
}

impl SamplingNoise {
    pub(super) fn of(shares: &Shares<'_>, c: f64) -> Self {
        Self { scale: c * shares.per_value(), freedom: shares.bins() - 1 }
    }

    pub(super) fn mean(self) -> f64 {
        self.scale * self.freedom as f64
    }

    /// The standard deviation.
    pub(super) fn spread(self) -> f64 {
        self.scale * (2.0 * self.freedom as f64).sqrt()
    }

    /// The mean of the divergence's root.
    pub(super) fn mean_of_root(self) -> f64 {
        self.scale.sqrt() * mean_of_chi(self.freedom)
    }

    /// The standard deviation of the divergence's root.
    pub(super) fn spread_of_root(self) -> f64 {
        (self.scale * variance_of_chi(self.freedom)).sqrt()
    }
}

/// The mean of the root of a chi-square variable: √2 Γ((k + 1)/2) / Γ(k/2).
pub(super) fn mean_of_chi(freedom: usize) -> f64 {
    if freedom == 0 {
        return 0.0;
    }
    if freedom > STEPS {
        let k = 1.0 / freedom as f64;
        return (freedom as f64).sqrt() * (1.0 - k * (0.25 - k * (1.0 / 32.0 + k * 5.0 / 128.0)));
    }
    // since Γ(x + 1) = x Γ(x)
    (1..freedom).fold(std::f64::consts::FRAC_2_PI.sqrt(), |mean, k| k as f64 / mean)
}

/// The variance of the root of a chi-square variable.
pub(super) fn variance_of_chi(freedom: usize) -> f64 {
    if freedom > STEPS {
        let k = 1.0 / freedom as f64;
        return 0.5 - k * (0.125 + k / 16.0);
    }
    (freedom as f64 - mean_of_chi(freedom).powi(2)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_of_chi_are_known() {
        // m = sqrt(2) gamma((k + 1) / 2) / gamma(k / 2) and k - m**2 with 40 digits, mpmath 1.4
        let known = [
            (1, 0.7978845608028654, 0.3633802276324),
            (2, 1.2533141373155, 0.4292036732051),
            (9, 2.917977822364765, 0.4854054281874),
            (100, 9.975031639551051, 0.4987437899555),
            (101, 10.02503085839843, 0.4987562881592),
            (5000, 70.70714267315926, 0.4999749975003),
        ];
        for (freedom, mean, variance) in known {
            assert!((mean_of_chi(freedom) - mean).abs() < 1e-9 * mean, "{freedom}: {}", mean_of_chi(freedom));
            let got = variance_of_chi(freedom);
            assert!((got - variance).abs() < 1e-6 * variance, "{freedom}: {got}");
        }
    }
}
