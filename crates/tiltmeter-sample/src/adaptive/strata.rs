//! What past intervals were like, by stratum; and which cells have strata of their own.

use std::sync::Arc;

use super::memory::decay;
use crate::counts::{CAUSES, IntervalCounts};
use crate::strata::{Cell, Cells};

/// The cells, and of each stratum the rows of past intervals and those of the last.
#[derive(Clone)]
pub(super) struct StrataMemory {
    decay: f64,
    /// What the intervals count together: means are sums over it.
    weight: f64,
    /// Strata of a cell.
    places: usize,
    pub(super) cells: Arc<Cells>,
    /// By stratum.
    sums: Vec<f64>,
    /// By stratum, then by cause.
    last: Vec<u64>,
}

/// A cell, or that which the others share: its sums by place, and what the last interval counted, by place and cause.
struct Entry {
    cell: Option<Cell>,
    is_new: bool,
    sums: Vec<f64>,
    last: Vec<u64>,
}

impl StrataMemory {
    pub(super) fn new(half_life: u32, places: usize, segment: Option<&str>) -> Self {
        let cells = Cells::new(Vec::new(), segment, places);
        let strata = cells.texts().len();
        Self {
            decay: decay(half_life),
            weight: 0.0,
            places,
            cells: Arc::new(cells),
            sums: vec![0.0; strata],
            last: vec![0; strata * CAUSES],
        }
    }

    /// Takes in an interval. Cells that it saw get strata of their own, as long as there are at most `most_cells`: of more
    /// the most frequent, where those that have them already count double. The order of the traffic changes nothing, as long
    /// as `counts` had room for all that were new.
    pub(super) fn end_interval(&mut self, counts: &IntervalCounts, segment: Option<&str>, most_cells: usize) {
        self.weight = self.weight * self.decay + 1.0;
        let (mut own, mut shared) = self.entries();
        let seen = counts.table().cells();
        let mut of_cells = counts.rows().chunks(counts.table().places() * CAUSES);
        let of_own = seen.own().iter().zip(&mut of_cells);
        let of_new = counts.newcomers();
        let of_new = of_new.iter().map(|newcomer| (&newcomer.cell, &*newcomer.rows));
        let mut new = Vec::new();
        for (cell, rows) in of_own.chain(of_new) {
            match own.binary_search_by(|entry| entry.cell.as_ref().cmp(&Some(cell))) {
                Ok(place) => own[place].add(rows),
                // also where the counts are of an older table, or of another's
                Err(_) => {
                    let mut entry = Entry::new(Some(cell.clone()), true, self.places);
                    entry.add(rows);
                    new.push(entry);
                }
            }
        }
        for rows in of_cells {
            shared.add(rows);
        }
        own.append(&mut new);
        for entry in most_frequent(&mut own, most_cells) {
            shared.join(&entry);
        }
        self.put_back(own, shared, segment);
    }

    /// The mean rows of each stratum in an interval.
    pub(super) fn means(&self) -> impl Iterator<Item = f64> {
        let weight = self.weight.max(1.0);
        self.sums.iter().map(move |sum| sum / weight)
    }

    /// The rows of each stratum in the last interval, by cause.
    pub(super) fn last(&self) -> impl Iterator<Item = &[u64]> {
        self.last.chunks(CAUSES)
    }

    /// The cells as they are, in the order of their names, and that which others share.
    fn entries(&self) -> (Vec<Entry>, Entry) {
        let mut sums = self.sums.chunks(self.places);
        let decayed = |sums: &[f64]| sums.iter().map(|sum| sum * self.decay).collect();
        let entry = |cell: Option<&Cell>, sums: &[f64]| Entry {
            sums: decayed(sums),
            ..Entry::new(cell.cloned(), false, self.places)
        };
        let own =
            self.cells.own().iter().zip(&mut sums).map(|(cell, sums)| entry(Some(cell), sums)).collect();
        (own, entry(None, sums.next().unwrap_or_default()))
    }

    fn put_back(&mut self, mut own: Vec<Entry>, shared: Entry, segment: Option<&str>) {
        own.sort_unstable_by(|one, other| one.cell.cmp(&other.cell));
        if !own.iter().map(|entry| entry.cell.as_ref()).eq(self.cells.own().iter().map(Some)) {
            let names = own.iter().filter_map(|entry| entry.cell.clone()).collect();
            self.cells = Arc::new(Cells::new(names, segment, self.places));
        }
        own.push(shared);
        self.sums = own.iter().flat_map(|entry| entry.sums.iter().copied()).collect();
        self.last = own.iter().flat_map(|entry| entry.last.iter().copied()).collect();
    }
}

impl Entry {
    fn new(cell: Option<Cell>, is_new: bool, places: usize) -> Self {
        Self { cell, is_new, sums: vec![0.0; places], last: vec![0; places * CAUSES] }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of an interval are tiny beside 2^53")]
    fn add(&mut self, rows: &[u64]) {
        for (sum, rows) in self.sums.iter_mut().zip(rows.chunks(CAUSES)) {
            *sum += rows.iter().map(|rows| *rows as f64).sum::<f64>();
        }
        for (last, rows) in self.last.iter_mut().zip(rows) {
            *last = last.saturating_add(*rows);
        }
    }

    fn join(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
        for (last, more) in self.last.iter_mut().zip(&other.last) {
            *last = last.saturating_add(*more);
        }
    }

    fn standing(&self) -> f64 {
        self.sums.iter().sum::<f64>() * if self.is_new { 1.0 } else { 2.0 }
    }
}

/// Leaves the `most` entries with the best standing, and tells the others.
fn most_frequent(entries: &mut Vec<Entry>, most: usize) -> Vec<Entry> {
    if entries.len() <= most {
        return Vec::new();
    }
    entries.sort_by(|one, other| {
        other.standing().total_cmp(&one.standing()).then_with(|| one.cell.cmp(&other.cell))
    });
    entries.split_off(most)
}
