//! How good a model was on its reference.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Fewer weeks do not tell how weeks vary.
const MIN_WEEKS: u32 = 3;

/// How good a binary model was on the reference, with what is needed to tell a change from chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct BaselineQuality(Figures);

/// The figures of a [`BaselineQuality`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows of the reference.
    pub rows: u64,
    /// Rows with a score and a label.
    pub labelled: u64,
    /// Those of them whose label is 1.
    pub positives: u64,
    /// The mean score of the labelled rows.
    pub mean_score: f64,
    /// The area under the ROC curve.
    pub roc_auc: f64,
    /// Its variance over samples of rows.
    pub roc_auc_variance: f64,
    /// How much the area varies between the weeks of the reference beyond that, as a variance; `None` with fewer than
    /// three weeks, when it cannot be told, and only then.
    pub roc_auc_between_weeks: Option<f64>,
    /// How many weeks of the reference have an area of their own, which is what that rests on.
    pub weeks: u32,
    /// The Brier score.
    pub brier: f64,
    /// Its standard error.
    pub brier_standard_error: f64,
    /// The log loss, in nats.
    pub log_loss: f64,
    /// Its standard error.
    pub log_loss_standard_error: f64,
}

#[derive(Deserialize)]
struct Unchecked(Figures);

impl TryFrom<Unchecked> for BaselineQuality {
    type Error = Error;

    fn try_from(Unchecked(figures): Unchecked) -> Result<Self> {
        Self::new(figures)
    }
}

impl BaselineQuality {
    /// Checks the figures.
    ///
    /// # Errors
    /// When one is outside of its range: counts that do not add up, an area that is not from 0 to 1, a variance below
    /// 0, or anything that is not finite; more weeks than labelled rows, or a variance between weeks that there are too
    /// few of, or none although there are enough.
    pub fn new(figures: Figures) -> Result<Self> {
        let Figures { rows, labelled, positives, weeks, .. } = figures;
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let from_0 = |value: f64| value.is_finite() && value >= 0.0;
        let sound = positives <= labelled
            && labelled <= rows
            && share(figures.mean_score)
            && share(figures.roc_auc)
            && from_0(figures.roc_auc_variance)
            && figures.roc_auc_between_weeks.is_none_or(from_0)
            && figures.roc_auc_between_weeks.is_some() == (weeks >= MIN_WEEKS)
            && u64::from(weeks) <= labelled
            && share(figures.brier)
            && from_0(figures.brier_standard_error)
            && from_0(figures.log_loss)
            && from_0(figures.log_loss_standard_error);
        if sound {
            Ok(Self(figures))
        } else {
            Err(Error::invalid("a figure of a baseline's quality is out of range"))
        }
    }

    /// The figures.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.0
    }
}
