//! A column of some days, counted by the baseline's bins.

use std::collections::BTreeMap;

use tiltmeter_record::columns::Categories;
use tiltmeter_stats::{ColumnSummary, Ecdf, Moments};

use crate::columns::Values;

/// A column of some days. Profiles of days are merged to those of weeks and months.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) rows: u64,
    pub(super) missing: u64,
    /// Days on which there is a value.
    pub(super) days: usize,
    /// Those of nothing for categories.
    pub(super) moments: Moments,
    pub(super) values: Counted,
}

#[derive(Clone, Debug)]
pub(super) enum Counted {
    /// `None` when all values are missing.
    Numbers(Option<Ecdf>),
    Categories {
        /// By the baseline's bins.
        counts: Vec<f64>,
        /// Rows by code, of categories that the baseline has no bin for.
        unseen: BTreeMap<u32, u64>,
    },
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

    pub(super) fn count(&self, rows: &[usize]) -> Profile {
        let all = rows.len() as u64;
        match self {
            Self::Numbers(values) => {
                let values: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
                let missing = values.iter().filter(|value| value.is_nan()).count() as u64;
                let moments = Moments::of(&values);
                let days = usize::from(missing < all);
                Profile {
                    rows: all,
                    missing,
                    days,
                    moments,
                    values: Counted::Numbers(Ecdf::of(&values).ok()),
                }
            }
            Self::Categories { values, bins, bin_of } => {
                let (mut counts, mut unseen, mut missing) = (vec![0.0; *bins], BTreeMap::new(), 0);
                for code in rows.iter().map(|&row| values.codes()[row]) {
                    match usize::try_from(code).ok().and_then(|code| bin_of.get(code)) {
                        Some(Some(bin)) => counts[*bin] += 1.0,
                        Some(None) => *unseen.entry(code).or_default() += 1,
                        None => missing += 1,
                    }
                }
                let values = Counted::Categories { counts, unseen };
                let days = usize::from(missing < all);
                Profile { rows: all, missing, days, moments: Moments::empty(), values }
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

impl Profile {
    /// The profile of several days; `None` of none.
    pub(super) fn merged(days: &[Self]) -> Option<Self> {
        let (first, others) = days.split_first()?;
        let mut merged = first.clone();
        for day in others {
            merged.rows += day.rows;
            merged.missing += day.missing;
            merged.days += day.days;
            merged.moments = merged.moments.merge(&day.moments);
            if let (
                Counted::Categories { counts, unseen },
                Counted::Categories { counts: more, unseen: others },
            ) = (&mut merged.values, &day.values)
            {
                counts.iter_mut().zip(more).for_each(|(sum, count)| *sum += count);
                for (code, rows) in others {
                    *unseen.entry(*code).or_default() += rows;
                }
            }
        }
        if let Counted::Numbers(ecdf) = &mut merged.values {
            let parts = days.iter().filter_map(|day| match &day.values {
                Counted::Numbers(ecdf) => ecdf.as_ref(),
                Counted::Categories { .. } => None,
            });
            *ecdf = Ecdf::merge(parts).ok();
        }
        Some(merged)
    }
}
