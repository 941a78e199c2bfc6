//! Bins that are frozen with the reference.

mod batch;
mod counts;
mod interval;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use counts::BinCounts;
pub(crate) use counts::check_counts;
pub use interval::BinInterval;

use crate::ecdf::Ecdf;
use crate::error::{Error, Result, Undefined};
use crate::quantile::{quantile_inverted_cdf, quantile_inverted_cdf_sorted};
use crate::sample::Sample;
use crate::sorted::Sorted;

/// More bins than this are a mistake.
const MOST_BINS: usize = 10_000;

/// Bins of about equal shares of a reference, with bins of their own for values that are frequent.
///
/// The cuts between B bins are the reference's quantiles at i/B (inverted distribution function, weighted:
/// always values of the reference). A cut c that occurs once closes the bin (previous, c]. A cut that occurs
/// twice or more holds a large share alone; it is an *atom*, with two bins, (previous, c) and {c}. The last bin
/// is (last cut, +∞). So a column that is always 0 has the bins < 0, = 0 and > 0, and a change to always 1 is
/// seen; with plain quantile bins both are in the same bin. Without atoms there are B bins, with them fewer or
/// a few more.
///
/// Counts in the same bins can be [added](BinCounts::merge) over time, and distances between them are comparable.
/// Deserialization refuses cuts that do not ascend.
///
/// ```
/// # use tiltmeter_stats::QuantileBins;
/// let bins = QuantileBins::of(&[0.0, 0.0, 0.0, 0.0, 2.0, 3.5, 7.0, 9.0], 4)?;
/// let labels: Vec<String> = bins.intervals().map(|interval| interval.to_string()).collect();
/// assert_eq!(labels, ["< 0", "= 0", "(0, 3.5]", "> 3.5"]);
/// assert_eq!(bins.count(&[-1.0, 0.0, f64::NAN]).counts, [1.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct QuantileBins {
    cuts: Vec<f64>,
    atoms: Vec<bool>,
    /// By cut, and once more for the end: the number of the first bin that ends there.
    #[serde(skip)]
    first: Vec<usize>,
    /// What the bins are counted with: a value is in bin `lowest` + the number of edges below it. A cut is one; an atom
    /// c is two, c and the number before it. Filled up with +∞, which nothing is above, to one less than a power of 2.
    #[serde(skip)]
    edges: Vec<f64>,
    /// 1 when −∞ is an atom, which no value is below; else 0.
    #[serde(skip)]
    lowest: usize,
}

#[derive(Deserialize)]
struct Unchecked {
    cuts: Vec<f64>,
    atoms: Vec<bool>,
}

impl TryFrom<Unchecked> for QuantileBins {
    type Error = Error;

    fn try_from(stored: Unchecked) -> Result<Self> {
        let Unchecked { cuts, atoms } = stored;
        if cuts.len() != atoms.len() || cuts.len() >= MOST_BINS {
            return Err(Error::invalid(format!("{} cuts have {} marks of atoms", cuts.len(), atoms.len())));
        }
        if cuts.iter().any(|cut| cut.is_nan()) || !cuts.is_sorted_by(|a, b| a < b) {
            return Err(Error::invalid("the cuts between bins must ascend"));
        }
        Ok(Self::from_cuts(cuts, atoms))
    }
}

impl QuantileBins {
    /// The bins of a reference; 10 is usual. O(n) for many values without weights that are spread out, at the most
    /// O(n log n).
    ///
    /// # Errors
    /// [`Undefined::Empty`](crate::Undefined::Empty) when no value is present; invalid when `bins` is 0 or above
    /// 10 000.
    pub fn of<'a>(reference: impl Into<Sample<'a>>, bins: usize) -> Result<Self> {
        let reference = reference.into();
        if reference.weights().is_some() {
            return Self::of_ecdf(&Ecdf::of(reference)?, bins);
        }
        if reference.values().iter().all(|value| value.is_nan()) {
            return Err(Undefined::Empty.into());
        }
        Ok(Self::from_quantiles(quantile_inverted_cdf(reference, &shares(bins)?)?))
    }

    /// The bins of a reference in order. O(`bins`).
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn of_sorted(reference: Sorted<'_>, bins: usize) -> Result<Self> {
        if reference.is_empty() {
            return Err(Undefined::Empty.into());
        }
        Ok(Self::from_quantiles(quantile_inverted_cdf_sorted(reference, &shares(bins)?)?))
    }

    /// The bins of a reference whose distribution function is known. O(`bins` · log n).
    ///
    /// # Errors
    /// Invalid when `bins` is 0 or above 10 000.
    pub fn of_ecdf(reference: &Ecdf, bins: usize) -> Result<Self> {
        let cuts = shares(bins)?.into_iter().map(|share| reference.quantile(share)).collect::<Result<_>>()?;
        Ok(Self::from_quantiles(cuts))
    }

    /// One that occurs twice is an atom.
    pub(crate) fn from_quantiles(quantiles: Vec<f64>) -> Self {
        let (mut cuts, mut atoms): (Vec<f64>, Vec<bool>) = (Vec::new(), Vec::new());
        for cut in quantiles {
            match (cuts.last(), atoms.last_mut()) {
                (Some(last), Some(atom)) if *last >= cut => *atom = true,
                _ => {
                    cuts.push(cut);
                    atoms.push(false);
                }
            }
        }
        Self::from_cuts(cuts, atoms)
    }

    /// `cuts` ascend.
    pub(crate) fn from_cuts(cuts: Vec<f64>, atoms: Vec<bool>) -> Self {
        let mut first = vec![0];
        first.extend(atoms.iter().scan(0, |bin, &atom| {
            *bin += 1 + usize::from(atom);
            Some(*bin)
        }));
        let (mut edges, mut lowest) = (Vec::new(), 0);
        for (&cut, &atom) in cuts.iter().zip(&atoms) {
            match atom {
                true if cut > f64::NEG_INFINITY => edges.push(cut.next_down()),
                true => lowest = 1,
                false => {}
            }
            edges.push(cut);
        }
        edges.resize((edges.len() + 1).next_power_of_two() - 1, f64::INFINITY);
        Self { cuts, atoms, first, edges, lowest }
    }

    /// How many bins there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there always are bins")]
    pub fn len(&self) -> usize {
        self.first[self.cuts.len()] + 1
    }

    /// The distinct cuts, ascending.
    #[must_use]
    pub fn cuts(&self) -> &[f64] {
        &self.cuts
    }

    /// The number of the bin that `x` is in, from 0; `None` for NaN. O(log of the number of cuts), no allocation.
    #[must_use]
    pub fn bin_of(&self, x: f64) -> Option<usize> {
        if x.is_nan() {
            return None;
        }
        let place = self.cuts.partition_point(|&cut| cut < x);
        let is_atom = place < self.cuts.len() && self.atoms[place] && self.cuts[place] <= x;
        Some(self.first[place] + usize::from(is_atom))
    }

    /// Counts, or weights, of a sample by bin. O(n log of the number of cuts). A sample without values has
    /// zeroes.
    #[must_use]
    pub fn count<'a>(&self, sample: impl Into<Sample<'a>>) -> BinCounts {
        let (mut counts, sample) = (BinCounts::none(self.len()), sample.into());
        self.fold(&mut counts, sample.values(), sample.weights());
        counts
    }

    /// The same of values in order. O(number of cuts · log n), no memory but the counts.
    #[must_use]
    pub fn count_sorted(&self, sample: Sorted<'_>) -> BinCounts {
        let mut counts = BinCounts::none(self.len());
        counts.rows = sample.len() as u64;
        counts.squared_weights = sample.len() as f64;
        let (values, mut before) = (sample.values(), 0);
        for (place, (&cut, &atom)) in self.cuts.iter().zip(&self.atoms).enumerate() {
            let below = values.partition_point(|&value| value < cut);
            let up_to = values.partition_point(|&value| value <= cut);
            let end = if atom { below } else { up_to };
            counts.counts[self.first[place]] += (end - before) as f64;
            if atom {
                counts.counts[self.first[place] + 1] += (up_to - below) as f64;
            }
            before = up_to;
        }
        counts.counts[self.first[self.cuts.len()]] += (values.len() - before) as f64;
        counts
    }

    /// The same of a distribution function; of a thinned one up to its resolution. O(distinct values).
    #[must_use]
    pub fn count_ecdf(&self, ecdf: &Ecdf) -> BinCounts {
        let mut counts = BinCounts::none(self.len());
        counts.missing = ecdf.missing();
        counts.rows = ecdf.count();
        counts.squared_weights = ecdf.squared_weights();
        for (value, weight) in ecdf.weighted_values() {
            if let Some(bin) = self.bin_of(value) {
                counts.counts[bin] += weight;
            }
        }
        counts
    }

    /// What is in bin number `bin`.
    ///
    /// # Panics
    /// When there is no such bin, as an index does; [`intervals`](Self::intervals) has exactly those there are.
    #[must_use]
    pub fn interval(&self, bin: usize) -> BinInterval {
        assert!(bin < self.len(), "bin {bin} of {}", self.len());
        let place = self.first.partition_point(|&first| first <= bin) - 1;
        let below = place.checked_sub(1).map(|before| self.cuts[before]);
        let Some(&cut) = self.cuts.get(place) else {
            return below.map_or(BinInterval::All, BinInterval::Above);
        };
        match (below, self.atoms[place]) {
            (_, true) if bin > self.first[place] => BinInterval::Exactly(cut),
            (None, true) => BinInterval::Below(cut),
            (None, false) => BinInterval::AtMost(cut),
            (Some(above), true) => BinInterval::Between { above, below: cut },
            (Some(above), false) => BinInterval::UpTo { above, to: cut },
        }
    }

    /// What is in the bins, in order.
    #[must_use]
    pub fn intervals(&self) -> impl ExactSizeIterator<Item = BinInterval> + '_ {
        (0..self.len()).map(|bin| self.interval(bin))
    }
}

/// The shares of the reference below the cuts between so many bins.
pub(crate) fn shares(bins: usize) -> Result<Vec<f64>> {
    if !(1..=MOST_BINS).contains(&bins) {
        return Err(Error::invalid(format!("{bins} bins were asked for, allowed: 1 to {MOST_BINS}")));
    }
    Ok((1..bins).map(|step| step as f64 / bins as f64).collect())
}
