//! Weights whose sums, and the sums of whose squares, stay finite however much is merged.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sample::{are_sums_of_weights, check_weights};

/// What a weight may be, besides 0: sums over 2⁶⁴ rows, and their squares, are normal numbers then.
pub(super) const ALLOWED: RangeInclusive<f64> = 1e-100..=1e100;

/// Checks weights before any of them is folded.
pub(super) fn check(values: usize, weights: &[f64]) -> Result<()> {
    // branch-free, so that it costs a fraction of what is done with them
    let are_allowed = weights.iter().fold(true, |so_far, weight| so_far & ALLOWED.contains(weight));
    if are_allowed && weights.len() == values {
        return Ok(());
    }
    check_weights(values, weights)?;
    let is_wrong = |weight: &f64| *weight > 0.0 && !ALLOWED.contains(weight);
    match weights.iter().position(is_wrong) {
        Some(place) => {
            let weight = weights[place];
            Err(Error::invalid(format!(
                "weight {place} is {weight:e}, allowed in what is merged: 0, and from 1e-100 to 1e100"
            )))
        }
        None => Ok(()),
    }
}

/// Checks one weight.
pub(super) fn check_one(weight: f64) -> Result<()> {
    if weight.abs() <= 0.0 { Ok(()) } else { check(1, &[weight]) }
}

/// Whether it can be the sum of weights.
pub(super) fn is_sum(weight: f64) -> bool {
    (0.0..=ALLOWED.end() * 1e20).contains(&weight)
}

/// How many rows there are of a kind, and what they weigh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) weight: f64,
    pub(super) squared_weights: f64,
}

#[derive(Deserialize)]
struct Unchecked {
    rows: u64,
    weight: f64,
    squared_weights: f64,
}

impl TryFrom<Unchecked> for Tally {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { rows, weight, squared_weights } = stored;
        if are_sums_of_weights(rows, weight, squared_weights) && are_of_allowed_weights(rows, weight) {
            Ok(Self { rows, weight, squared_weights })
        } else {
            let clause =
                format!("{rows} rows cannot have the weight {weight}, and {squared_weights} squared");
            Err(Error::invalid(clause))
        }
    }
}

/// Whether so many rows can weigh so much.
pub(super) fn are_of_allowed_weights(rows: u64, weight: f64) -> bool {
    let [least, most] = [ALLOWED.start(), ALLOWED.end()].map(|each| rows as f64 * each);
    // rounding
    least * 0.999 <= weight && weight <= most * 1.001
}

impl Tally {
    /// Adds a row of this weight, unless that is 0.
    pub(super) fn add(&mut self, weight: f64) {
        if weight > 0.0 {
            self.rows = self.rows.saturating_add(1);
            self.weight += weight;
            self.squared_weights += weight * weight;
        }
    }

    /// Adds so many rows that count once each.
    pub(super) fn add_rows(&mut self, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
        self.weight += rows as f64;
        self.squared_weights += rows as f64;
    }

    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows.saturating_add(other.rows),
            weight: self.weight + other.weight,
            squared_weights: self.squared_weights + other.squared_weights,
        }
    }

    /// Kish's effective sample size; 0 for none.
    pub(super) fn effective_size(self) -> f64 {
        if self.squared_weights > 0.0 { self.weight / self.squared_weights * self.weight } else { 0.0 }
    }
}
