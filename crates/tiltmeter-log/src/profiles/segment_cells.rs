//! The cells of one segment in a window.

use std::collections::HashMap;
use std::sync::Arc;

use tiltmeter_record::CellKey;

use super::cell::Cell;
use super::plan::{CellKind, Plan};

/// A value that is longer shares the cell of the overflow: its name is in each row of the cell.
const MOST_BYTES: usize = 256;

/// A cell for each of the first values that came, and one that the others share.
#[derive(Debug, Default)]
pub(super) struct SegmentCells {
    places: HashMap<Arc<str>, u32>,
    cells: Vec<(Arc<str>, Cell)>,
}

impl SegmentCells {
    /// The place of the cell of a value, which is made if need be; `most` values have one of their own.
    pub(super) fn place(&mut self, value: &Arc<str>, most: usize, plan: &Plan, has_features: bool) -> u32 {
        if let Some(&place) = self.places.get(value) {
            return place;
        }
        let overflows = self.places.contains_key(CellKey::OVERFLOW);
        let own = self.cells.len() - usize::from(overflows);
        if own >= most || value.len() > MOST_BYTES || &**value == CellKey::OVERFLOW {
            let value = CellKey::OVERFLOW.into();
            return match self.places.get(CellKey::OVERFLOW) {
                Some(&place) => place,
                None => self.insert(value, plan, has_features),
            };
        }
        self.insert(Arc::clone(value), plan, has_features)
    }

    fn insert(&mut self, value: Arc<str>, plan: &Plan, has_features: bool) -> u32 {
        let place = u32::try_from(self.cells.len()).unwrap_or(super::slices::NOWHERE);
        self.places.insert(Arc::clone(&value), place);
        self.cells.push((value, Cell::new(plan, CellKind::Segment, has_features)));
        place
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn cell_mut(&mut self, place: usize) -> Option<&mut Cell> {
        self.cells.get_mut(place).map(|(_, cell)| cell)
    }

    /// Each value with its cell, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Cell)> {
        self.cells.iter().map(|(value, cell)| (value, cell))
    }
}
