//! What a Brier score is made of.

use super::brier::brier;
use super::calibration_bins::CalibrationBins;
use super::calibration_groups::Groups;
use crate::error::{Result, Undefined};
use crate::scored::ScoredLabels;

/// The parts of a Brier score. See [`brier_decomposition`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BrierDecomposition {
    /// The Brier score, 0 to 1.
    pub brier: f64,
    /// Miscalibration, the mean over the bins of (mean score − observed rate)²: 0 to 1, the less the better.
    pub reliability: f64,
    /// How far observed rates of bins are from the base rate, squared: 0 to `uncertainty`, the more the better.
    pub resolution: f64,
    /// The Brier score of always saying the base rate, p(1−p): 0 to ¼. Not of the model but of the rows.
    pub uncertainty: f64,
    /// The variance of the scores within bins, at least 0: the resolution that the bins hide from `resolution`.
    pub within_bin_variance: f64,
    /// Twice the covariance of scores and labels within bins: what of that variance is skill.
    pub within_bin_covariance: f64,
    /// The mean of `reliability` for these very scores and weights if they were perfectly calibrated: what of it is
    /// chance.
    pub expected_reliability_without_miscalibration: f64,
    /// The mean of `resolution` if labels had nothing to do with scores: what of it is chance.
    pub expected_resolution_without_skill: f64,
}

/// The Brier score as reliability, resolution and uncertainty, over bins of scores.
///
/// With W_b the weight of bin b, s̄_b its mean score, ȳ_b its observed rate, and ȳ the base rate,
///
/// ```text
/// B = REL − RES + UNC + WBV − WBC
/// REL = Σ_b W_b/W (s̄_b − ȳ_b)²      WBV = Σ w (s − s̄_b)² / W
/// RES = Σ_b W_b/W (ȳ_b − ȳ)²        WBC = 2 Σ w (s − s̄_b)(y − ȳ_b) / W        UNC = ȳ(1 − ȳ)
/// ```
///
/// exactly, up to rounding. Murphy's three terms alone add up to B only when all scores of a bin are the same;
/// Stephenson, Coelho and Jolliffe's two terms within bins are the rest. RES − WBV + WBC is a resolution that hardly
/// depends on the bins.
///
/// **Both reliability and resolution are too large by chance**, the more so the more bins there are for the rows. By
/// how much is beside them:
///
/// ```text
/// E₀ REL = Σ_b Σ_{i in b} w² s(1−s) / (W W_b)        E₀ RES = ȳ(1−ȳ)(Σ_b W_b/W / n_b − 1/n)
/// ```
///
/// with Kish's sizes n_b of bins and n of all; for B bins of equal weights about (B − 1)/n of the uncertainty.
///
/// Cost: as [`calibration`](crate::calibration), and a second pass.
///
/// Murphy, *Journal of Applied Meteorology* 12 (1973), 595–600; Stephenson, Coelho & Jolliffe, *Weather and
/// Forecasting* 23 (2008), 752–757; Ferro & Fricker, *QJRMS* 138 (2012), 1954–1960, for the bias.
///
/// # Errors
/// Those of [`calibration`](crate::calibration).
///
/// ```
/// use tiltmeter_stats::{CalibrationBins, ScoredLabels, brier_decomposition};
///
/// let labels = [false, false, true, false, true, true];
/// let rows = ScoredLabels::new(&labels, &[0.1, 0.2, 0.2, 0.7, 0.75, 0.8])?;
/// let parts = brier_decomposition(rows, CalibrationBins::Uniform(2))?;
/// assert_eq!(format!("{:.4} {:.4} {:.4}", parts.reliability, parts.resolution, parts.uncertainty), "0.0174 0.0278 0.2500");
/// let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bin_variance
///     - parts.within_bin_covariance;
/// assert!((sum - parts.brier).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn brier_decomposition(rows: ScoredLabels<'_>, bins: CalibrationBins) -> Result<BrierDecomposition> {
    let brier = brier(rows)?;
    let rows = rows.probabilities()?;
    let groups = Groups::of(rows.clone(), bins)?;
    let (total, base_rate) = (groups.weight(), groups.base_rate());
    let uncertainty = base_rate * (1.0 - base_rate);

    let (mut reliability, mut resolution, mut by_chance, mut in_bins, mut in_all) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for group in groups.iter() {
        let Some((score, rate)) = group.mean(group.scores).zip(group.mean(group.positives)) else { continue };
        let share = group.weight / total;
        reliability += share * (score - rate).powi(2);
        resolution += share * (rate - base_rate).powi(2);
        by_chance += group.variance / group.weight / total;
        in_bins += group.squares / group.weight / total;
        in_all += group.squares / total / total;
    }
    let (mut variance, mut covariance) = (0.0, 0.0);
    for (label, score, weight) in rows {
        let group = groups.of_score(score);
        let Some((mean, rate)) = group.mean(group.scores).zip(group.mean(group.positives)) else { continue };
        let share = weight * groups.scale() / total;
        variance += share * (score - mean).powi(2);
        covariance += 2.0 * share * (score - mean) * (f64::from(u8::from(label)) - rate);
    }
    Ok(BrierDecomposition {
        brier: brier.value,
        reliability: reliability.min(1.0),
        resolution: resolution.min(uncertainty),
        uncertainty,
        within_bin_variance: variance,
        within_bin_covariance: covariance,
        expected_reliability_without_miscalibration: by_chance,
        expected_resolution_without_skill: (uncertainty * (in_bins - in_all)).max(0.0),
    })
}

impl BrierDecomposition {
    /// 1 − B / UNC: the share of the uncertainty that the scores remove; see
    /// [`brier_skill_score`](crate::brier_skill_score), which has a standard error too.
    ///
    /// # Errors
    /// [`Undefined::OneClass`].
    pub fn skill_score(&self) -> Result<f64> {
        if self.uncertainty > 0.0 {
            Ok(1.0 - self.brier / self.uncertainty)
        } else {
            Err(Undefined::OneClass.into())
        }
    }
}
