//! One column of a baseline.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::{Ecdf, Moments, QuantileBins};

/// One column of a baseline: how it is cut into bins, and how many values of each day fell into them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct BaselineColumn {
    name: String,
    summary: ColumnSummary,
    days: Vec<DayProfile>,
}

/// What is frozen of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ColumnSummary {
    /// A column of numbers.
    Numeric {
        /// The bins of its population stability index.
        bins: QuantileBins,
        /// Its distribution function.
        ecdf: Ecdf,
    },
    /// A column of texts: one bin for each of these, in ascending order, and a last one for all others.
    Categorical {
        /// The categories that have a bin.
        categories: Vec<String>,
    },
    /// A column without a single value.
    AllMissing,
}

impl ColumnSummary {
    /// How many bins a day has.
    #[must_use]
    pub fn bin_count(&self) -> usize {
        match self {
            Self::Numeric { bins, .. } => bins.len(),
            Self::Categorical { categories } => categories.len() + 1,
            Self::AllMissing => 0,
        }
    }
}

/// The profile of one day of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayProfile {
    /// The UTC day, in days since 1970-01-01.
    pub day: i32,
    /// The weight of the rows without a value.
    pub missing: f64,
    /// The weight of the values in each bin.
    pub counts: Vec<f64>,
    /// The moments of the values; those of nothing for categories.
    pub moments: Moments,
}

impl DayProfile {
    /// The weight of all values.
    #[must_use]
    pub fn present(&self) -> f64 {
        self.counts.iter().sum()
    }
}

/// What may come from outside.
#[derive(Deserialize)]
struct Unchecked {
    name: String,
    summary: ColumnSummary,
    days: Vec<DayProfile>,
}

impl TryFrom<Unchecked> for BaselineColumn {
    type Error = Error;

    fn try_from(column: Unchecked) -> Result<Self> {
        Self::new(column.name, column.summary, column.days)
    }
}

impl BaselineColumn {
    /// A column with its days in ascending order. Without days there is no yardstick for the variation between days.
    ///
    /// # Errors
    /// When the days are not in ascending order, a day does not have a count for each bin, a count is negative, NaN or
    /// infinite, or categories are not in ascending order.
    pub fn new(name: impl Into<String>, summary: ColumnSummary, days: Vec<DayProfile>) -> Result<Self> {
        let name = name.into();
        if let ColumnSummary::Categorical { categories } = &summary
            && !categories.is_sorted_by(|left, right| left < right)
        {
            return Err(Error::invalid(format!(
                "the categories of column {name} are not in ascending order"
            )));
        }
        if !days.is_sorted_by(|left, right| left.day < right.day) {
            return Err(Error::invalid(format!("the days of column {name} are not in ascending order")));
        }
        let bins = summary.bin_count();
        if let Some(day) = days.iter().find(|day| day.counts.len() != bins) {
            let counts = day.counts.len();
            return Err(Error::invalid(format!(
                "a day of column {name} has {counts} counts for {bins} bins"
            )));
        }
        let is_count = |count: &f64| count.is_finite() && *count >= 0.0;
        if !days.iter().all(|day| is_count(&day.missing) && day.counts.iter().all(is_count)) {
            return Err(Error::invalid(format!("a count of column {name} is not a number from 0")));
        }
        Ok(Self { name, summary, days })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is frozen of it.
    #[must_use]
    pub fn summary(&self) -> &ColumnSummary {
        &self.summary
    }

    /// Its days, in ascending order.
    #[must_use]
    pub fn days(&self) -> &[DayProfile] {
        &self.days
    }

    /// The counts of all days together, by bin.
    #[must_use]
    pub fn counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.summary.bin_count()];
        for day in &self.days {
            for (sum, count) in counts.iter_mut().zip(&day.counts) {
                *sum += count;
            }
        }
        counts
    }

    /// The moments of all days together; those of nothing for categories.
    #[must_use]
    pub fn moments(&self) -> Moments {
        self.days.iter().fold(Moments::empty(), |all, day| all.merge(&day.moments))
    }

    /// The share of the rows of all days that has no value; 0 without rows.
    #[must_use]
    pub fn missing_rate(&self) -> f64 {
        let missing: f64 = self.days.iter().map(|day| day.missing).sum();
        let rows = missing + self.days.iter().map(DayProfile::present).sum::<f64>();
        if rows > 0.0 { missing / rows } else { 0.0 }
    }
}
