//! Weighted means of several columns in one go, and what their standard errors are made of.

use crate::resampling::binary_scale;

/// Σwx/Σw of K columns, with Hájek's variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Means<const K: usize> {
    pub(super) rows: usize,
    /// (Σw)²/Σw²; 0 without rows.
    pub(super) effective_size: f64,
    pub(super) mean: [f64; K],
    /// Σw(x − mean)²/Σw.
    pub(super) variance: [f64; K],
    /// `None` for one row, or one that outweighs all others.
    pub(super) standard_error: [Option<f64>; K],
}

impl<const K: usize> Means<K> {
    /// Of `(columns, weight)`, the weights above 0 and up to `largest`, the columns small enough for their squares to
    /// be summed.
    pub(super) fn of(rows: impl Iterator<Item = ([f64; K], f64)> + Clone, largest: f64) -> Self {
        let per_weight = binary_scale(largest).recip();
        let rows = rows.map(|(columns, weight)| (columns, weight * per_weight));
        // about the first row: a constant has exactly its mean, and offsets cost no digits
        let Some((origin, _)) = rows.clone().next() else {
            return Self {
                rows: 0,
                effective_size: 0.0,
                mean: [0.0; K],
                variance: [0.0; K],
                standard_error: [None; K],
            };
        };
        let (mut count, mut weights, mut squares, mut offset) = (0, 0.0, 0.0, [0.0; K]);
        for (columns, weight) in rows.clone() {
            count += 1;
            weights += weight;
            squares += weight * weight;
            for at in 0..K {
                offset[at] += weight * (columns[at] - origin[at]);
            }
        }
        let mean: [f64; K] = std::array::from_fn(|at| origin[at] + offset[at] / weights);
        let (mut spread, mut deviations) = ([0.0; K], [0.0; K]);
        for (columns, weight) in rows {
            for at in 0..K {
                let distance = columns[at] - mean[at];
                let square = weight * distance * distance;
                spread[at] += square;
                deviations[at] += weight * square;
            }
        }
        let effective_size = weights * weights / squares;
        // one row that is all but alone has an effective number of 1 and a few roundings
        let known = count > 1 && effective_size - 1.0 > 1e-12;
        let freedom = squares * (effective_size - 1.0);
        Self {
            rows: count,
            effective_size,
            mean,
            variance: spread.map(|spread| spread / weights),
            standard_error: deviations.map(|sum: f64| known.then(|| (sum / freedom).sqrt())),
        }
    }
}
