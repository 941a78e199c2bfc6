//! What a shadow costs.

use serde::Serialize;

use super::figures::{CostFigures, known, times, undefined};
use super::latency::{mean_ms, slowdown_ms};
use super::needs::{RateRecommendation, recommended_rate};
use super::replicas::{ReplicaCapacity, Replicas};
use super::shadow_use::{RequestRate, ShadowUse};
use crate::Measured;
use crate::shadow::PromotionVerdict;

const SECONDS_A_DAY: f64 = 86_400.0;
const NOT_MEASURED: &str = "it was not measured";
pub(super) const NO_RATE: &str = "how many requests come is not known";

/// What a shadow of one challenger costs, by what it used.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShadowCost {
    /// Requests that the challenger could have seen.
    pub eligible: u64,
    /// Requests that it was asked: what the figures rest on.
    pub asked: u64,
    /// With what probability an eligible request was chosen.
    pub sample_rate: f64,
    /// Eligible requests per second, on average.
    pub mean_rate: Measured,
    /// The same at the busiest time.
    pub peak_rate: Measured,
    /// For each request that the challenger was asked; of pairs that were written for each that was chosen.
    pub per_request: CostFigures,
    /// A day, at the rate of the requests and with the share of them that was chosen.
    pub per_day: CostFigures,
    /// How many processors the shadow's threads kept busy while it was measured.
    pub busy_processors: Measured,
    /// How long the challenger takes for a request, on average, with Student's interval; a timeout counts as the time that was
    /// waited.
    pub challenger_ms: Measured,
    /// By how much longer the champion takes for a request that is chosen to be copied, on average, with a normal interval.
    /// Undefined when all requests were chosen, since there are none to compare with.
    pub champion_slowdown_ms: Measured,
    /// What it would cost at other rates, those that were [asked for](Self::with_rates).
    pub at_rates: Vec<CostAtRate>,
    /// How many replicas the challenger needs in the shadow, and once it is the champion;
    /// [with a capacity](Self::with_replicas) of one.
    pub replicas: Vec<Replicas>,
    /// How many of the requests have to be copied; [with a verdict](Self::with_recommended_rate).
    pub recommended_rate: Option<RateRecommendation>,
}

/// What the same shadow would cost if another share of the requests were chosen: an estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CostAtRate {
    /// The share of eligible requests that would be chosen.
    pub sample_rate: f64,
    /// A day. All of it grows with the share: what the sample leaves out is counted, and neither copied nor written.
    pub per_day: CostFigures,
    /// Requests per second that the challenger would be asked, on average.
    pub asked_rate: Measured,
}

impl ShadowCost {
    /// What follows from what was used. A sample rate that is not above 0 and up to 1, and rates of requests that are no
    /// numbers from 0, are taken for not known. O(n).
    #[must_use]
    pub fn of(used: &ShadowUse) -> Self {
        let seconds = used.wall.map(|wall| wall.as_secs_f64()).filter(|seconds| *seconds > 0.0);
        let measured_rate = seconds.map(|seconds| used.eligible as f64 / seconds);
        let is_rate = |rate: &RequestRate| {
            rate.mean >= 0.0 && rate.mean.is_finite() && rate.peak >= rate.mean && rate.peak.is_finite()
        };
        let rate = used.rate.filter(is_rate);
        let mean_rate = rate.map(|rate| rate.mean).or(measured_rate);
        let used_in_all = CostFigures {
            cpu_seconds: or_not_measured(used.cpu.map(|cpu| cpu.as_secs_f64())),
            bytes_copied: or_not_measured(used.bytes_copied.map(|bytes| bytes as f64)),
            bytes_answered: or_not_measured(used.bytes_answered.map(|bytes| bytes as f64)),
            bytes_written: or_not_measured(used.bytes_written.map(|bytes| bytes as f64)),
        };
        let one_of = |number: u64| (number > 0).then(|| 1.0 / number as f64);
        let nothing_asked = "the challenger was not asked";
        let per_request = CostFigures {
            bytes_written: times(&used_in_all.bytes_written, one_of(used.chosen), "no request was chosen"),
            ..used_in_all.map(|figure| times(figure, one_of(used.asked), nothing_asked))
        };
        let part_of_day = mean_rate.zip(one_of(used.eligible)).map(|(rate, one)| SECONDS_A_DAY * rate * one);
        let is_share = used.sample_rate > 0.0 && used.sample_rate <= 1.0;
        Self {
            eligible: used.eligible,
            asked: used.asked,
            sample_rate: if is_share { used.sample_rate } else { 1.0 },
            mean_rate: mean_rate.map_or_else(|| undefined(NO_RATE), known),
            peak_rate: rate.map_or_else(
                || undefined("the rate at the busiest time is not known"),
                |rate| known(rate.peak),
            ),
            per_day: used_in_all.map(|figure| times(figure, part_of_day, NO_RATE)),
            per_request,
            busy_processors: times(
                &used_in_all.cpu_seconds,
                seconds.map(|seconds| 1.0 / seconds),
                "for how long it was measured is not known",
            ),
            challenger_ms: mean_ms(&used.challenger_ms),
            champion_slowdown_ms: slowdown_ms(used.champion_ms.as_ref()),
            at_rates: Vec::new(),
            replicas: Vec::new(),
            recommended_rate: None,
        }
    }

    /// With what it would cost at these rates.
    #[must_use]
    pub fn with_rates(self, sample_rates: &[f64]) -> Self {
        Self { at_rates: sample_rates.iter().map(|rate| self.at_rate(*rate)).collect(), ..self }
    }

    /// With how many replicas the challenger needs for the share of requests that it is asked now, and for all of them.
    #[must_use]
    pub fn with_replicas(self, capacity: ReplicaCapacity) -> Self {
        let mut replicas = vec![self.replicas(self.sample_rate, capacity)];
        if self.sample_rate < 1.0 {
            replicas.push(self.replicas(1.0, capacity));
        }
        Self { replicas, ..self }
    }

    /// With how many of the requests have to be copied for a verdict in so many days.
    #[must_use]
    pub fn with_recommended_rate(self, verdict: &PromotionVerdict, days: u64) -> Self {
        let recommended = recommended_rate(verdict, self.sample_rate, days);
        Self { recommended_rate: Some(recommended), ..self }
    }

    /// What it would cost if this share of the eligible requests were chosen, taken into 0 to 1 (NaN as 0).
    #[must_use]
    pub fn at_rate(&self, sample_rate: f64) -> CostAtRate {
        let sample_rate = sample_rate.clamp(0.0, 1.0);
        let sample_rate = if sample_rate.is_nan() { 0.0 } else { sample_rate };
        let factor = Some(sample_rate / self.sample_rate);
        CostAtRate {
            sample_rate,
            per_day: self.per_day.map(|figure| times(figure, factor, NO_RATE)),
            asked_rate: times(
                &self.mean_rate,
                self.asked_share().zip(factor).map(|(share, factor)| share * factor),
                "there was no request",
            ),
        }
    }

    /// The share of eligible requests that the challenger was asked.
    fn asked_share(&self) -> Option<f64> {
        (self.eligible > 0).then(|| self.asked as f64 / self.eligible as f64)
    }
}

fn or_not_measured(value: Option<f64>) -> Measured {
    value.map_or_else(|| undefined(NOT_MEASURED), known)
}
