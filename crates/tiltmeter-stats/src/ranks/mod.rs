//! A column in order, found once for many looks at it.

#[cfg(test)]
mod tests;

use crate::bins::QuantileBins;
use crate::error::{Error, Result, Undefined};
use crate::sample::check_weights;

/// The order of a column's values, found once, for statistics that are computed again and again of other rows, or with
/// other weights.
///
/// What is looked at says the weights: one for each row, 0 for a row that is not looked at; rows beyond the last weight are
/// not. Each look then takes O(n), where a sort of its own would take O(n log n). For one look, or without weights, see
/// [`Ecdf`](crate::Ecdf) and [`Sorted`](crate::Sorted).
///
/// NaN is missing: it has no rank, and is in no quantile. ±∞ are values, and −0 is 0. 12 bytes a row.
///
/// ```
/// # use tiltmeter_stats::Ranks;
/// let ranks = Ranks::of(&[3.0, 1.0, f64::NAN, 7.0])?;
/// assert_eq!(ranks.quantiles(&[1.0, 1.0, 1.0], &[0.5])?, [1.0]);
/// assert_eq!(ranks.quantiles(&[0.0, 1.0, 0.0, 3.0], &[0.2, 0.5])?, [1.0, 7.0]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ranks {
    /// The distinct values, ascending.
    values: Vec<f64>,
    /// By row, the place of its value among them.
    rank: Vec<u32>,
}

impl Ranks {
    pub(crate) const MISSING: u32 = u32::MAX;

    /// The ranks of a column. O(n log n).
    ///
    /// # Errors
    /// Invalid for more than some four billion rows.
    pub fn of(values: &[f64]) -> Result<Self> {
        if u32::try_from(values.len()).is_err() {
            return Err(Error::invalid(format!(
                "{} rows are to be ranked, allowed: below 2^32",
                values.len()
            )));
        }
        let present = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
        let mut order: Vec<(f64, usize)> = present.map(|(row, value)| (value + 0.0, row)).collect();
        order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let (mut rank, mut distinct) = (vec![Self::MISSING; values.len()], Vec::new());
        for (tied, place) in order.chunk_by(|one, other| one.0.to_bits() == other.0.to_bits()).zip(0_u32..) {
            distinct.extend(tied.first().map(|(value, _)| *value));
            tied.iter().for_each(|(_, row)| rank[*row] = place);
        }
        Ok(Self { values: distinct, rank })
    }

    /// The inverted distribution function at some shares: for each the smallest value that so great a share of the weight
    /// is at most, as [`Ecdf::quantile`](crate::Ecdf::quantile). O(n + shares log shares).
    ///
    /// Weights that are all the same count as none, so that sums of them are whole numbers.
    ///
    /// # Errors
    /// [`Undefined::Empty`] when no row with a weight has a value; invalid when there are more weights than rows, one is
    /// negative, NaN or infinite or their sum is, all are 0, or a share is not within 0 and 1.
    pub fn quantiles(&self, weights: &[f64], shares: &[f64]) -> Result<Vec<f64>> {
        if let Some(share) = shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            return Err(Error::invalid(format!(
                "the quantile of {share} was asked for, allowed: from 0 to 1"
            )));
        }
        let by_rank = self.weight_by_rank(weights)?;
        // in the order of values, and one after the other, as those of a distribution function
        let total: f64 = by_rank.iter().sum();
        if !total.is_finite() {
            return Err(Error::invalid("the weights are too large to be summed"));
        }
        let last = by_rank.iter().rposition(|weight| *weight > 0.0).ok_or(Undefined::Empty)?;
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|one, other| shares[*one].total_cmp(&shares[*other]));
        let mut order = order.into_iter().peekable();
        let (mut found, mut up_to) = (vec![self.values[last]; shares.len()], 0.0);
        // a little less than the next share, so that few sums have to be divided
        let near =
            |next: Option<&usize>| next.map_or(f64::INFINITY, |place| shares[*place] * total * (1.0 - 1e-9));
        let mut next = near(order.peek());
        for (&value, weight) in self.values.iter().zip(by_rank) {
            up_to += weight;
            if up_to < next || weight <= 0.0 {
                continue;
            }
            // shares are compared, not weights: c / n and i / 10 round to the same number where they are equal
            while let Some(place) = order.next_if(|place| up_to / total >= shares[*place]) {
                found[place] = value;
            }
            next = near(order.peek());
        }
        Ok(found)
    }

    /// [`QuantileBins`] of the rows that are looked at, as of their distribution function. O(n).
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles); invalid when `bins` is 0 or above 10 000.
    pub fn quantile_bins(&self, weights: &[f64], bins: usize) -> Result<QuantileBins> {
        let shares = crate::bins::shares(bins)?;
        Ok(QuantileBins::from_quantiles(self.quantiles(weights, &shares)?))
    }

    /// By distinct value.
    fn weight_by_rank(&self, weights: &[f64]) -> Result<Vec<f64>> {
        let ranks = self.ranks(weights)?;
        let mut counted = weights.iter().copied().filter(|weight| *weight > 0.0);
        let first = counted.next().unwrap_or(1.0);
        let are_alike = counted.all(|weight| weight.total_cmp(&first).is_eq());
        let mut by_rank = vec![0.0; self.values.len()];
        let mut add = |rank: u32, weight: f64| {
            if let Some(sum) = usize::try_from(rank).ok().and_then(|rank| by_rank.get_mut(rank)) {
                *sum += weight;
            }
        };
        let rows = ranks.iter().zip(weights);
        if are_alike {
            rows.for_each(|(&rank, &weight)| add(rank, if weight > 0.0 { 1.0 } else { 0.0 }));
        } else {
            rows.for_each(|(&rank, &weight)| add(rank, weight));
        }
        Ok(by_rank)
    }

    /// Those of the rows that have a weight, once the weights are checked.
    fn ranks(&self, weights: &[f64]) -> Result<&[u32]> {
        check_weights(weights.len(), weights)?;
        self.first(weights.len())
    }

    /// Those of the first rows.
    pub(crate) fn first(&self, rows: usize) -> Result<&[u32]> {
        let ranks = self.rank.get(..rows);
        ranks.ok_or_else(|| Error::invalid(format!("{} ranks have {rows} weights", self.rank.len())))
    }

    /// How many different values there are.
    pub(crate) fn distinct(&self) -> usize {
        self.values.len()
    }
}
