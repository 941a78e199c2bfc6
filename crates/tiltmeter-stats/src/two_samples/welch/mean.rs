//! The mean of one sample, and how far it can be trusted.

use crate::error::{Error, Result, Undefined};
use crate::moments::Moments;
use crate::sample::{Sample, WeightedMeans, to_about_one};

/// The weighted mean of the finite values of a sample, with two standard errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    pub(super) rows: u64,
    pub(super) missing: u64,
    pub(super) infinite: u64,
    pub(super) mean: f64,
    /// Kish's effective size k.
    pub(super) size: f64,
    /// k − 1; 0 when one row outweighs all others beyond the precision of numbers.
    pub(super) freedom: f64,
    /// √(Σw(x − m)² / Σw / (k − 1)); 0 without freedom.
    pub(super) kish_error: f64,
    /// √(Σw²(x − m)²) / Σw.
    pub(super) hajek_error: f64,
    /// Whether the weights differ.
    pub(super) is_weighted: bool,
}

impl Mean {
    /// O(n), no memory. Fails with [`Undefined::Empty`].
    pub(super) fn of(sample: &Sample<'_>) -> Result<Self> {
        let finite = || sample.present().filter(|(value, _)| value.is_finite());
        let (mut lightest, mut heaviest, mut largest) = (f64::INFINITY, 0.0_f64, 0.0_f64);
        for (value, weight) in finite() {
            lightest = lightest.min(weight);
            heaviest = heaviest.max(weight);
            largest = largest.max(value.abs());
        }
        let (is_weighted, scale) = (lightest < heaviest, to_about_one(largest));
        let rows = finite().map(|(value, weight)| ([value * scale], if is_weighted { weight } else { 1.0 }));
        let means = WeightedMeans::up_to(if is_weighted { heaviest } else { 1.0 }, rows);
        if means.rows == 0 {
            return Err(Undefined::Empty.into());
        }
        let ([mean], [variance], [error]) = (means.mean, means.variance, means.standard_error);
        let freedom = if error.is_some() { means.effective_size - 1.0 } else { 0.0 };
        // without the factor for few rows
        let hajek_error = error.unwrap_or(0.0) * (freedom / means.effective_size).sqrt();
        Ok(Self {
            rows: means.rows as u64,
            missing: sample.missing() as u64,
            infinite: sample.present().filter(|(value, _)| value.is_infinite()).count() as u64,
            mean: mean / scale,
            size: means.effective_size,
            freedom,
            kish_error: if freedom > 0.0 { (variance / freedom).sqrt() / scale } else { 0.0 },
            hajek_error: hajek_error / scale,
            is_weighted,
        })
    }

    /// Without Hájek's standard error, which moments do not determine.
    pub(super) fn of_moments(moments: &Moments) -> Result<Self> {
        let (mean, variance) = (moments.mean()?, moments.population_variance()?);
        let size = moments.effective_size();
        // sums of squared weights that have overflowed or vanished
        if !(size.is_finite() && size > 0.5) {
            return Err(Error::invalid("the weights are too large or too small for sums of their squares"));
        }
        let freedom = (size - 1.0).max(0.0);
        Ok(Self {
            rows: moments.count(),
            missing: moments.missing(),
            infinite: moments.infinite(),
            mean,
            size,
            freedom,
            kish_error: if freedom > 0.0 { (variance / freedom).sqrt() } else { 0.0 },
            hajek_error: 0.0,
            is_weighted: false,
        })
    }
}
