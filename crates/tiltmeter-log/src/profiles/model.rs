//! What is profiled of one model.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{CellKey, InclusionProbability, ModelSpec, PairBatch, Prediction, ProfileDelta};
use tiltmeter_stats::Baseline;

use super::clock::Clock;
use super::plan::Plan;
use super::settings::Settings;
use super::windows::{Asked, Windows};
use crate::BaselineHandle;

/// A larger weight cannot be summed up.
const MOST_WEIGHT: f64 = 1e100;

#[derive(Debug)]
pub(super) struct ModelProfiles {
    settings: Arc<Settings>,
    baseline: Option<BaselineHandle>,
    /// The version of the handle that has been looked at.
    version: Option<u64>,
    windows: Windows,
    clock: Clock,
    /// The number of the last request, of predictions and of pairs.
    requests: [u64; 2],
}

impl ModelProfiles {
    pub(super) fn new(
        spec: &Arc<ModelSpec>,
        baseline: Option<BaselineHandle>,
        settings: &Arc<Settings>,
    ) -> tiltmeter_stats::Result<Self> {
        let plan = Arc::new(Plan::new(Arc::clone(spec), None, settings)?);
        Ok(Self {
            settings: Arc::clone(settings),
            baseline,
            version: None,
            windows: Windows::new(plan, Arc::clone(settings)),
            clock: Clock::default(),
            requests: [0; 2],
        })
    }

    pub(super) fn spec(&self) -> &Arc<ModelSpec> {
        &self.windows.plan().spec
    }

    /// Ends all windows when the baseline or the spec is another one: a delta has one of each.
    fn follow(&mut self, spec: &Arc<ModelSpec>) {
        let version = self.baseline.as_ref().map(BaselineHandle::version);
        let is_same_spec = Arc::ptr_eq(self.spec(), spec) || **self.spec() == **spec;
        if version == self.version && is_same_spec {
            return;
        }
        self.version = version;
        let found = self.baseline.as_ref().and_then(BaselineHandle::current);
        let is_of_model = |baseline: &Arc<Baseline>| baseline.subject() == spec.name.as_str();
        if let Some(other) = found.as_ref().filter(|baseline| !is_of_model(baseline)) {
            let (model, subject) = (spec.name.as_str(), other.subject());
            tracing::warn!(model, subject, "the baseline is of another model: it is left aside");
            if is_same_spec {
                return;
            }
        }
        match Plan::new(Arc::clone(spec), found.filter(is_of_model), &self.settings) {
            Ok(plan) => {
                self.windows.replace_plan(Arc::new(plan));
            }
            Err(error) => {
                let model = spec.name.as_str();
                tracing::error!(model, %error, "the baseline cannot be used for profiles: the last one stays");
            }
        }
    }

    fn time(&self, row: &Prediction) -> Timestamp {
        if self.settings.is_by_event_time { row.event_time } else { row.observed_at }
    }

    /// Adds predictions.
    pub(super) fn observe(&mut self, spec: &Arc<ModelSpec>, rows: &[Prediction]) {
        self.follow(spec);
        let Some(last) = rows.last() else { return };
        let mut rows = rows;
        while let Some(first) = rows.first() {
            let window = self.windows.intake_window(self.time(first));
            let within = window.start()..window.end();
            let is_alike = |row: &Prediction| {
                within.contains(&self.time(row)) && row.model_version == first.model_version
            };
            // a window at the end of time has no end
            let alike = rows.iter().position(|row| !is_alike(row)).unwrap_or(rows.len()).max(1);
            let (run, rest) = rows.split_at(alike);
            let version = first.model_version.as_ref().map(tiltmeter_record::ModelVersion::as_str);
            let asked = Asked { role: CellKey::CHAMPION, version, has_features: true };
            self.windows.extend(window, asked, run, &mut self.requests[0], self.clock.now());
            rows = rest;
        }
        self.clock.see(self.time(last));
    }

    /// Adds what a challenger answered.
    pub(super) fn observe_pairs(&mut self, batch: &PairBatch) {
        self.follow(&batch.spec);
        let role = batch.challenger.as_str();
        for pair in &batch.rows {
            let (champion, Some(challenger)) = (&pair.champion, &pair.challenger) else { continue };
            let probability = InclusionProbability::new(pair.inclusion_probability).unwrap_or_default();
            let time = self.time(champion);
            let window = self.windows.intake_window(time);
            let version = challenger.model_version.as_ref().map(tiltmeter_record::ModelVersion::as_str);
            let asked = Asked { role, version, has_features: false };
            let weight = probability.weight().min(MOST_WEIGHT);
            let now = self.clock.now();
            let request = &mut self.requests[1];
            self.windows.push_pair(window, asked, [champion, challenger], weight, request, now);
            self.clock.see(time);
        }
    }

    pub(super) fn tick(&mut self, now: Duration) {
        self.clock.tick(now);
    }

    /// The deltas of windows that are over, or of all.
    pub(super) fn take(&mut self, is_last: bool) -> impl Iterator<Item = ProfileDelta> + '_ {
        let Self { windows, clock, settings, .. } = self;
        if is_last {
            windows.end_all();
        } else {
            windows.end_some(|window| clock.is_over(window, settings.grace), clock.now());
        }
        windows.take_finished()
    }

    /// The deltas of windows that had to end, such as by another baseline.
    pub(super) fn take_finished(&mut self) -> impl Iterator<Item = ProfileDelta> + '_ {
        self.windows.take_finished()
    }
}
