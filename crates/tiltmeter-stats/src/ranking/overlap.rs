//! How much the tops of two rankings have in common.

use std::hash::Hash;

use super::kendall::places;
use crate::error::{Error, Result, Undefined};

/// The rank-biased overlap of two rankings. See [`rank_biased_overlap`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankBiasedOverlap {
    /// RBO_ext, 0 to 1: as if the agreement of the seen parts went on below.
    pub value: f64,
    /// RBO_min, 0 to 1: what it is at least, when nothing below is common.
    pub minimum: f64,
    /// RBO_res, 0 to 1: how much more it could be, when all below were common. `minimum + residual` is the most.
    pub residual: f64,
    /// How many items are in both.
    pub common: usize,
}

/// Rank-biased overlap of two rankings, each the first first: the mean share of common items over all depths, the top
/// counting most.
///
/// ```text
/// RBO = (1 − p) Σ p^(d−1) · |first d of one ∩ first d of the other| / d        d = 1, 2, …
/// ```
///
/// `persistence` p is the probability that a reader who has seen d items looks at the next: the first d items have `1
/// − p^(d−1) + d(1−p)/p (ln 1/(1−p) − Σ_{i<d} p^i/i)` of the weight, 86 % of it for d = 10 at p = 0.9, and for d = 50
/// at p = 0.98. Rankings are seen down to some depth only, each to its own: the value is extrapolated, and bounded by
/// the minimum and the residual. Items that only one ranking has are part of the measure.
///
/// 1 for the same order, 0 for nothing in common. Two random orders of the same n items share d/n of their first d on
/// average, so that 0 is expected only of the tops of long lists; complete short lists agree in the end, whatever their
/// orders.
///
/// Cost: O(n) with hashing, and O(n) memory.
///
/// Webber, Moffat & Zobel, *ACM Transactions on Information Systems* 28 (2010), article 20, equations 11, 30 and 32; no
/// ties.
///
/// # Errors
/// Undefined when a ranking is empty ([`Empty`](Undefined::Empty)); invalid when an item is twice in a ranking, or the
/// persistence is not between 0 and 1.
///
/// ```
/// use tiltmeter_stats::rank_biased_overlap;
///
/// let (may, june) = (["a", "b", "c", "d"], ["b", "a", "c", "e", "f"]);
/// let overlap = rank_biased_overlap(&may, &june, 0.9)?;
/// assert_eq!(format!("{:.4}", overlap.value), "0.7178");
/// assert!(overlap.minimum <= overlap.value && overlap.value <= overlap.minimum + overlap.residual);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn rank_biased_overlap<T: Eq + Hash>(
    first: &[T],
    second: &[T],
    persistence: f64,
) -> Result<RankBiasedOverlap> {
    let p = persistence;
    if !(p > 0.0 && p < 1.0) {
        return Err(Error::invalid(format!("the persistence is {p}, allowed: between 0 and 1")));
    }
    let (of_first, of_second) = (places(first)?, places(second)?);
    if first.is_empty() || second.is_empty() {
        return Err(Undefined::Empty.into());
    }
    let (short, long) = (first.len().min(second.len()), first.len().max(second.len()));
    // how many common items are complete at each depth
    let mut completed = vec![0_usize; long];
    for (item, place) in &of_first {
        if let Some(other) = of_second.get(item) {
            completed[*place.max(other)] += 1;
        }
    }
    let common: usize = completed.iter().sum();
    let common_of_short: usize = completed[..short].iter().sum();
    let (s, l, x_s, x_l) = (short as f64, long as f64, common_of_short as f64, common as f64);

    let (mut seen, mut extrapolated, mut least, mut beyond) = (0.0, 0.0, 0.0, -(-p).ln_1p());
    let (mut power, mut overlap, mut residual) = (1.0, 0, 0.0);
    for (place, completed) in completed.iter().enumerate() {
        let depth = (place + 1) as f64;
        power *= p;
        overlap += completed;
        seen += overlap as f64 / depth * power;
        least += overlap as f64 / depth * power;
        beyond -= power / depth;
        if depth > s {
            extrapolated += x_s * (depth - s) / (s * depth) * power;
            residual += (depth - s) / depth * power;
        }
    }
    let at_depth = power;
    // from here on both are unseen: two more common items at each depth, until all are
    let full = short + long - common;
    let mut rest = beyond;
    for depth in long + 1..=full {
        let depth = depth as f64;
        power *= p;
        residual += ((depth - s) + (depth - l)) / depth * power;
        rest -= power / depth;
    }
    // below, all are common: Σ p^d (1 − X_l/d)
    residual += power * p / (1.0 - p) - x_l * rest.max(0.0);

    let weight = (1.0 - p) / p;
    let value = weight * (seen + extrapolated) + ((x_l - x_s) / l + x_s / s) * at_depth;
    let minimum = (weight * (least + x_l * beyond.max(0.0))).clamp(0.0, 1.0);
    Ok(RankBiasedOverlap {
        value: value.clamp(0.0, 1.0),
        minimum,
        residual: (weight * residual).clamp(0.0, 1.0 - minimum),
        common,
    })
}
