//! Whether relevant items come first, all along the list.

use super::items::{RankedItems, Tie, check_cut};
use super::score::RankingScore;
use crate::error::{Result, Undefined};

/// Average precision of the first `k` items, or of all: the mean of the precisions at the places of relevant items, 0
/// to 1.
///
/// ```text
/// AP@k = Σ [item i is relevant] · precision@i / min(k, R)     i = 1 … k, R relevant items
/// ```
///
/// Divided by min(k, R), so that 1 can be reached for any k; `trec_eval` divides by R. Tied items are the mean over all
/// their orders: in a tie of n items of which r are relevant, after c items of which C are, the j-th adds
///
/// ```text
/// r/n · (C + 1 + (j − 1)(r − 1)/(n − 1)) / (c + j)
/// ```
///
/// scikit-learn's `average_precision_score` takes a tie as one step instead, which is the last place of the tie for
/// all its items. The mean over queries, MAP, is [`mean_over_queries`](crate::mean_over_queries).
///
/// Cost: one sort, and O(n) memory.
///
/// Manning, Raghavan & Schütze, *Introduction to Information Retrieval* (2008), section 8.4; McSherry & Najork, *ECIR*
/// (2008), section 3, for ties.
///
/// # Errors
/// Undefined without judged items ([`Empty`](Undefined::Empty)), with scores that are NaN
/// ([`MissingScores`](Undefined::MissingScores)), and when no item is relevant
/// ([`NoPositives`](Undefined::NoPositives)); invalid when k is 0.
///
/// ```
/// use tiltmeter_stats::{RankedItems, average_precision_at};
///
/// let items = RankedItems::in_order(&[1.0, 0.0, 1.0, 0.0, 1.0])?;
/// let precision = average_precision_at(items, None)?;
/// assert!((precision.value - (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0).abs() < 1e-15);
/// assert_eq!(format!("{:.3}", precision.expected), "0.728");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn average_precision_at(items: RankedItems<'_>, k: Option<usize>) -> Result<RankingScore> {
    let k = check_cut(k)?;
    let ties = items.ties(|_| 0.0)?;
    let relevant = Tie::all(&ties).relevant;
    if relevant == 0 {
        return Err(Undefined::NoPositives.into());
    }
    let most = k.min(relevant) as f64;
    Ok(RankingScore::share(&items, &ties, |ties| sum_of_precisions(ties, k) / most))
}

fn sum_of_precisions(ties: &[Tie], k: usize) -> f64 {
    let (mut before, mut relevant_before, mut sum) = (0, 0, 0.0);
    for tie in ties {
        let (items, relevant) = (tie.items as f64, tie.relevant as f64);
        let others = if tie.items > 1 { (relevant - 1.0) / (items - 1.0) } else { 0.0 };
        if tie.relevant > 0 {
            for place in 0..tie.items.min(k - before) {
                let found = relevant_before as f64 + 1.0 + place as f64 * others;
                sum += relevant / items * found / (before + place + 1) as f64;
            }
        }
        before += tie.items;
        relevant_before += tie.relevant;
        if before >= k {
            break;
        }
    }
    sum
}
