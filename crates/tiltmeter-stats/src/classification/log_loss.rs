//! How surprising the outcomes were under the probabilities.

use crate::error::Result;
use crate::interval::Interval;
use crate::sample::WeightedMeans;
use crate::scored::ScoredLabels;

/// The log loss, and how far it can be trusted. See [`log_loss`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LogLoss {
    /// The mean surprise in nats: from 0, ln 2 = 0.693 for always saying 0.5, at most 36.04 by the clipping.
    pub value: f64,
    /// The standard error of `value`; `None` for one row, or one that outweighs all others beyond the precision of
    /// numbers.
    pub standard_error: Option<f64>,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// How many of them had a score that was moved away from 0 or 1. A clipped score that was wrong costs 36 nats,
    /// a number that is more about the clipping than about the model.
    pub clipped: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
}

/// The log loss (cross-entropy): the mean of −ln of the probability that the scores gave to what happened.
///
/// ```text
/// L = −Σ w (y ln s + (1 − y) ln(1 − s)) / Σ w,        s in [ε, 1 − ε], ε = 2⁻⁵²
/// ```
///
/// in nats; divide by ln 2 for bits. The standard error is that of a weighted mean, as in
/// [`brier`](crate::brier). Scores are probabilities from 0 to 1; those nearer to 0 or 1 than ε = 2.2e-16 are moved
/// to that distance, as scikit-learn does, since one certain and wrong score would make the mean infinite. One class
/// is no hindrance.
///
/// Cost: O(n), no memory; each row's logarithm is taken twice.
///
/// Good, *JRSS B* 14 (1952), 107–114; Gneiting & Raftery, *JASA* 102 (2007), 359–378, section 3.
///
/// # Errors
/// Undefined without rows ([`Empty`](crate::Undefined::Empty)) and with scores that are NaN
/// ([`MissingScores`](crate::Undefined::MissingScores)); invalid when a score is no probability.
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, log_loss};
///
/// let loss = log_loss(ScoredLabels::new(&[false, true, true], &[0.1, 0.9, 0.6])?)?;
/// assert_eq!(format!("{:.6}", loss.value), "0.240516");
/// assert_eq!(loss.clipped, 0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn log_loss(rows: ScoredLabels<'_>) -> Result<LogLoss> {
    let rows = rows.probabilities()?;
    let clipped = rows.clone().filter(|(_, score, _)| is_clipped(*score)).count();
    let loss = WeightedMeans::of(rows.map(|(label, score, weight)| ([surprise(label, score)], weight)));
    Ok(LogLoss::new(loss, clipped))
}

/// The loss of one row.
pub(crate) fn surprise(label: bool, score: f64) -> f64 {
    let score = score.clamp(NEAREST, 1.0 - NEAREST);
    if label { -score.ln() } else { -(-score).ln_1p() }
}

/// Nearer to 0 or 1 than this no probability is taken to be.
const NEAREST: f64 = f64::EPSILON;

fn is_clipped(probability: f64) -> bool {
    !(NEAREST..=1.0 - NEAREST).contains(&probability)
}

impl LogLoss {
    fn new(loss: WeightedMeans<1>, clipped: usize) -> Self {
        Self {
            value: loss.mean[0].max(0.0),
            standard_error: loss.standard_error[0],
            count: loss.rows,
            clipped,
            effective_size: loss.effective_size,
        }
    }

    /// Of the probability that each row gave to what happened, and its weight; at least one row.
    pub(super) fn of(rows: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let clipped = rows.clone().filter(|(probability, _)| is_clipped(*probability)).count();
        let surprise = |probability: f64| -probability.clamp(NEAREST, 1.0 - NEAREST).ln();
        let loss = WeightedMeans::of(rows.map(|(probability, weight)| ([surprise(probability)], weight)));
        Self::new(loss, clipped)
    }

    /// The confidence interval `value ± t·standard_error`, with Kish's effective number of rows less one as degrees of
    /// freedom, cut at 0.
    ///
    /// Surprise has a long tail: the interval is too short when few rows carry most of the loss, and says nothing of
    /// certain and wrong scores that have not yet occurred. `None` when the standard error is unknown or 0, or the
    /// level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let freedom = self.effective_size - 1.0;
        Some(
            Interval::student_t(self.value, self.standard_error?, freedom, level)?
                .clipped(0.0, f64::INFINITY),
        )
    }
}
