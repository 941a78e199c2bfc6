//! Whose probabilities are nearer to what happens, on the same rows.

use super::calibration_bins::CalibrationBins;
use super::calibration_groups::Groups;
use crate::error::Result;
use crate::interval::Interval;
use crate::sample::WeightedMeans;
use crate::scored::ScoredLabels;

/// The difference of two expected calibration errors. See [`calibration_difference`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CalibrationDifference {
    /// The ECE of the first minus that of the second, −1 to 1: above 0 the *second* is better calibrated.
    pub difference: f64,
    /// The ECE of the first, 0 to 1.
    pub first: f64,
    /// The ECE of the second, 0 to 1.
    pub second: f64,
    /// What `difference` would be on average if both were perfectly calibrated: chance alone makes an ECE, and a larger
    /// one of scores near ½.
    pub expected_without_miscalibration: f64,
    /// The standard error of `difference`, the signs of all bins taken as given; `None` for one row, or one that outweighs
    /// all others beyond the precision of numbers. Where a side is well calibrated it says too little: see
    /// [`interval`](Self::interval).
    pub standard_error: Option<f64>,
    /// What chance adds on average, at most, to the ECE of the first and of the second: that of bins whose sign is in doubt.
    by_chance: [f64; 2],
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
}

/// The difference of the expected calibration errors of two scores of the same rows, champion and challenger.
///
/// Each score has its own bins. The ECE is a mean over rows, with the sign of its bin's gap for each, and so is the
/// difference:
///
/// ```text
/// ECE = Σ w g(s)(s − y) / Σ w        g = 1 in bins that promise too much, −1 in those that promise too little
/// ```
///
/// The standard error is that of the weighted mean (Hájek's, linearised) of the rows' differences, the signs taken as
/// given. They are where a bin's gap is well above its noise. Where it is not, the ECE is larger than in truth, and a side
/// that is well calibrated has such bins only: `expected_without_miscalibration` says by how much, and
/// [`interval`](CalibrationDifference::interval) allows for it. `difference` itself is not corrected.
///
/// Scores are probabilities from 0 to 1; one class is no hindrance. Cost: as [`calibration`](crate::calibration), twice.
///
/// ECE: Naeini, Cooper & Hauskrecht, *AAAI* (2015), 2901–2907; linearisation: Deville, *Survey Methodology* 25 (1999),
/// 193–203.
///
/// # Errors
/// Those of [`calibration`](crate::calibration) for either score; invalid when the lengths differ.
///
/// ```
/// use tiltmeter_stats::{CalibrationBins, calibration_difference};
///
/// let labels = [false, false, true, false, true, true];
/// let (champion, challenger) = ([0.1, 0.2, 0.2, 0.7, 0.75, 0.8], [0.3, 0.3, 0.4, 0.6, 0.7, 0.7]);
/// let difference = calibration_difference(&labels, &champion, &challenger, CalibrationBins::Uniform(2))?;
/// assert_eq!(format!("{:.3} {:.3}", difference.first, difference.second), "0.125 0.000");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn calibration_difference(
    labels: &[bool],
    first: &[f64],
    second: &[f64],
    bins: CalibrationBins,
) -> Result<CalibrationDifference> {
    of(&ScoredLabels::new(labels, first)?, &ScoredLabels::new(labels, second)?, bins)
}

/// The same of weighted rows.
///
/// # Errors
/// As [`calibration_difference`]; invalid too when a weight is negative, NaN or infinite, or all are 0.
pub fn calibration_difference_weighted(
    labels: &[bool],
    first: &[f64],
    second: &[f64],
    weights: &[f64],
    bins: CalibrationBins,
) -> Result<CalibrationDifference> {
    let rows = |scores| ScoredLabels::weighted(labels, scores, weights);
    of(&rows(first)?, &rows(second)?, bins)
}

fn of(
    first: &ScoredLabels<'_>,
    second: &ScoredLabels<'_>,
    bins: CalibrationBins,
) -> Result<CalibrationDifference> {
    let (first, second) = (first.probabilities()?, second.probabilities()?);
    let (one, other) = (Groups::of(first.clone(), bins)?, Groups::of(second.clone(), bins)?);
    let signed = |groups: &Groups, label: bool, score: f64| {
        let group = groups.of_score(score);
        let gap = score - f64::from(u8::from(label));
        if group.scores >= group.positives { gap } else { -gap }
    };
    let rows = first.zip(second).map(|((label, first, weight), (_, second, _))| {
        let [first, second] = [signed(&one, label, first), signed(&other, label, second)];
        ([first, second, first - second], weight)
    });
    let means = WeightedMeans::of(rows);
    let by_chance = |groups: &Groups| {
        let spread: f64 = groups.iter().map(|group| group.variance.sqrt()).sum();
        std::f64::consts::FRAC_2_PI.sqrt() * spread / groups.weight()
    };
    let in_doubt = |groups: &Groups| {
        let bins = groups.iter().filter(|group| !group.has_sure_sign());
        let spread: f64 = bins.map(|group| group.variance.sqrt()).sum();
        std::f64::consts::FRAC_2_PI.sqrt() * spread / groups.weight()
    };
    let [first, second, difference] = means.mean;
    Ok(CalibrationDifference {
        difference: difference.clamp(-1.0, 1.0),
        first: first.clamp(0.0, 1.0),
        second: second.clamp(0.0, 1.0),
        expected_without_miscalibration: by_chance(&one) - by_chance(&other),
        standard_error: means.standard_error[2],
        by_chance: [in_doubt(&one), in_doubt(&other)],
        count: means.rows,
        effective_size: means.effective_size,
    })
}

impl CalibrationDifference {
    /// A confidence interval that also holds where a side is well calibrated, cut at ±1; `None` when the standard error is
    /// unknown or 0, or the level is not between 0 and 1.
    ///
    /// In bins with a gap of three standard deviations the sign is known, and |gap| is as likely too small as too large. In
    /// the others chance makes it larger, on average by 0 up to the mean of a half-normal distribution, so that
    ///
    /// ```text
    /// difference − t·se − D₁  to  difference + t·se + D₂        D = sqrt(2/π) Σ v_b / W        v_b² = Σ w² s(1−s) in b
    /// ```
    ///
    /// where D is a sum over the bins of the first and of the second score whose sign is in doubt, and t has Kish's effective
    /// number of rows less one as degrees of freedom. Intervals of level 0.95 hold the difference in 95 to 98 % of samples where most signs
    /// are known, and in more where some are not: with one side calibrated and the other a tenth too near to 1
    /// (ten bins), in 99 % of samples of 300, 1 000 and 5 000 rows; `difference ± t·se` would in 90 %, 80 % and 69 %.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let freedom = self.effective_size - 1.0;
        let near = Interval::student_t(self.difference, self.standard_error?, freedom, level)?;
        let [first, second] = self.by_chance;
        Some(Interval { lower: near.lower - first, upper: near.upper + second, ..near }.clipped(-1.0, 1.0))
    }
}
