//! How many pairs of items two rankings have in the same order.

use std::collections::HashMap;
use std::hash::Hash;

use crate::error::{Error, Result, Undefined};
use crate::interval::two_sided_p;

/// Up to so many items the p-value is exact.
const LARGEST_EXACT: usize = 60;

/// Kendall's τ of two rankings. See [`kendall_tau_of_rankings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankingTau {
    /// τ, from −1, one is the reverse of the other, to 1, the same order; about 0 when they have nothing to do with
    /// each other.
    pub coefficient: f64,
    /// The two-sided p-value of rankings that have nothing to do with each other.
    pub p_value: f64,
    /// The standard deviation of τ around 0 in that case, `sqrt(2(2n + 5) / 9n(n − 1))`.
    pub standard_deviation_without_association: f64,
    /// How many pairs of items stand in opposite order: Kendall's distance.
    pub discordant: u64,
    /// How many items are in both rankings, n.
    pub common: usize,
    /// How many items are only in the first; they are left out.
    pub only_first: usize,
    /// How many items are only in the second; they are left out.
    pub only_second: usize,
}

/// Kendall's τ between two rankings of items, each the first first: `1 − 4D / n(n − 1)`, with D pairs in opposite
/// order.
///
/// For lists of names: the features by importance in two months, the results of two rankers. There are no ties, as
/// every item has one place. **Items that only one ranking has** are left out and counted, so that τ is of the order
/// of common items, whatever their places among the others; when that share matters, or the top more than the rest,
/// use [`rank_biased_overlap`](crate::rank_biased_overlap).
///
/// The p-value is exact up to 60 common items, all orders being equally likely; above it is normal, and within 3 % of
/// the exact one where that is above 0.01, within 12 % where it is above 0.001. Cost: O(n log n), and O(n) memory;
/// names are hashed.
///
/// Kendall, *Biometrika* 30 (1938), 81–93; Kendall & Gibbons, *Rank Correlation Methods* (5th edition, 1990), chapters
/// 1 and 5; Knight, *JASA* 61 (1966), 436–439, for counting.
///
/// # Errors
/// Undefined with fewer than two common items ([`TooFew`](Undefined::TooFew)); invalid when an item is twice in a
/// ranking.
///
/// ```
/// use tiltmeter_stats::kendall_tau_of_rankings;
///
/// let (may, june) = (["age", "income", "city", "plan"], ["income", "age", "plan", "device", "city"]);
/// let tau = kendall_tau_of_rankings(&may, &june)?;
/// assert!((tau.coefficient - 1.0 / 3.0).abs() < 1e-15);
/// assert_eq!((tau.discordant, tau.common, tau.only_second), (2, 4, 1));
/// assert!((tau.p_value - 0.75).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn kendall_tau_of_rankings<T: Eq + Hash>(first: &[T], second: &[T]) -> Result<RankingTau> {
    let (of_first, of_second) = (places(first)?, places(second)?);
    let mut order: Vec<usize> = first.iter().filter_map(|item| of_second.get(item).copied()).collect();
    let common = order.len();
    if common < 2 {
        return Err(Undefined::TooFew { found: common, needed: 2 }.into());
    }
    let n = common as f64;
    let pairs = n * (n - 1.0) / 2.0;
    let discordant = inversions(&mut order);
    let coefficient = (1.0 - 2.0 * (discordant as f64 / pairs)).clamp(-1.0, 1.0);
    let deviation = (2.0 * (2.0 * n + 5.0) / (9.0 * n * (n - 1.0))).sqrt();
    let p_value = if common <= LARGEST_EXACT {
        exact_p(discordant, common)
    } else {
        two_sided_p(coefficient / deviation)
    };
    Ok(RankingTau {
        coefficient,
        p_value,
        standard_deviation_without_association: deviation,
        discordant,
        common,
        only_first: of_first.len() - common,
        only_second: of_second.len() - common,
    })
}

/// The place of each item.
pub(super) fn places<T: Eq + Hash>(ranking: &[T]) -> Result<HashMap<&T, usize>> {
    let mut places = HashMap::with_capacity(ranking.len());
    for (place, item) in ranking.iter().enumerate() {
        if let Some(before) = places.insert(item, place) {
            let clause =
                format!("the item at place {place} is at place {before} too, allowed: each item once");
            return Err(Error::invalid(clause));
        }
    }
    Ok(places)
}

/// How many pairs are in descending order; sorts.
fn inversions(values: &mut [usize]) -> u64 {
    let mut buffer = vec![0; values.len()];
    let (mut width, mut count) = (1, 0);
    while width < values.len() {
        for (run, merged) in values.chunks(2 * width).zip(buffer.chunks_mut(2 * width)) {
            let (left, right) = run.split_at(width.min(run.len()));
            let (mut from_left, mut from_right) = (0, 0);
            for slot in merged {
                let takes_left = from_right == right.len()
                    || (from_left < left.len() && left[from_left] <= right[from_right]);
                if takes_left {
                    *slot = left[from_left];
                    from_left += 1;
                } else {
                    *slot = right[from_right];
                    from_right += 1;
                    count += (left.len() - from_left) as u64;
                }
            }
        }
        values.copy_from_slice(&buffer);
        width *= 2;
    }
    count
}

/// P(as far from the middle, or farther) of the number of inversions of a random order of n items.
fn exact_p(discordant: u64, n: usize) -> f64 {
    let most = n * (n - 1) / 2;
    #[expect(clippy::cast_possible_truncation, reason = "at most 1770, the number of pairs of 60 items")]
    let discordant = discordant as usize;
    let fewer = discordant.min(most - discordant);
    // the probabilities of 0, 1, … inversions, an item more in each round
    let mut probabilities = vec![0.0; fewer + 1];
    probabilities[0] = 1.0;
    for items in 2..=n {
        let mut window = 0.0_f64;
        let before = probabilities.clone();
        for count in 0..=fewer {
            window += before[count];
            if count >= items {
                window -= before[count - items];
            }
            probabilities[count] = window.max(0.0) / items as f64;
        }
    }
    if 2 * fewer == most { 1.0 } else { (2.0 * probabilities.iter().sum::<f64>()).clamp(0.0, 1.0) }
}
