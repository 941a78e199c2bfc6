//! What stored counters must satisfy.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;

use super::super::weights;
use super::{FrequentCategories, key};
use crate::error::{Error, Result};

pub(super) const ALLOWED_CAPACITY: RangeInclusive<u16> = 1..=4096;

/// As stored, field by field in the order of [`FrequentCategories`].
#[derive(Deserialize)]
pub(super) struct Unchecked {
    capacity: u16,
    weight: f64,
    error: f64,
    counters: BTreeMap<Box<str>, f64>,
}

impl TryFrom<Unchecked> for FrequentCategories {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { capacity, weight, error, counters } = stored;
        let refuse = |clause: &str| Err(Error::invalid(format!("no frequent categories: {clause}")));
        if !ALLOWED_CAPACITY.contains(&capacity) || counters.len() > 2 * usize::from(capacity) {
            return refuse("there must not be more than their capacity allows");
        }
        if counters.keys().any(|name| name.len() > key::MOST_BYTES) {
            return refuse("a name is too long");
        }
        let is_count = |count: &f64| *count > 0.0 && *count <= weight * (1.0 + 1e-6);
        let known: f64 = counters.values().sum();
        let least_taken = error * f64::from(capacity + 1);
        let rounding = 1e-6 * weight;
        let fits = known + least_taken <= weight + rounding && (error > 0.0 || weight <= known + rounding);
        if !(weights::is_sum(weight) && error >= 0.0 && counters.values().all(is_count) && fits) {
            return refuse("the counts and what was taken from them must be those of the weight");
        }
        Ok(Self { capacity, weight, error, counters })
    }
}
