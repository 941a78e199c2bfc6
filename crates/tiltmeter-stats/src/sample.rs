//! What statistics are computed of: values with or without weights, checked once.

mod compensated_sum;
mod weight_scale;
mod weighted_mean;

pub(crate) use compensated_sum::CompensatedSum;
pub(crate) use weight_scale::{Squarable, kept, scale_of, to_about_one};
pub(crate) use weighted_mean::WeightedMeans;

use crate::error::{Error, Result};

/// Values, and perhaps a weight for each.
///
/// NaN stands for a missing value: it is dropped, and counted in the results. ±∞ are values; statistics that
/// depend on ranks or bins keep them, moments leave them out and count them.
///
/// A weight is the number of values that a value stands for: `1 / inclusion probability` of a sampled row. Whole
/// weights give the same estimates as repeating the rows; a weight of 0 drops its row. In p-values the sample's
/// size is Kish's effective size (Σw)²/Σw², since the sum of weights would reject always.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    values: &'a [f64],
    weights: Option<&'a [f64]>,
}

impl<'a> Sample<'a> {
    /// Values that count once each.
    #[must_use]
    pub fn new(values: &'a [f64]) -> Self {
        Self { values, weights: None }
    }

    /// Values with a weight each.
    ///
    /// # Errors
    /// When there are not as many weights as values, or a weight is negative, NaN or infinite, or there are values
    /// and all weights are 0.
    pub fn weighted(values: &'a [f64], weights: &'a [f64]) -> Result<Self> {
        check_weights(values.len(), weights)?;
        Ok(Self { values, weights: Some(weights) })
    }

    /// The values, missing ones among them.
    #[must_use]
    pub fn values(&self) -> &'a [f64] {
        self.values
    }

    /// The weights, if there are any.
    #[must_use]
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// `(value, weight)` of the values that are not missing and count.
    pub(crate) fn present(&self) -> impl Iterator<Item = (f64, f64)> + Clone + 'a {
        let weights = self.weights;
        let weight = move |index: usize| weights.map_or(1.0, |weights| weights[index]);
        let pairs = self.values.iter().enumerate().map(move |(index, &value)| (value, weight(index)));
        pairs.filter(|(value, weight)| !value.is_nan() && *weight > 0.0)
    }

    /// How many values of rows that count are missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        match self.weights {
            None => self.values.iter().filter(|value| value.is_nan()).count(),
            Some(weights) => {
                let rows = self.values.iter().zip(weights);
                rows.filter(|(value, weight)| value.is_nan() && **weight > 0.0).count()
            }
        }
    }
}

impl<'a> From<&'a [f64]> for Sample<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self::new(values)
    }
}

impl<'a> From<&'a Vec<f64>> for Sample<'a> {
    fn from(values: &'a Vec<f64>) -> Self {
        Self::new(values)
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for Sample<'a> {
    fn from(values: &'a [f64; N]) -> Self {
        Self::new(values)
    }
}

/// Kish's effective sample size, (Σw)²/Σw²: how many equally weighted values tell as much. 0 without weights.
///
/// For weights as [`Sample`] has them: finite, from 0, and of any scale. 0 as well when all are 0, or one is NaN or
/// infinite.
///
/// Kish, *Survey Sampling* (1965), section 11.7.
///
/// ```
/// # use tiltmeter_stats::effective_sample_size;
/// assert_eq!(effective_sample_size([1.0, 1.0, 2.0]), 16.0 / 6.0);
/// assert_eq!(effective_sample_size([1e200, 1e200]), 2.0);
/// ```
#[must_use]
pub fn effective_sample_size(weights: impl IntoIterator<Item = f64>) -> f64 {
    /// Sums of squares below this may have lost digits.
    const LEAST: f64 = 1e-270;
    // weights are seen but once, so that the sums are taken on all scales that there could be
    let scales = [1.0, to_about_one(1e200), to_about_one(1e-200)];
    let mut sums = [[0.0; 2]; 3];
    for weight in weights {
        for ([sum, squares], scale) in sums.iter_mut().zip(scales) {
            let weight = weight * scale;
            *sum += weight;
            *squares += weight * weight;
        }
    }
    let in_range = |[sum, squares]: &[f64; 2]| *squares > LEAST && (sum * sum).is_finite();
    sums.into_iter().find(in_range).map_or(0.0, |[sum, squares]| sum * sum / squares)
}

/// Whether so many rows can have weights with this sum and this sum of squares, up to rounding: Kish's effective size
/// is from 1 to the number of rows (Cauchy and Schwarz), and nothing is the weight of no rows alone. Sums that have
/// overflowed are ∞, and squares that are too small may be 0.
pub(crate) fn are_sums_of_weights(rows: u64, sum: f64, squares: f64) -> bool {
    if rows == 0 {
        return sum == 0.0 && squares == 0.0;
    }
    let rows = rows as f64;
    let at_most = |less: f64, more: f64| less <= more * (1.0 + 1e-6) + f64::MIN_POSITIVE;
    let mean = sum / rows;
    sum > 0.0 && squares >= 0.0 && at_most(mean * mean, squares / rows) && at_most(squares, sum * sum)
}

pub(crate) fn check_weights(values: usize, weights: &[f64]) -> Result<()> {
    if weights.len() != values {
        return Err(Error::invalid(format!("{values} values have {} weights", weights.len())));
    }
    // branch-free, so that it costs a fraction of any statistic
    let (valid, positive) = weights.iter().fold((true, false), |(valid, positive), weight| {
        (valid & (*weight >= 0.0) & (*weight < f64::INFINITY), positive | (*weight > 0.0))
    });
    if !valid && let Some(place) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        let weight = weights[place];
        return Err(Error::invalid(format!("weight {place} is {weight}, allowed: finite numbers from 0")));
    }
    if values > 0 && !positive {
        return Err(Error::invalid("all weights are 0"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_row_that_does_not_count_is_not_missing_either() {
        let (values, weights) = ([1.0, f64::NAN, f64::NAN], [1.0, 0.0, 2.0]);
        let sample = Sample::weighted(&values, &weights).unwrap();
        let bins = crate::QuantileBins::of(&[1.0], 1).unwrap();
        let missing =
            [crate::Moments::of(sample).missing(), bins.count(sample).missing, sample.missing() as u64];
        assert_eq!(missing, [1, 1, 1]);
        assert_eq!(Sample::new(&values).missing(), 2);
    }

    #[test]
    fn sums_that_no_weights_have_are_told() {
        for (rows, sum, squares) in [
            (0, 1.0, 1.0),
            (0, 0.0, f64::NAN),
            (1, 0.0, 0.0),
            (1, -1.0, 1.0),
            (1, f64::NAN, 1.0),
            (1, 1.0, f64::NAN),
            (1, 1.0, -1.0),
            (1, 1.0, 0.0),
            // one row of an effective size of 2, and of ½
            (1, 2.0, 2.0),
            (1, 1.0, 2.0),
            (3, 3.0, 2.9),
            (3, 3.0, 9.1),
            (3, 3.0, f64::INFINITY),
            (3, f64::INFINITY, 9.0),
        ] {
            assert!(!are_sums_of_weights(rows, sum, squares), "{rows} {sum} {squares}");
        }
    }

    #[test]
    fn the_scale_of_weights_does_not_matter_to_the_effective_size() {
        for scale in [1.0, 1e160, 1e200, f64::MAX / 2.0, 1e-135, 1e-160, 1e-200, 5e-324] {
            let size = effective_sample_size([scale, scale, 2.0 * scale]);
            assert!((size - 16.0 / 6.0).abs() < 1e-14, "{scale}: {size}");
        }
        for weights in [&[][..], &[0.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY]] {
            assert!(effective_sample_size(weights.iter().copied()) <= 0.0, "{weights:?}");
        }
        assert!((effective_sample_size([1e200, 1e-200]) - 1.0).abs() < 1e-14);
    }

    proptest! {
        #[test]
        fn sums_of_any_weights_are_such_sums(
            weights in proptest::collection::vec(
                prop_oneof![
                    Just(5e-324),
                    Just(2.6e-162),
                    Just(1.0),
                    Just(1e154),
                    Just(f64::MAX),
                    any::<f64>().prop_filter_map("a weight", |weight| {
                        (weight.is_finite() && weight.abs() > 0.0).then_some(weight.abs())
                    }),
                ],
                0..40,
            ),
        ) {
            let (sum, squares) =
                weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
            prop_assert!(are_sums_of_weights(weights.len() as u64, sum, squares), "{sum} {squares}");
        }
    }
}
