//! How good a model's predictions were, once the outcomes are known.
//!
//! Each function says beside its value how far it can be trusted, and what it would be without skill:
//!
//! | function | asks | of |
//! |---|---|---|
//! | [`roc_auc`], [`roc_auc_paired`] | are positives ranked above negatives? | scores of any scale |
//! | [`average_precision`] | how pure is the top of the ranking? | scores of any scale |
//! | [`roc_curve`], [`precision_recall_curve`] | what would each threshold give? | scores of any scale |
//! | [`brier`], [`log_loss`] | how far were the probabilities off, all in all? | probabilities |
//! | [`brier_skill_score`], [`brier_decomposition`] | how much better than the base rate, and why? | probabilities |
//! | [`calibration`], [`spiegelhalter`] | do 30 % mean 30 %? | probabilities |
//! | [`ConfusionMatrix`] | precision, recall and so on at one threshold? | yes or no |
//! | [`mcnemar`], [`accuracy_difference`] | which of two is right more often? | labels |
//! | [`brier_difference`], [`log_loss_difference`], [`calibration_difference`] | whose probabilities are better? | probabilities |
//! | [`cohen_kappa`] | do two labellings agree more than by chance? | labels |
//! | [`MulticlassConfusion`] | the same for many classes? | labels |
//! | [`multiclass_log_loss`], [`multiclass_brier`] | how far were the probabilities off? | probabilities of classes |
//!
//! A row's weight is the number of rows that it stands for. Estimates treat whole weights as repeated rows;
//! standard errors treat every row as one observation, however large its weight: Hájek's (linearised) variance,
//! with the small-sample factor k/(k−1) for Kish's effective size k, so that equal weights give the textbook formula.

mod accuracy_difference;
mod average_precision;
mod brier;
mod brier_decomposition;
mod brier_difference;
mod brier_skill_score;
mod calibration;
mod calibration_bins;
mod calibration_difference;
mod calibration_groups;
mod calibration_maximum;
mod class_probabilities;
mod classes;
mod cohen_kappa;
mod confusion;
mod log_loss;
mod log_loss_difference;
mod loss_difference;
mod mcnemar;
mod multiclass_loss;
mod precision_recall_curve;
mod ranked;
mod roc_auc;
mod roc_auc_difference;
mod roc_auc_ranked;
mod roc_curve;
mod spiegelhalter;
mod sweep;

#[cfg(test)]
mod tests;

pub(crate) use brier::squared_error;
pub(crate) use calibration::without_chance;
pub(crate) use calibration_groups::bins_of_rows;
pub(crate) use classes::Classes;
pub(crate) use log_loss::surprise;

pub use accuracy_difference::{AccuracyDifference, accuracy_difference, accuracy_difference_weighted};
pub use average_precision::{AveragePrecision, average_precision};
pub use brier::{Brier, brier};
pub use brier_decomposition::{BrierDecomposition, brier_decomposition};
pub use brier_difference::{brier_difference, brier_difference_weighted};
pub use brier_skill_score::{BrierSkillScore, brier_skill_score};
pub use calibration::{Calibration, CalibrationBin, calibration};
pub use calibration_bins::CalibrationBins;
pub use calibration_difference::{
    CalibrationDifference, calibration_difference, calibration_difference_weighted,
};
pub use calibration_maximum::MaximumWithoutMiscalibration;
pub use class_probabilities::ClassProbabilities;
pub use cohen_kappa::{CohenKappa, cohen_kappa, cohen_kappa_weighted};
pub use confusion::{Average, ConfusionMatrix, ConfusionRate, MulticlassConfusion};
pub use log_loss::{LogLoss, log_loss};
pub use log_loss_difference::{log_loss_difference, log_loss_difference_weighted};
pub use loss_difference::LossDifference;
pub use mcnemar::{McnemarTest, mcnemar, mcnemar_from_counts};
pub use multiclass_loss::{MulticlassBrier, multiclass_brier, multiclass_log_loss};
pub use precision_recall_curve::{PrecisionRecallPoint, precision_recall_auc, precision_recall_curve};
pub use roc_auc::{RocAuc, roc_auc};
pub use roc_auc_difference::{RocAucDifference, RocAucPaired, roc_auc_paired, roc_auc_paired_weighted};
pub use roc_auc_ranked::roc_auc_difference_ranked;
pub use roc_curve::{RocPoint, roc_curve};
pub use spiegelhalter::{SpiegelhalterTest, spiegelhalter};
