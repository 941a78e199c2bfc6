//! Figures with their intervals.

use tiltmeter_stats::{HajekMean, Sample, hajek_mean, proportion_wilson_weighted};

use super::rows::Rows;
use crate::measured::NORMAL_975;
use crate::performance::{LEVEL, bounds, measured};
use crate::{Estimate, Measured};

/// There is none, because of this.
pub(super) fn undefined(because: &str) -> Measured {
    Measured::Undefined(because.to_owned())
}

/// The weighted share of the rows that `holds` is true of, with Wilson's interval for Kish's effective size; `holds`
/// is in the order of the rows.
pub(super) fn share(rows: &Rows, holds: &[bool], without_rows: &str) -> Measured {
    let (mut all, mut held) = (0.0, 0.0);
    for (weighted, &holds) in rows.iter().zip(holds) {
        all += weighted.weight;
        held += if holds { weighted.weight } else { 0.0 };
    }
    if all <= 0.0 {
        return undefined(without_rows);
    }
    share_of(held / all, rows.effective_size())
}

/// A share with Wilson's interval.
pub(super) fn share_of(share: f64, size: f64) -> Measured {
    let share = share.clamp(0.0, 1.0);
    let interval = proportion_wilson_weighted(share, size, LEVEL).ok().map(bounds);
    let error = (share * (1.0 - share) / size).sqrt();
    Measured::Known(Estimate::new(share, interval, Some(error)))
}

/// The weighted mean with Student's interval (Hájek).
pub(super) fn mean(sample: tiltmeter_stats::Result<Sample<'_>>) -> Measured {
    measured(sample.and_then(hajek_mean).map(of_mean))
}

fn of_mean(mean: HajekMean) -> Estimate {
    Estimate::new(mean.value, mean.interval(LEVEL).map(bounds), mean.standard_error)
}

/// A figure with its standard error, within what it can be.
pub(super) fn normal(value: f64, standard_error: f64, [low, high]: [f64; 2]) -> Estimate {
    let half = NORMAL_975 * standard_error;
    let interval = (half > 0.0).then(|| ((value - half).max(low), (value + half).min(high)));
    Estimate::new(value, interval, Some(standard_error))
}
