//! What a replay counts: per connection while it runs, in total at its end.

use std::time::Duration;

use serde::Serialize;

use super::connection::Fault;
use crate::{flight::Answer, recorded::Recorded};

/// What became of a replay.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Replayed {
    /// How many requests were to be sent.
    pub recorded: u64,
    /// How many were sent.
    pub requests: u64,
    /// How many of them gave no prediction: broken, timed out, or refused.
    pub failed: u64,
    /// How many were answered otherwise than recorded.
    pub mismatched: u64,
    /// One example of what failed or differed.
    pub fault: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// How long of that a connection was held back, on average.
    pub paced_seconds: f64,
    /// How long an exchange took, as the client saw it.
    pub latency: Latency,
    /// Whether it was ended before all was sent.
    pub interrupted: bool,
}

/// Exact quantiles, by nearest rank, of all exchanges; zero when there were none. Saturates at 4.29 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// The median, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
}

impl Replayed {
    /// Requests per second of the whole replay, pauses included.
    #[must_use]
    pub fn requests_per_second(&self) -> f64 {
        if self.seconds > 0.0 { self.requests as f64 / self.seconds } else { 0.0 }
    }
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) paced: Duration,
    /// In nanoseconds, one per request.
    pub(super) latencies: Vec<u32>,
    failed: u64,
    mismatched: u64,
    fault: Option<String>,
}

impl Tally {
    pub(super) fn mismatch(&mut self, recorded: &Recorded, answer: &Answer) {
        self.mismatched += 1;
        self.fault.get_or_insert_with(|| {
            let Answer { model_version, score, .. } = &recorded.answer;
            let Answer { model_version: other_version, score: other_score, .. } = answer;
            format!(
                "{}: {other_version} answered {other_score}, recorded is {score} of {model_version}",
                recorded.request_id
            )
        });
    }

    pub(super) fn fault(&mut self, recorded: &Recorded, fault: &Fault) {
        self.failed += 1;
        self.fault.get_or_insert_with(|| format!("{}: {fault}", recorded.request_id));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.paced += other.paced;
        self.latencies.extend(other.latencies);
        self.failed += other.failed;
        self.mismatched += other.mismatched;
        self.fault = self.fault.take().or(other.fault);
    }

    pub(super) fn finish(mut self, recorded: u64, took: Duration, connections: u16) -> Replayed {
        self.latencies.sort_unstable();
        let requests = self.latencies.len() as u64;
        Replayed {
            recorded,
            requests,
            failed: self.failed,
            mismatched: self.mismatched,
            fault: self.fault,
            seconds: took.as_secs_f64(),
            paced_seconds: (self.paced / u32::from(connections)).as_secs_f64(),
            latency: Latency { p50_ms: quantile(&self.latencies, 50), p99_ms: quantile(&self.latencies, 99) },
            interrupted: requests < recorded,
        }
    }
}

fn quantile(sorted_nanoseconds: &[u32], percent: usize) -> f64 {
    let rank = (sorted_nanoseconds.len() * percent).div_ceil(100);
    sorted_nanoseconds.get(rank.saturating_sub(1)).map_or(0.0, |&nanoseconds| f64::from(nanoseconds) / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let latencies: Vec<u32> = (1..=200).map(|ms| ms * 1_000_000).collect();
        let shown = |latencies: &[u32]| [50, 99].map(|percent| quantile(latencies, percent).to_string());
        assert_eq!(shown(&latencies), ["100", "198"]);
        assert_eq!(shown(&[]), ["0", "0"]);
    }

    #[test]
    fn tallies_add_up() {
        let one = || Tally {
            paced: Duration::from_secs(1),
            latencies: vec![5],
            failed: 2,
            mismatched: 3,
            fault: None,
        };
        let mut total = one();
        total.add(Tally { fault: Some("first".into()), ..one() });
        total.add(Tally { fault: Some("second".into()), ..one() });
        let replayed = total.finish(4, Duration::from_secs(6), 3);
        assert_eq!((replayed.requests, replayed.failed, replayed.mismatched), (3, 6, 9));
        assert_eq!(replayed.fault.as_deref(), Some("first"));
        assert_eq!((replayed.paced_seconds, replayed.requests_per_second()), (1.0, 0.5));
        assert!(replayed.interrupted);
    }
}
