//! Scores beside what turned out to be true.

use crate::error::{Error, Result, Undefined};
use crate::sample::check_weights;

/// The scores of a binary classifier, what turned out to be true, and perhaps a weight for each row.
///
/// A score that is NaN makes every statistic of the rows undefined ([`Undefined::MissingScores`]): only the caller
/// knows whether such rows may be left out.
#[derive(Clone, Copy, Debug)]
pub struct ScoredLabels<'a> {
    labels: &'a [bool],
    scores: &'a [f64],
    weights: Option<&'a [f64]>,
}

impl<'a> ScoredLabels<'a> {
    /// Rows that count once each.
    ///
    /// # Errors
    /// When there are not as many scores as labels.
    pub fn new(labels: &'a [bool], scores: &'a [f64]) -> Result<Self> {
        if labels.len() != scores.len() {
            return Err(Error::invalid(format!("{} labels have {} scores", labels.len(), scores.len())));
        }
        Ok(Self { labels, scores, weights: None })
    }

    /// Rows with a weight each; see [`Sample`](crate::Sample) for what a weight is.
    ///
    /// # Errors
    /// When the lengths differ, or a weight is negative, NaN or infinite, or there are rows and all weights are 0.
    pub fn weighted(labels: &'a [bool], scores: &'a [f64], weights: &'a [f64]) -> Result<Self> {
        check_weights(labels.len(), weights)?;
        Ok(Self { weights: Some(weights), ..Self::new(labels, scores)? })
    }

    /// What turned out to be true.
    #[must_use]
    pub fn labels(&self) -> &'a [bool] {
        self.labels
    }

    /// The scores.
    #[must_use]
    pub fn scores(&self) -> &'a [f64] {
        self.scores
    }

    /// The weights, if there are any.
    #[must_use]
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// `(label, score, weight)` of the rows that count; at least one.
    pub(crate) fn rows(&self) -> Result<impl Iterator<Item = (bool, f64, f64)> + Clone + 'a> {
        let (labels, scores, weights) = (self.labels, self.scores, self.weights);
        let weight = move |index: usize| weights.map_or(1.0, |weights| weights[index]);
        let counts = move |&index: &usize| weight(index) > 0.0;
        let missing = (0..labels.len()).filter(counts).filter(|&index| scores[index].is_nan()).count();
        if missing > 0 {
            return Err(Undefined::MissingScores(missing).into());
        }
        if labels.is_empty() {
            return Err(Undefined::Empty.into());
        }
        Ok((0..labels.len()).filter(counts).map(move |index| (labels[index], scores[index], weight(index))))
    }

    /// The same for statistics of probabilities.
    pub(crate) fn probabilities(&self) -> Result<impl Iterator<Item = (bool, f64, f64)> + Clone + 'a> {
        let rows = self.rows()?;
        if let Some((_, score, _)) = rows.clone().find(|(_, score, _)| !(0.0..=1.0).contains(score)) {
            return Err(Error::invalid(format!("a score is {score}, allowed: probabilities from 0 to 1")));
        }
        Ok(rows)
    }
}
