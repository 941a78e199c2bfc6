//! How two sides answer the same requests: decisions and scores.

use serde::Serialize;

use super::agreement::agreement;
use super::resample::Resample;
use super::rows::{Rows, Sides};
use super::scores::scores;
use crate::Measured;

/// How the decisions and scores of a challenger are beside those of its champion, over pairs.
///
/// Differences are the challenger's less the champion's. An interval is made to cover the truth in 95 of 100 cases or more;
/// rows count as independent, and weights as given. Where few pairs decide a figure (some ten that differ) it covers less.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairFigures {
    /// Pairs.
    pub pairs: u64,
    /// How many pairs without weights would tell as much (Kish).
    pub effective_size: f64,
    /// Pairs in which a decision is missing: the three figures of decisions leave them out.
    pub missing_decisions: u64,
    /// Pairs in which a score is missing: the figures of scores leave them out.
    pub missing_scores: u64,
    /// The share of pairs with the same decision, 0 to 1; Wilson's interval.
    pub agreement_rate: Measured,
    /// Cohen's kappa of the decisions, −1 to 1; the interval of its asymptotic standard error.
    pub cohen_kappa: Measured,
    /// What each decided, where they differ and where they do not: in the order of the champion's classes, then the
    /// challenger's. Of more than [`MAX_CLASSES`] classes those with the most pairs are there.
    pub flips: Vec<Flip>,
    /// The correlation of the scores; an interval of its linearised variance (Deville, *Survey Methodology* 25, 1999), on
    /// Fisher's scale, that presumes no distribution. Of skewed scores it covers some points less.
    pub pearson: Measured,
    /// The rank correlation of the scores; its interval likewise (Croux & Dehon, *Statistical Methods & Applications* 19,
    /// 2010).
    pub spearman: Measured,
    /// The mean difference of the scores.
    pub mean_score_difference: Measured,
    /// The mean distance of the scores, whatever its sign.
    pub score_distance: Measured,
    /// The distance of Kolmogorov and Smirnov of the two distributions of scores. Its interval is d ± q, from 0, where q is
    /// the 95 % point of sup|Δ* − Δ̂| over draws of the bootstrap, Δ the difference of the two distribution functions: by the
    /// triangle inequality (Giné & Zinn, *Annals of Probability* 18, 1990, for the bootstrap of Δ).
    pub ks: Measured,
    /// What [`ks`](Self::ks) is on average between two samples of one distribution, if they are independent; of pairs that
    /// go together it is less.
    pub ks_expected: Option<f64>,
    /// The population stability index of the challenger's scores, the champion's being the reference: deciles of it. Its
    /// upper end is that of the basic interval of the bootstrap (Davison & Hinkley, *Bootstrap Methods and their
    /// Application*, 1997); the lower one is found as that of [`ks`](Self::ks), for the root of the index. Both take the bins for given.
    pub psi: Measured,
    /// What [`psi`](Self::psi) is on average without a difference, likewise.
    pub psi_expected: Option<f64>,
    /// Wasserstein's distance of the two distributions, in the unit of the scores; an interval as that of
    /// [`ks`](Self::ks), with ∫|Δ* − Δ̂|.
    pub wasserstein: Measured,
    /// What [`wasserstein`](Self::wasserstein) is on average without a difference, likewise.
    pub wasserstein_expected: Option<f64>,
}

/// How often champion and challenger decided so.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Flip {
    /// What the champion decided.
    pub champion: String,
    /// What the challenger decided.
    pub challenger: String,
    /// Pairs.
    pub pairs: u64,
    /// How many requests they stand for.
    pub weight: f64,
    /// Their share of all pairs with decisions, with Wilson's interval.
    pub share: Measured,
}

impl Flip {
    /// Whether the two decided differently.
    #[must_use]
    pub fn is_flip(&self) -> bool {
        self.champion != self.challenger
    }
}

/// Classes that the matrix of flips tells apart, at most.
pub const MAX_CLASSES: usize = 50;

/// Of the rows, which are pairs.
pub(super) fn figures(rows: &Rows, sides: Sides<'_>, resample: Resample) -> PairFigures {
    let decisions = agreement(rows, sides);
    let scores = scores(rows, sides, resample);
    PairFigures {
        pairs: rows.len() as u64,
        effective_size: rows.effective_size(),
        missing_decisions: decisions.missing,
        missing_scores: scores.missing,
        agreement_rate: decisions.rate,
        cohen_kappa: decisions.kappa,
        flips: decisions.flips,
        pearson: scores.pearson,
        spearman: scores.spearman,
        mean_score_difference: scores.mean_difference,
        score_distance: scores.mean_distance,
        ks: scores.ks.figure,
        ks_expected: scores.ks.expected,
        psi: scores.psi.figure,
        psi_expected: scores.psi.expected,
        wasserstein: scores.wasserstein.figure,
        wasserstein_expected: scores.wasserstein.expected,
    }
}
