//! How much better probabilities are than the base rate.

use crate::error::{Result, Undefined};
use crate::interval::Interval;
use crate::sample::WeightedMeans;
use crate::scored::ScoredLabels;

/// The Brier skill score, and how far it can be trusted. See [`brier_skill_score`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BrierSkillScore {
    /// 1 for scores that are certain and right, 0 for those no better than the base rate, below 0 without bound for
    /// worse ones.
    pub value: f64,
    /// The linearised standard error of `value`; `None` for one row, or one that outweighs all others beyond the
    /// precision of numbers.
    pub standard_error: Option<f64>,
    /// The Brier score, 0 to 1.
    pub brier: f64,
    /// The weighted share of positives, p.
    pub base_rate: f64,
    /// The Brier score of always saying the base rate, p(1−p).
    pub base_rate_brier: f64,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
}

/// The Brier skill score against the base rate of the same rows: 1 − B / (p(1−p)), p the share of positives.
///
/// Without skill it is 0: scores that always say the base rate that is to come. A constant score that is a little off
/// it is a little below, by (score − p)² / (p(1−p)). Unlike [`brier`](crate::brier) it can be compared between
/// windows with different base rates, though a model's skill itself mostly falls with the base rate. With few
/// positives it varies wildly: see the standard error, which is that of the mean of
///
/// ```text
/// u = B (1 − 2p)(y − p) / (p(1−p))² − ((s − y)² − B) / (p(1−p))
/// ```
///
/// and right from some 20 rows of the rarer class.
///
/// Cost: O(n), no memory.
///
/// Wilks, *Statistical Methods in the Atmospheric Sciences* (4th edition, 2019), chapter 9; Bradley, Schwartz &
/// Hashino, *Weather and Forecasting* 23 (2008), 992–1006, for the sampling error.
///
/// # Errors
/// Undefined without rows ([`Undefined::Empty`]), with one class ([`Undefined::OneClass`]), and with scores that are
/// NaN ([`Undefined::MissingScores`]); invalid when a score is no probability.
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, brier_skill_score};
///
/// let skill = brier_skill_score(ScoredLabels::new(&[false, true, true, false], &[0.1, 0.9, 0.6, 0.4])?)?;
/// assert!((skill.brier - 0.085).abs() < 1e-15 && (skill.value - 0.66).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn brier_skill_score(rows: ScoredLabels<'_>) -> Result<BrierSkillScore> {
    let rows = rows.probabilities()?;
    let rows = rows.map(|(label, score, weight)| (f64::from(u8::from(label)), score, weight));
    let columns = rows.clone().map(|(label, score, weight)| ([(score - label).powi(2), label], weight));
    let [brier, base_rate] = WeightedMeans::of(columns).mean.map(|mean| mean.clamp(0.0, 1.0));
    let chance = base_rate * (1.0 - base_rate);
    if chance <= 0.0 {
        return Err(Undefined::OneClass.into());
    }
    let ratio = brier / chance;
    let deviation = |label: f64, score: f64| {
        let of_chance = ratio * (1.0 - 2.0 * base_rate) * (label - base_rate);
        (of_chance - ((score - label).powi(2) - brier)) / chance
    };
    let deviations = rows.map(|(label, score, weight)| ([deviation(label, score)], weight));
    let deviations = WeightedMeans::of(deviations);
    Ok(BrierSkillScore {
        value: 1.0 - ratio,
        standard_error: deviations.standard_error[0].filter(|error| error.is_finite()),
        brier,
        base_rate,
        base_rate_brier: chance,
        count: deviations.rows,
        effective_size: deviations.effective_size,
    })
}

impl BrierSkillScore {
    /// The confidence interval `value ± t·standard_error`, with Kish's effective number of rows less one as degrees of
    /// freedom, cut at 1; `None` when the standard error is unknown or 0, or the level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let freedom = self.effective_size - 1.0;
        Some(Interval::student_t(self.value, self.standard_error?, freedom, level)?.clipped(f64::MIN, 1.0))
    }
}
