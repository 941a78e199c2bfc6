//! Two samples counted in the same bins or categories: which share of each is where.

use std::collections::BTreeMap;

use crate::bins::{BinCounts, QuantileBins, check_counts};
use crate::error::{Error, Result, Undefined};
use crate::sample::{Sample, Squarable, check_weights, effective_sample_size, scale_of};

use super::samples::check_both;

/// The smallest share of a bin, where a share of 0 would make a distance infinite.
pub(super) const FLOOR: f64 = 1e-4;

/// How many bins the reference is cut into where nothing else is said.
const BINS: usize = 10;

/// The counts of a sample, and its effective size if that is not their sum.
#[derive(Clone, Copy)]
struct Side<'a> {
    counts: &'a [f64],
    size: Option<f64>,
    missing: u64,
}

/// Two samples counted in the same bins; both have values.
#[derive(Clone, Copy)]
pub(super) struct Shares<'a> {
    counts: [&'a [f64]; 2],
    totals: [f64; 2],
    /// The effective size of the reference.
    pub(super) reference_effective_size: f64,
    /// The effective size of the current sample.
    pub(super) current_effective_size: f64,
    /// How many values were left out of either.
    pub(super) missing: [u64; 2],
}

impl<'a> Shares<'a> {
    /// Of counts whose sums are the sizes.
    pub(super) fn of_counts(reference: &'a [f64], current: &'a [f64]) -> Result<Self> {
        let side = |counts| Side { counts, size: None, missing: 0 };
        Self::of(side(reference), side(current))
    }

    /// Of counts in the same bins, with Kish's effective sizes.
    pub(super) fn of_bins(reference: &'a BinCounts, current: &'a BinCounts) -> Result<Self> {
        let side = |of: &'a BinCounts| Side {
            counts: &of.counts,
            size: Some(of.effective_size()),
            missing: of.missing,
        };
        Self::of(side(reference), side(current))
    }

    /// The same, where so many values of either were left out before they were counted.
    pub(super) fn leaving_out(self, missing: [u64; 2]) -> Self {
        Self { missing, ..self }
    }

    fn of(reference: Side<'a>, current: Side<'a>) -> Result<Self> {
        if reference.counts.len() != current.counts.len() {
            let (bins, others) = (reference.counts.len(), current.counts.len());
            return Err(Error::invalid(format!("{bins} bins of the reference stand against {others}")));
        }
        check_counts(reference.counts)?;
        check_counts(current.counts)?;
        let totals = [&reference, &current].map(|side| side.counts.iter().sum::<f64>());
        check_both(totals[0] <= 0.0, totals[1] <= 0.0)?;
        let shares = Self {
            counts: [reference.counts, current.counts],
            totals,
            reference_effective_size: reference.size.unwrap_or(totals[0]),
            current_effective_size: current.size.unwrap_or(totals[1]),
            missing: [reference.missing, current.missing],
        };
        if totals.iter().all(|total| total.is_finite()) && shares.per_value().is_finite() {
            Ok(shares)
        } else {
            Err(Error::invalid("the counts are too large or too small to be summed"))
        }
    }

    /// 1/n + 1/m, which the squared distances of two samples without drift are proportional to.
    pub(super) fn per_value(&self) -> f64 {
        1.0 / self.reference_effective_size + 1.0 / self.current_effective_size
    }

    /// By bin that is not empty in both samples: the reference's share and the current one's.
    pub(super) fn pairs(&self) -> impl Iterator<Item = [f64; 2]> + Clone + 'a {
        let shares = self.share_of_count();
        self.counts().filter(|[count, other]| *count > 0.0 || *other > 0.0).map(shares)
    }

    /// The same of every bin.
    pub(super) fn all_pairs(&self) -> impl Iterator<Item = [f64; 2]> + Clone + 'a {
        self.counts().map(self.share_of_count())
    }

    fn counts(&self) -> impl Iterator<Item = [f64; 2]> + Clone + 'a {
        self.counts[0].iter().zip(self.counts[1]).map(|(&count, &other)| [count, other])
    }

    fn share_of_count(&self) -> impl Fn([f64; 2]) -> [f64; 2] + Clone + 'static {
        let totals = self.totals;
        move |[count, other]| [count / totals[0], other / totals[1]]
    }

    /// The smallest share of each sample that is not 0.
    pub(super) fn smallest(&self) -> [f64; 2] {
        let larger = |share: f64| if share > 0.0 { share } else { f64::INFINITY };
        self.all_pairs()
            .fold([f64::INFINITY; 2], |[one, other], [p, q]| [one.min(larger(p)), other.min(larger(q))])
    }

    /// How many bins are not empty in both samples; at least one.
    pub(super) fn bins(&self) -> usize {
        self.pairs().count()
    }

    /// n/(n + m) and m/(n + m), each with all its digits.
    pub(super) fn weights(&self) -> [f64; 2] {
        let (n, m) = (self.reference_effective_size, self.current_effective_size);
        [(1.0 + m / n).recip(), (1.0 + n / m).recip()]
    }

    /// The share of both samples together that is in a bin with these shares: each value counts the same.
    pub(super) fn pooled(&self, [p, q]: [f64; 2]) -> f64 {
        let [n, m] = self.weights();
        n * p + m * q
    }
}

/// How many values of either sample are not among those that are kept.
pub(super) fn left_out(samples: [&[f64]; 2], kept: [&[f64]; 2]) -> [u64; 2] {
    std::array::from_fn(|side| (samples[side].len() - kept[side].len()) as u64)
}

/// Two samples of categories, counted by category of either.
pub(super) struct Categories<'s, S> {
    names: Vec<&'s S>,
    pub(super) reference: Vec<f64>,
    pub(super) current: Vec<f64>,
    sizes: [Option<f64>; 2],
}

impl<'s, S: Ord> Categories<'s, S> {
    /// Counts, or weights, by category in their order. O(n log k) for k categories.
    pub(super) fn of(
        reference: &'s [S],
        reference_weights: Option<&[f64]>,
        current: &'s [S],
        current_weights: Option<&[f64]>,
    ) -> Result<Self> {
        let sides = [(reference, reference_weights), (current, current_weights)];
        let mut counts: BTreeMap<&S, [f64; 2]> = BTreeMap::new();
        let mut sizes = [None; 2];
        for (side, (values, weights)) in sides.into_iter().enumerate() {
            let Some(weights) = weights else {
                values.iter().for_each(|value| counts.entry(value).or_default()[side] += 1.0);
                continue;
            };
            check_weights(values.len(), weights)?;
            let scale = scale_of(weights.iter().copied());
            let weights = || weights.iter().map(|weight| weight * scale);
            for (value, weight) in values.iter().zip(weights()) {
                counts.entry(value).or_default()[side] += weight;
            }
            sizes[side] = Some(effective_sample_size(weights()));
        }
        let mut categories = Self { names: Vec::new(), reference: Vec::new(), current: Vec::new(), sizes };
        for (name, [reference, current]) in counts {
            categories.names.push(name);
            categories.reference.push(reference);
            categories.current.push(current);
        }
        Ok(categories)
    }

    pub(super) fn shares(&self) -> Result<Shares<'_>> {
        Shares::of(
            Side { counts: &self.reference, size: self.sizes[0], missing: 0 },
            Side { counts: &self.current, size: self.sizes[1], missing: 0 },
        )
    }

    /// The categories that only the reference has, and those that only the current sample has, in order.
    pub(super) fn unseen(&self) -> [Vec<&'s S>; 2] {
        let only = |here: &[f64], there: &[f64]| {
            let rows = self.names.iter().zip(here.iter().zip(there));
            rows.filter(|(_, (here, there))| **here > 0.0 && **there <= 0.0).map(|(name, _)| *name).collect()
        };
        [only(&self.reference, &self.current), only(&self.current, &self.reference)]
    }
}

/// Two numeric samples, counted in ten [`QuantileBins`] of the reference.
pub(super) struct Binned {
    reference: BinCounts,
    current: BinCounts,
}

impl Binned {
    /// O(n) where large samples are spread out, at the most O(n log n).
    pub(super) fn of(reference: Sample<'_>, current: Sample<'_>) -> Result<Self> {
        let (reference, current) = (Squarable::of(reference), Squarable::of(current));
        let bins = QuantileBins::of(reference.sample()?, BINS)
            .map_err(|error| error.if_empty(Undefined::EmptyReference))?;
        Ok(Self { reference: bins.count(reference.sample()?), current: bins.count(current.sample()?) })
    }

    pub(super) fn shares(&self) -> Result<Shares<'_>> {
        Shares::of_bins(&self.reference, &self.current)
    }
}
