//! An exponential histogram of the last values.

use crate::series::detection::Direction;

/// The sum of some values, and the sum of their squared distances from their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    total: f64,
    variance: f64,
}

/// A cut between two parts whose means differ too much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub(super) direction: Direction,
    pub(super) difference: f64,
    pub(super) bound: f64,
}

/// Values in buckets of 2^row of them. The newest are in row 0, and in a row the oldest bucket is the first.
///
/// Sums are computed in the order in which river computes them, so that the same values are found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    rows: Vec<Vec<Bucket>>,
    max_buckets: usize,
    /// How many values there are; at most 2⁵³ are told apart.
    width: f64,
    total: f64,
    variance: f64,
}

impl Window {
    pub(super) fn new(max_buckets: usize) -> Self {
        Self { rows: vec![Vec::new()], max_buckets, width: 0.0, total: 0.0, variance: 0.0 }
    }

    pub(super) fn width(&self) -> f64 {
        self.width
    }

    pub(super) fn mean(&self) -> f64 {
        self.total / self.width
    }

    pub(super) fn insert(&mut self, value: f64) {
        self.rows[0].push(Bucket { total: value, variance: 0.0 });
        self.width += 1.0;
        if self.width > 1.0 {
            let others = self.width - 1.0;
            let distance = value - self.total / others;
            self.variance += others * distance * distance / self.width;
        }
        self.total += value;
        self.compress();
    }

    /// Joins the two oldest buckets of a row that has too many, row after row.
    fn compress(&mut self) {
        let mut row = 0;
        while self.rows.get(row).is_some_and(|buckets| buckets.len() > self.max_buckets) {
            let size = size_of(row);
            let (one, other) = (self.rows[row][0], self.rows[row][1]);
            let distance = one.total / size - other.total / size;
            let joined = Bucket {
                total: one.total + other.total,
                variance: one.variance + other.variance + size * size * distance * distance / (size + size),
            };
            self.rows[row].drain(..2);
            row += 1;
            if row == self.rows.len() {
                self.rows.push(Vec::new());
            }
            self.rows[row].push(joined);
        }
    }

    /// Forgets the oldest bucket; something must be left without it.
    pub(super) fn drop_oldest(&mut self) {
        let size = size_of(self.rows.len() - 1);
        let Some(oldest) = self.rows.last_mut().filter(|row| !row.is_empty()).map(|row| row.remove(0)) else {
            return;
        };
        self.width -= size;
        self.total -= oldest.total;
        let distance = oldest.total / size - self.total / self.width;
        self.variance -= oldest.variance + size * self.width * distance * distance / (size + self.width);
        if self.rows.len() > 1 && self.rows.last().is_some_and(Vec::is_empty) {
            self.rows.pop();
        }
    }

    /// The first cut, from the oldest on, whose parts differ too much.
    pub(super) fn cut(&self, delta: f64, least: f64) -> Option<Cut> {
        let (mut older, mut newer) = (0.0, self.width);
        let (mut older_total, mut newer_total) = (0.0, self.total);
        let newest = self.rows[0].len().checked_sub(1);
        for (row, buckets) in self.rows.iter().enumerate().rev() {
            for (place, bucket) in buckets.iter().enumerate() {
                older += size_of(row);
                newer -= size_of(row);
                older_total += bucket.total;
                newer_total -= bucket.total;
                if row == 0 && Some(place) == newest {
                    return None;
                }
                let difference = older_total / older - newer_total / newer;
                if newer >= least && older >= least {
                    let bound = self.bound(older - least + 1.0, newer - least + 1.0, delta);
                    if difference.abs() > bound {
                        let direction = if difference < 0.0 { Direction::Up } else { Direction::Down };
                        return Some(Cut { direction, difference: difference.abs(), bound });
                    }
                }
            }
        }
        None
    }

    fn bound(&self, older: f64, newer: f64, delta: f64) -> f64 {
        let log = (2.0 * self.width.ln() / delta).ln();
        let reciprocal = 1.0 / older + 1.0 / newer;
        (2.0 * reciprocal * (self.variance / self.width) * log).sqrt() + 2.0 / 3.0 * log * reciprocal
    }
}

fn size_of(row: usize) -> f64 {
    2.0_f64.powi(i32::try_from(row).unwrap_or(i32::MAX))
}
