//! One measure of one query.

use super::items::{RankedItems, Tie};

/// One measure of the order of one query's items.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankingScore {
    /// The measure, 0 or more; at most 1, but for [`dcg`](crate::dcg).
    pub value: f64,
    /// Its mean over all orders of the items, exactly: what an order that says nothing is worth.
    pub expected: f64,
    /// How many items were judged.
    pub items: usize,
    /// How many of them are relevant (above 0).
    pub relevant: usize,
    /// How many items nobody has judged (NaN); they are left out.
    pub missing: usize,
}

impl RankingScore {
    /// Of a measure of ties, which is at most 1.
    pub(super) fn share(items: &RankedItems<'_>, ties: &[Tie], measure: impl Fn(&[Tie]) -> f64) -> Self {
        let all = Tie::all(ties);
        Self {
            value: measure(ties).clamp(0.0, 1.0),
            expected: measure(&[all]).clamp(0.0, 1.0),
            items: all.items,
            relevant: all.relevant,
            missing: items.missing(),
        }
    }
}
