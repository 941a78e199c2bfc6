//! Which parts a profile has.

use std::sync::Arc;

use super::{CategoricalProfile, Frozen};
use crate::error::{Error, Result};
use crate::profile::weights::Tally;
use crate::profile::{DistinctCount, FrequentCategories};

/// Which parts the profiles of a column of categories have: only those of one specification can be merged.
///
/// Cheap to clone; its profiles share the list of categories.
#[derive(Clone, Debug, Default)]
pub struct CategoricalSpec {
    pub(super) categories: Option<Arc<[String]>>,
    pub(super) frequent: Option<u16>,
    pub(super) distinct: bool,
}

impl CategoricalSpec {
    /// Counts of rows alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a count for each of these categories, in the order of their names, and one for all others.
    ///
    /// # Errors
    /// Invalid when a category is named twice.
    pub fn with_categories<S: Into<String>>(self, categories: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut categories: Vec<String> = categories.into_iter().map(Into::into).collect();
        categories.sort_unstable();
        match categories.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Error::invalid(format!("the category {} is named twice", pair[0]))),
            None => Ok(Self { categories: Some(categories.into()), ..self }),
        }
    }

    /// With [`FrequentCategories`] of this capacity; 64 is usual.
    ///
    /// # Errors
    /// Invalid when the capacity is not from 1 to 4096.
    pub fn with_frequent(self, capacity: u16) -> Result<Self> {
        FrequentCategories::new(capacity)?;
        Ok(Self { frequent: Some(capacity), ..self })
    }

    /// With the number of different categories.
    #[must_use]
    pub fn with_distinct(self) -> Self {
        Self { distinct: true, ..self }
    }

    /// A profile of no rows.
    #[must_use]
    pub fn profile(&self) -> CategoricalProfile {
        CategoricalProfile {
            missing: Tally::default(),
            present: Tally::default(),
            frozen: self.categories.as_ref().map(|categories| Frozen {
                categories: Arc::clone(categories),
                counts: vec![0.0; categories.len() + 1],
            }),
            // it was made with this capacity before
            frequent: self.frequent.and_then(|capacity| FrequentCategories::new(capacity).ok()),
            distinct: self.distinct.then(DistinctCount::new),
        }
    }

    pub(super) fn check_same(&self, other: &Self) -> Result<()> {
        let differ = |what: &str| Err(Error::invalid(format!("the profiles cannot be merged: {what}")));
        match (&self.categories, &other.categories) {
            (None, None) => {}
            (Some(categories), Some(others)) if categories == others => {}
            (Some(_), Some(_)) => return differ("their categories differ"),
            _ => return differ("only one has categories"),
        }
        match (self.frequent, other.frequent) {
            (Some(capacity), Some(other)) if capacity != other => {
                return differ(&format!("they keep {capacity} and {other} frequent categories"));
            }
            (capacity, other) if capacity.is_some() != other.is_some() => {
                return differ("only one has frequent categories");
            }
            _ => {}
        }
        if self.distinct == other.distinct { Ok(()) } else { differ("only one counts distinct categories") }
    }
}
