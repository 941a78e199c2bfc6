//! How much of a sample is in each bin.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sample::are_sums_of_weights;

/// How much of a sample is in each bin; mergeable.
///
/// Deserialization refuses counts that are negative or not finite, and sums that so many rows cannot have: without
/// weights more counts than rows among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
#[non_exhaustive]
pub struct BinCounts {
    /// By bin: how many values, or the sum of their weights.
    pub counts: Vec<f64>,
    /// How many rows that count have no value.
    pub missing: u64,
    /// How many rows have a value and count.
    pub rows: u64,
    /// Σw² of these rows: `rows` without weights.
    pub squared_weights: f64,
}

#[derive(Deserialize)]
struct Unchecked {
    counts: Vec<f64>,
    missing: u64,
    rows: u64,
    squared_weights: f64,
}

impl TryFrom<Unchecked> for BinCounts {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { counts, missing, rows, squared_weights } = stored;
        check_counts(&counts)?;
        if !(squared_weights.is_finite() && squared_weights >= 0.0) {
            return Err(Error::invalid(format!("the sum of squared weights is {squared_weights}")));
        }
        let stored = Self { counts, missing, rows, squared_weights };
        let total = stored.total();
        if are_sums_of_weights(rows, total, squared_weights) {
            Ok(stored)
        } else {
            let clause = format!("{rows} rows cannot have the weight {total}, and {squared_weights} squared");
            Err(Error::invalid(clause))
        }
    }
}

impl BinCounts {
    pub(crate) fn none(bins: usize) -> Self {
        Self { counts: vec![0.0; bins], missing: 0, rows: 0, squared_weights: 0.0 }
    }

    /// The sum over all bins.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// By bin: its share of the total, or zeroes when that is 0.
    #[must_use]
    pub fn shares(&self) -> Vec<f64> {
        let total = self.total();
        self.counts.iter().map(|count| if total > 0.0 { count / total } else { 0.0 }).collect()
    }

    /// Kish's effective sample size, (Σw)²/Σw²: `rows` without weights.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        let total = self.total();
        if self.squared_weights > 0.0 { total / self.squared_weights * total } else { 0.0 }
    }

    /// Adds the counts of another sample in the same bins.
    ///
    /// # Errors
    /// Invalid when there are not as many bins.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.counts.len() != other.counts.len() {
            let (bins, others) = (self.counts.len(), other.counts.len());
            return Err(Error::invalid(format!(
                "counts of {others} bins cannot be added to those of {bins}"
            )));
        }
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
        self.missing = self.missing.saturating_add(other.missing);
        self.rows = self.rows.saturating_add(other.rows);
        self.squared_weights += other.squared_weights;
        Ok(())
    }
}

pub(crate) fn check_counts(counts: &[f64]) -> Result<()> {
    match counts.iter().find(|count| !(count.is_finite() && **count >= 0.0)) {
        Some(count) => Err(Error::invalid(format!("a count is {count}, allowed: finite numbers from 0"))),
        None => Ok(()),
    }
}
