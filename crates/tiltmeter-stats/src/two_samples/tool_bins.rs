//! How NannyML and evidently bin a column, so that their numbers can be compared with.

use std::collections::BTreeMap;

use crate::error::{Result, Undefined};
use crate::histogram::{BinRule, Histogram, histogram_edges};
use crate::sorted::sort_values;

use super::samples::check_both;
use super::shares::{FLOOR, Shares, left_out};

/// NannyML takes a column for categories when it has at most so many distinct values, and at most one in ten rows.
const NANNYML_DISTINCT: usize = 50;
/// evidently takes a column for categories when its reference has at most so many distinct values.
const EVIDENTLY_DISTINCT: usize = 20;

/// By bin, how much of each sample is in it.
pub(super) struct ToolBins {
    pub(super) reference: Vec<f64>,
    pub(super) current: Vec<f64>,
    /// How many values of either are in no bin.
    missing: [u64; 2],
}

impl ToolBins {
    /// Doane's edges of the reference, and one bin more for current values outside of them.
    pub(super) fn nannyml(reference: &[f64], current: &[f64]) -> Result<Self> {
        let samples = [reference, current];
        let (reference, current) = (sorted(reference.to_vec()), sorted(current.to_vec()));
        check_both(reference.is_empty(), current.is_empty())?;
        let missing = left_out(samples, [&reference, &current]);
        let distinct = distinct(&reference);
        if distinct <= NANNYML_DISTINCT && distinct * 10 <= reference.len() {
            return Ok(Self::of_values(&reference, &current, missing));
        }
        if reference.iter().any(|value| value.is_infinite()) {
            return Err(Undefined::Infinite.into());
        }
        let edges = histogram_edges(&reference, BinRule::Doane)?;
        let count = |values: &[f64]| -> Result<Vec<f64>> {
            let Histogram { mut counts, below, above, .. } = Histogram::with_edges(values, &edges)?;
            counts.push(below + above);
            Ok(counts)
        };
        Ok(Self { reference: count(&reference)?, current: count(&current)?, missing })
    }

    /// Sturges' edges of both samples together. ±∞ are left out, as its report does.
    pub(super) fn evidently(reference: &[f64], current: &[f64]) -> Result<Self> {
        let samples = [reference, current];
        let finite =
            |values: &[f64]| sorted(values.iter().copied().filter(|value| value.is_finite()).collect());
        let (reference, current) = (finite(reference), finite(current));
        check_both(reference.is_empty(), current.is_empty())?;
        let missing = left_out(samples, [&reference, &current]);
        if distinct(&reference) <= EVIDENTLY_DISTINCT {
            return Ok(Self::of_values(&reference, &current, missing));
        }
        let edges = histogram_edges(&[&reference[..], &current[..]].concat(), BinRule::Sturges)?;
        let count = |values: &[f64]| Histogram::with_edges(values, &edges).map(|histogram| histogram.counts);
        Ok(Self { reference: count(&reference)?, current: count(&current)?, missing })
    }

    pub(super) fn shares(&self) -> Result<Shares<'_>> {
        Ok(Shares::of_counts(&self.reference, &self.current)?.leaving_out(self.missing))
    }

    /// Each value is a category.
    fn of_values(reference: &[f64], current: &[f64], missing: [u64; 2]) -> Self {
        let mut counts: BTreeMap<u64, [f64; 2]> = BTreeMap::new();
        for (side, values) in [reference, current].into_iter().enumerate() {
            values.iter().for_each(|value| counts.entry(value.to_bits()).or_default()[side] += 1.0);
        }
        let (reference, current) = counts.into_values().map(|[p, q]| (p, q)).unzip();
        Self { reference, current, missing }
    }
}

/// What evidently puts in the place of a share of 0: 10⁻⁴, or a millionth of the sample's smallest share above 0 if
/// that is at most 10⁻⁴.
pub(super) fn evidently_floor(smallest: f64) -> f64 {
    if smallest <= FLOOR { smallest / 1e6 } else { FLOOR }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    sort_values(&mut values);
    values
}

fn distinct(sorted: &[f64]) -> usize {
    sorted.chunk_by(|value, next| value >= next).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_distinct_values_are_categories() {
        let months: Vec<f64> = (0..240).map(|row| f64::from(row % 12)).collect();
        let bins = ToolBins::nannyml(&months, &[3.0, 30.0]).unwrap();
        assert_eq!((bins.reference.len(), bins.current[3], bins.current[12]), (13, 1.0, 1.0));
        assert_eq!(ToolBins::evidently(&months, &[3.0, 30.0]).unwrap().reference.len(), 13);
        // 12 of 100 rows: no longer one in ten
        assert_eq!(ToolBins::nannyml(&months[..100], &[3.0]).unwrap().reference.len(), 9);
    }

    #[test]
    fn infinities_are_outside_or_undefined() {
        let reference: Vec<f64> = (0..100).map(f64::from).collect();
        let bins = ToolBins::nannyml(&reference, &[5.0, f64::INFINITY, f64::NAN]).unwrap();
        assert_eq!(bins.current.last(), Some(&1.0));
        assert_eq!(bins.shares().unwrap().missing, [0, 1]);
        let reason =
            ToolBins::nannyml(&[f64::INFINITY, 1.0], &[1.0]).err().and_then(|error| error.undefined());
        assert_eq!(reason, Some(Undefined::Infinite));
        let reason =
            ToolBins::evidently(&reference, &[f64::INFINITY]).err().and_then(|error| error.undefined());
        assert_eq!(reason, Some(Undefined::EmptyCurrent));
    }
}
