//! A window that predictions come into: a minute, or a window of features where there are no minutes.

use tiltmeter_record::{ProfileDelta, Window};

use super::block::Block;
use super::cell::Cell;
use super::fold::fold_numbers;
use super::lane::Answerer;
use super::plan::{CellKind, Plan};

#[derive(Debug)]
pub(super) struct Intake {
    pub(super) window: Window,
    pub(super) lanes: Vec<IntakeLane>,
}

/// The predictions of one role and version.
#[derive(Debug)]
pub(super) struct IntakeLane {
    pub(super) answerer: Answerer,
    /// What the minute holds; `None` where there are no minutes.
    cell: Option<Cell>,
    /// The rows that have not been folded.
    pub(super) block: Block,
}

impl IntakeLane {
    pub(super) fn new(
        plan: &Plan,
        answerer: Answerer,
        has_features: bool,
        has_minutes: bool,
        block: Block,
    ) -> Self {
        let cell = has_minutes.then(|| Cell::new(plan, CellKind::Minute, has_features));
        Self { answerer, cell, block }
    }

    /// Folds the rows of the block into the minute. They stay in the block.
    pub(super) fn fold(&mut self) {
        let Self { cell: Some(cell), block, .. } = self else { return };
        let weights = Some(&*block.weights).filter(|weights| !weights.is_empty());
        cell.count(block.facts.iter().copied());
        for (profile, values) in cell.answers.iter_mut().zip(&block.answers) {
            fold_numbers(profile, values, weights);
        }
    }
}

impl Intake {
    /// The delta of the minute; `None` where there are no minutes.
    pub(super) fn encode(&self, plan: &Plan) -> Option<ProfileDelta> {
        let mut delta = ProfileDelta::new(plan.model_name.clone(), self.window, plan.baseline_id.clone());
        let cells = self.lanes.iter().filter_map(|lane| Some((lane.cell.as_ref()?, lane)));
        delta.cells.extend(cells.map(|(cell, lane)| cell.encode(plan, lane.answerer.whole())));
        (!delta.cells.is_empty()).then_some(delta)
    }
}
