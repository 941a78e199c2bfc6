//! How many rows there are of one kind.

use crate::sample::scale_of;

/// The rows of one cell of a table: their number, their weight and the root of the sum of their squared weights.
///
/// The root, not the sum: it leaves the range of numbers only where weights do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in super::super) struct Cell {
    pub(in super::super) rows: u64,
    pub(in super::super) weight: f64,
    pub(in super::super) norm: f64,
}

impl Cell {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows.saturating_add(other.rows),
            // finite, so that a quotient of sums is a number
            weight: (self.weight + other.weight).min(f64::MAX),
            norm: if other.norm > 0.0 { self.norm.hypot(other.norm).min(f64::MAX) } else { self.norm },
        }
    }

    pub(super) fn all(cells: impl IntoIterator<Item = Self>) -> Self {
        cells.into_iter().fold(Self::default(), Self::and)
    }

    /// What is left of these rows without some of them.
    pub(super) fn without(self, some: Self) -> Self {
        let rows = self.rows.saturating_sub(some.rows);
        if rows == 0 {
            return Self::default();
        }
        let share = (some.norm / self.norm).min(1.0);
        Self {
            rows,
            weight: (self.weight - some.weight).max(0.0),
            norm: self.norm * ((1.0 - share) * (1.0 + share)).sqrt(),
        }
    }

    /// Kish's; 0 without rows.
    pub(in super::super) fn effective_size(self) -> f64 {
        if self.norm > 0.0 { (self.weight / self.norm).powi(2) } else { 0.0 }
    }
}

/// Fills cells, with weights scaled so that their squares can be summed.
#[derive(Debug)]
pub(super) struct Scale(f64);

impl Scale {
    pub(super) fn new(weights: Option<&[f64]>) -> Self {
        Self(weights.map_or(1.0, |weights| scale_of(weights.iter().copied())))
    }

    /// Adds a row; the cell holds the square of its norm until [`Self::finish`].
    pub(super) fn add(&self, cell: &mut Cell, weight: f64) {
        let weight = weight * self.0;
        cell.rows += 1;
        cell.weight += weight;
        cell.norm += weight * weight;
    }

    pub(super) fn finish(&self, cell: Cell) -> Cell {
        Cell {
            rows: cell.rows,
            weight: (cell.weight / self.0).min(f64::MAX),
            norm: (cell.norm.sqrt() / self.0).min(f64::MAX),
        }
    }
}
