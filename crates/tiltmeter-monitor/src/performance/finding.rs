//! What is found of the performance of a period, a version, or a segment.

use jiff::Timestamp;

use super::Quality;
use crate::Period;

/// The performance of one month of event times.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthPerformance {
    /// The month.
    pub period: Period,
    /// How good the scores are.
    pub quality: Quality,
    /// How the area under the ROC curve compares with the baseline's; `None` when one of them is unknown.
    pub change: Option<Change>,
    /// What follows.
    pub verdict: PerformanceVerdict,
    /// Whether every label of the month can be expected to be there: it ended a maturity before the last time of which
    /// anything is known.
    pub mature: bool,
}

/// A difference of two areas under ROC curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The month's less the baseline's.
    pub difference: f64,
    /// The interval that covers the true difference in 95 of 100 cases, with the variation of the baseline's own weeks
    /// in it.
    pub interval: (f64, f64),
    /// How probable so large a fall is without change, for all months that were looked at (Holm).
    pub p_adjusted: f64,
}

/// What follows from a [`Change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PerformanceVerdict {
    /// It cannot be told: there is no figure, or nothing to compare it with.
    Unknown,
    /// No fall that matters: the one-sided 95 % limit leaves no room for one.
    Held,
    /// Neither: a fall that may be chance, or too few labels to exclude one.
    Unproven,
    /// A fall that matters and is no chance.
    Fell,
}

/// The performance of one version of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionPerformance {
    /// The version; `None` for predictions that do not name one.
    pub version: Option<String>,
    /// The first and the last event time.
    pub seen: (Timestamp, Timestamp),
    /// How good the scores are.
    pub quality: Quality,
}

/// The performance in one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentPerformance {
    /// The feature by which the data is sliced.
    pub feature: String,
    /// Which rows it has.
    pub value: SegmentValue,
    /// How good the scores are.
    pub quality: Quality,
}

/// Which rows a segment has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentValue {
    /// Those with this value.
    Is(String),
    /// Those without a value.
    Missing,
    /// Those of so many further values, each with few rows.
    Others(usize),
}

/// What was known at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct AsOf {
    /// The instant.
    pub as_of: Timestamp,
    /// How good the scores were, over predictions and labels up to that instant.
    pub quality: Quality,
}
