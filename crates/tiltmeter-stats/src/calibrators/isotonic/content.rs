//! What a stored function must satisfy.

use serde::Deserialize;

use super::IsotonicRegression;
use crate::error::{Error, Result};

/// As stored, field by field in the order of [`IsotonicRegression`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    increasing: bool,
    count: u64,
    missing: u64,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl TryFrom<Unchecked> for IsotonicRegression {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { increasing, count, missing, x, y } = stored;
        let refuse = |clause: &str| Err(Error::invalid(format!("no isotonic regression: {clause}")));
        if x.is_empty() || x.len() != y.len() || x.len() as u64 > count {
            return refuse("there must be thresholds, a value for each, and no more than rows");
        }
        if !x.iter().chain(&y).all(|number| number.is_finite()) {
            return refuse("thresholds and values must be finite");
        }
        if !x.windows(2).all(|pair| pair[0] < pair[1]) {
            return refuse("thresholds must ascend");
        }
        if !y.windows(2).all(|pair| if increasing { pair[0] <= pair[1] } else { pair[0] >= pair[1] }) {
            return refuse("values must never fall, or never rise, as it says");
        }
        Ok(Self { increasing, count, missing, x, y })
    }
}
