//! How large the maximum calibration error is by chance.

use std::f64::consts::FRAC_1_SQRT_2;

use statrs::function::erf::erf;

use super::calibration::Calibration;
use crate::error::{Error, Result};

/// The maximum calibration error of perfectly calibrated scores. See
/// [`Calibration::maximum_without_miscalibration`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MaximumWithoutMiscalibration {
    /// Its mean, 0 to 1.
    pub expected: f64,
    /// Its standard deviation, at least 0.
    pub standard_deviation: f64,
    /// The probability of the maximum calibration error that was seen, or a larger one.
    pub p_value: f64,
}

/// Standard deviations of the widest bin up to which is integrated: beyond it the probability is below 10⁻¹⁸ a bin.
const WIDEST: f64 = 9.0;
/// Even; with more the mean does not change in its fourth digit.
const INTERVALS: u32 = 256;

impl Calibration {
    /// The maximum calibration error that these very scores and weights would show by chance alone, if they were
    /// perfectly calibrated.
    ///
    /// The gap of a bin, mean score − observed rate, has the mean 0 then, and σ_b, the
    /// `standard_deviation_without_miscalibration` of the bin, for a standard deviation; taken as normal and
    /// independent,
    ///
    /// ```text
    /// P(MCE ≤ t) = Π_b erf(t / (σ_b √2))        E = ∫₀¹ P(MCE > t) dt        E MCE² = ∫₀¹ 2t P(MCE > t) dt
    /// ```
    ///
    /// It is large when any bin has few rows: 0.39 for 100 rows and 0.19 for 2 000 whose scores are Beta(2, 5), of
    /// which hardly any is above 0.9. [`CalibrationBins::Quantile`](crate::CalibrationBins::Quantile) avoids that. How
    /// good it is, in simulations with 10 uniform bins, and how often the p-value of calibrated scores was below 0.05:
    ///
    /// | scores | rows | mean MCE | `expected` | p < 0.05 |
    /// |---|---|---|---|---|
    /// | uniform | 100 | 0.271 | 0.272 | 4 % |
    /// | uniform | 500 | 0.116 | 0.114 | 5 % |
    /// | uniform | 2 000 | 0.056 | 0.057 | 5 % |
    /// | Beta(2, 5) | 100 | 0.386 | 0.385 | 2 % |
    /// | Beta(2, 5) | 500 | 0.268 | 0.276 | 10 % |
    /// | Beta(2, 5) | 2 000 | 0.194 | 0.213 | 5 % |
    /// | Beta(0.3, 9) | 100 | 0.351 | 0.335 | 1 % |
    /// | Beta(0.3, 9) | 500 | 0.389 | 0.368 | 2 % |
    /// | Beta(0.3, 9) | 2 000 | 0.374 | 0.347 | 1 % |
    ///
    /// A bin of one or two rows is not normal, so that the p-value is good for bins of some ten rows and more.
    /// Simpson's rule with 256 intervals: up to 256 error functions a bin, some 0.05 ms for 10 bins.
    ///
    /// ```
    /// use tiltmeter_stats::{CalibrationBins, ScoredLabels, calibration};
    ///
    /// // of 40 rows with a score of 0.3 twelve should be positive; 18 are
    /// let labels: Vec<bool> = (0..40).map(|row| row < 18).collect();
    /// let calibration = calibration(ScoredLabels::new(&labels, &[0.3; 40])?, CalibrationBins::default())?;
    /// let chance = calibration.maximum_without_miscalibration();
    /// // one bin: half-normal with the standard deviation sqrt(0.3 · 0.7 / 40)
    /// assert_eq!(format!("{:.4} {:.4}", chance.expected, chance.standard_deviation), "0.0578 0.0437");
    /// assert_eq!(format!("{:.4} {:.4}", calibration.maximum_calibration_error, chance.p_value), "0.1500 0.0384");
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    #[must_use]
    pub fn maximum_without_miscalibration(&self) -> MaximumWithoutMiscalibration {
        let spreads = self.spreads();
        let widest = spreads.iter().copied().fold(0.0, f64::max);
        let end = (WIDEST * widest).min(1.0);
        let step = end / f64::from(INTERVALS);
        let (mut mean, mut square) = (0.0, 0.0);
        for place in 0..=INTERVALS {
            let ends = place == 0 || place == INTERVALS;
            let weight = if ends { 1.0 } else { f64::from(2 + place % 2 * 2) };
            let gap = f64::from(place) * step;
            let beyond = weight * (1.0 - probability_within(&spreads, gap));
            mean += beyond;
            square += beyond * 2.0 * f64::from(place);
        }
        let (mean, square) = (mean * step / 3.0, square * step / 3.0 * step);
        let p_value = 1.0 - probability_within(&spreads, self.maximum_calibration_error);
        MaximumWithoutMiscalibration {
            expected: mean.clamp(0.0, 1.0),
            standard_deviation: (square - mean * mean).max(0.0).sqrt(),
            p_value: if self.maximum_calibration_error > 0.0 { p_value.clamp(0.0, 1.0) } else { 1.0 },
        }
    }

    /// The value that the maximum calibration error of these scores and weights stays below with this `probability`
    /// when they are perfectly calibrated; 0.95 for a limit. See
    /// [`maximum_without_miscalibration`](Self::maximum_without_miscalibration). From 0 to 1, by 60 halvings.
    ///
    /// # Errors
    /// Invalid when the probability is not between 0 and 1.
    pub fn maximum_quantile_without_miscalibration(&self, probability: f64) -> Result<f64> {
        if !(probability > 0.0 && probability < 1.0) {
            return Err(Error::invalid(format!(
                "the probability is {probability}, allowed: between 0 and 1"
            )));
        }
        let spreads = self.spreads();
        let (mut below, mut above) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(below, above);
            if probability_within(&spreads, middle) < probability {
                below = middle;
            } else {
                above = middle;
            }
        }
        Ok(above)
    }

    fn spreads(&self) -> Vec<f64> {
        self.bins.iter().filter_map(|bin| bin.standard_deviation_without_miscalibration).collect()
    }
}

/// The probability that no gap is larger.
fn probability_within(spreads: &[f64], gap: f64) -> f64 {
    let mut probability = 1.0;
    for spread in spreads {
        // farther away it is 1; and scores of 0 and 1 leave nothing to chance
        if gap < WIDEST * spread {
            probability *= erf(gap / spread * FRAC_1_SQRT_2);
        }
    }
    probability
}
