//! Two columns of the same rows.

use crate::error::{Error, Result};
use crate::sample::check_weights;

/// Two numbers of each row, and perhaps a weight: what was predicted beside what came, one feature beside another.
///
/// A row with NaN on either side has no pair: statistics leave it out and count it. A weight of 0 drops its row; see
/// [`Sample`](crate::Sample) for what a weight is.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a> {
    first: &'a [f64],
    second: &'a [f64],
    weights: Option<&'a [f64]>,
}

impl<'a> Pairs<'a> {
    /// Pairs that count once each.
    ///
    /// # Errors
    /// Invalid when the lengths differ.
    pub fn new(first: &'a [f64], second: &'a [f64]) -> Result<Self> {
        if first.len() != second.len() {
            return Err(Error::invalid(format!("{} values are paired with {}", first.len(), second.len())));
        }
        Ok(Self { first, second, weights: None })
    }

    /// Pairs with a weight each.
    ///
    /// # Errors
    /// Invalid when the lengths differ, or a weight is negative, NaN or infinite, or there are rows and all weights
    /// are 0.
    pub fn weighted(first: &'a [f64], second: &'a [f64], weights: &'a [f64]) -> Result<Self> {
        check_weights(first.len(), weights)?;
        Ok(Self { weights: Some(weights), ..Self::new(first, second)? })
    }

    /// The first number of each row.
    #[must_use]
    pub fn first(&self) -> &'a [f64] {
        self.first
    }

    /// The second number of each row.
    #[must_use]
    pub fn second(&self) -> &'a [f64] {
        self.second
    }

    /// The weights, if there are any.
    #[must_use]
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// `(first, second, weight)` of the rows that have both numbers and count.
    pub(crate) fn present(&self) -> impl Iterator<Item = (f64, f64, f64)> + Clone + 'a {
        self.counted().filter(|(first, second, _)| !first.is_nan() && !second.is_nan())
    }

    /// How many rows that count lack one of the two numbers.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.counted().filter(|(first, second, _)| first.is_nan() || second.is_nan()).count()
    }

    fn counted(&self) -> impl Iterator<Item = (f64, f64, f64)> + Clone + 'a {
        let weights = self.weights;
        let weight = move |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let rows = self.first.iter().zip(self.second).enumerate();
        rows.map(move |(row, (&first, &second))| (first, second, weight(row))).filter(|row| row.2 > 0.0)
    }
}
