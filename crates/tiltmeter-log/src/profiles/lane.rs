//! The predictions of one role and version in a window of features.

use std::sync::Arc;

use tiltmeter_record::{CellKey, ProfileCell};

use super::block::{Block, Buffer, RowFacts};
use super::cell::Cell;
use super::dictionary::MISSING;
use super::fold::{CodeCounts, fold_numbers};
use super::plan::{CellKind, Plan};
use super::segment_cells::SegmentCells;
use super::slices::{NOWHERE, Slices};

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answerer {
    pub(super) role: Arc<str>,
    pub(super) version: Option<Arc<str>>,
}

impl Answerer {
    pub(super) fn is(&self, role: &str, version: Option<&str>) -> bool {
        &*self.role == role && self.version.as_deref() == version
    }

    fn key(&self, segment: Option<(Arc<str>, Arc<str>)>) -> CellKey {
        CellKey { role: Arc::clone(&self.role), model_version: self.version.clone(), segment }
    }

    /// The cell of all of its predictions.
    pub(super) fn whole(&self) -> CellKey {
        self.key(None)
    }
}

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) answerer: Answerer,
    /// A challenger's answers are to the requests of the champion, which has their features.
    has_features: bool,
    whole: Cell,
    /// By segment of the plan.
    segments: Vec<SegmentCells>,
}

/// Memory that is used again for each block.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    by_code: Vec<u32>,
    places: Vec<u32>,
    slices: Slices,
    facts: Vec<RowFacts>,
    numbers: Vec<f64>,
    weights: Vec<f64>,
    codes: Vec<u32>,
    counts: CodeCounts,
}

impl Lane {
    pub(super) fn new(plan: &Plan, answerer: Answerer, has_features: bool) -> Self {
        Self {
            answerer,
            has_features,
            whole: Cell::new(plan, CellKind::Whole, has_features),
            segments: plan.segments.iter().map(|_| SegmentCells::default()).collect(),
        }
    }

    /// Folds the rows of a block into the cell of all, and each into that of its value of each segment.
    pub(super) fn fold(&mut self, plan: &Plan, block: &Block, most_values: usize, scratch: &mut Scratch) {
        let weights = Some(&*block.weights).filter(|weights| !weights.is_empty());
        self.whole.count(block.facts.iter().copied());
        for (profile, values) in self.whole.answers.iter_mut().zip(&block.answers) {
            fold_numbers(profile, values, weights);
        }
        for (profile, buffer) in self.whole.features.iter_mut().zip(&block.features) {
            match buffer {
                Buffer::Numbers(values) => fold_numbers(profile, values, weights),
                Buffer::Categories(codes) => scratch.counts.fold(profile, &codes.codes, &codes.dictionary),
            }
        }
        for place in 0..self.segments.len() {
            self.fold_segment(place, plan, block, most_values, scratch);
        }
    }

    fn fold_segment(
        &mut self,
        place: usize,
        plan: &Plan,
        block: &Block,
        most_values: usize,
        scratch: &mut Scratch,
    ) {
        let (Some(cells), Some(segment)) = (self.segments.get_mut(place), plan.segments.get(place)) else {
            return;
        };
        let Some(codes) = block.segment(segment, place) else { return };
        let Scratch { by_code, places, slices, facts, numbers, weights, codes: gathered, counts } = scratch;
        by_code.clear();
        let texts = codes.dictionary.texts().iter();
        by_code.extend(texts.map(|value| cells.place(value, most_values, plan, self.has_features)));
        places.clear();
        let of_code = |&code: &u32| match by_code.get(code as usize) {
            Some(&place) if code != MISSING => place,
            _ => NOWHERE,
        };
        places.extend(codes.codes.iter().map(of_code));
        slices.sort(places, cells.len());

        slices.gather(&block.facts, facts);
        for (place, run) in slices.runs() {
            if let (Some(cell), Some(facts)) = (cells.cell_mut(place), facts.get(run)) {
                cell.count(facts.iter().copied());
            }
        }
        slices.gather(&block.weights, weights);
        let is_weighted = !weights.is_empty();
        for (column, values) in block.answers.iter().take(CellKind::Segment.answers()).enumerate() {
            slices.gather(values, numbers);
            for (place, run) in slices.runs() {
                let Some(cell) = cells.cell_mut(place) else { continue };
                let weights = is_weighted.then(|| weights.get(run.clone())).flatten();
                if let (Some(profile), Some(values)) = (cell.answers.get_mut(column), numbers.get(run)) {
                    fold_numbers(profile, values, weights);
                }
            }
        }
        for (column, buffer) in block.features.iter().enumerate() {
            match buffer {
                Buffer::Numbers(values) => slices.gather(values, numbers),
                Buffer::Categories(codes) => slices.gather(&codes.codes, gathered),
            }
            for (place, run) in slices.runs() {
                let profile = cells.cell_mut(place).and_then(|cell| cell.features.get_mut(column));
                let Some(profile) = profile else { continue };
                match buffer {
                    Buffer::Numbers(_) => fold_numbers(profile, numbers.get(run).unwrap_or_default(), None),
                    Buffer::Categories(codes) => {
                        counts.fold(profile, gathered.get(run).unwrap_or_default(), &codes.dictionary);
                    }
                }
            }
        }
    }

    /// What a delta holds of it.
    pub(super) fn encode(&self, plan: &Plan, cells: &mut Vec<ProfileCell>) {
        cells.push(self.whole.encode(plan, self.answerer.whole()));
        for (segment, values) in plan.segments.iter().zip(&self.segments) {
            for (value, cell) in values.iter() {
                let key = self.answerer.key(Some((Arc::clone(&segment.name), Arc::clone(value))));
                cells.push(cell.encode(plan, key));
            }
        }
    }
}
