//! The difference of two ROC AUCs, looked at again and again.

use super::RocAucDifference;
use super::classes::Class;
use crate::error::{Error, Result, Undefined};
use crate::ranks::Ranks;
use crate::sample::{check_weights, scale_of};

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
    check_weights(weights.len(), weights)?;
    let (ranks_a, ranks_b) = (a.first(weights.len())?, b.first(weights.len())?);
    let of_class = |positive: bool| labels.iter().zip(weights).filter(move |(label, _)| **label == positive);
    let scale = [false, true].map(|positive| scale_of(of_class(positive).map(|(_, weight)| *weight)));
    let mut classes = [Class::default(); 2];
    // by class, so that each row has to do with one of them
    let none = |ranks: &Ranks| [vec![0.0; ranks.distinct()], vec![0.0; ranks.distinct()]];
    let (mut missing, mut of_a, mut of_b) = (0, none(a), none(b));
    let rows = || labels.iter().zip(weights).zip(ranks_a.iter().zip(ranks_b));
    for ((&label, &weight), (&rank_a, &rank_b)) in rows().filter(|((_, weight), _)| **weight > 0.0) {
        let class = usize::from(label);
        let weight = weight * scale[class];
        classes[class].add(weight);
        match (at(&mut of_a[class], rank_a), at(&mut of_b[class], rank_b)) {
            (Some(of_a), Some(of_b)) => {
                *of_a += weight;
                *of_b += weight;
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
    let difference = place(&mut of_a, &negative, &positive) - place(&mut of_b, &negative, &positive);
    let mut squares = [0.0; 2];
    for ((&label, &weight), (&rank_a, &rank_b)) in rows().filter(|((_, weight), _)| **weight > 0.0) {
        let class = usize::from(label);
        if let (Some(of_a), Some(of_b)) = (at(&mut of_a[class], rank_a), at(&mut of_b[class], rank_b)) {
            let deviation = weight * scale[class] * (*of_a - *of_b - difference);
            squares[class] += deviation * deviation;
        }
    }
    let variance = negative
        .freedom()
        .zip(positive.freedom())
        .map(|(of_negative, of_positive)| squares[0] / of_negative + squares[1] / of_positive);
    RocAucDifference::new(difference, variance, positive.rows.min(negative.rows))
}

fn at(by_rank: &mut [f64], rank: u32) -> Option<&mut f64> {
    usize::try_from(rank).ok().and_then(|rank| by_rank.get_mut(rank))
}

/// From the weights of negatives and positives by rank to their placements, as
/// [`Classes`](super::classes::Classes) says; the AUC.
fn place(by_rank: &mut [Vec<f64>; 2], negative: &Class, positive: &Class) -> f64 {
    let (mut negative_below, mut positive_below, mut won) = (0.0, 0.0, 0.0);
    let [negatives, positives] = by_rank;
    for (of_negatives, of_positives) in negatives.iter_mut().zip(positives) {
        let (negative_here, positive_here) = (*of_negatives, *of_positives);
        let negative_won = negative_below + negative_here / 2.0;
        let positive_won = positive.weight - positive_below - positive_here / 2.0;
        won += positive_here * negative_won;
        *of_negatives = positive_won / positive.weight;
        *of_positives = negative_won / negative.weight;
        negative_below += negative_here;
        positive_below += positive_here;
    }
    (won / (positive.weight * negative.weight)).clamp(0.0, 1.0)
}
