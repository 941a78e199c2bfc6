//! How many replicas of the challenger are needed.

use serde::Serialize;

use super::ShadowCost;
use super::figures::{times, undefined};
use crate::{Measured, grouped};

/// What one replica of the challenger can take.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReplicaCapacity {
    /// Requests that it works on at once, without each taking longer for it; above 0. Of a model on processors that is their
    /// number.
    pub concurrency: f64,
    /// Up to which share of that it is to be used, above 0 and up to 1. 0.7: requests do not come evenly, and above it they
    /// wait for one another.
    pub target_utilisation: f64,
}

impl ReplicaCapacity {
    /// So many at once, of which 0.7 are to be used.
    #[must_use]
    pub fn new(concurrency: f64) -> Self {
        Self { concurrency, target_utilisation: 0.7 }
    }

    /// To be used up to this share.
    #[must_use]
    pub fn with_target_utilisation(self, share: f64) -> Self {
        Self { target_utilisation: share, ..self }
    }
}

/// How many replicas of the challenger a share of the requests needs, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Replicas {
    /// The share of eligible requests that the challenger is asked; 1 once it is the champion.
    pub sample_rate: f64,
    /// Requests that are with the challenger at the same time, at the busiest time: the rate times the mean time (Little's
    /// law), with the interval of the mean time.
    pub in_flight: Measured,
    /// So many replicas, by the upper end of that; `None` when it cannot be told.
    pub count: Option<u64>,
    /// All of it in a sentence, with what it assumes.
    pub sentence: String,
}

impl ShadowCost {
    /// How many replicas of the challenger are needed for this share of the requests, taken into 0 to 1.
    ///
    /// ```text
    /// in flight = peak rate · share · mean time          replicas = ⌈in flight / (concurrency · target utilisation)⌉
    /// ```
    ///
    /// The mean time is that of the requests that it was asked, also of those that timed out: they keep a replica busy as
    /// well. It is as long as it was measured: a replica that is busier answers later, and needs more. Little, *Operations
    /// Research* 9 (1961), 383–387.
    #[must_use]
    pub fn replicas(&self, sample_rate: f64, capacity: ReplicaCapacity) -> Replicas {
        let sample_rate = sample_rate.clamp(0.0, 1.0);
        let sample_rate = if sample_rate.is_nan() { 0.0 } else { sample_rate };
        let in_flight = self.in_flight(sample_rate);
        let each = capacity.concurrency * capacity.target_utilisation;
        let is_capacity = each > 0.0 && each.is_finite() && capacity.target_utilisation <= 1.0;
        let most = in_flight.estimate().map(|found| found.interval.map_or(found.value, |(_, upper)| upper));
        let count = most.filter(|_| is_capacity).and_then(|most| whole((most / each).ceil().max(1.0)));
        let sentence = match (&in_flight, count) {
            (Measured::Undefined(reason), _) => {
                format!("how many replicas are needed is not known: {reason}")
            }
            (Measured::Known(_), None) => {
                "how many replicas are needed is not known: what one of them takes is no number above 0"
                    .to_owned()
            }
            (Measured::Known(found), Some(count)) => format!(
                "{} of the challenger for {} of the requests: {}{} are with it at once at the busiest time, which is the rate times the mean time, and one replica takes {} at {:.0} %",
                if count == 1 { "1 replica".to_owned() } else { format!("{} replicas", grouped(count)) },
                share(sample_rate),
                few(found.value),
                found.interval.map_or(String::new(), |(low, high)| format!(
                    " ({} to {})",
                    few(low),
                    few(high)
                )),
                capacity.concurrency,
                100.0 * capacity.target_utilisation
            ),
        };
        Replicas { sample_rate, in_flight, count, sentence }
    }

    fn in_flight(&self, sample_rate: f64) -> Measured {
        let Some(peak) = self.peak_rate.value() else {
            return self.peak_rate.clone();
        };
        let factor = peak * sample_rate / 1e3;
        match self.challenger_ms.estimate() {
            Some(mean) => match mean.interval {
                Some((low, high)) if (high * factor).is_finite() => {
                    let interval = Some(((low * factor).max(0.0), high * factor));
                    let error = mean.standard_error.map(|error| error * factor);
                    Measured::Known(crate::Estimate::new(mean.value * factor, interval, error))
                }
                _ => times(&self.challenger_ms, Some(factor), ""),
            },
            None => undefined(self.challenger_ms.reason().unwrap_or_default()),
        }
    }
}

/// A number of requests at once: `12.3`, and `0.0007` where there is hardly one.
fn few(requests: f64) -> String {
    if requests < 0.1 { format!("{requests:.4}") } else { format!("{requests:.1}") }
}

/// `all`, `5 %`, `0.3 %`.
pub(super) fn share(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        100.0.. => "all".to_owned(),
        10.0.. => format!("{percent:.0} %"),
        _ => format!("{percent:.1} %"),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers from 1 to 1e15")]
fn whole(number: f64) -> Option<u64> {
    (number <= 1e15).then_some(number as u64)
}
