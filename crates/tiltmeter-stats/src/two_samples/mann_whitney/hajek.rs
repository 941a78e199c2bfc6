//! The test of weighted samples.

use super::{MannWhitney, MannWhitneyMethod};
use crate::correlation::centred_midranks;
use crate::error::{Result, Undefined};
use crate::interval::two_sided_p;
use crate::sample::{Sample, to_about_one};

/// Two samples of which at least one has weights that differ.
#[derive(Debug)]
pub(super) struct Weighted {
    values: Vec<f64>,
    /// Of the reference first. They sum to the effective size of each sample.
    weights: Vec<f64>,
    reference: Side,
    current: Side,
}

#[derive(Clone, Copy, Debug)]
struct Side {
    rows: usize,
    /// Kish's effective size.
    size: f64,
    /// Bring the weights to that sum, one after the other.
    scales: [f64; 2],
    is_weighted: bool,
}

impl Side {
    fn of(sample: &Sample<'_>) -> Option<Self> {
        let (mut rows, mut lightest, mut heaviest) = (0, f64::INFINITY, 0.0_f64);
        for (_, weight) in sample.present() {
            rows += 1;
            lightest = lightest.min(weight);
            heaviest = heaviest.max(weight);
        }
        let near_one = to_about_one(heaviest);
        let (mut sum, mut squares) = (0.0, 0.0);
        for (_, weight) in sample.present() {
            let weight = weight * near_one;
            sum += weight;
            squares += weight * weight;
        }
        (rows > 0).then(|| Self {
            rows,
            size: sum / squares * sum,
            scales: [near_one, sum / squares],
            is_weighted: lightest < heaviest,
        })
    }
}

impl Weighted {
    /// `None` when all weights of each sample are equal.
    pub(super) fn of(reference: &Sample<'_>, current: &Sample<'_>) -> Result<Option<Self>> {
        let sides = (
            Side::of(reference).ok_or(Undefined::EmptyReference)?,
            Side::of(current).ok_or(Undefined::EmptyCurrent)?,
        );
        if !sides.0.is_weighted && !sides.1.is_weighted {
            return Ok(None);
        }
        let (mut values, mut weights) = (Vec::new(), Vec::new());
        for (sample, side) in [(reference, sides.0), (current, sides.1)] {
            for (value, weight) in sample.present() {
                values.push(value);
                weights.push(weight * side.scales[0] * side.scales[1]);
            }
        }
        Ok(Some(Self { values, weights, reference: sides.0, current: sides.1 }))
    }

    pub(super) fn test(&self) -> MannWhitney {
        let ranks = centred_midranks(self.values.iter().copied(), &self.weights);
        let together = self.reference.size + self.current.size;
        let (reference, current) = ranks.split_at(self.reference.rows);
        let (reference_weights, current_weights) = self.weights.split_at(self.reference.rows);
        // mid-ranks of both together are K times F, and the current rows' mean of F is (k_r AUC + k_c/2)/K
        let sum: f64 = current.iter().zip(current_weights).map(|(rank, weight)| weight * rank).sum();
        let auc = (0.5 + sum / self.current.size / self.reference.size).clamp(0.0, 1.0);
        let variance = |ranks: &[f64], weights: &[f64], size: f64| -> f64 {
            ranks.iter().zip(weights).map(|(rank, weight)| (weight / size * (rank / together)).powi(2)).sum()
        };
        let linear = variance(reference, reference_weights, self.reference.size)
            + variance(current, current_weights, self.current.size);
        let standard_error = (linear * together / (together - 1.0)).sqrt();
        let z = if standard_error > 0.0 { (auc - 0.5) / standard_error } else { 0.0 };
        MannWhitney {
            statistic: self.reference.size * self.current.size * (1.0 - auc),
            auc,
            expected_spread: standard_error,
            p_value: two_sided_p(z),
            method: MannWhitneyMethod::Hajek,
            reference_size: self.reference.rows as u64,
            current_size: self.current.rows as u64,
            reference_effective_size: self.reference.size,
            current_effective_size: self.current.size,
            missing_reference: 0,
            missing_current: 0,
        }
    }
}
