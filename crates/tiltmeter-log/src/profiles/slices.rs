//! Rows by the cell that they belong to.

use std::ops::Range;

/// The place of a row that is in no cell.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The rows of a block, those of one cell beside each other, and in their order.
#[derive(Debug, Default)]
pub(super) struct Slices {
    rows: Vec<u32>,
    /// By place: where its rows end.
    ends: Vec<usize>,
}

impl Slices {
    /// Sorts rows by their places, which are below `cells` or [`NOWHERE`]. O(rows + cells).
    pub(super) fn sort(&mut self, places: &[u32], cells: usize) {
        let Self { rows, ends } = self;
        ends.clear();
        ends.resize(cells + 1, 0);
        // shifted by one, so that ends begin as starts
        for &place in places.iter().filter(|place| **place != NOWHERE) {
            if let Some(count) = ends.get_mut(place as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in ends.iter_mut() {
            sum += *count;
            *count = sum;
        }
        rows.clear();
        rows.resize(sum, 0);
        for (row, &place) in (0_u32..).zip(places) {
            if let Some(next) = ends.get_mut(place as usize).filter(|_| place != NOWHERE)
                && let Some(slot) = rows.get_mut(*next)
            {
                *slot = row;
                *next += 1;
            }
        }
    }

    /// Each place that has rows, with the range of these among all that are somewhere.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(self.ends.iter().copied()).map(|(start, end)| start..end);
        ranges.enumerate().filter(|(_, range)| !range.is_empty())
    }

    /// The values of the rows, in their order.
    pub(super) fn gather<T: Copy>(&self, values: &[T], gathered: &mut Vec<T>) {
        gathered.clear();
        gathered.extend(self.rows.iter().filter_map(|&row| values.get(row as usize)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_place_stand_together_in_their_order() {
        let mut slices = Slices::default();
        for _ in 0..2 {
            slices.sort(&[2, 0, NOWHERE, 2, 0, 3], 4);
            assert_eq!(slices.rows, [1, 4, 0, 3, 5]);
            assert_eq!(slices.runs().collect::<Vec<_>>(), [(0, 0..2), (2, 2..4), (3, 4..5)]);
        }
        let mut gathered = Vec::new();
        slices.gather(&["a", "b", "c", "d", "e", "f"], &mut gathered);
        assert_eq!(gathered, ["b", "e", "a", "d", "f"]);
        slices.sort(&[NOWHERE], 0);
        assert_eq!(slices.runs().count(), 0);
    }
}
