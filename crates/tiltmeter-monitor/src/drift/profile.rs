//! A column of some days, counted by the baseline's bins.

use std::collections::BTreeMap;

use tiltmeter_record::columns::Categories;
use tiltmeter_stats::{ColumnSummary, Ecdf, Moments, Sample};

use crate::columns::Values;

/// A column of some days. Profiles of days are merged to those of weeks and months.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) rows: u64,
    pub(super) missing: u64,
    /// What the rows stand for; `None` where each is one of all there were.
    pub(super) weights: Option<Weights>,
    /// Days on which there is a value.
    pub(super) days: usize,
    /// Those of nothing for categories.
    pub(super) moments: Moments,
    pub(super) values: Counted,
}

/// Sums over rows that were sampled, of how many predictions each stands for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weights {
    rows: Sums,
    /// Those with a value.
    present: Sums,
}

/// Of weights, and of their squares.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    weight: f64,
    squares: f64,
}

#[derive(Clone, Debug)]
pub(super) enum Counted {
    /// `None` when all values are missing.
    Numbers(Option<Ecdf>),
    /// Numbers by the baseline's bins.
    Bins(Vec<f64>),
    /// Values in bins that are not the baseline's.
    OtherBins,
    Categories {
        /// By the baseline's bins; the last has those that are neither the baseline's nor among `unseen`.
        counts: Vec<f64>,
        /// By code, of categories that the baseline has no bin for.
        unseen: BTreeMap<u32, Rows>,
    },
}

/// Some rows, and what they stand for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    pub(super) count: u64,
    pub(super) weight: f64,
}

/// Why a column cannot be compared with the baseline's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incomparable {
    /// The baseline has no such column.
    Unknown,
    /// The baseline's column has no values.
    AllMissing,
    /// One has numbers, the other categories.
    OtherType,
}

impl Incomparable {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Unknown => "the baseline does not have this column",
            Self::AllMissing => "all of the baseline's values are missing",
            Self::OtherType => "the baseline's values are of another type",
        }
    }
}

/// How a column is counted: fixed once for all days.
#[derive(Debug)]
pub(super) enum Counter<'a> {
    Numbers(&'a [f64]),
    /// The bin of each code; `None` for one that the baseline has no bin for.
    Categories {
        values: &'a Categories,
        bins: usize,
        bin_of: Vec<Option<usize>>,
    },
}

impl<'a> Counter<'a> {
    pub(super) fn of(values: Values<'a>, summary: &ColumnSummary) -> Result<Self, Incomparable> {
        match (values, summary) {
            (_, ColumnSummary::AllMissing) => Err(Incomparable::AllMissing),
            (Values::Numbers(values), ColumnSummary::Numeric { .. }) => Ok(Self::Numbers(values)),
            (Values::Categories(values), ColumnSummary::Categorical { categories }) => {
                let bin_of = values
                    .names()
                    .iter()
                    .map(|name| categories.binary_search_by(|category| category.as_str().cmp(name)).ok());
                Ok(Self::Categories { values, bins: summary.bin_count(), bin_of: bin_of.collect() })
            }
            // a column without a single value has no type to speak of
            (Values::Numbers(values), _) if values.iter().all(|value| value.is_nan()) => {
                Ok(Self::Numbers(values))
            }
            _ => Err(Incomparable::OtherType),
        }
    }

    /// `weights` has how many predictions each row of the table stands for, where rows were sampled.
    pub(super) fn count(&self, rows: &[usize], weights: Option<&[f64]>) -> Profile {
        let all = rows.len() as u64;
        match self {
            Self::Numbers(values) => {
                let values: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
                let of_rows: Option<Vec<f64>> =
                    weights.map(|weights| rows.iter().map(|&row| weights[row]).collect());
                let sample = match &of_rows {
                    None => Ok(Sample::new(&values)),
                    Some(weights) => Sample::weighted(&values, weights),
                };
                let missing = values.iter().filter(|value| value.is_nan()).count() as u64;
                Profile {
                    rows: all,
                    missing,
                    weights: of_rows.as_ref().map(|weights| {
                        Weights::of(weights.iter().zip(&values).map(|(w, x)| (*w, !x.is_nan())))
                    }),
                    days: usize::from(missing < all),
                    moments: sample.clone().map_or_else(|_| Moments::empty(), Moments::of),
                    values: Counted::Numbers(sample.and_then(Ecdf::of).ok()),
                }
            }
            Self::Categories { values, bins, bin_of } => {
                let (mut counts, mut unseen, mut missing) = (vec![0.0; *bins], BTreeMap::new(), 0);
                let mut sums = Weights::default();
                for &row in rows {
                    let (code, weight) = (values.codes()[row], weights.map_or(1.0, |weights| weights[row]));
                    let bin = usize::try_from(code).ok().and_then(|code| bin_of.get(code));
                    sums.add(weight, bin.is_some());
                    match bin {
                        Some(Some(bin)) => counts[*bin] += weight,
                        Some(None) => {
                            let rows: &mut Rows = unseen.entry(code).or_default();
                            rows.count += 1;
                            rows.weight += weight;
                        }
                        None => missing += 1,
                    }
                }
                let values = Counted::Categories { counts, unseen };
                let days = usize::from(missing < all);
                let weights = weights.map(|_| sums);
                Profile { rows: all, missing, weights, days, moments: Moments::empty(), values }
            }
        }
    }

    /// The categories of the whole table that the baseline has no bin for, with their rows, the most frequent first.
    pub(super) fn unseen(&self) -> Vec<(&str, u64)> {
        let Self::Categories { values, bin_of, .. } = self else { return Vec::new() };
        let mut rows = vec![0_u64; bin_of.len()];
        for code in values.codes() {
            if let Some(rows) = usize::try_from(*code).ok().and_then(|code| rows.get_mut(code)) {
                *rows += 1;
            }
        }
        let unseen = bin_of.iter().zip(values.names()).zip(rows).filter(|((bin, _), _)| bin.is_none());
        let mut unseen: Vec<(&str, u64)> = unseen.map(|((_, name), rows)| (&**name, rows)).collect();
        unseen.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        unseen
    }

    /// The name of a code.
    pub(super) fn name(&self, code: u32) -> &str {
        match self {
            Self::Categories { values, .. } => values.name(code).unwrap_or_default(),
            Self::Numbers(_) => "",
        }
    }
}

impl Counted {
    /// Adds the counts of another day; distribution functions are merged all at once instead.
    fn add(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Bins(counts), Self::Bins(more)) => add_counts(counts, more),
            (Self::Categories { counts, unseen }, Self::Categories { counts: more, unseen: others }) => {
                add_counts(counts, more);
                for (code, rows) in others {
                    let sum = unseen.entry(*code).or_default();
                    sum.count += rows.count;
                    sum.weight += rows.weight;
                }
            }
            (_, Self::OtherBins) => *self = Self::OtherBins,
            _ => {}
        }
    }
}

fn add_counts(counts: &mut [f64], more: &[f64]) {
    counts.iter_mut().zip(more).for_each(|(sum, count)| *sum += count);
}

impl Weights {
    /// Of sums over the rows with a value and over those without one, of weights and of their squares.
    pub(super) fn of_sums([weight, squares]: [f64; 2], [missing, missing_squares]: [f64; 2]) -> Self {
        let present = Sums { weight, squares };
        Self { rows: Sums { weight: weight + missing, squares: squares + missing_squares }, present }
    }

    /// Of weights, and whether their rows have a value.
    fn of(rows: impl Iterator<Item = (f64, bool)>) -> Self {
        let mut sums = Self::default();
        rows.for_each(|(weight, is_present)| sums.add(weight, is_present));
        sums
    }

    fn add(&mut self, weight: f64, is_present: bool) {
        let row = Sums { weight, squares: weight * weight };
        self.rows.merge(&row);
        if is_present {
            self.present.merge(&row);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.rows.merge(&other.rows);
        self.present.merge(&other.present);
    }
}

impl Sums {
    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.squares += other.squares;
    }

    /// Kish's; 0 of nothing.
    fn effective_size(&self) -> f64 {
        if self.squares > 0.0 { self.weight * (self.weight / self.squares) } else { 0.0 }
    }
}

impl Profile {
    /// As many rows that were kept whatever is in them would tell as much.
    pub(super) fn effective_rows(&self) -> f64 {
        self.weights.map_or(self.rows as f64, |weights| weights.rows.effective_size())
    }

    /// The same of those with a value.
    pub(super) fn effective_present(&self) -> f64 {
        self.weights.map_or((self.rows - self.missing) as f64, |weights| weights.present.effective_size())
    }

    pub(super) fn missing_rate(&self) -> f64 {
        let (missing, rows) = match self.weights {
            Some(Weights { rows, present }) => (rows.weight - present.weight, rows.weight),
            None => (self.missing as f64, self.rows as f64),
        };
        if self.rows > 0 { (missing / rows).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// How many predictions there were, where rows were sampled.
    pub(super) fn predictions(&self) -> Option<f64> {
        self.weights.map(|weights| weights.rows.weight)
    }

    /// Counts of values, on the scale on which their sum is as many values as tell as much: so that what takes it for
    /// the size of a sample is right.
    pub(super) fn sized(&self, mut counts: Vec<f64>) -> Vec<f64> {
        if let Some(weights) = self.weights {
            let scale = weights.present.effective_size() / weights.present.weight;
            counts.iter_mut().for_each(|count| *count *= scale);
        }
        counts
    }

    /// The profile of several days; `None` of none.
    pub(super) fn merged(days: &[Self]) -> Option<Self> {
        let (first, others) = days.split_first()?;
        let mut merged = first.clone();
        for day in others {
            merged.rows += day.rows;
            merged.missing += day.missing;
            if let (Some(weights), Some(more)) = (&mut merged.weights, &day.weights) {
                weights.merge(more);
            }
            merged.days += day.days;
            merged.moments = merged.moments.merge(&day.moments);
            merged.values.add(&day.values);
        }
        if let Counted::Numbers(ecdf) = &mut merged.values {
            let parts = days.iter().filter_map(|day| match &day.values {
                Counted::Numbers(ecdf) => ecdf.as_ref(),
                _ => None,
            });
            *ecdf = Ecdf::merge(parts).ok();
        }
        Some(merged)
    }
}
