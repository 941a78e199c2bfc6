//! The items of one query.

use crate::error::{Error, Result, Undefined};

/// The items of one query: how relevant each is, beside the score by which it is ranked, the highest first.
///
/// A relevance is a finite number from 0; where a measure knows only relevant and irrelevant, above 0 is relevant. NaN
/// is an item that nobody has judged: it is left out and counted (condensed lists: Sakai, *SIGIR* 2007, 71–78). A
/// score that is NaN makes every measure undefined ([`Undefined::MissingScores`]), since only the caller knows where
/// such an item would have been shown. ±∞ are scores.
///
/// Relevant items that were not retrieved belong into recall, average precision and the ideal order: give them a score
/// of −∞, and cut at the number of retrieved items.
#[derive(Clone, Copy, Debug)]
pub struct RankedItems<'a> {
    relevances: &'a [f64],
    scores: Option<&'a [f64]>,
}

/// Items with the same score, in descending order of score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tie {
    pub(super) items: usize,
    pub(super) relevant: usize,
    /// The sum of what each item gains.
    pub(super) gain: f64,
}

impl<'a> RankedItems<'a> {
    /// Items with their scores, in any order.
    ///
    /// # Errors
    /// Invalid when the lengths differ, or a relevance is negative or infinite.
    pub fn new(relevances: &'a [f64], scores: &'a [f64]) -> Result<Self> {
        if relevances.len() != scores.len() {
            let clause = format!("{} relevances have {} scores", relevances.len(), scores.len());
            return Err(Error::invalid(clause));
        }
        Ok(Self { scores: Some(scores), ..Self::in_order(relevances)? })
    }

    /// Items that are in the order in which they were ranked, the first first.
    ///
    /// # Errors
    /// Invalid when a relevance is negative or infinite.
    pub fn in_order(relevances: &'a [f64]) -> Result<Self> {
        if let Some(wrong) = relevances.iter().find(|relevance| **relevance < 0.0 || relevance.is_infinite())
        {
            return Err(Error::invalid(format!("a relevance is {wrong}, allowed: finite numbers from 0")));
        }
        Ok(Self { relevances, scores: None })
    }

    /// The relevances, NaN among them.
    #[must_use]
    pub fn relevances(&self) -> &'a [f64] {
        self.relevances
    }

    /// The scores; `None` when the items are in order.
    #[must_use]
    pub fn scores(&self) -> Option<&'a [f64]> {
        self.scores
    }

    /// How many items nobody has judged (NaN).
    #[must_use]
    pub fn missing(&self) -> usize {
        self.relevances.iter().filter(|relevance| relevance.is_nan()).count()
    }

    /// The judged items in ties, the highest score first; at least one.
    pub(super) fn ties(&self, gain: impl Fn(f64) -> f64) -> Result<Vec<Tie>> {
        let judged = |&place: &usize| !self.relevances[place].is_nan();
        let places = (0..self.relevances.len()).filter(judged);
        let one =
            |relevance: f64| Tie { items: 1, relevant: usize::from(relevance > 0.0), gain: gain(relevance) };
        let ties: Vec<Tie> = match self.scores {
            None => places.map(|place| one(self.relevances[place])).collect(),
            Some(scores) => {
                let missing = places.clone().filter(|&place| scores[place].is_nan()).count();
                if missing > 0 {
                    return Err(Undefined::MissingScores(missing).into());
                }
                // −0 and 0 are one score
                let mut order: Vec<(f64, f64)> =
                    places.map(|place| (scores[place] + 0.0, self.relevances[place])).collect();
                // by relevance too, so that sums do not depend on the order of the rows
                order
                    .sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(other.1.total_cmp(&one.1)));
                let tied = order.chunk_by(|one, other| one.0.to_bits() == other.0.to_bits());
                tied.map(|tied| tied.iter().map(|item| one(item.1)).fold(Tie::default(), Tie::and)).collect()
            }
        };
        if ties.is_empty() { Err(Undefined::Empty.into()) } else { Ok(ties) }
    }
}

impl Tie {
    fn and(self, other: Self) -> Self {
        Self {
            items: self.items + other.items,
            relevant: self.relevant + other.relevant,
            gain: self.gain + other.gain,
        }
    }

    /// All items as if they had one score: what an order that says nothing is.
    pub(super) fn all(ties: &[Self]) -> Self {
        ties.iter().copied().fold(Self::default(), Self::and)
    }
}

/// Checks a number of first items.
pub(super) fn check_cut(k: Option<usize>) -> Result<usize> {
    match k {
        Some(0) => Err(Error::invalid("a measure of the first 0 items, allowed: from 1")),
        Some(k) => Ok(k),
        None => Ok(usize::MAX),
    }
}
