//! How good a model's scores were, once the outcomes are known.
//!
//! Each function takes [`ScoredLabels`](crate::ScoredLabels) and says beside its value how far it can be trusted:
//!
//! | function | asks | of scores |
//! |---|---|---|
//! | [`roc_auc`] | are positives ranked above negatives? | in any order |
//! | [`brier`], [`log_loss`] | how far were the probabilities off, all in all? | probabilities |
//! | [`calibration`] | do 30 % mean 30 %? | probabilities |
//!
//! A row's weight is the number of rows that it stands for. Estimates treat whole weights as repeated rows;
//! standard errors treat every row as one observation, however large its weight: Hájek's (linearised) variance,
//! with the small-sample factor k/(k−1) for Kish's effective size k, so that equal weights give the textbook formula.

mod brier;
mod calibration;
mod calibration_bins;
mod classes;
mod log_loss;
mod mean_loss;
mod ranked;
mod roc_auc;
mod roc_auc_difference;

#[cfg(test)]
mod tests;

pub use brier::{Brier, brier};
pub use calibration::{Calibration, CalibrationBin, calibration};
pub use calibration_bins::CalibrationBins;
pub use log_loss::{LogLoss, log_loss};
pub use roc_auc::{RocAuc, roc_auc};
pub use roc_auc_difference::{RocAucDifference, RocAucPaired, roc_auc_paired, roc_auc_paired_weighted};
