//! The empirical distribution function.

mod content;
mod thin;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Undefined};
use crate::sample::Sample;

/// The empirical distribution function: which share of the values is at most x.
///
/// ```text
/// F(x) = Σ wᵢ [xᵢ ≤ x] / Σ wᵢ
/// ```
///
/// It keeps the distinct values in order, each with the weight of all values up to it. Without weights these are
/// counts, so that shares are one division of whole numbers and never accumulate rounding. ±∞ are values, NaN is
/// counted as missing, and −0 is 0.
///
/// An `Ecdf` is all that rank statistics need: compute it once for a day, [merge](Self::merge) days to a week,
/// and compare with [`KsTest::between`](crate::KsTest::between). It has at least one value. 16 bytes for each
/// distinct value; [`thinned`](Self::thinned) makes it small enough to be kept for years.
///
/// Deserialization refuses what is no distribution. Formats that cannot carry infinities, JSON among them, only
/// carry the distributions of finite values.
///
/// ```
/// # use tiltmeter_stats::Ecdf;
/// let ecdf = Ecdf::of(&[3.0, 1.0, 3.0, f64::NAN, 7.0])?;
/// assert_eq!(ecdf.at(3.0), 0.75);
/// assert_eq!(ecdf.quantile(0.5)?, 3.0);
/// assert_eq!((ecdf.count(), ecdf.distinct(), ecdf.missing()), (4, 3, 1));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct Ecdf {
    values: Vec<f64>,
    cumulative: Vec<f64>,
    rows: u64,
    squared_weights: f64,
    missing: u64,
    resolution: f64,
}

impl Ecdf {
    /// The distribution function of a sample. Sorts a copy: O(n log n).
    ///
    /// # Errors
    /// [`Undefined::Empty`] when no value is present; invalid when the weights are so large or so small that
    /// their squares are no finite numbers above 0. They are kept as they are, so that days can be merged; statistics
    /// of samples, to which their scale does not matter, scale them first.
    pub fn of<'a>(sample: impl Into<Sample<'a>>) -> Result<Self> {
        let sample = sample.into();
        let mut points: Vec<(f64, f64)> =
            sample.present().map(|(value, weight)| (value + 0.0, weight)).collect();
        // by weight too, so that sums do not depend on the order of rows
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let squared_weights = points.iter().map(|(_, weight)| weight * weight).sum();
        let totals = Totals {
            rows: points.len() as u64,
            squared_weights,
            missing: sample.missing() as u64,
            resolution: 0.0,
        };
        Self::from_sorted(points, totals)
    }

    /// The distribution function of all values of the parts together: from days to weeks to months.
    ///
    /// Equal to the distribution function of the concatenated samples; with weights that are not whole numbers,
    /// up to the rounding of their sums. O(n log k) for k parts with n distinct values.
    ///
    /// # Errors
    /// [`Undefined::Empty`] when there are no parts; invalid when the sums of weights overflow.
    ///
    /// ```
    /// # use tiltmeter_stats::Ecdf;
    /// let (monday, tuesday) = (Ecdf::of(&[1.0, 2.0])?, Ecdf::of(&[2.0, 3.0])?);
    /// assert_eq!(Ecdf::merge([&monday, &tuesday])?, Ecdf::of(&[1.0, 2.0, 2.0, 3.0])?);
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn merge<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Result<Self> {
        let (mut points, mut totals, mut spread) = (Vec::new(), Totals::default(), 0.0);
        for part in parts {
            points.extend(part.weighted_values());
            totals.rows = totals.rows.saturating_add(part.rows);
            totals.squared_weights += part.squared_weights;
            totals.missing = totals.missing.saturating_add(part.missing);
            spread += part.resolution * part.weight();
        }
        // stable: this sort finds the sorted runs and merges them
        points.sort_by(|a: &(f64, f64), b| a.0.total_cmp(&b.0));
        let mut merged = Self::from_sorted(points, totals)?;
        merged.resolution = (spread / merged.weight()).min(1.0);
        Ok(merged)
    }

    fn from_sorted(points: Vec<(f64, f64)>, totals: Totals) -> Result<Self> {
        if points.is_empty() {
            return Err(Undefined::Empty.into());
        }
        let (mut values, mut cumulative): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut sum = 0.0;
        for (value, weight) in points {
            let before = sum;
            sum += weight;
            match (values.last(), cumulative.last_mut()) {
                (Some(last), Some(total)) if *last >= value => *total = sum,
                // a weight that is lost in the rounding of the sum is lost with its value
                _ if sum > before => {
                    values.push(value);
                    cumulative.push(sum);
                }
                _ => {}
            }
        }
        let squares = totals.squared_weights;
        if !(sum.is_finite() && squares.is_finite() && squares > 0.0) {
            return Err(Error::invalid("the weights are too large or too small to be squared and summed"));
        }
        values.shrink_to_fit();
        cumulative.shrink_to_fit();
        Ok(Self {
            values,
            cumulative,
            rows: totals.rows,
            squared_weights: squares,
            missing: totals.missing,
            resolution: totals.resolution,
        })
    }

    /// The share of values that are at most `x`, from 0 to 1; NaN for NaN. O(log n).
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        self.share(self.values.partition_point(|&value| value <= x))
    }

    /// The inverted distribution function: the smallest value x with F(x) ≥ `q`, always one of the values (type 1
    /// of Hyndman and Fan, *American Statistician* 50, 1996). O(log n).
    ///
    /// # Errors
    /// Invalid when `q` is not within 0 and 1.
    pub fn quantile(&self, q: f64) -> Result<f64> {
        check_share(q)?;
        Ok(self.values[self.rank(q)])
    }

    /// The place of the smallest value x with F(x) ≥ `share`.
    fn rank(&self, share: f64) -> usize {
        let total = self.weight();
        // shares are compared, not weights: c / n and i / 10 round to the same number where they are equal
        self.cumulative.partition_point(|&weight| weight / total < share).min(self.values.len() - 1)
    }

    /// How many rows have a value and count; rows of weight 0 do not.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows
    }

    /// How many rows that count have no value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// How many different values it keeps.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.values.len()
    }

    /// The sum of weights: [`count`](Self::count) when there are none.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    /// Kish's effective sample size, (Σw)²/Σw²: `count` when there are no weights.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        // in this order (Σw)² cannot overflow where Σw² does not
        self.weight() / self.squared_weights * self.weight()
    }

    /// Whether every row counts once.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "sums of ones are exact, and only they have both sums equal")]
    pub fn is_unweighted(&self) -> bool {
        let rows = self.rows as f64;
        self.weight() == rows && self.squared_weights == rows
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.values[0]
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.values[self.values.len() - 1]
    }

    /// By how much the function may be wrong at any x; 0 unless it was [thinned](Self::thinned).
    #[must_use]
    pub fn resolution(&self) -> f64 {
        self.resolution
    }

    /// The distinct values in ascending order, each with the share of values up to it: the corners of its graph.
    #[must_use]
    pub fn points(&self) -> impl ExactSizeIterator<Item = (f64, f64)> + '_ {
        let total = self.weight();
        self.values.iter().zip(&self.cumulative).map(move |(&value, &weight)| (value, weight / total))
    }

    /// The distinct values in ascending order.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The share of the first `rank` of the distinct values.
    pub(crate) fn share(&self, rank: usize) -> f64 {
        match rank {
            0 => 0.0,
            rank => self.cumulative[rank - 1] / self.weight(),
        }
    }

    /// The distinct values in ascending order, each with its own weight.
    pub(crate) fn weighted_values(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let before = std::iter::once(0.0).chain(self.cumulative.iter().copied());
        let weights = self.cumulative.iter().zip(before).map(|(&weight, before)| weight - before);
        self.values.iter().copied().zip(weights)
    }

    pub(crate) fn squared_weights(&self) -> f64 {
        self.squared_weights
    }
}

/// What the points of a distribution function do not tell.
#[derive(Clone, Copy, Default)]
struct Totals {
    rows: u64,
    squared_weights: f64,
    missing: u64,
    resolution: f64,
}

pub(crate) fn check_share(q: f64) -> Result<()> {
    if (0.0..=1.0).contains(&q) {
        Ok(())
    } else {
        Err(Error::invalid(format!("the quantile of {q} was asked for, allowed: from 0 to 1")))
    }
}
