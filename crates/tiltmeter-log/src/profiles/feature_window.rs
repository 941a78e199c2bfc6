//! A window of features that is open.

use std::time::Duration;

use tiltmeter_record::{CellKey, ProfileDelta, Window};

use super::lane::{Answerer, Lane};
use super::plan::Plan;

#[derive(Debug)]
pub(super) struct FeatureWindow {
    pub(super) window: Window,
    /// The monotonic time from which on it has been open.
    pub(super) since: Duration,
    lanes: Vec<Lane>,
}

impl FeatureWindow {
    pub(super) fn new(window: Window, since: Duration) -> Self {
        Self { window, since, lanes: Vec::new() }
    }

    /// As whom an answerer is summed up: as itself, or with those that are too many. The same for as long as the window is open.
    pub(super) fn resolve(
        &mut self,
        plan: &Plan,
        role: &str,
        version: Option<&str>,
        most_versions: usize,
        has_features: bool,
    ) -> Answerer {
        let find = |lanes: &[Lane], version| {
            lanes.iter().map(|lane| &lane.answerer).find(|answerer| answerer.is(role, version)).cloned()
        };
        if let Some(found) = find(&self.lanes, version) {
            return found;
        }
        let versions = self.lanes.iter().filter(|lane| *lane.answerer.role == *role);
        let has_room = versions.count() < most_versions;
        let version = if has_room { version } else { Some(CellKey::OVERFLOW) };
        find(&self.lanes, version).unwrap_or_else(|| {
            let answerer = Answerer { role: role.into(), version: version.map(Into::into) };
            self.lanes.push(Lane::new(plan, answerer.clone(), has_features));
            answerer
        })
    }

    pub(super) fn lane_mut(&mut self, answerer: &Answerer) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.answerer == *answerer)
    }

    /// The delta of what has been folded; `None` without any.
    pub(super) fn encode(&self, plan: &Plan) -> Option<ProfileDelta> {
        let mut delta = ProfileDelta::new(plan.model_name.clone(), self.window, plan.baseline_id.clone());
        self.lanes.iter().for_each(|lane| lane.encode(plan, &mut delta.cells));
        (!delta.cells.is_empty()).then_some(delta)
    }
}
