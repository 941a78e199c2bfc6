//! A mean over the errors of a regression.

use crate::error::{Result, Undefined};
use crate::interval::Interval;
use crate::sample::WeightedMeans;

/// A mean over the errors of predictions, and how far it can be trusted. See
/// [`RegressionQuality`](crate::RegressionQuality).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MeanError {
    /// The mean; 0 or more for all but a bias.
    pub value: f64,
    /// The linearised standard error of `value`, 0 or more; `None` for one row, or one that outweighs all others beyond
    /// the precision of numbers.
    pub standard_error: Option<f64>,
    /// How many rows it is the mean of, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size of these rows, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
    pub(super) scale: Scale,
}

/// On which scale an interval is symmetric, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// Of either sign.
    Signed,
    /// From 0.
    Loss,
    /// The root of a mean that is from 0.
    Root,
}

impl MeanError {
    /// Column `at`, which is in units of `unit`.
    pub(super) fn of<const K: usize>(
        means: &WeightedMeans<K>,
        at: usize,
        unit: f64,
        scale: Scale,
    ) -> Result<Self> {
        if means.rows == 0 {
            return Err(Undefined::Empty.into());
        }
        let mean = if scale == Scale::Signed { means.mean[at] } else { means.mean[at].max(0.0) };
        let root = mean.sqrt();
        // by the delta method; a root of 0 has a mean of squares that are all 0
        let root_error = |error: f64| if root > 0.0 { error / (2.0 * root) } else { 0.0 };
        let error = means.standard_error[at];
        let (value, error) = match scale {
            Scale::Root => (root, error.map(root_error)),
            Scale::Signed | Scale::Loss => (mean, error),
        };
        if !(value * unit).is_finite() {
            return Err(Undefined::Overflow.into());
        }
        Ok(Self {
            value: value * unit,
            standard_error: error.map(|error| error * unit).filter(|error| error.is_finite()),
            count: means.rows,
            effective_size: means.effective_size,
            scale,
        })
    }

    /// The confidence interval `value ± t·standard_error`, with Kish's effective number of rows less one as degrees of
    /// freedom, cut at 0 for what is never negative. For a root it is the root of the interval of the mean of squares.
    ///
    /// It rests on the central limit theorem: from some 50 rows for absolute errors and 200 for squared ones, more
    /// when a few large errors make up the mean. Of 1 000 samples of 200 normal errors with weights from 1 to 10,
    /// intervals of level 0.95 held the true MAE in 95.6 %, MSE and RMSE in 94.1 % and the bias in 94.9 %. `None` when
    /// the standard error is unknown or 0, or the level is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let (error, freedom) = (self.standard_error?, self.effective_size - 1.0);
        match self.scale {
            Scale::Signed => Interval::student_t(self.value, error, freedom, level),
            Scale::Loss => {
                Some(Interval::student_t(self.value, error, freedom, level)?.clipped(0.0, f64::INFINITY))
            }
            Scale::Root => {
                // in units of the root, whose square could leave the range of numbers
                let squares = Interval::student_t(1.0, 2.0 * error / self.value, freedom, level)?;
                Some(squares.clipped(0.0, f64::INFINITY).mapped(|square| square.sqrt() * self.value))
            }
        }
    }
}
