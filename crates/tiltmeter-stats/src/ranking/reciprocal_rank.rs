//! How soon the first relevant item comes.

use super::items::RankedItems;
use super::score::RankingScore;
use crate::error::{Result, Undefined};

/// 1 / the place of the first relevant item, above 0 and at most 1.
///
/// For queries with one right answer. Where the first relevant item is tied it is the mean over all orders of the tie.
/// The mean over queries, MRR, is [`mean_over_queries`](crate::mean_over_queries).
///
/// Cost: one sort, and O(n) memory.
///
/// Voorhees, *TREC-8* (1999), 77–82; McSherry & Najork, *ECIR* (2008), section 3, for ties.
///
/// # Errors
/// Undefined without judged items ([`Empty`](Undefined::Empty)), with scores that are NaN
/// ([`MissingScores`](Undefined::MissingScores)), and when no item is relevant
/// ([`NoPositives`](Undefined::NoPositives)).
///
/// ```
/// use tiltmeter_stats::{RankedItems, reciprocal_rank};
///
/// let rank = reciprocal_rank(RankedItems::new(&[0.0, 1.0, 0.0], &[0.2, 0.5, 0.9])?)?;
/// assert_eq!(rank.value, 0.5);
/// // (1 + 1/2 + 1/3) / 3
/// assert!((rank.expected - 11.0 / 18.0).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn reciprocal_rank(items: RankedItems<'_>) -> Result<RankingScore> {
    let ties = items.ties(|_| 0.0)?;
    if ties.iter().all(|tie| tie.relevant == 0) {
        return Err(Undefined::NoPositives.into());
    }
    Ok(RankingScore::share(&items, &ties, |ties| {
        let first = ties.iter().position(|tie| tie.relevant > 0).unwrap_or(0);
        let before: usize = ties[..first].iter().map(|tie| tie.items).sum();
        mean_in_tie(before, ties[first].items, ties[first].relevant)
    }))
}

/// The mean of 1 / place of the first of `relevant` items, which are anywhere among `items` that follow `before`
/// others.
fn mean_in_tie(before: usize, items: usize, relevant: usize) -> f64 {
    // that the first relevant item is at this place
    let mut probability = relevant as f64 / items as f64;
    let mut mean = 0.0;
    for place in 0..=items - relevant {
        mean += probability / (before + place + 1) as f64;
        let (left, after) = ((items - relevant - place) as f64, (items - place - 1) as f64);
        probability = if after > 0.0 { probability * left / after } else { 0.0 };
    }
    mean
}
