//! What stored moments must satisfy.

use serde::Deserialize;

use super::Moments;
use crate::error::{Error, Result};

/// As stored, field by field in the order of [`Moments`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    rows: u64,
    missing: u64,
    infinite: u64,
    weight: f64,
    squared_weights: f64,
    mean: f64,
    central: [f64; 3],
    range: [f64; 2],
}

impl TryFrom<Unchecked> for Moments {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { rows, missing, infinite, weight, squared_weights, mean, central, range } = stored;
        let moments = Self { rows, missing, infinite, weight, squared_weights, mean, central, range };
        if rows == 0 {
            let nothing = Self { missing, infinite, ..Self::empty() };
            return if moments == nothing {
                Ok(moments)
            } else {
                Err(Error::invalid("moments of no rows have values"))
            };
        }
        let is_ordered = range[0].is_finite() && range[1].is_finite() && range[0] <= range[1];
        // sums that have overflowed are kept: their moments say so when they are asked for
        let is_negative = [weight, squared_weights, central[0], central[2]].iter().any(|sum| *sum < 0.0);
        if !is_ordered || is_negative {
            return Err(Error::invalid("no moments: a range that descends, or a negative sum of squares"));
        }
        Ok(moments)
    }
}
