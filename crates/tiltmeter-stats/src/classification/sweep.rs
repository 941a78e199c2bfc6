//! Rows by score, the highest first: what every curve over thresholds is made of.

use crate::error::{Result, Undefined};
use crate::sample::scale_of;
use crate::scored::ScoredLabels;

/// The rows of both classes in descending order of their scores.
#[derive(Debug)]
pub(super) struct Sweep {
    sides: Sides,
    pub(super) positive: Totals,
    pub(super) negative: Totals,
}

/// Positives and negatives: two small sorts are faster than one large one, and labels need not be carried along.
#[derive(Debug)]
enum Sides {
    Plain([Vec<f64>; 2]),
    Weighted([Vec<Weighted>; 2]),
}

#[derive(Clone, Copy, Debug)]
struct Weighted {
    score: f64,
    weight: f64,
}

/// How much there is of one class, or of it at one score.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) rows: usize,
    pub(super) weight: f64,
    pub(super) squares: f64,
}

/// The rows of one score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) score: f64,
    pub(super) positive: Totals,
    pub(super) negative: Totals,
}

impl Sweep {
    /// O(n log n) time; 8 bytes a row, 16 with weights.
    ///
    /// Weights are on a scale on which they can be squared and summed.
    pub(super) fn new(scored: &ScoredLabels<'_>) -> Result<Self> {
        let rows = scored.rows()?;
        let sides = if scored.weights().is_some() {
            let scale = scale_of(rows.clone().map(|(_, _, weight)| weight));
            let mut sides: [Vec<Weighted>; 2] = Default::default();
            for (label, score, weight) in rows {
                let weight = weight * scale;
                if weight > 0.0 {
                    sides[usize::from(!label)].push(Weighted { score: score + 0.0, weight });
                }
            }
            for side in &mut sides {
                side.sort_unstable_by(|one, other| other.score.total_cmp(&one.score));
            }
            Sides::Weighted(sides)
        } else {
            let mut sides: [Vec<f64>; 2] = Default::default();
            for (label, score, _) in rows {
                // −0 and 0 are one score
                sides[usize::from(!label)].push(score + 0.0);
            }
            for side in &mut sides {
                side.sort_unstable_by(|one, other| other.total_cmp(one));
            }
            Sides::Plain(sides)
        };
        let [positive, negative] = match &sides {
            Sides::Plain(sides) => sides.each_ref().map(|side| Totals::of(side)),
            Sides::Weighted(sides) => sides.each_ref().map(|side| Totals::of(side)),
        };
        Ok(Self { sides, positive, negative })
    }

    /// The same; undefined without positives.
    pub(super) fn with_positives(scored: &ScoredLabels<'_>) -> Result<Self> {
        let sweep = Self::new(scored)?;
        if sweep.positive.rows == 0 { Err(Undefined::NoPositives.into()) } else { Ok(sweep) }
    }

    /// Hands out the rows of each score, from the highest score to the lowest. O(n).
    pub(super) fn for_each(&self, visit: impl FnMut(Step)) {
        match &self.sides {
            Sides::Plain([positives, negatives]) => merge(positives, negatives, visit),
            Sides::Weighted([positives, negatives]) => merge(positives, negatives, visit),
        }
    }
}

fn merge<R: Row>(mut positives: &[R], mut negatives: &[R], mut visit: impl FnMut(Step)) {
    loop {
        let score = match (positives.first(), negatives.first()) {
            (Some(positive), Some(negative)) => positive.score().max(negative.score()),
            (Some(row), None) | (None, Some(row)) => row.score(),
            (None, None) => return,
        };
        let (positive, negative) = (take(&mut positives, score), take(&mut negatives, score));
        visit(Step { score, positive, negative });
    }
}

/// Takes the rows of a score, which is that of the first row or above it.
fn take<R: Row>(rows: &mut &[R], score: f64) -> Totals {
    let mut taken = Totals::default();
    while let Some((row, rest)) = rows.split_first().filter(|(row, _)| row.score() >= score) {
        taken.add(row.weight());
        *rows = rest;
    }
    taken
}

impl Totals {
    fn of<R: Row>(rows: &[R]) -> Self {
        let mut totals = Self::default();
        rows.iter().for_each(|row| totals.add(row.weight()));
        totals
    }

    fn add(&mut self, weight: f64) {
        self.rows += 1;
        self.weight += weight;
        self.squares += weight * weight;
    }

    /// Kish's; at least one for rows whose squared weights can be summed.
    pub(super) fn effective_size(&self) -> f64 {
        self.weight * (self.weight / self.squares)
    }
}

trait Row {
    fn score(&self) -> f64;
    fn weight(&self) -> f64;
}

impl Row for f64 {
    fn score(&self) -> f64 {
        *self
    }

    fn weight(&self) -> f64 {
        1.0
    }
}

impl Row for Weighted {
    fn score(&self) -> f64 {
        self.score
    }

    fn weight(&self) -> f64 {
        self.weight
    }
}
