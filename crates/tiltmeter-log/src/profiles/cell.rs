//! What is summed up of the predictions of a cell.

use tiltmeter_record::{CellCounts, CellKey, ProfileCell};
use tiltmeter_stats::Profile;

use super::block::RowFacts;
use super::column::column_profile;
use super::plan::{CellKind, Plan};

/// Counts, and the profile of each column.
#[derive(Debug)]
pub(super) struct Cell {
    counts: CellCounts,
    /// The request of the last row: its next rows are not another one.
    request: u64,
    /// Whether that request has been counted as anomalous.
    is_outside: bool,
    /// Of score, confidence and entropy, or of the score alone.
    pub(super) answers: Vec<Profile>,
    /// By feature of the spec; empty in minutes, and of challengers.
    pub(super) features: Vec<Profile>,
}

impl Cell {
    pub(super) fn new(plan: &Plan, kind: CellKind, has_features: bool) -> Self {
        let mut counts = CellCounts::default();
        counts.anomalous_requests = (plan.ranges.is_some() && has_features).then_some(0);
        let has_features = has_features && kind != CellKind::Minute;
        let features = plan.features.iter().filter(|_| has_features);
        Self {
            counts,
            request: 0,
            is_outside: false,
            answers: plan.answers.iter().take(kind.answers()).map(|column| column.profile(kind)).collect(),
            features: features.map(|column| column.profile(kind)).collect(),
        }
    }

    /// Counts rows, in their order.
    pub(super) fn count(&mut self, rows: impl Iterator<Item = RowFacts>) {
        let Self { counts, request, is_outside, .. } = self;
        for row in rows {
            counts.predictions += 1;
            if row.request != *request {
                (*request, *is_outside) = (row.request, false);
                counts.requests += 1;
                counts.failed_requests += u64::from(row.is_failed);
            }
            if row.is_outside && !*is_outside {
                *is_outside = true;
                counts.anomalous_requests = counts.anomalous_requests.map(|requests| requests + 1);
            }
        }
    }

    /// What a delta holds of it. Confidence and entropy are left out where there is no value of them.
    pub(super) fn encode(&self, plan: &Plan, key: CellKey) -> ProfileCell {
        let mut cell = ProfileCell::new(key, self.counts);
        let answers = plan.answers.iter().zip(&self.answers).enumerate();
        let answers = answers.filter(|(place, (_, profile))| *place == 0 || profile.count() > 0);
        let features = plan.features.iter().zip(&self.features);
        let columns = answers.map(|(_, answer)| answer).chain(features);
        cell.columns.extend(columns.map(|(column, profile)| column_profile(&column.name, profile)));
        cell
    }
}
