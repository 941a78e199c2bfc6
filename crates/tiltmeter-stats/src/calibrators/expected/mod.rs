//! What calibrated probabilities promise of a model's performance, before the labels are known.

mod confusion;
mod metric;
mod roc_auc;

#[cfg(test)]
mod tests;

pub use confusion::{ExpectedConfusion, expected_confusion, expected_confusion_of};
pub use metric::ExpectedMetric;
pub use roc_auc::{expected_roc_auc, expected_roc_auc_of};

use crate::error::{Error, Result, Undefined};
use crate::pairs::Pairs;
use crate::sample::scale_of;

/// A row without its label.
#[derive(Clone, Copy, Debug)]
struct Row {
    score: f64,
    probability: f64,
    weight: f64,
}

impl Row {
    /// The variance of the label, times the squared weight, and times the square of what the label is worth.
    fn variance(&self, worth: f64) -> f64 {
        (self.weight * worth).powi(2) * self.probability * (1.0 - self.probability)
    }
}

/// Rows whose weights are scaled to at most about 1, and the scale.
struct Rows {
    rows: Vec<Row>,
    scale: f64,
    missing: usize,
}

impl Rows {
    fn new(pairs: &Pairs<'_>) -> Result<Self> {
        let mut rows: Vec<Row> =
            pairs.present().map(|(score, probability, weight)| Row { score, probability, weight }).collect();
        if let Some(wrong) = rows.iter().map(|row| row.probability).find(|p| !(0.0..=1.0).contains(p)) {
            return Err(Error::invalid(format!("a probability is {wrong}, allowed: from 0 to 1")));
        }
        if rows.is_empty() {
            return Err(Undefined::Empty.into());
        }
        let scale = scale_of(rows.iter().map(|row| row.weight));
        rows.iter_mut().for_each(|row| row.weight *= scale);
        Ok(Self { rows, scale, missing: pairs.missing() })
    }
}
