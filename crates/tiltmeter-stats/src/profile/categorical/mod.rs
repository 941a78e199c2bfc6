//! The profile of a column of categories.

mod content;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use spec::CategoricalSpec;

use super::weights::{self, Tally};
use super::{DistinctCount, FrequentCategories};
use crate::BinCounts;
use crate::error::Result;

/// Rows whose categories are gathered before they are folded: each category is looked up in the parts once for all.
const BLOCK: usize = 4096;

/// The mergeable summary of a column of categories in a window of time.
///
/// Always there: how many rows there are, and how many are missing, exact. Perhaps there, as its
/// [specification](CategoricalSpec) says: counts of frozen categories with one for all others, exact; the
/// [`FrequentCategories`], whatever they are; a [`DistinctCount`].
///
/// Profiles with the same specification [merge](Self::merge) over time and over instances, in any order: counts are
/// those of one pass over all rows, bit for bit when there are no weights; frequent categories keep their bounds; distinct
/// categories are exactly those of one pass. A row with the weight 0 is not there.
///
/// ```
/// # use tiltmeter_stats::CategoricalSpec;
/// let spec = CategoricalSpec::new().with_categories(["UA", "DL"])?.with_frequent(64)?;
/// let (mut then, mut now) = (spec.profile(), spec.profile());
/// then.update(&[Some("UA"), Some("DL"), Some("UA"), None]);
/// now.update(&[Some("UA"), Some("WN"), Some("WN"), Some("DL")]);
///
/// // DL, UA, others
/// assert_eq!(now.bin_counts().map(|counts| counts.counts.clone()), Some(vec![1.0, 1.0, 2.0]));
/// assert_eq!(now.frequent().map(|frequent| frequent.top()[0].name), Some("WN"));
/// assert!(then.psi(&now)?.value > 4.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct CategoricalProfile {
    missing: Tally,
    present: Tally,
    frozen: Option<Frozen>,
    frequent: Option<FrequentCategories>,
    distinct: Option<DistinctCount>,
}

/// Categories, which the profiles of many windows share, and how often each came; the last count is that of all others.
#[derive(Clone, Debug, PartialEq)]
struct Frozen {
    categories: Arc<[String]>,
    counts: Vec<f64>,
}

impl CategoricalProfile {
    /// Folds rows that count once each; `None` is missing. O(n).
    pub fn update<S: AsRef<str>>(&mut self, categories: &[Option<S>]) {
        for block in categories.chunks(BLOCK) {
            self.update_block(block.iter().map(|category| (category.as_ref(), 1.0)));
        }
    }

    /// The same with a weight for each row.
    ///
    /// # Errors
    /// Invalid when there are not as many weights as rows, or a weight is not 0 or from 10⁻¹⁰⁰ to 10¹⁰⁰; nothing is folded
    /// then.
    pub fn update_weighted<S: AsRef<str>>(
        &mut self,
        categories: &[Option<S>],
        weights: &[f64],
    ) -> Result<()> {
        weights::check(categories.len(), weights)?;
        for (block, weights) in categories.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
            self.update_block(block.iter().map(Option::as_ref).zip(weights.iter().copied()));
        }
        Ok(())
    }

    fn update_block<'a, S: AsRef<str> + 'a>(&mut self, rows: impl Iterator<Item = (Option<&'a S>, f64)>) {
        let mut places: HashMap<&str, usize> = HashMap::new();
        // in the order in which they appear: that of the map is another one in each process
        let mut found: Vec<(&str, Tally)> = Vec::new();
        for (category, weight) in rows {
            let Some(category) = category.map(AsRef::as_ref) else {
                self.missing.add(weight);
                continue;
            };
            let place = *places.entry(category).or_insert(found.len());
            if place == found.len() {
                found.push((category, Tally::default()));
            }
            found[place].1.add(weight);
        }
        found.into_iter().for_each(|(category, tally)| self.add(Some(category), tally));
    }

    /// Folds so many rows of one category, each counting once, or without a category: for columns that are stored as codes
    /// and a dictionary.
    pub fn add_rows(&mut self, category: Option<&str>, rows: u64) {
        let mut tally = Tally::default();
        tally.add_rows(rows);
        self.add(category, tally);
    }

    fn add(&mut self, category: Option<&str>, tally: Tally) {
        let Some(category) = category else {
            self.missing = self.missing.and(tally);
            return;
        };
        if tally.rows == 0 {
            return;
        }
        self.present = self.present.and(tally);
        if let Some(Frozen { categories, counts }) = &mut self.frozen {
            let place = categories.binary_search_by(|other| other.as_str().cmp(category));
            counts[place.unwrap_or(categories.len())] += tally.weight;
        }
        if let Some(frequent) = &mut self.frequent {
            frequent.add_checked(category, tally.weight);
        }
        if let Some(distinct) = &mut self.distinct {
            distinct.add_text(category);
        }
    }

    /// Folds the rows of another profile of the same specification. O(size).
    ///
    /// # Errors
    /// Invalid when the profiles have not the same parts, categories or capacities; nothing is folded then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.spec().check_same(&other.spec())?;
        self.missing = self.missing.and(other.missing);
        self.present = self.present.and(other.present);
        if let (Some(mine), Some(other)) = (&mut self.frozen, &other.frozen) {
            mine.counts.iter_mut().zip(&other.counts).for_each(|(mine, other)| *mine += other);
        }
        if let (Some(mine), Some(other)) = (&mut self.frequent, &other.frequent) {
            mine.merge(other)?;
        }
        if let (Some(mine), Some(other)) = (&mut self.distinct, &other.distinct) {
            mine.merge(other);
        }
        Ok(())
    }

    /// The same without the counts of frozen categories: what profiles of different baselines have in common, so that they
    /// can be merged.
    #[must_use]
    pub fn without_bins(self) -> Self {
        Self { frozen: None, ..self }
    }

    /// The specification that it has, for profiles to be merged with it.
    #[must_use]
    pub fn spec(&self) -> CategoricalSpec {
        CategoricalSpec {
            categories: self.frozen.as_ref().map(|frozen| Arc::clone(&frozen.categories)),
            frequent: self.frequent.as_ref().map(FrequentCategories::capacity),
            distinct: self.distinct.is_some(),
        }
    }

    /// How many rows have a category.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.present.rows
    }

    /// How many rows have none.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing.rows
    }

    /// The sum of the weights of the rows with a category: [`count`](Self::count) when there are none.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.present.weight
    }

    /// Kish's effective size of the rows with a category, (Σw)²/Σw²: `count` when there are no weights.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        self.present.effective_size()
    }

    /// The share of rows without a category, weighted, from 0 to 1. Exact.
    ///
    /// # Errors
    /// [`Undefined::Empty`](crate::Undefined::Empty) without rows.
    pub fn missing_rate(&self) -> Result<f64> {
        super::missing_rate(self.missing, self.present)
    }

    /// The frozen categories, in the order of their names.
    #[must_use]
    pub fn categories(&self) -> Option<&[String]> {
        self.frozen.as_ref().map(|frozen| &*frozen.categories)
    }

    /// How often each of the frozen categories came, and last all others: what population stability index,
    /// Jensen–Shannon and Hellinger distances and χ² are computed of.
    #[must_use]
    pub fn bin_counts(&self) -> Option<BinCounts> {
        let Frozen { counts, .. } = self.frozen.as_ref()?;
        Some(BinCounts {
            counts: counts.clone(),
            missing: self.missing.rows,
            rows: self.present.rows,
            squared_weights: self.present.squared_weights,
        })
    }

    /// The frequent categories.
    #[must_use]
    pub fn frequent(&self) -> Option<&FrequentCategories> {
        self.frequent.as_ref()
    }

    /// The number of different categories.
    #[must_use]
    pub fn distinct(&self) -> Option<&DistinctCount> {
        self.distinct.as_ref()
    }
}
