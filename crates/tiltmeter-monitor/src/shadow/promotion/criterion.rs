//! What is found of one criterion.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use crate::Measured;

/// What is found of one criterion at the last look: the evidence, and what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Criterion {
    /// Which one it is.
    pub name: CriterionName,
    /// What follows.
    pub state: CriterionState,
    /// The figure; see the [name](CriterionName) for its unit. It has the standard error of a single look, and no interval:
    /// the bounds are those below.
    pub value: Measured,
    /// What holds however often one looks; `None` of a plain threshold, and as long as there are too few rows.
    pub bounds: Option<CriterionBounds>,
    /// What the figure is held against; `None` when it is not.
    pub threshold: Option<f64>,
    /// How many rows the figure is made of: requests, pairs, labelled pairs or days.
    pub rows: u64,
    /// What is expected to be needed until it can be decided; `None` when it is decided, and when nothing can be said:
    /// the figure is too near to what it is held against, or something has to change.
    pub outlook: Option<Outlook>,
    /// All of it in a sentence.
    pub sentence: String,
    /// What was found at each look, in the order of days.
    pub looks: Vec<CriterionLook>,
}

/// What is asked of a challenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CriterionName {
    /// Days with pairs.
    Duration,
    /// Pairs.
    Pairs,
    /// The share of chosen requests that have a pair.
    Coverage,
    /// The share of requests that the challenger does not answer within what the 99th percentile may be: 0.01 is allowed. Late
    /// answers, and those that it fails.
    Latency,
    /// The share of requests that the challenger fails, by an error or by a timeout or since its breaker was open; where it is
    /// held against the champion, the difference of the two shares.
    Failures,
    /// The share of pairs with the same decision.
    Agreement,
    /// The population stability index of the scores; of the decisions where no pair has both scores.
    ScoreDistribution,
    /// By how much the challenger is better, in the unit of the metric: of losses the champion's less the challenger's.
    Labelled,
}

impl CriterionName {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Pairs => "pairs",
            Self::Coverage => "coverage",
            Self::Latency => "latency",
            Self::Failures => "failures",
            Self::Agreement => "agreement",
            Self::ScoreDistribution => "score distribution",
            Self::Labelled => "labelled performance",
        }
    }
}

impl fmt::Display for CriterionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What follows for a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CriterionState {
    /// It is met; where it is watched, that is proven.
    Met,
    /// Neither is proven, or it is a threshold that is not reached.
    NotYet,
    /// That it is not met is proven.
    Failed,
    /// It is not asked for, or cannot be told of such data: the sentence says why.
    NotApplicable,
}

impl CriterionState {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotYet => "not yet",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl fmt::Display for CriterionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a quantity lies by all that was known at a look, however often one looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CriterionBounds {
    /// The lower bound; `None` when there is none yet.
    pub lower: Option<f64>,
    /// The upper bound.
    pub upper: Option<f64>,
    /// How probable it is at most that the bound by which the criterion is met is ever on the wrong side of the truth.
    pub error_of_met: f64,
    /// The same of the bound by which it fails.
    pub error_of_failed: f64,
}

/// What is expected to be needed, if what comes is like what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outlook {
    /// More rows, of the kind that the figure is made of.
    pub rows: u64,
    /// More days, if as many rows come a day as until now.
    pub days: u64,
}

/// What was found of a criterion at the end of a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CriterionLook {
    /// The UTC day.
    pub day: Date,
    /// What followed.
    pub state: CriterionState,
    /// The figure.
    pub value: Option<f64>,
    /// The standard error of this look by itself.
    pub standard_error: Option<f64>,
    /// The bounds.
    pub bounds: Option<CriterionBounds>,
    /// How many rows it was made of.
    pub rows: u64,
}

impl Criterion {
    pub(super) fn new(name: CriterionName, value: Measured, rows: u64) -> Self {
        Self {
            name,
            state: CriterionState::NotYet,
            value,
            bounds: None,
            threshold: None,
            rows,
            outlook: None,
            sentence: String::new(),
            looks: Vec::new(),
        }
    }

    /// The same, with figure, bounds and threshold moved by `by`.
    pub(super) fn moved(mut self, by: f64) -> Self {
        if let Measured::Known(estimate) = &mut self.value {
            estimate.value += by;
            estimate.interval = estimate.interval.map(|(low, high)| (low + by, high + by));
        }
        if let Some(bounds) = &mut self.bounds {
            bounds.lower = bounds.lower.map(|lower| lower + by);
            bounds.upper = bounds.upper.map(|upper| upper + by);
        }
        self.threshold = self.threshold.map(|threshold| threshold + by);
        self
    }

    /// One that is not asked for, or cannot be told.
    pub(super) fn not_applicable(name: CriterionName, because: &str) -> Self {
        Self {
            state: CriterionState::NotApplicable,
            sentence: because.to_owned(),
            ..Self::new(name, Measured::Undefined(because.to_owned()), 0)
        }
    }

    pub(super) fn at(&self, day: Date) -> CriterionLook {
        CriterionLook {
            day,
            state: self.state,
            value: self.value.value(),
            standard_error: self.value.estimate().and_then(|estimate| estimate.standard_error),
            bounds: self.bounds,
            rows: self.rows,
        }
    }
}
