//! How many pairs of items two rankings have in the same order.

use std::collections::HashMap;
use std::hash::Hash;

use crate::correlation::{KendallMethod, exact_p_value, exchanges};
use crate::error::{Error, Result, Undefined};
use crate::interval::two_sided_p;

/// Kendall's τ of two rankings. See [`kendall_tau_of_rankings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankingTau {
    /// τ, from −1, one is the reverse of the other, to 1, the same order; about 0 when they have nothing to do with
    /// each other.
    pub coefficient: f64,
    /// The two-sided p-value of rankings that have nothing to do with each other.
    pub p_value: f64,
    /// How the p-value was found: [`Exact`](KendallMethod::Exact) or [`Asymptotic`](KendallMethod::Asymptotic).
    pub method: KendallMethod,
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
/// The p-value is that of [`kendall_tau`](crate::kendall_tau): exact up to 33 common items, or when at most one pair is
/// out of order, all orders being equally likely; else normal, and within 4 % of the exact one where that is above
/// 0.01, within 21 % where it is above 0.001. Cost: O(n log n), and O(n) memory;
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
    let in_both = first.iter().filter_map(|item| of_second.get(item));
    let mut order: Vec<(f64, f64)> = in_both.map(|&place| (place as f64, 1.0)).collect();
    let common = order.len();
    if common < 2 {
        return Err(Undefined::TooFew { found: common, needed: 2 }.into());
    }
    let n = common as f64;
    let pairs = n * (n - 1.0) / 2.0;
    let discordant = exchanges(&mut order);
    let coefficient = (1.0 - 2.0 * (discordant / pairs)).clamp(-1.0, 1.0);
    let deviation = (2.0 * (2.0 * n + 5.0) / (9.0 * n * (n - 1.0))).sqrt();
    let (p_value, method) = match exact_p_value(common, discordant) {
        Some(p) => (p, KendallMethod::Exact),
        None => (two_sided_p(coefficient / deviation), KendallMethod::Asymptotic),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of pairs")]
    let discordant = discordant as u64;
    Ok(RankingTau {
        coefficient,
        p_value,
        method,
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
