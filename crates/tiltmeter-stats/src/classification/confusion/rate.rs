//! The rates of a binary confusion matrix that are shares of rows.

use super::binary::ConfusionMatrix;
use super::cell::Cell;
use crate::error::Undefined;

/// A rate of a [`ConfusionMatrix`] that is a share of some of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfusionRate {
    /// (TP + TN) / all: how many were predicted rightly.
    Accuracy,
    /// TP / (TP + FP), positive predictive value: of those predicted positive how many are.
    Precision,
    /// TP / (TP + FN), sensitivity, true positive rate: of the positives how many were predicted so.
    Recall,
    /// TN / (TN + FP), true negative rate: of the negatives how many were predicted so.
    Specificity,
    /// FP / (FP + TN), false alarms: 1 − specificity.
    FalsePositiveRate,
    /// TN / (TN + FN): of those predicted negative how many are.
    NegativePredictiveValue,
    /// 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall.
    F1,
    /// (TP + FN) / all, the base rate: how many are positive.
    Prevalence,
    /// (TP + FP) / all: how many were predicted positive.
    PredictedPositiveRate,
}

/// The cells of which a rate is a share, and why there is none when they are empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) counted: Cell,
    pub(super) others: Cell,
    pub(super) reason: Undefined,
}

impl ConfusionRate {
    /// F1 has the parts of Jaccard's J = TP / (TP + FP + FN), which it is a function of.
    pub(super) fn parts(self, matrix: &ConfusionMatrix) -> Parts {
        let [tp, fp, tn, fn_] = matrix.cells();
        let (counted, others, reason) = match self {
            Self::Accuracy => (tp.and(tn), fp.and(fn_), Undefined::Empty),
            Self::Precision => (tp, fp, Undefined::NoPredictedPositives),
            Self::Recall => (tp, fn_, Undefined::NoPositives),
            Self::Specificity => (tn, fp, Undefined::NoNegatives),
            Self::FalsePositiveRate => (fp, tn, Undefined::NoNegatives),
            Self::NegativePredictiveValue => (tn, fn_, Undefined::NoPredictedNegatives),
            Self::F1 => (tp, fp.and(fn_), Undefined::NoPositives),
            Self::Prevalence => (tp.and(fn_), fp.and(tn), Undefined::Empty),
            Self::PredictedPositiveRate => (tp.and(fp), fn_.and(tn), Undefined::Empty),
        };
        Parts { counted, others, reason }
    }

    /// The rate of a share of the parts.
    pub(super) fn of_share(self, share: f64) -> f64 {
        if self == Self::F1 { 2.0 * share / (1.0 + share) } else { share }
    }
}

impl Parts {
    /// `None` for no rows.
    pub(super) fn share(&self) -> Option<f64> {
        // an eighth each, where the sum of two would leave the range of numbers
        let scale = if self.counted.weight.max(self.others.weight) > 1e300 { 0.125 } else { 1.0 };
        let (counted, others) = (scale * self.counted.weight, scale * self.others.weight);
        (counted + others > 0.0).then(|| counted / (counted + others))
    }

    /// The number of equally weighted rows whose share would vary as much: share (1 − share) over the linearised
    /// variance; Kish's where the share is 0 or 1, and the rows do not tell.
    pub(super) fn effective_size(&self, share: f64) -> f64 {
        let rows = self.counted.and(self.others);
        let deviation =
            ((1.0 - share) * self.counted.norm / rows.weight).hypot(share * self.others.norm / rows.weight);
        let size = share * (1.0 - share) / deviation / deviation;
        let size = if size.is_finite() && size > 0.0 { size } else { rows.effective_size() };
        // weights that are too small to be squared still are a row
        size.max(1.0)
    }
}
