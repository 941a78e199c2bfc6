//! How two sides score the same requests.

mod correlations;
mod distances;

use self::correlations::correlations;
use self::distances::Distances;
use super::known::{mean, undefined};
use super::resample::Resample;
use super::rows::{Rows, Sides};
use crate::Measured;

/// A distance of two distributions, and what it is on average without a difference.
pub(super) struct Distance {
    pub(super) figure: Measured,
    pub(super) expected: Option<f64>,
}

/// What is found of scores.
pub(super) struct Scores {
    pub(super) missing: u64,
    pub(super) pearson: Measured,
    pub(super) spearman: Measured,
    pub(super) mean_difference: Measured,
    pub(super) mean_distance: Measured,
    pub(super) ks: Distance,
    pub(super) psi: Distance,
    pub(super) wasserstein: Distance,
}

pub(super) fn scores(rows: &Rows, sides: Sides<'_>, resample: Resample) -> Scores {
    let Sides { champion_score: champion, challenger_score: challenger, .. } = sides;
    let scored = rows.filtered(|row| !champion[row].is_nan() && !challenger[row].is_nan());
    let missing = (rows.len() - scored.len()) as u64;
    if scored.len() == 0 {
        let none = || undefined("no pair has both scores");
        let distance = || Distance { figure: none(), expected: None };
        return Scores {
            missing,
            pearson: none(),
            spearman: none(),
            mean_difference: none(),
            mean_distance: none(),
            ks: distance(),
            psi: distance(),
            wasserstein: distance(),
        };
    }
    let (one, other) = (scored.gather(champion), scored.gather(challenger));
    let differences: Vec<f64> = one.iter().zip(&other).map(|(one, other)| other - one).collect();
    let distances: Vec<f64> = differences.iter().map(|difference| difference.abs()).collect();
    let [pearson, spearman] = correlations(&scored, &one, &other);
    let Distances { ks, psi, wasserstein } = Distances::of(&scored, &one, &other, resample);
    Scores {
        missing,
        pearson,
        spearman,
        mean_difference: mean(scored.sample(&differences)),
        mean_distance: mean(scored.sample(&distances)),
        ks,
        psi,
        wasserstein,
    }
}
