//! The mean of a loss that each row has, and how far the mean can be trusted.

/// A weighted mean over rows, Σwx/Σw, with Hájek's standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeanLoss {
    pub(super) mean: f64,
    /// `None` for one row, or as good as one.
    pub(super) standard_error: Option<f64>,
    pub(super) rows: usize,
    pub(super) effective_sample_size: f64,
}

impl MeanLoss {
    /// Of `(value, weight)`; the values finite, at least one, the weights above 0.
    pub(super) fn of(rows: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let scale = scale_to_square(rows.clone().map(|(_, weight)| weight));
        let rows = rows.map(|(value, weight)| (value, weight * scale));
        let (mut count, mut weights, mut squares, mut total) = (0, 0.0, 0.0, 0.0);
        for (value, weight) in rows.clone() {
            count += 1;
            weights += weight;
            squares += weight * weight;
            total += weight * value;
        }
        let mean = total / weights;
        let deviations: f64 = rows.map(|(value, weight)| (weight * (value - mean)).powi(2)).sum();
        let freedom = weights * weights - squares;
        Self {
            mean,
            standard_error: (count > 1 && freedom > 0.0).then(|| (deviations / freedom).sqrt()),
            rows: count,
            effective_sample_size: weights * weights / squares,
        }
    }
}

/// A factor after which weights can be squared and summed: 1 for all weights that occur, a power of ten for those
/// whose squares would leave the range of floating-point numbers.
///
/// Estimates and variances do not depend on the scale of the weights.
pub(super) fn scale_to_square(weights: impl Iterator<Item = f64>) -> f64 {
    let largest = weights.fold(0.0, f64::max);
    if largest > 1e100 {
        1e-200
    } else if largest < 1e-100 {
        1e200
    } else {
        1.0
    }
}
