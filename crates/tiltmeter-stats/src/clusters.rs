//! Rows that came about together.

use std::collections::HashMap;
use std::hash::Hash;

/// The cluster of each row, numbered in the order in which they appear, so that no sum depends on hashing.
#[derive(Clone, Debug)]
pub(crate) struct Clusters {
    of_row: Vec<usize>,
    count: usize,
}

impl Clusters {
    pub(crate) fn new<C: Eq + Hash>(names: &[C]) -> Self {
        let mut numbers: HashMap<&C, usize> = HashMap::new();
        let of_row = names
            .iter()
            .map(|name| {
                let next = numbers.len();
                *numbers.entry(name).or_insert(next)
            })
            .collect();
        Self { of_row, count: numbers.len() }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn of_row(&self) -> &[usize] {
        &self.of_row
    }

    /// The rows sorted by cluster, and where each cluster starts among them, with the end as the last.
    pub(crate) fn rows(&self) -> (Vec<usize>, Vec<usize>) {
        let mut starts = vec![0; self.count + 1];
        for &cluster in &self.of_row {
            starts[cluster + 1] += 1;
        }
        for cluster in 0..self.count {
            starts[cluster + 1] += starts[cluster];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; self.of_row.len()];
        for (row, &cluster) in self.of_row.iter().enumerate() {
            rows[next[cluster]] = row;
            next[cluster] += 1;
        }
        (rows, starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_grouped_and_keep_their_order() {
        let clusters = Clusters::new(&["b", "a", "b", "c", "a", "b"]);
        assert_eq!(clusters.of_row(), [0, 1, 0, 2, 1, 0]);
        assert_eq!(clusters.rows(), (vec![0, 2, 5, 1, 4, 3], vec![0, 3, 5, 6]));
        assert_eq!(Clusters::new::<u64>(&[]).rows(), (vec![], vec![0]));
    }
}
