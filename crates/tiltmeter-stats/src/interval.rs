//! The two ends between which a quantity probably lies.

use crate::special::{normal_quantile, normal_sf, student_t_quantile};

/// A confidence interval: where a quantity lies that the rows only estimate.
///
/// The intervals of this crate are two-sided. In many repetitions, about the share `level` of them holds the true
/// value; how near to `level` that share comes is said at the method that computes the interval.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// The confidence level, between 0 and 1.
    pub level: f64,
}

impl Interval {
    /// Whether a value lies in the interval, its ends included. NaN does not.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }

    /// `estimate ± z·standard_error`; `None` when there was no spread to judge by, or the level is impossible.
    pub(crate) fn normal(estimate: f64, standard_error: f64, level: f64) -> Option<Self> {
        let half = critical_value(level)? * standard_error;
        let known = estimate.is_finite() && half.is_finite() && half > 0.0;
        known.then_some(Self { lower: estimate - half, upper: estimate + half, level })
    }

    /// `estimate ± t·standard_error`, for the mean of an effective number of rows that is by one above the degrees of
    /// freedom; `None` too when there are none.
    pub(crate) fn student_t(
        estimate: f64,
        standard_error: f64,
        degrees_of_freedom: f64,
        level: f64,
    ) -> Option<Self> {
        if !(level > 0.0 && level < 1.0 && degrees_of_freedom > 0.0) {
            return None;
        }
        let half = -student_t_quantile((1.0 - level) / 2.0, degrees_of_freedom) * standard_error;
        let (lower, upper) = (estimate - half, estimate + half);
        (half > 0.0 && lower.is_finite() && upper.is_finite()).then_some(Self { lower, upper, level })
    }

    /// The part of the interval that the quantity can reach.
    pub(crate) fn clipped(self, lowest: f64, highest: f64) -> Self {
        Self { lower: self.lower.max(lowest), upper: self.upper.min(highest), level: self.level }
    }

    /// The interval of a monotone increasing function of the quantity.
    pub(crate) fn mapped(self, increasing: impl Fn(f64) -> f64) -> Self {
        Self { lower: increasing(self.lower), upper: increasing(self.upper), level: self.level }
    }
}

/// The z for which a standard normal variable lies in ±z with the probability `level`; `None` unless 0 < level < 1.
pub(crate) fn critical_value(level: f64) -> Option<f64> {
    (level > 0.0 && level < 1.0).then(|| -normal_quantile((1.0 - level) / 2.0))
}

/// The two-sided p-value of a standard normal z.
pub(crate) fn two_sided_p(z: f64) -> f64 {
    (2.0 * normal_sf(z.abs())).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_are_those_of_scipy() {
        // [scipy.stats.norm.isf((1 - level) / 2) for level in (0.5, 0.9, 0.95, 0.99, 0.999999)], scipy 1.17.1
        let expected = [
            (0.5, 0.6744897501960817),
            (0.9, 1.6448536269514722),
            (0.95, 1.9599639845400538),
            (0.99, 2.5758293035489004),
            (0.999_999, 4.891638475699412),
        ];
        for (level, z) in expected {
            assert!(critical_value(level).is_some_and(|got| (got - z).abs() < 1e-9), "{level}");
        }
        for level in [0.0, 1.0, -0.5, 1.5, f64::NAN, f64::INFINITY] {
            assert_eq!(critical_value(level), None, "{level}");
        }
    }

    #[test]
    fn p_values_are_those_of_scipy() {
        // [2 * scipy.stats.norm.sf(z) for z in (0, 1, 1.96, -3, 8)], scipy 1.17.1
        let expected = [
            (0.0, 1.0),
            (1.0, 0.31731050786291415),
            (1.96, 0.04999579029644087),
            (-3.0, 0.0026997960632601913),
            (8.0, 1.244192114854348e-15),
        ];
        for (z, p) in expected {
            assert!((two_sided_p(z) - p).abs() <= 1e-10 * p, "{z}");
        }
    }

    #[test]
    fn there_is_no_interval_without_spread() {
        assert_eq!(Interval::normal(0.5, 0.0, 0.95), None);
        assert_eq!(Interval::normal(0.5, f64::NAN, 0.95), None);
        assert_eq!(Interval::normal(0.5, 0.1, 1.0), None);
        for (error, freedom, level) in
            [(0.0, 3.0, 0.9), (f64::NAN, 3.0, 0.9), (0.1, 0.0, 0.9), (0.1, 3.0, 1.0)]
        {
            assert_eq!(Interval::student_t(0.5, error, freedom, level), None);
        }
    }
}
