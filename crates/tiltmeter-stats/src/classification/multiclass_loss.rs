//! How far the probabilities of several classes were off.

use super::class_probabilities::ClassProbabilities;
use super::log_loss::LogLoss;
use crate::error::Result;
use crate::interval::Interval;
use crate::sample::WeightedMeans;

/// The log loss for k classes: the mean of −ln of the probability of the class that came.
///
/// ```text
/// L = −Σ w ln p_y / Σ w,        p_y in [ε, 1 − ε], ε = 2⁻⁵²
/// ```
///
/// in nats; see [`log_loss`](crate::log_loss) for the clipping and the standard error, and of which it is the value for
/// two classes. Always saying 1/k gives ln k. As in scikit-learn rows are not divided by their sum, which must be 1 to
/// 0.001.
///
/// Cost: O(nk), no memory.
///
/// # Errors
/// Undefined without rows ([`Empty`](crate::Undefined::Empty)), and when a row has a probability that is NaN
/// ([`MissingScores`](crate::Undefined::MissingScores)); invalid when one is not from 0 to 1, or the sum of a row is not
/// 1.
///
/// ```
/// use tiltmeter_stats::{ClassProbabilities, multiclass_log_loss};
///
/// // sklearn.metrics.log_loss([0, 2], [[.7, .2, .1], [.3, .3, .4]])
/// let rows = ClassProbabilities::new(&[0, 2], &[0.7, 0.2, 0.1, 0.3, 0.3, 0.4], 3)?;
/// assert_eq!(format!("{:.6}", multiclass_log_loss(rows)?.value), "0.636483");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn multiclass_log_loss(rows: ClassProbabilities<'_>) -> Result<LogLoss> {
    Ok(LogLoss::of(rows.rows()?.map(|(label, probabilities, weight)| (probabilities[label], weight))))
}

/// The Brier score for k classes, and how far it can be trusted. See [`multiclass_brier`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MulticlassBrier {
    /// The mean of Σ_k (p_k − y_k)²: 0 for certain and right, 2 for certain and wrong.
    pub value: f64,
    /// The standard error of `value`; `None` for one row, or one that outweighs all others beyond the precision of
    /// numbers.
    pub standard_error: Option<f64>,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
}

/// The Brier score for k classes: the mean squared distance of the probabilities from what came.
///
/// ```text
/// B = Σ w Σ_k (p_k − [y = k])² / Σ w
/// ```
///
/// Brier's own sum over the classes, from 0 to 2, as in scikit-learn's `brier_score_loss` for more than two classes;
/// for two it is twice [`brier`](crate::brier). Always saying 1/k gives 1 − 1/k, always the shares of the classes
/// 1 − Σ share². The standard error is that of a weighted mean.
///
/// Cost: O(nk), no memory.
///
/// Brier, *Monthly Weather Review* 78 (1950), 1–3.
///
/// # Errors
/// Those of [`multiclass_log_loss`].
///
/// ```
/// use tiltmeter_stats::{ClassProbabilities, multiclass_brier};
///
/// // sklearn.metrics.brier_score_loss([0, 2], [[.7, .2, .1], [.3, .3, .4]], labels=[0, 1, 2])
/// let rows = ClassProbabilities::new(&[0, 2], &[0.7, 0.2, 0.1, 0.3, 0.3, 0.4], 3)?;
/// assert!((multiclass_brier(rows)?.value - 0.34).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn multiclass_brier(rows: ClassProbabilities<'_>) -> Result<MulticlassBrier> {
    let loss = WeightedMeans::of(rows.rows()?.map(|(label, probabilities, weight)| {
        let error = |(class, probability): (usize, &f64)| {
            (probability - if class == label { 1.0 } else { 0.0 }).powi(2)
        };
        ([probabilities.iter().enumerate().map(error).sum()], weight)
    }));
    Ok(MulticlassBrier {
        value: loss.mean[0].clamp(0.0, 2.0),
        standard_error: loss.standard_error[0],
        count: loss.rows,
        effective_size: loss.effective_size,
    })
}

impl MulticlassBrier {
    /// The confidence interval `value ± t·standard_error`, with Kish's effective number of rows less one as degrees of
    /// freedom, cut at 0 and 2. From some 100 rows the coverage is near the level. `None` when the standard error is
    /// unknown or 0, or the level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let freedom = self.effective_size - 1.0;
        Some(Interval::student_t(self.value, self.standard_error?, freedom, level)?.clipped(0.0, 2.0))
    }
}
