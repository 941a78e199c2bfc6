//! How much more one of two scores loses than the other, on the same rows.

use crate::error::Result;
use crate::interval::Interval;
use crate::sample::WeightedMeans;
use crate::scored::ScoredLabels;
use crate::special::student_t_sf;

/// The difference of the mean losses of two scores of the same rows. Of
/// [`brier_difference`](crate::brier_difference) and [`log_loss_difference`](crate::log_loss_difference).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LossDifference {
    /// The loss of the first minus that of the second: above 0 the *second* is better.
    pub difference: f64,
    /// The mean loss of the first, from 0.
    pub first: f64,
    /// The mean loss of the second, from 0.
    pub second: f64,
    /// The standard error of `difference`; `None` for one row, or one that outweighs all others beyond the precision of
    /// numbers.
    pub standard_error: Option<f64>,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
}

impl LossDifference {
    /// `first` and `second` are of the same labels and weights.
    pub(super) fn of(
        first: &ScoredLabels<'_>,
        second: &ScoredLabels<'_>,
        loss: fn(bool, f64) -> f64,
    ) -> Result<Self> {
        let rows = first.probabilities()?.zip(second.probabilities()?);
        let means = WeightedMeans::of(rows.map(|((label, first, weight), (_, second, _))| {
            let [first, second] = [first, second].map(|score| loss(label, score));
            ([first, second, first - second], weight)
        }));
        let [first, second, difference] = means.mean;
        Ok(Self {
            difference,
            first: first.max(0.0),
            second: second.max(0.0),
            standard_error: means.standard_error[2],
            count: means.rows,
            effective_size: means.effective_size,
        })
    }

    /// The confidence interval `difference ± t·standard_error`, with Kish's effective number of rows less one as degrees of
    /// freedom; `None` when the standard error is unknown or 0, or the level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Interval::student_t(self.difference, self.standard_error?, self.effective_size - 1.0, level)
    }

    /// The two-sided p-value of equal losses, by the same t; `None` when the standard error is unknown or 0.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        let error = self.standard_error.filter(|error| *error > 0.0)?;
        let p = 2.0 * student_t_sf((self.difference / error).abs(), self.effective_size - 1.0);
        (!p.is_nan()).then(|| p.clamp(0.0, 1.0))
    }
}
