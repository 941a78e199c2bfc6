//! Whether the most relevant items come first.

use super::items::{RankedItems, Tie, check_cut};
use super::score::RankingScore;
use crate::error::{Error, Result, Undefined};
use crate::sample::to_about_one;

/// What an item of a relevance is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Gain {
    /// The relevance itself, as in scikit-learn and in Järvelin & Kekäläinen (2002).
    #[default]
    Linear,
    /// 2^relevance − 1, as in Burges et al. (2005): with grades from 0 to 4 the best is worth 15 times the second
    /// worst.
    Exponential,
}

impl Gain {
    fn of(self, relevance: f64) -> f64 {
        match self {
            Self::Linear => relevance,
            Self::Exponential => (relevance * std::f64::consts::LN_2).exp_m1(),
        }
    }
}

/// Discounted cumulative gain of the first `k` items, or of all.
///
/// ```text
/// DCG@k = Σ g_i / log₂(i + 1)     i = 1 … k, by descending score
/// ```
///
/// Tied items have the mean of their gains, which is the mean over their orders (as in scikit-learn). Its size depends
/// on the number of items and on the grades: [`ndcg`] is for comparing queries.
///
/// Cost: one sort, and O(n) memory.
///
/// Järvelin & Kekäläinen, *ACM Transactions on Information Systems* 20 (2002), 422–446 (with base 2 and a discount of
/// the first item's too, as is usual now); Burges et al., *ICML* (2005), 89–96.
///
/// # Errors
/// Undefined without judged items ([`Empty`](Undefined::Empty)), with scores that are NaN
/// ([`MissingScores`](Undefined::MissingScores)), and when the sum is too large for a number
/// ([`Overflow`](Undefined::Overflow)); invalid when k is 0, or an exponential gain is infinite.
///
/// ```
/// use tiltmeter_stats::{Gain, RankedItems, dcg};
///
/// let relevances = [10.0, 0.0, 0.0, 1.0, 5.0];
/// let items = RankedItems::new(&relevances, &[0.1, 0.2, 0.3, 4.0, 70.0])?;
/// assert!((dcg(items, None, Gain::Linear)?.value - 9.499457825916874).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn dcg(items: RankedItems<'_>, k: Option<usize>, gain: Gain) -> Result<RankingScore> {
    let (score, scale) = discounted(&items, k, gain)?;
    let (value, expected) = (score.value / scale, score.expected / scale);
    if !(value.is_finite() && expected.is_finite()) {
        return Err(Undefined::Overflow.into());
    }
    Ok(RankingScore { value, expected, ..score })
}

/// Normalised discounted cumulative gain of the first `k` items, or of all: [`dcg`] divided by that of the best order,
/// 0 to 1.
///
/// 1 means that the first k are in the order of their relevances. It is never 0 unless the first k are all irrelevant:
/// an order that says nothing is worth `expected` on average, (mean gain × Σ discounts) / ideal DCG, which is often
/// above 0.5 when most items are relevant. Read the two together.
///
/// Cost: two sorts, and O(n) memory.
///
/// # Errors
/// As [`dcg`]; undefined too when no item has a gain ([`NoPositives`](Undefined::NoPositives)), where scikit-learn
/// says 0.
///
/// ```
/// use tiltmeter_stats::{Gain, RankedItems, ndcg};
///
/// let relevances = [10.0, 0.0, 0.0, 1.0, 5.0];
/// let items = RankedItems::new(&relevances, &[0.1, 0.2, 0.3, 4.0, 70.0])?;
/// let all = ndcg(items, None, Gain::Linear)?;
/// assert!((all.value - 0.6956940443813076).abs() < 1e-12);
/// assert_eq!(format!("{:.3}", all.expected), "0.691");
/// assert!((ndcg(items, Some(4), Gain::Linear)?.value - 0.4123818817534531).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ndcg(items: RankedItems<'_>, k: Option<usize>, gain: Gain) -> Result<RankingScore> {
    let (score, scale) = discounted(&items, k, gain)?;
    let mut gains: Vec<f64> = items
        .relevances()
        .iter()
        .filter(|relevance| !relevance.is_nan())
        .map(|&relevance| gain.of(relevance))
        .collect();
    gains.sort_unstable_by(|one, other| other.total_cmp(one));
    let ideal: f64 = gains
        .iter()
        .take(check_cut(k)?)
        .enumerate()
        .map(|(place, gain)| gain * scale * discount(place))
        .sum();
    if ideal <= 0.0 {
        return Err(Undefined::NoPositives.into());
    }
    let share = |sum: f64| (sum / ideal).clamp(0.0, 1.0);
    Ok(RankingScore { value: share(score.value), expected: share(score.expected), ..score })
}

/// The DCG, scaled by some power of two, and that scale.
fn discounted(items: &RankedItems<'_>, k: Option<usize>, gain: Gain) -> Result<(RankingScore, f64)> {
    let k = check_cut(k)?;
    let largest = items.relevances().iter().copied().fold(0.0, f64::max);
    if gain.of(largest).is_infinite() {
        let clause = format!("a relevance is {largest}, allowed with exponential gains: below 1024");
        return Err(Error::invalid(clause));
    }
    let scale = to_about_one(gain.of(largest));
    let ties = items.ties(|relevance| gain.of(relevance) * scale)?;
    let all = Tie::all(&ties);
    let score = RankingScore {
        value: sum(&ties, k),
        expected: sum(&[all], k),
        items: all.items,
        relevant: all.relevant,
        missing: items.missing(),
    };
    Ok((score, scale))
}

fn sum(ties: &[Tie], k: usize) -> f64 {
    let (mut place, mut sum) = (0, 0.0);
    for tie in ties {
        let end = k.min(place + tie.items);
        let discounts: f64 = (place..end).map(discount).sum();
        sum += tie.gain / tie.items as f64 * discounts;
        place += tie.items;
        if place >= k {
            break;
        }
    }
    sum
}

/// Of the place, from 0.
fn discount(place: usize) -> f64 {
    (place as f64 + 2.0).log2().recip()
}
