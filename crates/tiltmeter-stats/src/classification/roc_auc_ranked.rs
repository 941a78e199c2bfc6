//! The difference of two ROC AUCs, looked at again and again.

use super::RocAucDifference;
use super::classes::Class;
use crate::error::{Error, Result, Undefined};
use crate::ranks::Ranks;
use crate::sample::scale_of;

/// The difference of the ROC AUCs of two scores of the same rows, by ranks that are known, with DeLong's variance: what
/// [`roc_auc_paired_weighted`](crate::roc_auc_paired_weighted) tells of the rows whose weight is above 0.
///
/// For a comparison that is looked at every day, each time with more rows or other weights: O(n + distinct values) a look,
/// where sorts would take O(n log n). `labels` and `weights` are of the first rows of the ranks; a weight of 0 drops its
/// row.
///
/// # Errors
/// Undefined when a class has fewer than two rows ([`OneClass`](Undefined::OneClass), [`TooFew`](Undefined::TooFew)), both
/// scores rank the rows alike ([`Constant`](Undefined::Constant)), or rows that count have no score
/// ([`MissingScores`](Undefined::MissingScores)); invalid when there are not as many labels as weights, more than rows, or
/// a weight is negative, NaN or infinite, or all are 0.
///
/// ```
/// use tiltmeter_stats::{Ranks, roc_auc_difference_ranked};
///
/// let labels = [false, false, false, true, true, true];
/// let champion = Ranks::of(&[0.1, 0.4, 0.2, 0.35, 0.8, 0.7])?;
/// let challenger = Ranks::of(&[0.3, 0.6, 0.2, 0.1, 0.8, 0.7])?;
/// let found = roc_auc_difference_ranked(&labels, &champion, &challenger, &[1.0; 6])?;
/// assert_eq!(format!("{:.3} {:.3}", found.difference, found.p_value), "0.222 0.371");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn roc_auc_difference_ranked(
    labels: &[bool],
    a: &Ranks,
    b: &Ranks,
    weights: &[f64],
) -> Result<RocAucDifference> {
    if labels.len() != weights.len() {
        return Err(Error::invalid(format!("{} labels have {} weights", labels.len(), weights.len())));
    }
    let (ranks_a, ranks_b) = (a.ranks(weights)?, b.ranks(weights)?);
    let of_class = |positive: bool| labels.iter().zip(weights).filter(move |(label, _)| **label == positive);
    let scale = [false, true].map(|positive| scale_of(of_class(positive).map(|(_, weight)| *weight)));
    let mut classes = [Class::default(); 2];
    let (mut missing, mut by_rank) = (0, [vec![[0.0; 2]; a.distinct()], vec![[0.0; 2]; b.distinct()]]);
    let rows = || labels.iter().zip(weights).zip(ranks_a.iter().zip(ranks_b));
    for ((&label, &weight), (&rank_a, &rank_b)) in rows().filter(|((_, weight), _)| **weight > 0.0) {
        let class = usize::from(label);
        let weight = weight * scale[class];
        classes[class].add(weight);
        let [of_a, of_b] = &mut by_rank;
        match (at(of_a, rank_a), at(of_b, rank_b)) {
            (Some(of_a), Some(of_b)) => {
                of_a[class] += weight;
                of_b[class] += weight;
            }
            _ => missing += 1,
        }
    }
    if missing > 0 {
        return Err(Undefined::MissingScores(missing).into());
    }
    let [negative, positive] = classes;
    if positive.rows == 0 || negative.rows == 0 {
        return Err(Undefined::OneClass.into());
    }
    let [auc_a, auc_b] = by_rank.each_mut().map(|by_rank| place(by_rank, &negative, &positive));
    let difference = auc_a - auc_b;
    let [of_a, of_b] = &mut by_rank;
    let mut squares = [0.0; 2];
    for ((&label, &weight), (&rank_a, &rank_b)) in rows().filter(|((_, weight), _)| **weight > 0.0) {
        let class = usize::from(label);
        if let (Some(of_a), Some(of_b)) = (at(of_a, rank_a), at(of_b, rank_b)) {
            let deviation = weight * scale[class] * (of_a[class] - of_b[class] - difference);
            squares[class] += deviation * deviation;
        }
    }
    let variance = negative
        .freedom()
        .zip(positive.freedom())
        .map(|(of_negative, of_positive)| squares[0] / of_negative + squares[1] / of_positive);
    RocAucDifference::new(difference, variance, positive.rows.min(negative.rows))
}

fn at(by_rank: &mut [[f64; 2]], rank: u32) -> Option<&mut [f64; 2]> {
    usize::try_from(rank).ok().and_then(|rank| by_rank.get_mut(rank))
}

/// From the weights of negatives and positives by rank to their placements, as
/// [`Classes`](super::classes::Classes) says; the AUC.
fn place(by_rank: &mut [[f64; 2]], negative: &Class, positive: &Class) -> f64 {
    let (mut negative_below, mut positive_below, mut won) = (0.0, 0.0, 0.0);
    for here in by_rank {
        let [negative_here, positive_here] = *here;
        let negative_won = negative_below + negative_here / 2.0;
        let positive_won = positive.weight - positive_below - positive_here / 2.0;
        won += positive_here * negative_won;
        *here = [positive_won / positive.weight, negative_won / negative.weight];
        negative_below += negative_here;
        positive_below += positive_here;
    }
    (won / (positive.weight * negative.weight)).clamp(0.0, 1.0)
}
