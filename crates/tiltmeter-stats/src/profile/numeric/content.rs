//! What a stored profile must satisfy, besides its parts.

use std::sync::Arc;

use serde::ser::SerializeTuple;
use serde::{Deserialize, Serialize, Serializer};

use super::{Binned, NumericProfile};
use crate::error::{Error, Result};
use crate::profile::weights::{self, Tally};
use crate::profile::{DistinctCount, QuantileSketch, is_near};
use crate::{BinCounts, Moments, QuantileBins};

/// As stored, field by field in the order of [`NumericProfile`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    missing: Tally,
    negative_infinite: Tally,
    positive_infinite: Tally,
    moments: Moments,
    bins: Option<(QuantileBins, BinCounts)>,
    sketch: Option<QuantileSketch>,
    distinct: Option<DistinctCount>,
}

// not by serde's feature for `Arc`, which would be on for everyone
impl Serialize for Binned {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&*self.bins)?;
        pair.serialize_element(&self.counts)?;
        pair.end()
    }
}

impl TryFrom<Unchecked> for NumericProfile {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { missing, negative_infinite, positive_infinite, moments, bins, sketch, distinct } =
            stored;
        let bins = bins.map(|(bins, counts)| Binned { bins: Arc::new(bins), counts });
        let profile = Self { missing, negative_infinite, positive_infinite, moments, bins, sketch, distinct };
        let refuse = |clause: &str| Err(Error::invalid(format!("no profile: {clause}")));
        let infinite = negative_infinite.rows.saturating_add(positive_infinite.rows);
        if moments.missing() != missing.rows || moments.infinite() != infinite {
            return refuse("the moments must have left out what is missing or infinite");
        }
        if !weights::are_of_allowed_weights(moments.count(), moments.weight()) {
            return refuse("the weight must be one that its rows can have");
        }
        let present = profile.present();
        if let Some(Binned { bins, counts }) = &profile.bins {
            if bins.len() != counts.counts.len() {
                return refuse("there must be a count for each bin");
            }
            if counts.missing != missing.rows
                || counts.rows != present.rows
                || !is_near(counts.total(), present.weight)
                || !is_near(counts.squared_weights, present.squared_weights)
            {
                return refuse("the bins must have the rows of the moments, and their weight");
            }
        }
        if let Some(sketch) = &profile.sketch
            && (sketch.count() != present.rows || !is_near(sketch.weight(), present.weight))
        {
            return refuse("the sketch must have the rows of the moments, and their weight");
        }
        Ok(profile)
    }
}
