//! How the challenger behaves: as the record says.

use std::{collections::HashMap, path::Path, time::Duration};

use anyhow::{Context, Result};
use tiltmeter::ModelSpec;
use tiltmeter_store::{Location, read_pairs};

/// What the challenger does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Manner {
    /// It answers after that time.
    Answers(Duration),
    /// It never answers.
    Hangs,
}

/// What it does with each request, by its id.
#[derive(Debug)]
pub(super) struct Manners(HashMap<String, Manner>);

impl Manners {
    /// Reads the record: a request without a score is one that was never answered.
    pub(super) async fn read(path: &Path, spec: &ModelSpec) -> Result<Self> {
        let read = read_pairs(&Location::local(path), &spec.name, &[])
            .await
            .with_context(|| format!("cannot read how the challenger behaved from {}", path.display()))?;
        let (ids, challenger) = (&read.pairs.requests().request_id, read.pairs.challenger());
        let of_row = |row: usize| {
            let (score, latency) = (challenger.score()[row], challenger.latency_ms()[row]);
            let answers =
                (!score.is_nan()).then(|| Duration::try_from_secs_f64(latency / 1e3).unwrap_or_default());
            Some((ids.get(row)?.to_owned(), answers.map_or(Manner::Hangs, Manner::Answers)))
        };
        Ok(Self((0..read.pairs.len()).filter_map(of_row).collect()))
    }

    /// What it does with a request; one that is not in the record is answered at once.
    pub(super) fn of(&self, request_id: &str) -> Manner {
        self.0.get(request_id).copied().unwrap_or(Manner::Answers(Duration::ZERO))
    }
}
