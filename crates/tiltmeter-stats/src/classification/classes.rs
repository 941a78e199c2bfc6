//! What each row of one class does against the other class: the placements that ROC AUC and its variance are made of.

use crate::error::{Result, Undefined};
use crate::sample::scale_of;
use crate::scored::ScoredLabels;

/// Rows of two classes, and how they are placed against each other.
///
/// A row's placement is the share of the *other* class's weight that it is ranked rightly against, ties one half:
/// for a positive the share of negatives below it, for a negative the share of positives above it. Weighted means of
/// the placements of either class are the ROC AUC.
#[derive(Debug)]
pub(crate) struct Classes {
    labels: Vec<bool>,
    weights: Vec<f64>,
    placements: Vec<f64>,
    pub(super) positive: Class,
    pub(super) negative: Class,
    pub(super) auc: f64,
}

/// The size of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Class {
    pub(super) rows: usize,
    pub(super) weight: f64,
    squares: f64,
}

impl Classes {
    /// Sorts once: O(n log n) time, O(n) memory. Sun & Xu (2014), algorithm 2, with weights for counts.
    pub(crate) fn new(rows: &ScoredLabels<'_>) -> Result<Self> {
        let rows = rows.rows()?;
        let scale = |positive: bool| {
            let weights =
                rows.clone().filter(|(label, _, _)| *label == positive).map(|(_, _, weight)| weight);
            scale_of(weights)
        };
        let (positive_scale, negative_scale) = (scale(true), scale(false));
        let (mut labels, mut weights, mut order) = (Vec::new(), Vec::new(), Vec::new());
        let (mut positive, mut negative) = (Class::default(), Class::default());
        for (label, score, weight) in rows {
            let (class, scale) =
                if label { (&mut positive, positive_scale) } else { (&mut negative, negative_scale) };
            class.add(weight * scale);
            // −0 and 0 are one score
            order.push((score + 0.0, labels.len()));
            labels.push(label);
            weights.push(weight * scale);
        }
        if positive.rows == 0 || negative.rows == 0 {
            return Err(Undefined::OneClass.into());
        }
        order.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));

        let mut placements = vec![0.0; labels.len()];
        let (mut positive_below, mut negative_below, mut won) = (0.0, 0.0, 0.0);
        for tied in order.chunk_by(|(one, _), (other, _)| one.to_bits() == other.to_bits()) {
            let weight_of = |positive: bool| {
                tied.iter()
                    .filter(|(_, row)| labels[*row] == positive)
                    .map(|(_, row)| weights[*row])
                    .sum::<f64>()
            };
            let (positive_here, negative_here) = (weight_of(true), weight_of(false));
            let negative_won = negative_below + negative_here / 2.0;
            let positive_won = positive.weight - positive_below - positive_here / 2.0;
            won += positive_here * negative_won;
            for &(_, row) in tied {
                placements[row] =
                    if labels[row] { negative_won / negative.weight } else { positive_won / positive.weight };
            }
            positive_below += positive_here;
            negative_below += negative_here;
        }
        let auc = (won / (positive.weight * negative.weight)).clamp(0.0, 1.0);
        Ok(Self { labels, weights, placements, positive, negative, auc })
    }

    pub(crate) fn auc(&self) -> f64 {
        self.auc
    }

    /// w(V − AUC)/W of each row that counts, W being the weight of its class: the AUC's derivative by the row's weight,
    /// times that weight.
    pub(crate) fn weighted_influence(&self) -> Vec<f64> {
        let of_row = |(row, &label): (usize, &bool)| {
            let class = if label { &self.positive } else { &self.negative };
            self.weights[row] / class.weight * (self.placements[row] - self.auc)
        };
        self.labels.iter().enumerate().map(of_row).collect()
    }

    /// DeLong's variance of the AUC; `None` when a class has fewer than two rows.
    pub(super) fn variance(&self) -> Option<f64> {
        self.variance_of(|row| self.placements[row], self.auc)
    }

    /// DeLong's variance of the difference of the AUCs of two scores of the same rows.
    ///
    /// Equal to `var a + var b − 2 cov(a, b)`, summed in the form that loses no digits when the two are much alike.
    pub(super) fn variance_of_difference(&self, other: &Self) -> Option<f64> {
        self.variance_of(|row| self.placements[row] - other.placements[row], self.auc - other.auc)
    }

    fn variance_of(&self, value: impl Fn(usize) -> f64, mean: f64) -> Option<f64> {
        let (mut positive, mut negative) = (0.0, 0.0);
        for (row, (&label, &weight)) in self.labels.iter().zip(&self.weights).enumerate() {
            let deviation = weight * (value(row) - mean);
            *(if label { &mut positive } else { &mut negative }) += deviation * deviation;
        }
        Some(positive / self.positive.freedom()? + negative / self.negative.freedom()?)
    }
}

impl Class {
    pub(super) fn add(&mut self, weight: f64) {
        self.rows += 1;
        self.weight += weight;
        self.squares += weight * weight;
    }

    /// (Σw)² − Σw², which is m(m−1) for m rows that weigh 1; `None` when there is one row, or as good as one.
    pub(super) fn freedom(&self) -> Option<f64> {
        let freedom = self.weight * self.weight - self.squares;
        (self.rows > 1 && freedom > 0.0).then_some(freedom)
    }
}
