//! The mean squared distance of probabilities from what turned out to be true.

use crate::error::Result;
use crate::interval::Interval;
use crate::sample::WeightedMeans;
use crate::scored::ScoredLabels;

/// The Brier score, and how far it can be trusted. See [`brier`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Brier {
    /// The mean of (score − label)²: 0 for certain and right, 1 for certain and wrong, 0.25 for always saying 0.5.
    pub value: f64,
    /// The standard error of `value`; `None` for one row, or one that outweighs all others beyond the precision of
    /// numbers.
    pub standard_error: Option<f64>,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
}

/// The Brier score: the mean squared error of probabilities, the label as 0 or 1.
///
/// ```text
/// B = Σ w (s − y)² / Σ w        se² = Σ w² ((s − y)² − B)² / ((Σw)² − Σw²)
/// ```
///
/// For equal weights the standard error is the sample's standard deviation of the losses (ddof 1) over √n. Scores
/// are probabilities from 0 to 1; one class is no hindrance. The score depends on the base rate: a model that knows
/// nothing but the base rate p gets p(1−p), so that windows with different base rates compare badly:
/// [`brier_skill_score`](crate::brier_skill_score) is the share of that which the model removes, and
/// [`brier_decomposition`](crate::brier_decomposition) says how.
///
/// Cost: O(n), no memory.
///
/// Brier, *Monthly Weather Review* 78 (1950), 1–3 (for two classes half of his sum); Bradley, Schwartz & Hashino,
/// *Weather and Forecasting* 23 (2008), 992–1006, for the sampling error.
///
/// # Errors
/// Undefined without rows ([`Empty`](crate::Undefined::Empty)) and with scores that are NaN
/// ([`MissingScores`](crate::Undefined::MissingScores)); invalid when a score is no probability.
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, brier};
///
/// let brier = brier(ScoredLabels::new(&[false, true, true], &[0.1, 0.9, 0.6])?)?;
/// assert!((brier.value - 0.06).abs() < 1e-15);
/// assert_eq!(brier.standard_error.map(|error| format!("{error:.3}")), Some("0.050".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn brier(rows: ScoredLabels<'_>) -> Result<Brier> {
    let losses = rows.probabilities()?.map(|(label, score, weight)| ([squared_error(label, score)], weight));
    let loss = WeightedMeans::of(losses);
    Ok(Brier {
        value: loss.mean[0].clamp(0.0, 1.0),
        standard_error: loss.standard_error[0],
        count: loss.rows,
        effective_size: loss.effective_size,
    })
}

/// The loss of one row.
pub(crate) fn squared_error(label: bool, score: f64) -> f64 {
    (score - f64::from(u8::from(label))).powi(2)
}

impl Brier {
    /// The confidence interval `value ± t·standard_error`, with Kish's effective number of rows less one as degrees of
    /// freedom, cut at 0 and 1.
    ///
    /// It rests on the central limit theorem: from some 100 rows the coverage is near the level, less when almost
    /// all losses are tiny and few are large. `None` when the standard error is unknown or 0, or the level is not
    /// between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let freedom = self.effective_size - 1.0;
        Some(Interval::student_t(self.value, self.standard_error?, freedom, level)?.clipped(0.0, 1.0))
    }
}
