//! Weighted means of several columns in one go, and how far they can be trusted.

use super::to_about_one;

/// Σwx/Σw of K columns, with Hájek's linearised variance.
///
/// ```text
/// se² = k/(k − 1) · Σ w²(x − m)² / (Σw)²        k = (Σw)²/Σw²
/// ```
///
/// For equal weights that is the sample's variance (ddof 1) over n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WeightedMeans<const K: usize> {
    pub(crate) rows: usize,
    /// k; 0 without rows.
    pub(crate) effective_size: f64,
    /// Within the range of the column, but for rounding; 0 without rows.
    pub(crate) mean: [f64; K],
    /// Σw(x − m)²/Σw.
    pub(crate) variance: [f64; K],
    /// `None` for one row, or one that outweighs all others beyond the precision of numbers; 0 for a constant.
    pub(crate) standard_error: [Option<f64>; K],
}

impl<const K: usize> WeightedMeans<K> {
    /// Of `(columns, weight)`, the columns small enough for their squares to be summed, the weights above 0 and of any
    /// scale. Four passes, no memory.
    pub(crate) fn of(rows: impl Iterator<Item = ([f64; K], f64)> + Clone) -> Self {
        let largest = rows.clone().map(|(_, weight)| weight).fold(0.0, f64::max);
        Self::up_to(largest, rows)
    }

    /// The same for weights of which the largest is known, or a larger one.
    pub(crate) fn up_to(largest: f64, rows: impl Iterator<Item = ([f64; K], f64)> + Clone) -> Self {
        let scale = to_about_one(largest);
        let rows = rows.map(|(columns, weight)| (columns, weight * scale));
        // about the first row: a constant has exactly its mean and no spread, and offsets cost no digits
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
        let offset = offset.map(|offset| offset / weights);
        let (mut spread, mut deviations) = ([0.0; K], [0.0; K]);
        for (columns, weight) in rows {
            for at in 0..K {
                // not from the mean, which is rounded to the digits of the values
                let distance = columns[at] - origin[at] - offset[at];
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
            mean: std::array::from_fn(|at| origin[at] + offset[at]),
            variance: spread.map(|spread| spread / weights),
            standard_error: deviations.map(|sum: f64| known.then(|| (sum / freedom).sqrt())),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use super::*;

    #[test]
    fn a_constant_has_its_value_and_no_spread() {
        let rows = [0.1, 3.0, 1e200, 1e-200].map(|weight| ([0.49_f64.powi(2), 1e9 / 3.0], weight));
        let means = WeightedMeans::of(rows.into_iter());
        assert_eq!(means.mean, [0.49_f64.powi(2), 1e9 / 3.0]);
        assert_eq!(means.variance, [0.0; 2]);
        let means = WeightedMeans::of(rows[..2].iter().copied());
        assert_eq!((means.standard_error, means.rows), ([Some(0.0); 2], 2));
    }

    #[test]
    fn neither_the_scale_of_weights_nor_an_offset_matters() {
        let rows = [1.0, 2.0, 4.0].into_iter().zip([3.0, 1.0, 2.0]);
        let plain = WeightedMeans::of(rows.clone().map(|(value, weight)| ([value], weight)));
        // (3 + 2 + 8) / 6, Σw²(x − m)² = (441 + 1 + 484) / 36, (Σw)² − Σw² = 22
        assert!((plain.mean[0] - 13.0 / 6.0).abs() < 1e-15);
        assert!((plain.standard_error[0].unwrap() - (926.0_f64 / 36.0 / 22.0).sqrt()).abs() < 1e-15);
        for scale in [1e300, 1e-300] {
            let scaled =
                WeightedMeans::of(rows.clone().map(|(value, weight)| ([1e9 + value], weight * scale)));
            let ratio = scaled.standard_error[0].unwrap() / plain.standard_error[0].unwrap();
            assert!((ratio - 1.0).abs() < 1e-12 && (scaled.effective_size - 36.0 / 14.0).abs() < 1e-12);
        }
    }

    #[test]
    fn one_row_has_no_standard_error() {
        assert_eq!(WeightedMeans::of([([2.0], 3.0)].into_iter()).standard_error, [None]);
        assert_eq!(WeightedMeans::of([([2.0], 3.0), ([1.0], 3e-20)].into_iter()).standard_error, [None]);
        assert_eq!(WeightedMeans::<1>::of(std::iter::empty()).rows, 0);
    }
}
