//! The scores of both sides together, to be drawn.

use serde::Serialize;

use super::rows::{Rows, Sides};

/// Bins of a side.
const BINS: usize = 40;

/// How many pairs have which two scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoreDensity {
    /// The edges of the bins, the same for both sides, one more than there are bins. A bin has its lower edge, the last
    /// one its upper one too. From 0 to 1 when all scores are.
    pub edges: Vec<f64>,
    /// By bin of the champion's score, and in it by bin of the challenger's: the share of pairs.
    pub shares: Vec<Vec<f64>>,
}

/// `None` when no pair has both scores, or they are all the same. What is infinite is in the outermost bins.
pub(super) fn score_density(rows: &Rows, sides: Sides<'_>) -> Option<ScoreDensity> {
    let Sides { champion_score: champion, challenger_score: challenger, .. } = sides;
    let rows = rows.filtered(|row| !champion[row].is_nan() && !challenger[row].is_nan());
    let finite = || {
        let both = rows.iter().flat_map(|weighted| [champion[weighted.row], challenger[weighted.row]]);
        both.filter(|score| score.is_finite())
    };
    let (low, high) = (finite().reduce(f64::min)?, finite().reduce(f64::max)?);
    let (low, high) = if low >= 0.0 && high <= 1.0 { (0.0, 1.0) } else { (low, high) };
    let edge = |edge: usize| low + (high - low) * edge as f64 / BINS as f64;
    let edges: Vec<f64> = (0..=BINS).map(edge).collect();
    if !(low < high && edges.iter().all(|edge| edge.is_finite())) {
        return None;
    }
    let bin = |score: f64| edges[1..BINS].partition_point(|edge| *edge <= score);
    let mut shares = vec![vec![0.0; BINS]; BINS];
    let mut whole = 0.0;
    for weighted in rows.iter() {
        shares[bin(champion[weighted.row])][bin(challenger[weighted.row])] += weighted.weight;
        whole += weighted.weight;
    }
    shares.iter_mut().flatten().for_each(|share| *share /= whole);
    Some(ScoreDensity { edges, shares })
}
