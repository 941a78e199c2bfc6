//! The distance of two samples without weights that are not in order, for less than it costs to sort them.
//!
//! Counts in cells give both distribution functions at the ends of the cells. Within a cell the distance can only be
//! larger by the cell's share; only where that could exceed the largest one found at the ends does the order of
//! values matter. Of smooth samples that is so in a few cells, which hold some thousandth of the values. Where a value
//! fills a cell because it occurs so often, it is counted there, and the others alone are sorted.

use super::gap::Gap;
use super::sorted::walk;
use super::stretch::Stretch;
use crate::sorted::sort_present;
use crate::spread::Spread;

/// The distance of samples that are not empty and without NaN; `None` when their values cannot be spread out.
///
/// To the last bit that of [`of_sorted`](super::of_sorted). O(n) time where values are spread out, and at the worst,
/// when most are in few cells, that of sorting; some 2 MB of memory, and that of the values sorted.
pub(in super::super) fn of_unsorted(f: &[f64], g: &[f64]) -> Option<Gap> {
    let (samples, sizes) = ([f, g], [f.len(), g.len()]);
    if sizes.iter().any(|&size| u32::try_from(size).is_err()) {
        return None;
    }
    let spread = Spread::fitted_to(f)?;
    let counts = samples.map(|values| spread.count(values));
    let mut gap = Gap::default();
    for Cell { before, within, .. } in cells(&counts) {
        gap.widen(share(before[0] + within[0], sizes[0]), share(before[1] + within[1], sizes[1]));
    }
    let candidates: Vec<Cell> = cells(&counts).filter(|cell| cell.may_widen(gap, sizes)).collect();
    let counted = first_values(&candidates, &spread, samples);
    let listed = samples.map(|values| others(values, &counted, &spread));
    let mut rest = [&listed[0][..], &listed[1][..]];
    for Cell { number, before, within } in candidates {
        let [f, g] = [0, 1].map(|sample| {
            let here = rest[sample].iter().take_while(|&&value| spread.cell(value) == number).count();
            let (listed, after) = rest[sample].split_at(here);
            rest[sample] = after;
            Stretch::new(listed, counted[number], within[sample] - here)
        });
        walk(f, g, before, sizes, &mut gap);
    }
    Some(gap)
}

/// The values of both samples in one cell.
#[derive(Clone, Copy, Debug)]
struct Cell {
    number: usize,
    before: [usize; 2],
    within: [usize; 2],
}

impl Cell {
    /// Whether the functions can be farther apart within the cell: if all of one sample's values came first.
    fn may_widen(&self, gap: Gap, sizes: [usize; 2]) -> bool {
        let [f_before, g_before] = self.before;
        let highest = share(f_before + self.within[0], sizes[0]) - share(g_before, sizes[1]);
        let lowest = share(f_before, sizes[0]) - share(g_before + self.within[1], sizes[1]);
        highest > gap.above || -lowest > gap.below
    }
}

fn cells(counts: &[Vec<u32>; 2]) -> impl Iterator<Item = Cell> + '_ {
    let mut before = [0, 0];
    counts[0].iter().zip(&counts[1]).enumerate().map(move |(number, (&f, &g))| {
        let cell = Cell { number, before, within: [f as usize, g as usize] };
        before = [before[0] + f as usize, before[1] + g as usize];
        cell
    })
}

/// By cell, a value of each candidate; NaN for others. One that fills its cell is the likeliest to be met.
fn first_values(candidates: &[Cell], spread: &Spread, samples: [&[f64]; 2]) -> Vec<f64> {
    let mut firsts = vec![f64::NAN; Spread::CELLS];
    let mut wanted = vec![false; Spread::CELLS];
    for (sample, values) in samples.into_iter().enumerate() {
        let mut missing = 0;
        for cell in candidates.iter().filter(|cell| cell.within[sample] > 0 && firsts[cell.number].is_nan()) {
            wanted[cell.number] = true;
            missing += 1;
        }
        for &value in values {
            if missing == 0 {
                break;
            }
            let cell = spread.cell(value);
            if wanted[cell] {
                (firsts[cell], wanted[cell]) = (value, false);
                missing -= 1;
            }
        }
    }
    firsts
}

/// The values in candidates that differ from the counted ones, in order.
fn others(values: &[f64], counted: &[f64], spread: &Spread) -> Vec<f64> {
    let differs = |value: &f64| {
        let counted = counted[spread.cell(*value)];
        // neither of them for NaN
        (*value < counted) | (*value > counted)
    };
    let mut others: Vec<f64> = values.iter().copied().filter(differs).collect();
    sort_present(&mut others);
    others
}

fn share(rank: usize, size: usize) -> f64 {
    rank as f64 / size as f64
}
