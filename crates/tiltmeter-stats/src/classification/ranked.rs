//! ROC AUC and its variance of rows without weights, from the sorted scores of each class.

use crate::error::{Result, Undefined};
use crate::scored::ScoredLabels;
use crate::sorted::sort_key;

/// How many positives the first guess of the AUC is made of.
const GUESSED_FROM: usize = 256;

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
        let count = rows.rows()?.count();
        let mut scores = vec![0; count];
        let (mut front, mut back) = (0, count);
        for (&label, &score) in rows.labels().iter().zip(rows.scores()) {
            // without a branch, since every other label is a surprise
            let positive = usize::from(label);
            back -= 1 - positive;
            // −0 and 0 are one score
            scores[[back, front][positive]] = sort_key(score + 0.0);
            front += positive;
        }
        let (positives, negatives) = scores.split_at_mut(front);
        if positives.is_empty() || negatives.is_empty() {
            return Err(Undefined::OneClass.into());
        }
        positives.sort_unstable();
        negatives.sort_unstable();
        Ok(Self { scores, positives: front })
    }

    pub(super) fn positives(&self) -> &[u64] {
        &self.scores[..self.positives]
    }

    pub(super) fn negatives(&self) -> &[u64] {
        &self.scores[self.positives..]
    }

    /// One walk over both. Ranks are whole numbers, so the AUC is one division. The squares of the placements are
    /// summed about a guess that is close to it, which costs no digits.
    pub(super) fn auc_and_variance(&self) -> AucAndVariance {
        let (positives, negatives) = (self.positives(), self.negatives());
        let (p, n) = (positives.len(), negatives.len());
        let (positive_size, negative_size) = (p as f64, n as f64);
        let guess = self.guess();
        // by class, as that of the negatives is 0: twice what a placement is a share of
        let per_half = [0.5 / positive_size, 0.5 / negative_size];
        // twice the number of pairs that are ranked rightly, ties one half
        let mut won = 0_u128;
        let mut squares = [0.0, 0.0];
        let (mut i, mut j) = (0, 0);
        while i < p && j < n {
            let (positive, negative) = (positives[i], negatives[j]);
            if positive == negative {
                let tied = [leading(&negatives[j..], negative), leading(&positives[i..], positive)];
                let halves = [2 * (p - i) - tied[1], 2 * j + tied[0]];
                won += tied[1] as u128 * halves[1] as u128;
                for class in [0, 1] {
                    let deviation = halves[class] as f64 * per_half[class] - guess;
                    squares[class] += tied[class] as f64 * deviation * deviation;
                }
                (i, j) = (i + tied[1], j + tied[0]);
            } else {
                // no branches: which class comes next is a toss
                let class = usize::from(positive < negative);
                let halves = 2 * [p - i, j][class];
                let deviation = halves as f64 * per_half[class] - guess;
                squares[class] += deviation * deviation;
                won += (halves * class) as u128;
                (i, j) = (i + class, j + 1 - class);
            }
        }
        // positives left over are above all negatives, negatives left over above all positives
        let (positives_left, negatives_left) = ((p - i) as f64, (n - j) as f64);
        won += (p - i) as u128 * 2 * n as u128;
        squares[1] += positives_left * (1.0 - guess) * (1.0 - guess);
        squares[0] += negatives_left * guess * guess;

        let auc = (won as f64 / (2.0 * positive_size * negative_size)).clamp(0.0, 1.0);
        let shift = (auc - guess) * (auc - guess);
        let part = |squares: f64, size: f64| (squares - size * shift).max(0.0) / (size * (size - 1.0));
        let variance =
            (p > 1 && n > 1).then(|| part(squares[1], positive_size) + part(squares[0], negative_size));
        AucAndVariance { auc, variance }
    }

    /// The AUC of some positives, evenly chosen.
    fn guess(&self) -> f64 {
        let (positives, negatives) = (self.positives(), self.negatives());
        let step = (positives.len() / GUESSED_FROM).max(1);
        let some = positives.iter().skip(step / 2).step_by(step);
        let placement = |&score: &u64| {
            let below = negatives.partition_point(|&other| other < score);
            let up_to = negatives.partition_point(|&other| other <= score);
            (below + up_to) as f64 / 2.0 / negatives.len() as f64
        };
        let (sum, count) = some.map(placement).fold((0.0, 0.0), |(sum, count), one| (sum + one, count + 1.0));
        if count > 0.0 { sum / count } else { 0.5 }
    }
}

/// How many of the scores, which ascend, are `score` at the beginning.
fn leading(scores: &[u64], score: u64) -> usize {
    scores.iter().take_while(|&&other| other <= score).count()
}
