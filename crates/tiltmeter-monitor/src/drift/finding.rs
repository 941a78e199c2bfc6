//! What is found of one column in one period.

use serde::Serialize;

use crate::{Period, Verdict};

/// How one column of one period differs from the baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftFinding {
    /// The period, of event times.
    pub period: Period,
    /// The feature's name, or [`SCORE`](crate::SCORE) for the model's score.
    pub column: String,
    /// Predictions of the period.
    pub rows: u64,
    /// Values that are there: rows that are not missing.
    pub n: u64,
    /// Days of the period on which there were predictions.
    pub days: usize,
    /// The population stability index against the baseline's frozen bins; `None` when there are no values.
    pub psi: Option<f64>,
    /// What the index is expected to be without drift, for so many days and values, going by how the baseline's own
    /// days differ.
    pub psi_expected: Option<f64>,
    /// What 95 of 100 periods without drift stay below.
    pub psi_threshold: Option<f64>,
    /// The mean of the finite values; `None` for categories, and when there are none.
    pub mean: Option<f64>,
    /// The same of the baseline.
    pub mean_baseline: Option<f64>,
    /// How probable so large an index, or so different a mean, is without drift: the larger one of what the rows say and
    /// of what the baseline's days say.
    pub p_value: Option<f64>,
    /// The same after all columns of the period have been looked at (Benjamini–Hochberg).
    pub p_adjusted: Option<f64>,
    /// The Kolmogorov–Smirnov statistic; `None` for categories, from profiles, and when there are no values.
    pub ks: Option<f64>,
    /// What it is expected to be without drift if rows were independent, which they seldom are.
    pub ks_expected: Option<f64>,
    /// Its p-value, under the same assumption: never a verdict alone.
    pub ks_p_value: Option<f64>,
    /// The share of the rows that has no value.
    pub missing_rate: f64,
    /// The same in the baseline.
    pub missing_rate_baseline: f64,
    /// How probable a missing rate as far from the baseline's is without change.
    pub missing_p_value: Option<f64>,
    /// What follows from the missing rate alone.
    pub missing_verdict: Verdict,
    /// What follows from the values alone.
    pub values_verdict: Verdict,
    /// Categories that the baseline does not have, the most frequent first, at most [`MAX_UNSEEN`].
    pub unseen: Vec<Unseen>,
    /// How many categories the baseline does not have, also those that are not listed; those whose names profiles have not
    /// kept count as one.
    pub unseen_categories: usize,
    /// Rows with a category that the baseline does not have, also those that are not listed.
    pub unseen_rows: u64,
    /// What follows from the values and from the missing rate.
    pub verdict: Verdict,
    /// Why, where the figures alone do not say it: one lower-case clause.
    pub because: Option<String>,
    /// What the rows stand for, where they were sampled; `None` where they are all there were. Figures are weighted then, and
    /// tests take as many rows as tell as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<SampledDrift>,
}

/// What rows stand for that were sampled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SampledDrift {
    /// How many predictions the period had, estimated.
    pub predictions: f64,
    /// As many rows, kept whatever is in them, would tell as much (Kish).
    pub effective_rows: f64,
    /// The same of the rows that have a value.
    pub effective_n: f64,
}

impl DriftFinding {
    /// How many rows there are, or tell as much where they were sampled.
    pub(crate) fn effective_rows(&self) -> f64 {
        self.sampled.map_or(self.rows as f64, |sampled| sampled.effective_rows)
    }

    /// The same of those that have a value.
    pub(crate) fn effective_n(&self) -> f64 {
        self.sampled.map_or(self.n as f64, |sampled| sampled.effective_n)
    }
}

/// How many unseen categories are listed.
pub const MAX_UNSEEN: usize = 20;

/// A category that the baseline does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// Its name.
    pub category: String,
    /// Rows that have it.
    pub rows: u64,
}
