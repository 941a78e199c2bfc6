//! The k-th smallest of many values, without sorting all of them.

use crate::sorted::sort_present;
use crate::spread::Spread;

/// From this many values on counting in cells is faster than sorting.
const FEWEST_SPREAD: usize = 20_000;

/// The values at the ranks, which count from 0, in their order; ranks beyond the last are the last.
///
/// No value may be NaN, and there must be one. O(n) for few ranks where the values are spread out, at the worst that
/// of sorting.
pub(crate) fn order_statistics(values: &[f64], ranks: &[usize]) -> Vec<f64> {
    if ranks.is_empty() {
        return Vec::new();
    }
    let last = values.len().saturating_sub(1);
    let is_large = values.len() >= FEWEST_SPREAD && u32::try_from(values.len()).is_ok();
    let Some(spread) = is_large.then(|| Spread::fitted_to(values)).flatten() else {
        let mut sorted = values.to_vec();
        sort_present(&mut sorted);
        return ranks.iter().map(|&rank| sorted[rank.min(last)]).collect();
    };
    // by cell, how many values are in lower cells
    let lower: Vec<usize> = spread
        .count(values)
        .into_iter()
        .scan(0, |below, count| {
            *below += count as usize;
            Some(*below - count as usize)
        })
        .collect();
    let cell_of = |rank: usize| lower.partition_point(|&below| below <= rank) - 1;
    let mut is_wanted = vec![false; Spread::CELLS];
    for &rank in ranks {
        is_wanted[cell_of(rank.min(last))] = true;
    }
    let mut wanted: Vec<f64> =
        values.iter().copied().filter(|&value| is_wanted[spread.cell(value)]).collect();
    sort_present(&mut wanted);
    let place = |rank: usize| {
        let cell = cell_of(rank);
        wanted.partition_point(|&value| spread.cell(value) < cell) + rank - lower[cell]
    };
    ranks.iter().map(|&rank| wanted[place(rank.min(last))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn are_those_of_the_sorted_values() {
        let mut random = Random(5);
        let shapes: [fn(f64) -> f64; 4] =
            [|z| z, |z| (3.0 * z).exp(), |z| (2.0 * z).round() + 0.0, |z| if z < 1.0 { 0.0 } else { z }];
        for shape in shapes {
            for size in [1, 100, 19_999, 20_000, 50_000] {
                let values: Vec<f64> = (0..size).map(|_| shape(random.normal())).collect();
                let mut sorted = values.clone();
                sort_present(&mut sorted);
                let ranks = [0, size / 10, size / 2, size / 2, size - 1, size + 5];
                let expected: Vec<f64> = ranks.iter().map(|&rank| sorted[rank.min(size - 1)]).collect();
                assert_eq!(order_statistics(&values, &ranks), expected);
            }
        }
    }
}
