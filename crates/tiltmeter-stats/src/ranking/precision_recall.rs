//! How many of the first items are relevant, and how many relevant items are among the first.

use super::items::{RankedItems, Tie, check_cut};
use super::score::RankingScore;
use crate::error::{Result, Undefined};

/// The share of the first `k` items that are relevant, 0 to 1.
///
/// Divided by k even if there are fewer items, as in `trec_eval`. Of items that are tied across the cut it is the mean
/// over their orders. An order that says nothing has the base rate on average (times items / k, when there are fewer
/// than k).
///
/// Cost: one sort, and O(n) memory. McSherry & Najork, *ECIR* (2008), section 3.
///
/// # Errors
/// Undefined without judged items ([`Empty`](Undefined::Empty)) and with scores that are NaN
/// ([`MissingScores`](Undefined::MissingScores)); invalid when k is 0.
///
/// ```
/// use tiltmeter_stats::{RankedItems, precision_at};
///
/// let precision = precision_at(RankedItems::in_order(&[1.0, 0.0, 1.0, 1.0, 0.0])?, 2)?;
/// assert_eq!((precision.value, precision.expected), (0.5, 0.6));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn precision_at(items: RankedItems<'_>, k: usize) -> Result<RankingScore> {
    let k = check_cut(Some(k))?;
    let ties = items.ties(|_| 0.0)?;
    Ok(RankingScore::share(&items, &ties, |ties| relevant_before(ties, k) / k as f64))
}

/// The share of the relevant items that are among the first `k`, 0 to 1.
///
/// An order that says nothing has k / items on average. Ties as in [`precision_at`].
///
/// # Errors
/// As [`precision_at`]; undefined too when no item is relevant ([`NoPositives`](Undefined::NoPositives)).
///
/// ```
/// use tiltmeter_stats::{RankedItems, recall_at};
///
/// let recall = recall_at(RankedItems::in_order(&[1.0, 0.0, 1.0, 1.0, 0.0])?, 2)?;
/// assert_eq!(recall.value, 1.0 / 3.0);
/// assert!((recall.expected - 0.4).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn recall_at(items: RankedItems<'_>, k: usize) -> Result<RankingScore> {
    let k = check_cut(Some(k))?;
    let ties = items.ties(|_| 0.0)?;
    let relevant = Tie::all(&ties).relevant;
    if relevant == 0 {
        return Err(Undefined::NoPositives.into());
    }
    Ok(RankingScore::share(&items, &ties, |ties| relevant_before(ties, k) / relevant as f64))
}

/// How many of the first k are relevant, on average over the orders of tied items.
fn relevant_before(ties: &[Tie], k: usize) -> f64 {
    let (mut left, mut relevant) = (k, 0.0);
    for tie in ties {
        let taken = left.min(tie.items);
        relevant += tie.relevant as f64 * taken as f64 / tie.items as f64;
        left -= taken;
    }
    relevant
}
