//! Rows with a label and a score.

use tiltmeter_stats::ScoredLabels;

use crate::design::{Kept, Random, Weighting};

/// A row of a classifier.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) is_positive: bool,
    pub(crate) score: f64,
}

impl Random {
    /// So many labelled rows that were kept; rows with a score above `sought` are sought by value.
    pub(crate) fn labelled(
        &mut self,
        weighting: Weighting,
        count: usize,
        sought: f64,
        draw: impl FnMut(&mut Self) -> Row,
    ) -> Kept<Row> {
        self.kept(weighting, count, draw, |row| match weighting {
            Weighting::ByLabel => row.is_positive,
            _ => row.score > sought,
        })
    }

    /// Calibrated scores: the smaller of two uniform numbers, so that a third of the rows is positive.
    pub(crate) fn calibrated(&mut self, weighting: Weighting, count: usize) -> Kept<Row> {
        self.labelled(weighting, count, 0.3, |random| {
            let score = random.uniform().min(random.uniform());
            Row { is_positive: random.is(score), score }
        })
    }

    /// Normal scores, of which those of the positives, a third of the rows, are higher by so much.
    pub(crate) fn separated(&mut self, weighting: Weighting, count: usize, distance: f64) -> Kept<Row> {
        self.labelled(weighting, count, 0.5, |random| {
            let is_positive = random.is(1.0 / 3.0);
            Row { is_positive, score: random.normal() + if is_positive { distance } else { 0.0 } }
        })
    }
}

impl Kept<Row> {
    pub(crate) fn labels(&self) -> Vec<bool> {
        self.column(|row| row.is_positive)
    }

    pub(crate) fn scores(&self) -> Vec<f64> {
        self.column(|row| row.score)
    }

    /// Hands the rows on.
    pub(crate) fn with_scored<R>(&self, of: impl FnOnce(ScoredLabels<'_>) -> R) -> R {
        let (labels, scores) = (self.labels(), self.scores());
        match &self.weights {
            Some(weights) => of(ScoredLabels::weighted(&labels, &scores, weights).unwrap()),
            None => of(ScoredLabels::new(&labels, &scores).unwrap()),
        }
    }
}
