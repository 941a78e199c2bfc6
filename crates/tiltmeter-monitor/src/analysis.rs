//! All that is found of one model.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::Measured;
use crate::drift::DriftFinding;
use crate::headline::Headline;
use crate::labels::{Cohort, LabelBooks};
use crate::performance::{AsOf, MonthPerformance, Quality, SegmentPerformance, VersionPerformance};
use crate::score_histogram::ScoreHistogram;

/// All that is found of one model: what a report shows.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The model.
    pub model: String,
    /// Predictions that were looked at: the rows that are there.
    pub predictions: u64,
    /// How many they stand for; `None` where they are all there were.
    pub sampled: Option<SampledTable>,
    /// The first and last event time among them; `None` when there are none.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// What they are compared with; `None` when there is nothing.
    pub baseline: Option<BaselineSummary>,
    /// What it comes to, the worst first.
    pub headlines: Vec<Headline>,
    /// What could not be done or was left out, a sentence each.
    pub notes: Vec<String>,
    /// When which version began to serve, in the order of time; more than one only if versions changed.
    pub deployments: Vec<Deployment>,
    /// Performance over all predictions.
    pub overall: Quality,
    /// Performance by UTC month of event time.
    pub months: Vec<MonthPerformance>,
    /// Performance by version, in the order of their first event.
    pub versions: Vec<VersionPerformance>,
    /// Performance by segment, the features in the order of the spec, the values by their number of rows.
    pub segments: Vec<SegmentPerformance>,
    /// What was known at the instants that were asked for.
    pub as_of: Vec<AsOf>,
    /// What became of the labels; `None` without labels.
    pub labels: Option<LabelBooks>,
    /// Match rates by week of event time.
    pub cohorts: Vec<Cohort>,
    /// Drift by day, week and month: each period in the order of time, the score first, then the features in the order
    /// of the spec.
    pub drift: Vec<DriftFinding>,
    /// The scores against the baseline's.
    pub scores: Option<ScoreHistogram>,
}

/// How many predictions rows stand for that were sampled.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledTable {
    /// How many predictions there were, with the interval of the sampling.
    pub predictions: Measured,
    /// As many predictions, kept whatever is in them, would tell as much (Kish).
    pub effective: f64,
    /// The share of them that has a label; `None` without labels.
    pub match_rate: Option<Measured>,
}

impl SampledTable {
    /// How many predictions there were, to the nearest whole number; `None` without rows.
    #[must_use]
    pub fn about(&self) -> Option<u64> {
        self.predictions.value().map(whole)
    }
}

/// The nearest count; one that no integer holds is the largest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, which saturates")]
pub(crate) fn whole(count: f64) -> u64 {
    count.round() as u64
}

/// What a baseline is.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineSummary {
    /// Its id.
    pub id: String,
    /// Its rows.
    pub rows: u64,
    /// Its first and last day.
    pub days: Option<(Date, Date)>,
    /// How many days it has.
    pub day_count: usize,
    /// How good the model was on it; `None` when it came without labels.
    pub quality: Option<Quality>,
}

/// A version that begins to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The version.
    pub version: String,
    /// Its first event.
    pub since: Timestamp,
}
