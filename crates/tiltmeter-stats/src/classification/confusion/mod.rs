//! What was predicted against what was true, counted.

mod average;
mod binary;
mod cell;
mod multiclass;
mod rate;

#[cfg(test)]
mod tests;

pub use average::Average;
pub use binary::ConfusionMatrix;
pub use multiclass::MulticlassConfusion;
pub use rate::ConfusionRate;

pub(super) use cell::Cell;
