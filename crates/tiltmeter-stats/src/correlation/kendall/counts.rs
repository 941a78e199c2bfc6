//! How many pairs of rows are in which order.

use super::super::rows::Rows;

/// Sums of w_i w_j over pairs of rows: without weights, numbers of pairs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) x: Ties,
    pub(super) y: Ties,
    /// In opposite orders.
    pub(super) discordant: f64,
    /// In the same order, minus in opposite ones.
    pub(super) score: f64,
}

/// The groups of equal values of one column, t the weight of a group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ties {
    /// Over pairs whose values differ.
    pub(super) apart: f64,
    /// Σ t².
    squares: f64,
    /// Σ t(t − 1)(t − 2).
    triples: f64,
    /// Σ t(t − 1)(2t + 5).
    variance: f64,
    below: f64,
}

impl Ties {
    fn add(&mut self, t: f64) {
        self.apart += t * self.below;
        self.below += t;
        self.squares += t * t;
        self.triples += t * (t - 1.0) * (t - 2.0);
        self.variance += t * (t - 1.0) * (2.0 * t + 5.0);
    }

    /// Of values in order, with their weights.
    fn of(sorted: &[(f64, f64)]) -> Self {
        let mut ties = Self::default();
        for tied in sorted.chunk_by(|one, other| one.0 >= other.0) {
            ties.add(tied.iter().map(|row| row.1).sum());
        }
        ties
    }
}

impl Counts {
    /// Knight's algorithm: rows are sorted by x, and within equal x by y; then the exchanges that sort them by y are the
    /// discordant pairs. O(n log n).
    pub(super) fn of(rows: &Rows) -> Self {
        // −0 and 0 are one value
        let mut order: Vec<(f64, f64, f64)> = (rows.x.iter().zip(&rows.y).zip(&rows.weights))
            .map(|((x, y), &weight)| (x + 0.0, y + 0.0, weight))
            .collect();
        order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let (mut x, mut both) = (Ties::default(), Ties::default());
        for tied in order.chunk_by(|one, other| one.0 >= other.0) {
            x.add(tied.iter().map(|row| row.2).sum());
            for tied in tied.chunk_by(|one, other| one.1 >= other.1) {
                both.add(tied.iter().map(|row| row.2).sum());
            }
        }
        let mut column: Vec<(f64, f64)> = order.into_iter().map(|(_, y, weight)| (y, weight)).collect();
        let discordant = exchanges(&mut column);
        let y = Ties::of(&column);
        // those that differ in both columns are those that differ in x but not those that differ in x alone
        let in_both = x.apart - (y.squares - both.squares) / 2.0;
        Self { x, y, discordant, score: in_both - 2.0 * discordant }
    }

    /// The variance of the score of `n` rows over all permutations of one column. Kendall & Gibbons (1990), (5.2).
    pub(super) fn variance_of_score(&self, n: usize) -> f64 {
        let n = n as f64;
        let pairs = n * (n - 1.0);
        let tied = |ties: &Ties| pairs / 2.0 - ties.apart;
        let mut variance = (pairs * (2.0 * n + 5.0) - self.x.variance - self.y.variance) / 18.0
            + 2.0 * tied(&self.x) * tied(&self.y) / pairs;
        if n > 2.0 {
            variance += self.x.triples / pairs * self.y.triples / (9.0 * (n - 2.0));
        }
        variance
    }
}

/// Sorts `(value, weight)` by value, by merging runs of doubled length, and sums w_i w_j over the pairs that were in the
/// wrong order.
pub(crate) fn exchanges(rows: &mut Vec<(f64, f64)>) -> f64 {
    let mut exchanged = 0.0;
    let mut merged = Vec::with_capacity(rows.len());
    let mut length = 1;
    while length < rows.len() {
        merged.clear();
        for runs in rows.chunks(2 * length) {
            let (left, right) = runs.split_at(length.min(runs.len()));
            exchanged += merge(left, right, &mut merged);
        }
        std::mem::swap(rows, &mut merged);
        length *= 2;
    }
    exchanged
}

fn merge(mut left: &[(f64, f64)], mut right: &[(f64, f64)], merged: &mut Vec<(f64, f64)>) -> f64 {
    let mut exchanged = 0.0;
    let mut waiting: f64 = left.iter().map(|row| row.1).sum();
    while let (Some((&one, left_rest)), Some((&other, right_rest))) =
        (left.split_first(), right.split_first())
    {
        if other.0 < one.0 {
            exchanged += waiting * other.1;
            merged.push(other);
            right = right_rest;
        } else {
            waiting -= one.1;
            merged.push(one);
            left = left_rest;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    exchanged
}
