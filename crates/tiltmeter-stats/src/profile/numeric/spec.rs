//! Which parts a profile has.

use std::sync::Arc;

use super::{Binned, NumericProfile};
use crate::bins::BinCounts;
use crate::error::{Error, Result};
use crate::profile::weights::Tally;
use crate::profile::{DistinctCount, QuantileSketch};
use crate::{Moments, QuantileBins};

/// Which parts the profiles of a column of numbers have: only those of one specification can be merged.
///
/// Cheap to clone; its profiles share the bins.
#[derive(Clone, Debug, Default)]
pub struct NumericSpec {
    pub(super) bins: Option<Arc<QuantileBins>>,
    pub(super) sketch: Option<u16>,
    pub(super) distinct: bool,
}

impl NumericSpec {
    /// Counts and moments alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With counts in these bins.
    #[must_use]
    pub fn with_bins(self, bins: impl Into<Arc<QuantileBins>>) -> Self {
        Self { bins: Some(bins.into()), ..self }
    }

    /// With a [`QuantileSketch`] of size `k`; 128 is usual.
    ///
    /// # Errors
    /// Invalid when `k` is not from 8 to 4096.
    pub fn with_sketch(self, k: u16) -> Result<Self> {
        QuantileSketch::new(k)?;
        Ok(Self { sketch: Some(k), ..self })
    }

    /// With the number of different values.
    #[must_use]
    pub fn with_distinct(self) -> Self {
        Self { distinct: true, ..self }
    }

    /// A profile of no rows.
    #[must_use]
    pub fn profile(&self) -> NumericProfile {
        NumericProfile {
            missing: Tally::default(),
            negative_infinite: Tally::default(),
            positive_infinite: Tally::default(),
            moments: Moments::empty(),
            bins: self
                .bins
                .as_ref()
                .map(|bins| Binned { bins: Arc::clone(bins), counts: BinCounts::none(bins.len()) }),
            // it was made with this size before
            sketch: self.sketch.and_then(|k| QuantileSketch::new(k).ok()),
            distinct: self.distinct.then(DistinctCount::new),
        }
    }

    pub(super) fn check_same(&self, other: &Self) -> Result<()> {
        let differ = |what: &str| Err(Error::invalid(format!("the profiles cannot be merged: {what}")));
        match (&self.bins, &other.bins) {
            (None, None) => {}
            (Some(bins), Some(others)) if bins == others => {}
            (Some(_), Some(_)) => return differ("their bins differ"),
            _ => return differ("only one has bins"),
        }
        match (self.sketch, other.sketch) {
            (Some(k), Some(other)) if k != other => {
                return differ(&format!("their sketches have the sizes {k} and {other}"));
            }
            (k, other) if k.is_some() != other.is_some() => return differ("only one has a sketch"),
            _ => {}
        }
        if self.distinct == other.distinct { Ok(()) } else { differ("only one counts distinct values") }
    }
}
