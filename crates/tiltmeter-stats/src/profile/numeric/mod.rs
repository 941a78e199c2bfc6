//! The profile of a column of numbers.

mod content;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use spec::NumericSpec;

use super::weights::{self, Tally};
use super::{DistinctCount, QuantileSketch};
use crate::error::{Error, Result, Undefined};
use crate::sample::Sample;
use crate::{BinCounts, Moments, QuantileBins};

/// As many values as stay in the second cache while one part after the other folds them.
const BLOCK: usize = 4096;

/// The mergeable summary of a column of numbers in a window of time.
///
/// Always there: how many rows there are, how many are missing or infinite, and the [`Moments`] with minimum and maximum;
/// all exact. Perhaps there, as its [specification](NumericSpec) says: counts in frozen [`QuantileBins`], exact; a
/// [`QuantileSketch`], which needs no bins; a [`DistinctCount`].
///
/// Profiles with the same specification [merge](Self::merge) over time and over instances, in any order: counts are
/// those of one pass over all rows, bit for bit when there are no weights; moments are so up to rounding, the sketch
/// within its error. With 64 bins, a sketch and distinct values a profile takes about 6 kB when it is
/// [encoded](super::Profile::encode), with bins alone 1.3 kB.
///
/// NaN is missing; ±∞ are values, but not of the moments. A row with the weight 0 is not there.
///
/// ```
/// # use tiltmeter_stats::{KsBounds, NumericSpec, QuantileBins};
/// let reference: Vec<f64> = (0..1_000).map(f64::from).collect();
/// let spec = NumericSpec::new().with_bins(QuantileBins::of(&reference, 20)?).with_sketch(128)?;
///
/// let mut then = spec.profile();
/// then.update(&reference)?;
/// let mut morning = spec.profile();
/// morning.update(&[f64::NAN, 990.0, 992.0])?;
/// let mut day = spec.profile();
/// day.update(&[994.0, 996.0, f64::INFINITY])?;
/// day.merge(&morning)?;
///
/// assert_eq!((day.count(), day.missing(), day.moments().mean()?), (5, 1, 993.0));
/// assert_eq!(day.missing_rate()?, 1.0 / 6.0);
/// assert!(then.psi(&day)?.value > 8.0);
/// let ks = KsBounds::between(&then, &day)?;
/// assert!(ks.lower <= 0.99 && 0.99 <= ks.upper && ks.p_value_upper < 1e-3);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct NumericProfile {
    missing: Tally,
    negative_infinite: Tally,
    positive_infinite: Tally,
    moments: Moments,
    bins: Option<Binned>,
    sketch: Option<QuantileSketch>,
    distinct: Option<DistinctCount>,
}

/// Bins, which the profiles of many windows share, and what is in them.
#[derive(Clone, Debug, PartialEq)]
struct Binned {
    bins: Arc<QuantileBins>,
    counts: BinCounts,
}

impl NumericProfile {
    /// Folds rows. In batches of a thousand or more it is about ten times as fast as row by row. O(n).
    ///
    /// # Errors
    /// Invalid when a weight is not 0 or from 10⁻¹⁰⁰ to 10¹⁰⁰; nothing is folded then.
    pub fn update<'a>(&mut self, sample: impl Into<Sample<'a>>) -> Result<()> {
        let sample = sample.into();
        let values = sample.values();
        let Some(weights) = sample.weights() else {
            values.chunks(BLOCK).for_each(|values| self.fold(values, None));
            return Ok(());
        };
        weights::check(values.len(), weights)?;
        for (values, weights) in values.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
            if weights.iter().fold(true, |so_far, &weight| so_far & (weight > 0.0)) {
                self.fold(values, Some(weights));
            } else {
                let rows = values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
                let (values, weights): (Vec<f64>, Vec<f64>) = rows.unzip();
                self.fold(&values, Some(&weights));
            }
        }
        Ok(())
    }

    /// Folds rows that all count.
    fn fold(&mut self, values: &[f64], weights: Option<&[f64]>) {
        let before = self.moments;
        self.moments.fold(values, weights);
        let missing = self.moments.missing() - before.missing();
        let infinite = self.moments.infinite() - before.infinite();
        if missing + infinite > 0 {
            match weights {
                Some(weights) => self.weigh_left_out(values, weights),
                None => self.count_left_out(values, missing, infinite),
            }
        }
        if let Some(Binned { bins, counts }) = &mut self.bins {
            bins.fold(counts, values, weights);
        }
        if let Some(sketch) = &mut self.sketch {
            sketch.fold(values, weights);
        }
        if let Some(distinct) = &mut self.distinct {
            distinct.add_numbers(values);
        }
    }

    fn count_left_out(&mut self, values: &[f64], missing: u64, infinite: u64) {
        let negative = values.iter().filter(|value| **value <= f64::NEG_INFINITY).count() as u64;
        self.missing.add_rows(missing);
        self.negative_infinite.add_rows(negative);
        self.positive_infinite.add_rows(infinite.saturating_sub(negative));
    }

    fn weigh_left_out(&mut self, values: &[f64], weights: &[f64]) {
        for (&value, &weight) in values.iter().zip(weights).filter(|(value, _)| !value.is_finite()) {
            match value {
                f64::INFINITY => self.positive_infinite.add(weight),
                f64::NEG_INFINITY => self.negative_infinite.add(weight),
                _ => self.missing.add(weight),
            }
        }
    }

    /// Folds the rows of another profile of the same specification. O(size).
    ///
    /// # Errors
    /// Invalid when the profiles have not the same parts, bins or sizes of sketches; nothing is folded then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.spec().check_same(&other.spec())?;
        self.missing = self.missing.and(other.missing);
        self.negative_infinite = self.negative_infinite.and(other.negative_infinite);
        self.positive_infinite = self.positive_infinite.and(other.positive_infinite);
        self.moments = self.moments.merge(&other.moments);
        if let (Some(mine), Some(other)) = (&mut self.bins, &other.bins) {
            mine.counts.merge(&other.counts)?;
        }
        if let (Some(mine), Some(other)) = (&mut self.sketch, &other.sketch) {
            mine.merge(other)?;
        }
        if let (Some(mine), Some(other)) = (&mut self.distinct, &other.distinct) {
            mine.merge(other);
        }
        Ok(())
    }

    /// The same without bins: what profiles of different baselines have in common, so that they can be merged.
    #[must_use]
    pub fn without_bins(self) -> Self {
        Self { bins: None, ..self }
    }

    /// The specification that it has, for profiles to be merged with it.
    #[must_use]
    pub fn spec(&self) -> NumericSpec {
        NumericSpec {
            bins: self.bins.as_ref().map(|binned| Arc::clone(&binned.bins)),
            sketch: self.sketch.as_ref().map(QuantileSketch::k),
            distinct: self.distinct.is_some(),
        }
    }

    /// How many rows have a value, ±∞ among them.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.present().rows
    }

    /// How many rows have none.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing.rows
    }

    /// How many values are −∞.
    #[must_use]
    pub fn negative_infinite(&self) -> u64 {
        self.negative_infinite.rows
    }

    /// How many values are +∞.
    #[must_use]
    pub fn positive_infinite(&self) -> u64 {
        self.positive_infinite.rows
    }

    /// The sum of the weights of the values, ±∞ among them: [`count`](Self::count) when there are none.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.present().weight
    }

    /// Kish's effective size of the values, (Σw)²/Σw²: `count` when there are no weights.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        self.present().effective_size()
    }

    /// The share of rows without a value, weighted, from 0 to 1. Exact.
    ///
    /// # Errors
    /// [`Undefined::Empty`] without rows.
    pub fn missing_rate(&self) -> Result<f64> {
        super::missing_rate(self.missing, self.present())
    }

    /// The moments of the finite values.
    #[must_use]
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The frozen bins.
    #[must_use]
    pub fn bins(&self) -> Option<&QuantileBins> {
        self.bins.as_ref().map(|binned| &*binned.bins)
    }

    /// What is in the bins: what population stability index, Jensen–Shannon and Hellinger distances and χ² are
    /// computed of.
    #[must_use]
    pub fn bin_counts(&self) -> Option<&BinCounts> {
        self.bins.as_ref().map(|binned| &binned.counts)
    }

    /// The sketch, for quantiles.
    #[must_use]
    pub fn sketch(&self) -> Option<&QuantileSketch> {
        self.sketch.as_ref()
    }

    /// The number of different values.
    #[must_use]
    pub fn distinct(&self) -> Option<&DistinctCount> {
        self.distinct.as_ref()
    }

    /// The bins that both have, and what is in them; `None` when one has none.
    pub(super) fn same_bins<'a>(
        &'a self,
        other: &'a Self,
    ) -> Result<Option<(&'a QuantileBins, &'a BinCounts, &'a BinCounts)>> {
        let (Some(mine), Some(others)) = (&self.bins, &other.bins) else { return Ok(None) };
        if mine.bins != others.bins {
            return Err(Error::invalid("the profiles have different bins"));
        }
        Ok(Some((&mine.bins, &mine.counts, &others.counts)))
    }

    /// The sketches of both; `None` when one has none.
    pub(super) fn sketches<'a>(
        &'a self,
        other: &'a Self,
    ) -> Option<(&'a QuantileSketch, &'a QuantileSketch)> {
        self.sketch.as_ref().zip(other.sketch.as_ref())
    }

    fn present(&self) -> Tally {
        let finite = Tally {
            rows: self.moments.count(),
            weight: self.moments.weight(),
            squared_weights: self.moments.squared_weights(),
        };
        finite.and(self.negative_infinite).and(self.positive_infinite)
    }
}

/// Both have values.
pub(super) fn check_present(reference: &NumericProfile, current: &NumericProfile) -> Result<()> {
    match (reference.count(), current.count()) {
        (0, 0) => Err(Undefined::Empty.into()),
        (0, _) => Err(Undefined::EmptyReference.into()),
        (_, 0) => Err(Undefined::EmptyCurrent.into()),
        _ => Ok(()),
    }
}
