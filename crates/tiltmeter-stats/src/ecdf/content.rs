//! What a stored distribution function must satisfy.

use serde::Deserialize;

use super::Ecdf;
use crate::error::{Error, Result};
use crate::sample::are_sums_of_weights;

/// As stored, field by field in the order of [`Ecdf`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    values: Vec<f64>,
    cumulative: Vec<f64>,
    rows: u64,
    squared_weights: f64,
    missing: u64,
    resolution: f64,
}

impl TryFrom<Unchecked> for Ecdf {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { values, cumulative, rows, squared_weights, missing, resolution } = stored;
        let refuse = |clause: &str| Err(Error::invalid(format!("no distribution function: {clause}")));
        if values.is_empty() || values.len() != cumulative.len() {
            return refuse("there must be values, and as many cumulative weights");
        }
        if values.iter().any(|value| value.is_nan()) || !values.is_sorted_by(|a, b| a < b) {
            return refuse("its values must ascend");
        }
        if cumulative.iter().any(|weight| !(weight.is_finite() && *weight > 0.0))
            || !cumulative.is_sorted_by(|a, b| a < b)
        {
            return refuse("its cumulative weights must ascend from above 0");
        }
        if rows < values.len() as u64 {
            return refuse("it has fewer rows than values");
        }
        if !(squared_weights.is_finite() && squared_weights > 0.0) {
            return refuse("the sum of its squared weights must be above 0");
        }
        if !(0.0..=1.0).contains(&resolution) {
            return refuse("its resolution must be from 0 to 1");
        }
        let ecdf = Self { values, cumulative, rows, squared_weights, missing, resolution };
        if !are_sums_of_weights(rows, ecdf.weight(), squared_weights) {
            return refuse("its effective size must be from 1 to its number of rows");
        }
        Ok(ecdf)
    }
}
