//! Weighted means of several columns in one go, and how far they can be trusted.

use super::{CompensatedSum, to_about_one};

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
    /// scale. Three passes, and one as far as the first heavy row; no memory.
    pub(crate) fn of(rows: impl Iterator<Item = ([f64; K], f64)> + Clone) -> Self {
        let largest = rows.clone().map(|(_, weight)| weight).fold(0.0, f64::max);
        Self::up_to(largest, rows)
    }

    /// The same for weights of which the largest is known.
    pub(crate) fn up_to(largest: f64, rows: impl Iterator<Item = ([f64; K], f64)> + Clone) -> Self {
        let scale = to_about_one(largest);
        let rows = rows.map(|(columns, weight)| (columns, weight * scale));
        // about one row: a constant has exactly its mean and no spread, and offsets cost no digits; one that is half as
        // heavy as any other: it cannot be so far from the mean that all digits of the others are lost
        let heavy = largest * scale / 2.0;
        let Some((origin, _)) = rows.clone().find(|(_, weight)| *weight >= heavy) else {
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
        // near the mean: by how much it misses that is summed again, and taken out of what is summed about it
        let centre: [f64; K] = std::array::from_fn(|at| origin[at] + offset[at] / weights);
        let (mut rest, mut spread) = ([CompensatedSum::default(); K], [0.0; K]);
        let (mut lever, mut deviations) = ([0.0; K], [0.0; K]);
        for (columns, weight) in rows {
            for at in 0..K {
                let distance = columns[at] - centre[at];
                let moment = weight * distance;
                rest[at].add(moment);
                spread[at] += moment * distance;
                lever[at] += weight * moment;
                deviations[at] += moment * moment;
            }
        }
        let rest = rest.map(|rest| rest.value() / weights);
        let variance = |at: usize| (spread[at] / weights - rest[at] * rest[at]).max(0.0);
        // Σw²(d − r)² = Σw²d² − 2r Σw²d + r² Σw²
        let deviations =
            |at: usize| (deviations[at] - rest[at] * (2.0 * lever[at] - rest[at] * squares)).max(0.0);
        let effective_size = weights * weights / squares;
        // one row that is all but alone has an effective number of 1 and a few roundings
        let known = count > 1 && effective_size - 1.0 > 1e-12;
        let freedom = squares * (effective_size - 1.0);
        Self {
            rows: count,
            effective_size,
            mean: std::array::from_fn(|at| centre[at] + rest[at]),
            variance: std::array::from_fn(variance),
            standard_error: std::array::from_fn(|at| known.then(|| (deviations(at) / freedom).sqrt())),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use proptest::prelude::*;

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
    fn an_outlier_costs_no_digits_wherever_it_stands() {
        let check = |rows: &[(f64, f64)], mean: f64, error: f64| {
            let mut rows = rows.to_vec();
            for _ in 0..2 {
                let means = WeightedMeans::of(rows.iter().map(|&(value, weight)| ([value], weight)));
                let ([got_mean], [got_error]) = (means.mean, means.standard_error);
                assert!((got_mean / mean - 1.0).abs() < 1e-15, "{got_mean} {mean}");
                assert!((got_error.unwrap() / error - 1.0).abs() < 1e-10, "{got_error:?} {error}");
                rows.reverse();
            }
        };
        // sums of fractions.Fraction of Python
        let mut rows = vec![(1.0, 1.0); 1_000_000];
        rows[0].0 = 1e16;
        check(&rows, 10_000_000_000.999_999, 9_999_999_999.999_999);
        rows[0].0 = 36.0;
        rows.iter_mut().skip(1).for_each(|row| row.0 = 1e-9);
        check(&rows, 3.600_099_999_9e-5, 3.599_999_999_9e-5);
        for far in [1e15, 1e30] {
            let rows = [(far, 1e-3 / far / far), (1.1, 1.0), (1.2, 1.0), (1.3, 1.0)];
            check(&rows, 1.2, (0.02_f64 / 6.0).sqrt());
        }
    }

    proptest! {
        #[test]
        fn the_mean_is_that_of_the_definition_whatever_the_sizes(
            rows in proptest::collection::vec((-1.0..1.0_f64, -12..12_i32, -12..12_i32), 1..40),
        ) {
            let rows = rows.into_iter().map(|(value, size, weight)| (value * 10_f64.powi(size), 10_f64.powi(weight)));
            let means = WeightedMeans::of(rows.clone().map(|(value, weight)| ([value], weight)));
            let weights: f64 = rows.clone().map(|(_, weight)| weight).sum();
            let mean = rows.clone().map(|(value, weight)| value * weight).sum::<CompensatedSum>().value() / weights;
            let size = rows.clone().map(|(value, weight)| value.abs() * weight).sum::<f64>() / weights;
            prop_assert!((means.mean[0] - mean).abs() <= 1e-14 * size, "{} {mean}", means.mean[0]);
            let squares: f64 = rows.map(|(value, weight)| weight * (value - mean).powi(2)).sum();
            let variance = squares / weights;
            prop_assert!((means.variance[0] - variance).abs() <= 1e-12 * variance + 1e-28 * size * size, "{} {variance}", means.variance[0]);
        }
    }

    #[test]
    fn one_row_has_no_standard_error() {
        assert_eq!(WeightedMeans::of([([2.0], 3.0)].into_iter()).standard_error, [None]);
        assert_eq!(WeightedMeans::of([([2.0], 3.0), ([1.0], 3e-20)].into_iter()).standard_error, [None]);
        assert_eq!(WeightedMeans::<1>::of(std::iter::empty()).rows, 0);
    }
}
