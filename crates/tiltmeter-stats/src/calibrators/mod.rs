//! Functions that make probabilities of scores, and what calibrated scores promise.
//!
//! | | makes or tells | needs |
//! |---|---|---|
//! | [`IsotonicRegression`] | any increasing function | some 1 000 rows with labels |
//! | [`PlattScaling`] | a logistic curve, two numbers | some 100 rows with labels |
//! | [`expected_confusion`], [`expected_roc_auc`] | how good the model is if its probabilities are true | no labels, and a promise that nobody can check without them |
//!
//! A calibrator is fitted on rows that the model was not trained on, and judged on rows that neither has seen:
//! [`calibration`](crate::calibration), [`brier`](crate::brier). On its own rows it looks better than it is.

mod expected;
mod isotonic;
mod platt;

pub use expected::{
    ExpectedConfusion, ExpectedMetric, expected_confusion, expected_confusion_of, expected_roc_auc,
    expected_roc_auc_of,
};
pub use isotonic::IsotonicRegression;
pub use platt::PlattScaling;
