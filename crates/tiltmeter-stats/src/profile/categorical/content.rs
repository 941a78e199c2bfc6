//! What a stored profile must satisfy, besides its parts.

use serde::ser::SerializeTuple;
use serde::{Deserialize, Serialize, Serializer};

use super::{CategoricalProfile, Frozen};
use crate::bins::check_counts;
use crate::error::{Error, Result};
use crate::profile::weights::Tally;
use crate::profile::{DistinctCount, FrequentCategories, is_near};

/// As stored, field by field in the order of [`CategoricalProfile`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    missing: Tally,
    present: Tally,
    frozen: Option<(Vec<String>, Vec<f64>)>,
    frequent: Option<FrequentCategories>,
    distinct: Option<DistinctCount>,
}

// not by serde's feature for `Arc`, which would be on for everyone
impl Serialize for Frozen {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&*self.categories)?;
        pair.serialize_element(&self.counts)?;
        pair.end()
    }
}

impl TryFrom<Unchecked> for CategoricalProfile {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { missing, present, frozen, frequent, distinct } = stored;
        let refuse = |clause: &str| Err(Error::invalid(format!("no profile: {clause}")));
        if let Some((categories, counts)) = &frozen {
            if !categories.is_sorted_by(|a, b| a < b) || counts.len() != categories.len() + 1 {
                return refuse("the categories must ascend, and each must have a count");
            }
            check_counts(counts)?;
            if !is_near(counts.iter().sum(), present.weight) {
                return refuse("the counts of the categories must have the weight of the rows");
            }
        }
        if frequent.as_ref().is_some_and(|frequent| !is_near(frequent.weight(), present.weight)) {
            return refuse("the frequent categories must have the weight of the rows");
        }
        let frozen = frozen.map(|(categories, counts)| Frozen { categories: categories.into(), counts });
        Ok(Self { missing, present, frozen, frequent, distinct })
    }
}
