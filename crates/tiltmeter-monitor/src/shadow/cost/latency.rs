//! How long requests take: means of a sample, with intervals.

use tiltmeter_stats::{HajekMean, Result, Sample, Undefined, hajek_mean};

use super::figures::undefined;
use super::shadow_use::ChampionLatencies;
use crate::performance::measured;
use crate::{Estimate, Measured};

const LEVEL: f64 = 0.95;

/// The mean of latencies, those that are known.
pub(super) fn mean_ms(latencies: &[f64]) -> Measured {
    let known: Vec<f64> = latencies.iter().copied().filter(|latency| latency.is_finite()).collect();
    if known.is_empty() {
        return undefined("no latency of the challenger is known");
    }
    measured(hajek_mean(&known).map(|mean| estimate(&mean)))
}

fn estimate(mean: &HajekMean) -> Estimate {
    let interval = mean.interval(LEVEL).map(|interval| (interval.lower, interval.upper));
    Estimate::new(mean.value, interval, mean.standard_error)
}

/// By how much longer the champion takes for requests that were chosen to be copied.
///
/// The two groups are independent samples of the same requests if chance alone decides who is in which: then, and only
/// then, the difference is that of the copying.
pub(super) fn slowdown_ms(champion: Option<&ChampionLatencies>) -> Measured {
    let Some(ChampionLatencies { copied, left_out }) = champion else {
        return undefined("the champion's latencies were not measured");
    };
    let groups = [copied, left_out].map(|group| {
        group.iter().copied().filter(|(latency, _)| latency.is_finite()).unzip::<f64, f64, Vec<_>, Vec<_>>()
    });
    if groups[1].0.is_empty() {
        return undefined(
            "there is no row of a request that the sample left out, to compare with: all were chosen, or a log has only those that were",
        );
    }
    if groups[0].0.is_empty() {
        return undefined("no request was chosen to be copied");
    }
    let [copied, left_out] = groups.map(|(latencies, weights)| mean_of(&latencies, &weights));
    measured(copied.and_then(|copied| difference(&copied, &left_out?)))
}

fn mean_of(latencies: &[f64], weights: &[f64]) -> Result<HajekMean> {
    hajek_mean(Sample::weighted(latencies, weights)?)
}

fn difference(copied: &HajekMean, left_out: &HajekMean) -> Result<Estimate> {
    let value = copied.value - left_out.value;
    let error =
        |mean: &HajekMean| mean.standard_error.ok_or(Undefined::TooFew { found: mean.count, needed: 2 });
    let error = error(copied)?.hypot(error(left_out)?);
    let half = -tiltmeter_stats::normal_quantile((1.0 - LEVEL) / 2.0) * error;
    Ok(Estimate::new(value, Some((value - half, value + half)), Some(error)))
}
