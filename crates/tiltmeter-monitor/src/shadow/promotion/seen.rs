//! What was known at the end of a day.

use super::record::Record;

/// What was known at the end of a day, and nothing that came later. By place it has the requests until then.
pub(super) struct Seen<'s> {
    pub(super) record: &'s Record<'s>,
    pub(super) day: i64,
    /// Days until then on which the challenger could have been asked, the first one and the last among them.
    pub(super) days: u64,
    /// Days with a pair.
    pub(super) days_with_pairs: u64,
    pub(super) pairs: u64,
    /// The weight of the chosen requests, and of those with a pair.
    pub(super) chosen_weight: f64,
    pub(super) paired_weight: f64,
    /// By place, the weight of a pair, which stands for the chosen requests of its cell as well; 0 of what is no pair.
    pub(super) pair_weight: &'s [f64],
    /// The same of requests of which it is known when they were answered, or that they were not.
    pub(super) timed_weight: &'s [f64],
    /// Days of requests whose labels count.
    pub(super) labelled_days: u64,
}

impl Seen<'_> {
    /// By place, the weight of a pair whose label counts; else 0. `label_day` is the record's, or of some of its rows.
    pub(super) fn labelled_weights(&self, label_day: &[i64]) -> impl Iterator<Item = f64> {
        let weights = self.pair_weight.iter().zip(label_day);
        weights.map(|(&weight, &since)| if since <= self.day { weight } else { 0.0 })
    }
}
