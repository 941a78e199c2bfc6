//! Many values into bins.

use std::hint::select_unpredictable;

use super::{BinCounts, QuantileBins};
use crate::error::{Error, Result};
use crate::sample::Sample;

/// Values that are looked up at the same time: a search waits for its comparisons one after the other, and eight of
/// them do not wait for each other.
const AT_ONCE: usize = 8;

/// Counts that neighbouring values are added to in turn: adding to one that has just been written waits for it.
const ARRAYS: usize = 4;

/// Up to so many bins there are several arrays of counts.
const MOST_BINS: usize = 256;

/// Fewer values than this are not worth the arrays.
const FEW_VALUES: usize = 128;

impl QuantileBins {
    /// Adds a sample to `counts`, which are of these bins: as [`count`](Self::count) and [`BinCounts::merge`], without
    /// the allocation. O(n log of the number of cuts).
    ///
    /// # Errors
    /// Invalid when `counts` has not as many bins.
    ///
    /// ```
    /// # use tiltmeter_stats::QuantileBins;
    /// let bins = QuantileBins::of(&[1.0, 2.0, 3.0, 4.0], 2)?;
    /// let mut counts = bins.count(&[1.5]);
    /// bins.count_into(&mut counts, &[0.5, 9.0, f64::NAN])?;
    /// assert_eq!((counts.counts, counts.missing), (vec![2.0, 1.0], 1));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn count_into<'a>(&self, counts: &mut BinCounts, sample: impl Into<Sample<'a>>) -> Result<()> {
        if counts.counts.len() != self.len() {
            let clause = format!("there are {} counts for {} bins", counts.counts.len(), self.len());
            return Err(Error::invalid(clause));
        }
        let sample = sample.into();
        self.fold(counts, sample.values(), sample.weights());
        Ok(())
    }

    /// The number of the bin of each value, as [`bin_of`](Self::bin_of); `missing` for NaN. In a fraction of the time that single
    /// values take. O(n log of the number of cuts).
    ///
    /// ```
    /// # use tiltmeter_stats::QuantileBins;
    /// let bins = QuantileBins::of(&[1.0, 2.0, 3.0, 4.0], 2)?;
    /// let mut found = Vec::new();
    /// bins.bins_into(&mut found, &[0.5, 9.0, f64::NAN], 7);
    /// assert_eq!(found, [0, 1, 7]);
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn bins_into(&self, bins: &mut Vec<usize>, values: &[f64], missing: usize) {
        bins.clear();
        bins.reserve(values.len());
        self.each_place(values, |row, place| {
            bins.push(if values[row].is_nan() { missing } else { self.lowest + place });
        });
    }

    /// The same of counts and weights that have been checked.
    pub(crate) fn fold(&self, counts: &mut BinCounts, values: &[f64], weights: Option<&[f64]>) {
        match weights {
            Some(weights) => self.add_weights(counts, values, weights),
            None => self.add_ones(counts, values),
        }
    }

    fn add_weights(&self, counts: &mut BinCounts, values: &[f64], weights: &[f64]) {
        self.each_place(values, |row, place| {
            let weight = weights[row];
            if weight <= 0.0 {
                return;
            }
            if values[row].is_nan() {
                counts.missing = counts.missing.saturating_add(1);
            } else {
                counts.counts[self.lowest + place] += weight;
                counts.rows = counts.rows.saturating_add(1);
                counts.squared_weights += weight * weight;
            }
        });
    }

    fn add_ones(&self, counts: &mut BinCounts, values: &[f64]) {
        let missing = values.iter().filter(|value| value.is_nan()).count();
        let rows = (values.len() - missing) as u64;
        counts.missing = counts.missing.saturating_add(missing as u64);
        counts.rows = counts.rows.saturating_add(rows);
        counts.squared_weights += rows as f64;
        let counts = &mut counts.counts[self.lowest..];
        if self.len() > MOST_BINS || values.len() < FEW_VALUES {
            self.each_place(values, |row, place| {
                counts[place] += if values[row].is_nan() { 0.0 } else { 1.0 };
            });
            return;
        }
        // few enough values that none of the numbers overflows
        for values in values.chunks(1 << 30) {
            let mut found = [[0_u32; MOST_BINS]; ARRAYS];
            self.each_place(values, |row, place| found[row % ARRAYS][place % MOST_BINS] += 1);
            let found = |place: usize| found.iter().map(|found| f64::from(found[place])).sum::<f64>();
            // NaN is above no edge, and was counted with the lowest values
            let mut missing = values.iter().filter(|value| value.is_nan()).count() as f64;
            for (place, count) in counts.iter_mut().enumerate() {
                *count += found(place) - std::mem::take(&mut missing);
            }
        }
    }

    /// Each row with the number of edges below its value, which is 0 for NaN.
    #[inline]
    fn each_place(&self, values: &[f64], mut count: impl FnMut(usize, usize)) {
        let (groups, rest) = values.as_chunks::<AT_ONCE>();
        for (group, values) in groups.iter().enumerate() {
            for (lane, place) in self.edges_below(values).into_iter().enumerate() {
                count(group * AT_ONCE + lane, place);
            }
        }
        for (row, &value) in rest.iter().enumerate() {
            count(groups.len() * AT_ONCE + row, self.edges_below(&[value])[0]);
        }
    }

    /// A search without branches, which nobody could predict.
    #[inline]
    fn edges_below<const N: usize>(&self, values: &[f64; N]) -> [usize; N] {
        let mut places = [0; N];
        let mut half = self.edges.len().div_ceil(2);
        while half > 0 {
            for (place, &value) in places.iter_mut().zip(values) {
                *place += select_unpredictable(self.edges[*place + half - 1] < value, half, 0);
            }
            half /= 2;
        }
        places
    }
}
