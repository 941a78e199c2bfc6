//! Which categories are frequent.

mod content;
mod key;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::weights;
use crate::error::{Error, Result};

/// The frequent categories of a stream, with bounds on how often they came: Misra and Gries with weights, mergeable.
///
/// At most twice `capacity` categories have a counter. When there are more, the (`capacity` + 1)-th largest is taken from
/// all counters, and those that are left with nothing go. What was taken is at most W / (`capacity` + 1) in total, so
/// that any category with a larger weight than that has a counter; the [`error`](Self::error) that has come about is
/// often far less. While there are not more than twice `capacity` categories the counts are exact. Merging keeps the
/// bounds; both orders give the same.
///
/// Texts come from outside: of one longer than 128 bytes the first 100 or so are kept, and a hash of all.
///
/// Misra and Gries (*Science of Computer Programming* 2, 1982); Agarwal and others, *Mergeable Summaries* (ACM TODS 38,
/// 2013), section 3.
///
/// ```
/// # use tiltmeter_stats::FrequentCategories;
/// let mut carriers = FrequentCategories::new(2)?;
/// for (carrier, flights) in [("UA", 50.0), ("HA", 1.0), ("DL", 40.0), ("OO", 1.0), ("YV", 2.0)] {
///     carriers.add(carrier, flights)?;
/// }
/// let top = carriers.top();
/// assert_eq!((top[0].name, top[0].lower, top[0].upper), ("UA", 48.0, 50.0));
/// assert_eq!((top[1].name, top[1].lower, top[1].upper), ("DL", 38.0, 40.0));
/// assert_eq!((carriers.weight(), carriers.other(), carriers.error()), (94.0, 8.0, 2.0));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct FrequentCategories {
    capacity: u16,
    weight: f64,
    error: f64,
    // not a hash map: sums over it do not depend on an order
    counters: BTreeMap<Box<str>, f64>,
}

/// A category, and how often it came.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FrequentCategory<'a> {
    /// Its name; of a long one the beginning and a hash.
    pub name: &'a str,
    /// Its weight is at least this.
    pub lower: f64,
    /// Its weight is at most this.
    pub upper: f64,
}

impl FrequentCategories {
    /// A capacity that keeps every category with 1.6 % of the weight.
    pub const DEFAULT_CAPACITY: u16 = 64;

    /// Counters of nothing.
    ///
    /// # Errors
    /// Invalid when the capacity is not from 1 to 4096.
    pub fn new(capacity: u16) -> Result<Self> {
        if !content::ALLOWED_CAPACITY.contains(&capacity) {
            return Err(Error::invalid(format!("{capacity} categories are to be kept, allowed: 1 to 4096")));
        }
        Ok(Self { capacity, weight: 0.0, error: 0.0, counters: BTreeMap::new() })
    }

    /// Adds rows of a category that weigh so much together; a weight of 0 is no row. O(log `capacity`).
    ///
    /// # Errors
    /// Invalid when the weight is not 0 or from 10⁻¹⁰⁰ to 10¹⁰⁰.
    pub fn add(&mut self, category: &str, weight: f64) -> Result<()> {
        weights::check_one(weight)?;
        self.add_checked(category, weight);
        Ok(())
    }

    pub(super) fn add_checked(&mut self, category: &str, weight: f64) {
        if weight > 0.0 {
            self.weight += weight;
            let key = key::of(category);
            match self.counters.get_mut(&*key) {
                Some(counter) => *counter += weight,
                None => {
                    self.counters.insert(key.into(), weight);
                    self.make_room();
                }
            }
        }
    }

    /// Adds what another one has counted; both orders give the same. O(`capacity` log `capacity`).
    ///
    /// # Errors
    /// Invalid when the capacities differ; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.capacity != other.capacity {
            let (mine, others) = (self.capacity, other.capacity);
            return Err(Error::invalid(format!(
                "categories with a capacity of {others} cannot be added to those with {mine}"
            )));
        }
        self.weight += other.weight;
        self.error += other.error;
        for (name, weight) in &other.counters {
            match self.counters.get_mut(name) {
                Some(counter) => *counter += weight,
                None => _ = self.counters.insert(name.clone(), *weight),
            }
        }
        self.make_room();
        Ok(())
    }

    fn make_room(&mut self) {
        let capacity = usize::from(self.capacity);
        if self.counters.len() > 2 * capacity {
            let mut counts: Vec<f64> = self.counters.values().copied().collect();
            let (_, &mut taken, _) = counts.select_nth_unstable_by(capacity, |a, b| b.total_cmp(a));
            self.error += taken;
            self.counters.retain(|_, counter| {
                *counter -= taken;
                *counter > 0.0
            });
        }
    }

    /// How many categories it keeps for certain.
    #[must_use]
    pub fn capacity(&self) -> u16 {
        self.capacity
    }

    /// The weight of all rows.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// By how much a count may be too low; no category without a counter has a larger weight. 0 when there were few
    /// enough categories for all counts to be exact.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// The weight that no category is known to have: that of `weight` beyond the lower bounds.
    #[must_use]
    pub fn other(&self) -> f64 {
        if self.error > 0.0 { (self.weight - self.counters.values().sum::<f64>()).max(0.0) } else { 0.0 }
    }

    /// The categories that have a counter, the most frequent first; at most twice the capacity.
    #[must_use]
    pub fn top(&self) -> Vec<FrequentCategory<'_>> {
        let mut top: Vec<FrequentCategory<'_>> =
            self.counters.iter().map(|(name, &lower)| self.bounded(name, lower)).collect();
        // stable: equal ones stay in the order of their names
        top.sort_by(|a, b| b.lower.total_cmp(&a.lower));
        top
    }

    /// How often a category came.
    #[must_use]
    pub fn get<'a>(&self, category: &'a str) -> FrequentCategory<'a> {
        let lower = self.counters.get(&*key::of(category)).copied().unwrap_or(0.0);
        self.bounded(category, lower)
    }

    fn bounded<'a>(&self, name: &'a str, lower: f64) -> FrequentCategory<'a> {
        FrequentCategory { name, lower, upper: (lower + self.error).min(self.weight.max(lower)) }
    }
}
