//! Quantiles and distribution functions of what is not kept.

mod batch;
mod coin;
mod content;
mod corners;
mod levels;
mod ranks;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;

use serde::{Deserialize, Serialize};

use coin::Coin;
use levels::Levels;

pub(super) use corners::Corners;

use super::weights;
use crate::ecdf::check_share;
use crate::error::{Error, Result, Undefined};
use crate::sample::Sample;

/// Of the normal distribution: within so many standard deviations are 99 %.
const Z_OF_ONE: f64 = 2.5758;

/// Within so many standard deviations are 99 % of the largest errors over all ranks: Bonferroni's bound for 416 ranks,
/// about as many as there are items. Simulations find 3.3, and 3.8 with weights.
const Z_OF_ALL: f64 = 4.22;

/// A sample of few values that stand for all: its distribution function and quantiles, with the error known.
///
/// ```text
/// F̂(x) = Σ {wᵢ : xᵢ ≤ x} / Σ wᵢ     E F̂(x) = F(x),   Var F̂(x) ≤ Σ δ²/4 / W²
/// ```
///
/// Items have levels by the size of their weights, each [2^h, 2^(h+1)). The highest may hold `k` items, each below it
/// two thirds as many. When they do not fit, the lowest that is too full is compacted into the next: its items, in the
/// order of their values, are sampled systematically into items of the weight δ ≥ 2^(h+1) that keep the whole weight.
/// The rank of any value keeps its mean, and moves by less than δ. The sketch adds up these variances, and so
/// [knows its error](Self::rank_error), whatever was folded and merged. While all values fit, about 3 `k` of them,
/// it is exact.
///
/// For 128, the [default](Self::DEFAULT_K), some 410 items stand for a million values, and 466 for any number: 3.4 kB
/// when they are stored without weights. 99 % of single ranks are right within 0.8 % (1.1 % with weights), all at once
/// within 1.3 % (1.9 %). The error that the sketch tells is up to 1.4 times that.
///
/// Chance is a generator seeded with the content: the same values in the same order give the same sketch, bit for bit,
/// and so does [merging](Self::merge) two sketches in either order. Other orders of rows, or of merges, give other
/// sketches with the same guarantee. It holds for any order of values, but not against someone who computes the draws.
///
/// NaN is left out; ±∞ are values. Weights are 0, which drops the row, or from 10⁻¹⁰⁰ to 10¹⁰⁰.
///
/// Karnin, Lang and Liberty, *Optimal Quantile Approximation in Streams* (FOCS 2016); halves that alternate: Ivkin,
/// Liberty, Lang, Karnin and Braverman, *Streaming Quantiles Algorithms with Small Space and Update Time* (2019);
/// systematic sampling of a weighted sketch: Agarwal and others, *Mergeable Summaries* (ACM TODS 38, 2013).
///
/// ```
/// # use tiltmeter_stats::QuantileSketch;
/// let mut sketch = QuantileSketch::new(QuantileSketch::DEFAULT_K)?;
/// let values: Vec<f64> = (0..100_000).map(|row| f64::from(row) * 7_919.0 % 100_000.0).collect();
/// sketch.update(&values)?;
/// assert_eq!((sketch.count(), sketch.weight(), sketch.max()?), (100_000, 100_000.0, 99_999.0));
/// let median = sketch.quantile(0.5)?;
/// assert!((median.value - 50_000.0).abs() < 1_000.0);
/// assert!(median.lower <= 50_000.0 && 50_000.0 <= median.upper);
/// assert!(sketch.rank_error().single < 0.012);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
// not the KLL sketch of the crate datasketches: it draws from an unseeded generator, so that no result can be repeated,
// and takes no weights
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "content::Stored", try_from = "content::Stored")]
pub struct QuantileSketch {
    k: u16,
    rows: u64,
    weight: f64,
    /// The smallest and the largest value; 0 while there are none.
    range: [f64; 2],
    /// Σ δ²/4: of the sum of weights up to a value, at the most.
    variance: f64,
    coin: Coin,
    levels: Levels,
}

/// By how much the shares of a sketch may be wrong, as shares from 0 to 1. 0 while a sketch is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankError {
    /// For one x: |F̂(x) − F(x)| is within this with a probability of 99 % or more.
    pub single: f64,
    /// For all x at once: sup |F̂ − F| is within this with a probability of 99 % or more.
    pub uniform: f64,
}

/// A quantile from a sketch.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct QuantileEstimate {
    /// The smallest value of the sketch with F̂ ≥ q; one of the values that were folded.
    pub value: f64,
    /// The true quantile is at least this, with a probability of 99.5 % or more; at most `value`.
    pub lower: f64,
    /// The true quantile is at most this, with a probability of 99.5 % or more; at least `value`.
    pub upper: f64,
}

impl QuantileSketch {
    /// The size that is usual.
    pub const DEFAULT_K: u16 = 128;

    /// A sketch of no values. Its error is about in proportion to 1/`k`, its size to `k`.
    ///
    /// # Errors
    /// Invalid when `k` is not from 8 to 4096.
    pub fn new(k: u16) -> Result<Self> {
        if !content::ALLOWED_K.contains(&k) {
            return Err(Error::invalid(format!("the size of a sketch is {k}, allowed: from 8 to 4096")));
        }
        let (levels, coin) = (Levels::default(), Coin::default());
        Ok(Self { k, rows: 0, weight: 0.0, range: [0.0; 2], variance: 0.0, coin, levels })
    }

    /// Folds a sample. Batches are faster than rows, and no less exact: O(n log n) for the first of them, O(n) once there
    /// are some 10⁶ values. Allocates up to 80 KiB for the call.
    ///
    /// # Errors
    /// Invalid when a weight is not 0 or from 10⁻¹⁰⁰ to 10¹⁰⁰; nothing is folded then.
    pub fn update<'a>(&mut self, sample: impl Into<Sample<'a>>) -> Result<()> {
        let sample = sample.into();
        if let Some(weights) = sample.weights() {
            weights::check(sample.values().len(), weights)?;
        }
        self.fold(sample.values(), sample.weights());
        Ok(())
    }

    /// Takes note of values that are about to be folded.
    fn see(&mut self, values: &[f64], weight: f64) {
        let (Some(&first), count) = (values.first(), values.len()) else { return };
        let range = if self.rows == 0 { [first; 2] } else { self.range };
        self.range = extremes(values, range).map(|extreme| extreme + 0.0);
        for place in [0, count / 2, count - 1] {
            self.coin.stir(values[place] + 0.0);
        }
        self.coin.stir(weight);
        self.rows = self.rows.saturating_add(count as u64);
        self.weight += weight;
    }

    /// Folds what another sketch was made of. Both orders give the same sketch. O(`k`).
    ///
    /// # Errors
    /// Invalid when the sketches have not the same size `k`; nothing is folded then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.k != other.k {
            let (mine, others) = (self.k, other.k);
            return Err(Error::invalid(format!(
                "a sketch of size {others} cannot be folded into one of {mine}"
            )));
        }
        if self.rows == 0 {
            self.clone_from(other);
        } else if other.rows > 0 {
            self.rows = self.rows.saturating_add(other.rows);
            self.weight += other.weight;
            self.range = [self.range[0].min(other.range[0]), self.range[1].max(other.range[1])];
            self.coin = self.coin.merge(other.coin);
            self.levels.merge(&other.levels);
            self.variance += other.variance;
            self.variance += self.levels.compress(self.k, &mut self.coin);
        }
        Ok(())
    }

    /// The size that it was made with.
    #[must_use]
    pub fn k(&self) -> u16 {
        self.k
    }

    /// How many rows have a value and count.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows
    }

    /// The sum of weights: [`count`](Self::count) when there are none.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// By how much shares may be wrong.
    #[must_use]
    pub fn rank_error(&self) -> RankError {
        let deviation = if self.rows == 0 { 0.0 } else { self.variance.sqrt() / self.weight };
        RankError { single: (Z_OF_ONE * deviation).min(1.0), uniform: (Z_OF_ALL * deviation).min(1.0) }
    }

    /// The share of values that are at most `x`, from 0 to 1, within [`RankError::single`]. O(`k`).
    ///
    /// # Errors
    /// [`Undefined::Empty`]; invalid for NaN.
    pub fn at(&self, x: f64) -> Result<f64> {
        if x.is_nan() {
            return Err(Error::invalid("the share of the values up to NaN was asked for"));
        }
        let [low, high] = self.checked_range()?;
        if x < low || x >= high {
            return Ok(if x < low { 0.0 } else { 1.0 });
        }
        let (mut below, mut total) = (0.0, 0.0);
        for item in self.levels.items() {
            total += item.weight;
            below += if item.value <= x { item.weight } else { 0.0 };
        }
        Ok(below / total)
    }

    /// The quantile at `q`: the smallest value x with F(x) ≥ `q`, as [`Ecdf::quantile`](crate::Ecdf::quantile) defines
    /// it. O(`k` log `k`).
    ///
    /// # Errors
    /// [`Undefined::Empty`]; invalid when `q` is not within 0 and 1.
    pub fn quantile(&self, q: f64) -> Result<QuantileEstimate> {
        check_share(q)?;
        let (range, error) = (self.checked_range()?, self.rank_error().single);
        let corners = self.corners();
        let at = |q| corners.quantile(q, range);
        Ok(QuantileEstimate { value: at(q), lower: at(q - error), upper: at(q + error) })
    }

    /// The smallest value.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn min(&self) -> Result<f64> {
        self.checked_range().map(|range| range[0])
    }

    /// The largest value.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn max(&self) -> Result<f64> {
        self.checked_range().map(|range| range[1])
    }

    fn checked_range(&self) -> Result<[f64; 2]> {
        if self.rows == 0 { Err(Undefined::Empty.into()) } else { Ok(self.range) }
    }

    /// Its distribution function.
    pub(super) fn corners(&self) -> Corners {
        Corners::of(self.levels.items().map(|item| (item.value, item.weight)).collect())
    }
}

/// The extremes of values and of those before them; there is no NaN among them.
fn extremes(values: &[f64], [low, high]: [f64; 2]) -> [f64; 2] {
    // beside each other, as each comparison waits for the one before
    const LANES: usize = 8;
    let lower = |low: &mut f64, value: f64| *low = if value < *low { value } else { *low };
    let higher = |high: &mut f64, value: f64| *high = if value > *high { value } else { *high };
    let (mut lows, mut highs) = ([low; LANES], [high; LANES]);
    let (groups, rest) = values.as_chunks::<LANES>();
    for group in groups {
        for ((low, high), &value) in lows.iter_mut().zip(&mut highs).zip(group) {
            lower(low, value);
            higher(high, value);
        }
    }
    let (mut low, mut high) = (low, high);
    lows.iter().chain(rest).for_each(|&value| lower(&mut low, value));
    highs.iter().chain(rest).for_each(|&value| higher(&mut high, value));
    [low, high]
}
