//! Which rows a policy keeps, without a log: the same decisions, some hundred times as fast.

use tiltmeter_sample::{Adaptive, Facts, Policy, SampleKey, SampleRate, Sampler};

use crate::flights::Flights;
use crate::policies::INTERVAL;

/// Rows that were kept: their places, in order, and their inclusion probabilities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The places among all rows.
    pub rows: Vec<usize>,
    /// With what probability each of them was kept.
    pub probabilities: Vec<f64>,
}

impl Kept {
    /// All rows, for certain.
    #[must_use]
    pub fn all(flights: &Flights) -> Self {
        Self { rows: (0..flights.len()).collect(), probabilities: vec![1.0; flights.len()] }
    }

    /// The rows that `policy` keeps with `key`.
    #[must_use]
    pub fn by(policy: Policy, key: SampleKey, flights: &Flights) -> Self {
        let mut adaptive = Adaptive::new(policy);
        let mut table = adaptive.table();
        let mut counts = table.counts();
        let mut kept = Self::default();
        let first = flights.requests.first().map_or(0, |request| request.at.as_second());
        let mut interval = 0;
        for (row, request) in flights.requests.iter().enumerate() {
            let passed = (request.at.as_second() - first) / INTERVAL.as_secs().cast_signed();
            while interval < passed {
                interval += 1;
                table = adaptive.end_interval(&counts).table;
                counts = table.counts();
            }
            let facts = Facts {
                score: Some(request.answer.score),
                version: &request.answer.model_version,
                ..Facts::default()
            };
            let decision = table.decide(key.draw(request.id.as_bytes()), &facts);
            counts.add(&facts, &decision);
            if decision.is_kept {
                kept.rows.push(row);
                kept.probabilities.push(decision.inclusion_probability);
            }
        }
        kept
    }

    /// Each row with the same probability, whatever is in it.
    #[must_use]
    pub fn simple(rate: SampleRate, key: SampleKey, flights: &Flights) -> Self {
        let sampler = Sampler::new(key, rate);
        let rows = flights.requests.iter().enumerate();
        let rows: Vec<usize> = rows
            .filter(|(_, request)| sampler.decide(request.id.as_bytes()).is_kept)
            .map(|(row, _)| row)
            .collect();
        let probabilities = vec![rate.as_f64(); rows.len()];
        Self { rows, probabilities }
    }

    /// The share of all rows that is kept.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "numbers of flights")]
    pub fn share(&self, flights: &Flights) -> f64 {
        self.rows.len() as f64 / flights.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use clap::Parser;
    use tiltmeter_record::ModelSpec;

    use super::*;
    use crate::cli::Cli;
    use crate::policies::{PolicyKind, key};

    /// Ten days.
    async fn flights() -> Flights {
        let cli = Cli::parse_from(["example-sampling"]);
        Flights::read(&cli.data, ModelSpec::read_file(&cli.spec).unwrap(), Some(5_000)).await.unwrap()
    }

    #[tokio::test]
    async fn the_same_key_keeps_the_same_rows_and_another_others() {
        let flights = flights().await;
        for kind in PolicyKind::ALL {
            let kept = |seed| Kept::by(kind.policy(0.1).unwrap(), key(seed), &flights);
            assert_eq!(kept(1), kept(1));
            assert_ne!(kept(1).rows, kept(2).rows);
            assert!(kept(1).probabilities.iter().all(|p| *p > 0.0 && *p <= 1.0));
            assert!(kept(1).rows.is_sorted() && kept(1).share(&flights) < 1.0);
        }
    }

    #[tokio::test]
    async fn what_a_lower_rate_keeps_a_higher_one_keeps_too() {
        let flights = flights().await;
        let mut before: Option<HashSet<usize>> = None;
        for rate in [0.01, 0.1, 0.5, 1.0] {
            let kept = Kept::by(PolicyKind::Tails.policy(rate).unwrap(), key(3), &flights);
            let rows: HashSet<usize> = kept.rows.into_iter().collect();
            assert!(before.is_none_or(|before| before.is_subset(&rows)), "{rate}");
            before = Some(rows);
        }
        assert_eq!(before.map(|all| all.len()), Some(flights.len()));
    }

    #[tokio::test]
    async fn a_simple_sample_takes_no_heed_of_scores() {
        let flights = flights().await;
        let kept = Kept::simple(SampleRate::new(0.1).unwrap(), key(1), &flights);
        assert!(kept.probabilities.iter().all(|p| (p - 0.1).abs() < 1e-12));
        // four standard deviations
        assert!(
            (kept.rows.len() as f64 - 500.0).abs() < 4.0 * (5_000.0_f64 * 0.09).sqrt(),
            "{}",
            kept.rows.len()
        );
        let all = Kept::all(&flights);
        assert_eq!((all.rows.len(), all.share(&flights)), (flights.len(), 1.0));
    }
}
