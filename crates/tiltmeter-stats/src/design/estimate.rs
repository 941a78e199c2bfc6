//! An estimate of what all rows would have shown.

use super::inclusion::Spread;
use crate::error::{Result, Undefined};
use crate::interval::Interval;

/// A figure of all rows, estimated from those that were kept, and how far that can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct DesignEstimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error about the figure of all rows; 0 when all rows that count were kept for certain, and `None` when
    /// it is too large for a number.
    pub standard_error: Option<f64>,
    /// For Student's t: Kish's effective number of draws (rows, or clusters) that could have gone the other way, less one;
    /// above 0. `None` when there are none, or as good as one.
    pub degrees_of_freedom: Option<f64>,
    /// How many rows count.
    pub count: usize,
    /// How many rows are missing (NaN), and were left out.
    pub missing: usize,
    /// How many draws could have gone the other way: rows, or clusters, that were not kept for certain.
    pub by_chance: usize,
    /// Kish's effective sample size of the rows that count, (Σw)²/Σw².
    pub effective_size: f64,
    /// How many clusters have a row that counts; `None` when there was no talk of clusters.
    pub clusters: Option<usize>,
    /// Whether the figure is a share or an area: within 0 and 1, so that its interval is made on the logit scale.
    pub is_share: bool,
    pub(super) scale: Scale,
}

/// How intervals are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    Linear,
    Logit,
    /// Linear, and cut off below what is there for certain.
    AtLeast(f64),
    /// Not at all: none that could be made holds the figure as often as it says.
    None,
}

/// The rows that count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) count: usize,
    pub(super) missing: usize,
    pub(super) effective_size: f64,
}

impl DesignEstimate {
    pub(super) fn new(value: f64, spread: Spread, counted: Counted, scale: Scale) -> Result<Self> {
        if !value.is_finite() {
            return Err(Undefined::Overflow.into());
        }
        Ok(Self {
            value,
            standard_error: spread.standard_error,
            degrees_of_freedom: spread.degrees_of_freedom,
            count: counted.count,
            missing: counted.missing,
            by_chance: spread.by_chance,
            effective_size: counted.effective_size,
            clusters: spread.clusters,
            is_share: scale == Scale::Logit,
            scale,
        })
    }

    /// The confidence interval of the figure of all rows: `value ± t·standard_error`; for a share
    /// `logit⁻¹(logit value ± t·standard_error / (value(1 − value)))`. A count of rows is at least what was kept: its
    /// interval begins there when it would begin below.
    ///
    /// The value alone when all rows were kept for certain: then it is known. `None` when there is no spread to judge by
    /// (rows kept by chance that are all alike), of a calibration error (see
    /// [`design_calibration_error`](crate::design_calibration_error)), and for a level that is not between 0 and 1.
    ///
    /// How often intervals of level 0.95 held the figure of all 5 000 rows, of which those with a score outside of
    /// \[0.05, 0.95\] were kept for certain and one in ten of the others, and how long they were beside those of as many
    /// rows drawn whatever is in them; 600 samples each (`tests/honest`):
    ///
    /// | figure | coverage | length, relative |
    /// |---|---|---|
    /// | ROC AUC | 0.95 | 2.7 |
    /// | Brier score | 0.95 | 2.5 |
    /// | log loss | 0.95 | 1.6 |
    /// | mean score | 0.94 | 1.8 |
    /// | base rate | 0.94 | 2.7 |
    ///
    /// So a rule that keeps the tails makes these figures less certain than drawing without a rule would: what varies is in
    /// the body, and the body is what it thins out.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        if self.by_chance == 0 {
            return Some(Interval { lower: self.value, upper: self.value, level });
        }
        let (error, freedom) = (self.standard_error?, self.degrees_of_freedom?);
        match self.scale {
            Scale::None => return None,
            Scale::Linear => return Interval::student_t(self.value, error, freedom, level),
            Scale::AtLeast(least) => {
                let interval = Interval::student_t(self.value, error, freedom, level)?;
                return Some(interval.mapped(|end| end.max(least)));
            }
            Scale::Logit => {}
        }
        let logit = (self.value / (1.0 - self.value)).ln();
        let spread = self.value * (1.0 - self.value);
        let interval = Interval::student_t(logit, error / spread, freedom, level)?;
        Some(interval.mapped(|logit| 1.0 / (1.0 + (-logit).exp())))
    }
}
