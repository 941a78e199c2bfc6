//! ROC AUC and its variance of rows without weights, from the sorted scores of each class.

use crate::error::{Result, Undefined};
use crate::scored::ScoredLabels;
use crate::sorted::{sort_key, sort_keys};

/// The scores of either class, ascending; at least one each.
///
/// Scores are kept as whole numbers in the same order: two sorts of these take less time than one sort of rows. What
/// needs the placement of each row, or weights, is in [`Classes`](super::classes::Classes).
#[derive(Debug)]
pub(super) struct Ranked {
    /// Those of the positives, then those of the negatives.
    scores: Vec<u64>,
    positives: usize,
}

/// The AUC, and DeLong's variance of it; `None` when a class has fewer than two rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct AucAndVariance {
    pub(super) auc: f64,
    pub(super) variance: Option<f64>,
}

impl Ranked {
    /// `rows` without weights.
    pub(super) fn new(rows: &ScoredLabels<'_>) -> Result<Self> {
        let (labels, scores) = (rows.labels(), rows.scores());
        let missing = scores.iter().map(|score| usize::from(score.is_nan())).sum();
        if missing > 0 {
            return Err(Undefined::MissingScores(missing).into());
        }
        if scores.is_empty() {
            return Err(Undefined::Empty.into());
        }
        let mut keys = vec![0; scores.len()];
        let (mut front, mut back) = (0, keys.len());
        for (&label, &score) in labels.iter().zip(scores) {
            // without a branch, since every other label is a surprise
            let positive = usize::from(label);
            back -= 1 - positive;
            // −0 and 0 are one score
            keys[[back, front][positive]] = sort_key(score + 0.0);
            front += positive;
        }
        let (positives, negatives) = keys.split_at_mut(front);
        if positives.is_empty() || negatives.is_empty() {
            return Err(Undefined::OneClass.into());
        }
        let mut spare = Vec::new();
        // the longer first, so that memory is taken once
        let (longer, shorter) =
            if positives.len() > negatives.len() { (positives, negatives) } else { (negatives, positives) };
        sort_keys(longer, &mut spare);
        sort_keys(shorter, &mut spare);
        Ok(Self { scores: keys, positives: front })
    }

    pub(super) fn positives(&self) -> &[u64] {
        &self.scores[..self.positives]
    }

    pub(super) fn negatives(&self) -> &[u64] {
        &self.scores[self.positives..]
    }

    /// One walk over both. Twice a placement is a whole number, and so are the sums of these and of their squares.
    pub(super) fn auc_and_variance(&self) -> AucAndVariance {
        let (positives, negatives) = (self.positives(), self.negatives());
        let (p, n) = (positives.len(), negatives.len());
        let (mut of_positives, mut of_negatives) = (Placements::default(), Placements::default());
        let (mut i, mut j) = (0, 0);
        while i < p && j < n {
            let (positive, negative) = (positives[i], negatives[j]);
            if positive == negative {
                let (tied, tied_negatives) = (leading(&positives[i..]), leading(&negatives[j..]));
                of_positives.add(tied, 2 * j + tied_negatives);
                of_negatives.add(tied_negatives, 2 * (p - i) - tied);
                (i, j) = (i + tied, j + tied_negatives);
            } else {
                // no branches: which class comes next is a toss
                let is_positive = usize::from(positive < negative);
                let all_ones = 0_usize.wrapping_sub(is_positive);
                of_positives.add(1, (2 * j) & all_ones);
                of_negatives.add(1, (2 * (p - i)) & !all_ones);
                (i, j) = (i + is_positive, j + 1 - is_positive);
            }
        }
        // positives left over are above all negatives, negatives left over above all positives, which adds nothing
        of_positives.add(p - i, 2 * n);

        let auc = of_positives.sum as f64 / (2.0 * p as f64 * n as f64);
        let variance = (p > 1 && n > 1).then(|| of_positives.variance(p, n) + of_negatives.variance(n, p));
        AucAndVariance { auc: auc.clamp(0.0, 1.0), variance }
    }
}

/// What the placements of one class are together: of each row twice how many of the other class it is ranked rightly
/// to, ties one half.
///
/// The squares of 2⁴⁰ rows fit, and so does what their deviations are computed from.
#[derive(Clone, Copy, Debug, Default)]
struct Placements {
    sum: u128,
    squares: u128,
}

impl Placements {
    #[inline]
    fn add(&mut self, rows: usize, placement: usize) {
        let (rows, placement) = (rows as u128, placement as u128);
        self.sum += rows * placement;
        self.squares += rows * (placement * placement);
    }

    /// The variance of the mean of `rows` placements, as shares of the `others`.
    fn variance(self, rows: usize, others: usize) -> f64 {
        let (whole, rest) = (self.sum / rows as u128, self.sum % rows as u128);
        // about the whole part of their mean, which costs no digits
        let squares = self.squares + rows as u128 * whole * whole - 2 * whole * self.sum;
        let (rows, others, rest) = (rows as f64, others as f64, rest as f64);
        let deviations = (squares as f64 - rest * rest / rows).max(0.0);
        deviations / (4.0 * others * others) / (rows * (rows - 1.0))
    }
}

/// How many of the scores, which ascend, are like the first.
fn leading(scores: &[u64]) -> usize {
    scores.iter().take_while(|&score| Some(score) == scores.first()).count()
}
