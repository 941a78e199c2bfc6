//! The pairs that a rank correlation is computed of.

use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::sample::to_about_one;

/// The pairs that count and have both numbers, at least two.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    /// Scaled so that products of a few do not leave the range of numbers; all 1 when they are equal.
    pub(super) weights: Vec<f64>,
    /// Whether the weights differ.
    pub(super) is_weighted: bool,
    pub(super) missing: usize,
}

impl Rows {
    pub(super) fn of(pairs: &Pairs<'_>) -> Result<Self> {
        let Weighting { count, scale, is_weighted } = Weighting::of(pairs)?;
        let (mut x, mut y, mut weights) =
            (Vec::with_capacity(count), Vec::with_capacity(count), Vec::with_capacity(count));
        for (first, second, weight) in pairs.present() {
            x.push(first);
            y.push(second);
            weights.push(if is_weighted { weight * scale } else { 1.0 });
        }
        Ok(Self { x, y, weights, is_weighted, missing: pairs.missing() })
    }

    pub(super) fn count(&self) -> usize {
        self.x.len()
    }

    pub(super) fn weight(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// Kish's effective size.
    pub(super) fn effective_size(&self) -> f64 {
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        self.weight().powi(2) / squares
    }
}

/// What the weights of pairs are like.
pub(super) struct Weighting {
    /// How many pairs there are, at least two.
    pub(super) count: usize,
    /// Brings the largest weight to about 1.
    pub(super) scale: f64,
    /// Whether the weights differ.
    pub(super) is_weighted: bool,
}

impl Weighting {
    pub(super) fn of(pairs: &Pairs<'_>) -> Result<Self> {
        let (mut count, mut smallest, mut largest) = (0, f64::INFINITY, 0.0_f64);
        for (_, _, weight) in pairs.present() {
            count += 1;
            smallest = smallest.min(weight);
            largest = largest.max(weight);
        }
        match count {
            0 => Err(Undefined::Empty.into()),
            1 => Err(Undefined::TooFew { found: 1, needed: 2 }.into()),
            _ => Ok(Self { count, scale: to_about_one(largest), is_weighted: smallest < largest }),
        }
    }
}
