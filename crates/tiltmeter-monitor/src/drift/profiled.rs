//! A column as profiles have it, which counted all predictions when they were made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tiltmeter_stats::{CategoricalProfile, ColumnSummary, FrequentCategories, Moments, Profile as Stored};

use super::profile::{Counted, Incomparable, Profile, Rows, Weights};
use crate::analysis::whole;

/// What profiles have of a day: a profile of each column, or of those that there are.
///
/// The keys are the names of columns: [`SCORE`](crate::SCORE), and [`column_of`](crate::column_of) each feature. A day may
/// come in parts, such as its hours, in any order.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfiledDay {
    /// The UTC day, of event times.
    pub day: Date,
    /// By column.
    pub columns: BTreeMap<String, Stored>,
}

/// How a profiled column is counted: fixed once for all days.
#[derive(Debug)]
pub(super) struct Profiled<'a> {
    summary: &'a ColumnSummary,
    /// The categories that the baseline has no bin for, by code, with their rows.
    names: Vec<(String, u64)>,
    codes: BTreeMap<String, u32>,
    /// Rows of such categories whose names are not known.
    nameless: u64,
}

impl<'a> Profiled<'a> {
    /// `profiles` are all that there are of the column.
    pub(super) fn of<'p>(
        mut profiles: impl Iterator<Item = &'p Stored>,
        summary: &'a ColumnSummary,
    ) -> Result<Self, Incomparable> {
        // a column without a single value has no type to speak of
        let is_other = |profile: &Stored| match (profile, summary) {
            (Stored::Numeric(_), ColumnSummary::Numeric { .. })
            | (Stored::Categorical(_), ColumnSummary::Categorical { .. }) => false,
            (other, _) => other.count() > 0,
        };
        match summary {
            ColumnSummary::AllMissing => Err(Incomparable::AllMissing),
            _ if profiles.any(is_other) => Err(Incomparable::OtherType),
            _ => Ok(Self { summary, names: Vec::new(), codes: BTreeMap::new(), nameless: 0 }),
        }
    }

    /// Counts some profiles of one day.
    pub(super) fn count<'p>(&mut self, parts: impl Iterator<Item = &'p Stored>) -> Profile {
        let parts: Vec<Profile> = parts.map(|part| self.count_one(part)).collect();
        let day = Profile::merged(&parts);
        // parts of a day are one day
        day.map_or_else(|| self.nothing(), |day| Profile { days: day.days.min(1), ..day })
    }

    fn nothing(&self) -> Profile {
        let bins = vec![0.0; self.summary.bin_count()];
        let values = match self.summary {
            ColumnSummary::Categorical { .. } => {
                Counted::Categories { counts: bins, unseen: BTreeMap::new() }
            }
            _ => Counted::Bins(bins),
        };
        Profile { rows: 0, missing: 0, weights: None, days: 0, moments: Moments::empty(), values }
    }

    fn count_one(&mut self, stored: &Stored) -> Profile {
        let (count, missing) = (stored.count(), stored.missing());
        let (weight, effective_size, missing_rate, moments) = match stored {
            Stored::Numeric(of) => (of.weight(), of.effective_size(), of.missing_rate(), *of.moments()),
            Stored::Categorical(of) => {
                (of.weight(), of.effective_size(), of.missing_rate(), Moments::empty())
            }
            _ => (0.0, 0.0, Ok(0.0), Moments::empty()),
        };
        let empty = self.nothing();
        let values = match (stored, self.summary) {
            _ if count == 0 => empty.values,
            (Stored::Numeric(numbers), ColumnSummary::Numeric { bins, .. }) => {
                let counts = numbers.bin_counts().filter(|_| numbers.bins() == Some(bins));
                counts.map_or(Counted::OtherBins, |counts| Counted::Bins(counts.counts.clone()))
            }
            (Stored::Categorical(texts), ColumnSummary::Categorical { categories }) => {
                self.count_categories(texts, categories).unwrap_or(Counted::OtherBins)
            }
            _ => Counted::OtherBins,
        };
        Profile {
            rows: count.saturating_add(missing),
            missing,
            weights: weights(count, missing, weight, effective_size, missing_rate.unwrap_or(0.0)),
            days: usize::from(count > 0),
            moments,
            values,
        }
    }

    /// `None` when its bins are not the baseline's.
    fn count_categories(&mut self, profile: &CategoricalProfile, categories: &[String]) -> Option<Counted> {
        let mut counts = profile.bin_counts().filter(|_| profile.categories() == Some(categories))?.counts;
        let mut unseen: BTreeMap<u32, Rows> = BTreeMap::new();
        let others = counts.last_mut()?;
        let frequent = profile.frequent().map(FrequentCategories::top).unwrap_or_default();
        for each in frequent {
            let is_known = categories.binary_search_by(|category| category.as_str().cmp(each.name)).is_ok();
            // what is certain of it, and no more than there is left
            let weight = each.lower.min(*others);
            if is_known || weight <= 0.0 {
                continue;
            }
            *others -= weight;
            let code = self.code(each.name);
            let rows = Rows { count: whole(weight), weight };
            if let Some((_, sum)) = usize::try_from(code).ok().and_then(|place| self.names.get_mut(place)) {
                *sum += rows.count;
            }
            unseen.insert(code, rows);
        }
        self.nameless += whole(*others);
        Some(Counted::Categories { counts, unseen })
    }

    fn code(&mut self, name: &str) -> u32 {
        if let Some(code) = self.codes.get(name) {
            return *code;
        }
        let code = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push((name.to_owned(), 0));
        self.codes.insert(name.to_owned(), code);
        code
    }

    /// The categories that the baseline has no bin for, as far as their names are known, the most frequent first; and how
    /// many rows have others.
    pub(super) fn unseen(&self) -> (Vec<(&str, u64)>, u64) {
        let mut unseen: Vec<(&str, u64)> =
            self.names.iter().map(|(name, rows)| (name.as_str(), *rows)).collect();
        unseen.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        (unseen, self.nameless)
    }

    /// The name of a code.
    pub(super) fn name(&self, code: u32) -> &str {
        let place = usize::try_from(code).unwrap_or(usize::MAX);
        self.names.get(place).map_or("", |(name, _)| name)
    }
}

/// `None` where each row is one of all there were.
fn weights(count: u64, missing: u64, weight: f64, effective_size: f64, missing_rate: f64) -> Option<Weights> {
    let present = count as f64;
    if (weight - present).abs() <= 1e-9 * present && (effective_size - present).abs() <= 1e-9 * present {
        return None;
    }
    let squares = if effective_size > 0.0 { weight * (weight / effective_size) } else { 0.0 };
    // a profile has the weight of the rows without a value as a share; that of their squares is taken to be alike
    let of_missing =
        if missing_rate < 1.0 { weight * missing_rate / (1.0 - missing_rate) } else { missing as f64 };
    let mean_square = if count > 0 { squares / present } else { 1.0 };
    Some(Weights::of_sums([weight, squares], [of_missing, mean_square * missing as f64]))
}
