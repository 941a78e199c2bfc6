//! The cells of requests, whose strata are others each day.

use std::collections::HashMap;

use tiltmeter_stats::QuantileBins;

use super::record::Record;
use crate::shadow::coverage::{Cells, Sums, factors};

/// The cell of each request, by place: what its segments are, and in which stratum its score is on that day. Most stay
/// in theirs, so that few have to be looked up.
pub(super) struct CellsByDay {
    segments: Vec<usize>,
    /// The stratum of the latest day, and the cell that follows; of the requests until then.
    stratum: Vec<usize>,
    cell: Vec<usize>,
    today: Vec<usize>,
    /// Numbers of cells by segments and stratum, and by number the stratum.
    numbers: HashMap<(usize, usize), usize>,
    stratum_of: Vec<usize>,
    strata: usize,
}

impl CellsByDay {
    pub(super) fn of(record: &Record<'_>) -> Self {
        let table = record.material.table;
        let segments = Cells::of(table, &vec![0; table.len()], 1);
        Self {
            segments: record.by_place(|row| segments.of_row()[row]),
            stratum: Vec::new(),
            cell: Vec::new(),
            today: Vec::new(),
            numbers: HashMap::new(),
            stratum_of: Vec::new(),
            strata: 1,
        }
    }

    /// Divides the first requests by their scores. Those without one are a stratum of their own.
    pub(super) fn divide(&mut self, scores: &[f64], strata: Option<&QuantileBins>) {
        let without = strata.map_or(0, QuantileBins::len);
        self.strata = self.strata.max(without + 1);
        match strata {
            Some(strata) => strata.bins_into(&mut self.today, scores, without),
            None => self.today = vec![without; scores.len()],
        }
        // beyond all strata, so that it is none of theirs
        self.stratum.resize(scores.len(), usize::MAX);
        self.cell.resize(scores.len(), 0);
        let places = self.segments.iter().zip(self.stratum.iter_mut().zip(&mut self.cell));
        for (&now, (&segments, (stratum, cell))) in self.today.iter().zip(places) {
            if now != *stratum {
                *stratum = now;
                *cell = *self.numbers.entry((segments, now)).or_insert_with(|| {
                    self.stratum_of.push(now);
                    self.stratum_of.len() - 1
                });
            }
        }
    }

    /// Lets the respondents among the first requests stand for all of them: their weights, and 0 for the others.
    pub(super) fn weigh(&self, weights: &[f64], responded: &[bool], fewest: u64, found: &mut Vec<f64>) {
        let mut sums = vec![Sums::default(); self.stratum_of.len()];
        for ((&cell, &weight), &responded) in self.cell.iter().zip(weights).zip(responded) {
            sums[cell].add_row(weight, responded);
        }
        let factors = factors(&sums, &self.stratum_of, self.strata, fewest);
        let rows = self.cell.iter().zip(weights).zip(responded);
        found.clear();
        found.extend(rows.map(|((&cell, &weight), &responded)| match factors[cell] {
            Some(factor) if responded => weight * factor,
            _ => 0.0,
        }));
    }
}
