//! How sure a model is of a single prediction.
//!
//! | function | of | gives |
//! |---|---|---|
//! | [`prediction_uncertainty`] | the probabilities of one prediction | confidence, margin, entropy |
//! | [`entropy`], [`entropy_from_counts`], [`entropy_of_categories`] | probabilities, counts, values | the entropy, in nats and bits |
//! | [`confidence_uniformity`] | the confidences of many predictions | how far they are from evenly spread |
//!
//! None of them looks at what came: a model can be sure and wrong. That is for [`calibration`](crate::calibration).

mod confidence_uniformity;
mod entropy;
mod prediction;

pub use confidence_uniformity::{ConfidenceUniformity, confidence_uniformity, confidence_uniformity_sorted};
pub use entropy::{Entropy, entropy, entropy_from_counts, entropy_of_categories};
pub use prediction::{PredictionUncertainty, prediction_uncertainty};

#[cfg(test)]
mod tests;
