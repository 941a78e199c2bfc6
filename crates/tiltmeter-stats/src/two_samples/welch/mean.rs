//! The mean of one sample, and how far it can be trusted.

use crate::correlation::to_about_one;
use crate::error::{Error, Result, Undefined};
use crate::moments::Moments;
use crate::sample::Sample;

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
    /// Three passes, no memory. Fails with [`Undefined::Empty`].
    pub(super) fn of(sample: &Sample<'_>) -> Result<Self> {
        let finite = || sample.present().filter(|(value, _)| value.is_finite());
        let (mut rows, mut lightest, mut heaviest, mut largest) = (0_u64, f64::INFINITY, 0.0_f64, 0.0_f64);
        for (value, weight) in finite() {
            rows += 1;
            lightest = lightest.min(weight);
            heaviest = heaviest.max(weight);
            largest = largest.max(value.abs());
        }
        let is_weighted = lightest < heaviest;
        let (scale, weight_scale) = (to_about_one(largest), to_about_one(heaviest));
        let scaled =
            || finite().map(|(value, w)| (value * scale, if is_weighted { w * weight_scale } else { 1.0 }));
        let (origin, _) = scaled().next().ok_or(Undefined::Empty)?;

        // about one of the values: a constant has exactly its mean, and an offset costs no digits
        let (mut weight, mut squares, mut offset) = (0.0, 0.0, 0.0);
        for (value, w) in scaled() {
            weight += w;
            squares += w * w;
            offset += w * (value - origin);
        }
        let mean = origin + offset / weight;
        let (mut rest, mut spread, mut hajek) = (0.0, 0.0, 0.0);
        for (value, w) in scaled() {
            let distance = value - mean;
            rest += w * distance;
            spread += w * distance * distance;
            hajek += (w * distance).powi(2);
        }
        // what the rounding of the mean has left in the sum (Chan, Golub and LeVeque 1983)
        let variance = (spread - rest * (rest / weight)).max(0.0) / weight;
        let freedom = ((weight * weight - squares) / squares).max(0.0);
        Ok(Self {
            rows,
            missing: sample.missing() as u64,
            infinite: sample.present().filter(|(value, _)| value.is_infinite()).count() as u64,
            mean: mean / scale,
            size: weight / squares * weight,
            freedom,
            kish_error: if freedom > 0.0 { (variance / freedom).sqrt() / scale } else { 0.0 },
            hajek_error: hajek.sqrt() / weight / scale,
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
