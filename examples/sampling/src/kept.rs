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
