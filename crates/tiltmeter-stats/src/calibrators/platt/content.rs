//! What a stored curve must satisfy.

use serde::Deserialize;

use super::PlattScaling;
use crate::error::{Error, Result};

/// As stored, field by field in the order of [`PlattScaling`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    count: u64,
    slope: f64,
    centre: f64,
    level: f64,
}

impl TryFrom<Unchecked> for PlattScaling {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { count, slope, centre, level } = stored;
        let made = Self { count, slope, centre, level };
        if count < 2 {
            return Err(Error::invalid("no Platt scaling: there must have been a row of each class"));
        }
        if !made.is_finite() {
            return Err(Error::invalid("no Platt scaling: slope, centre and level must be finite"));
        }
        Ok(made)
    }
}
