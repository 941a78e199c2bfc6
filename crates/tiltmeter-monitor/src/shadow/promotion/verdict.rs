//! What is made of all criteria.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::criterion::{Criterion, CriterionName, CriterionState};

/// Whether a challenger may take the champion's place, as of a day, and why.
///
/// It serialises as the comparison does: a number, or null, for each figure; reasons are in the sentences.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PromotionVerdict {
    /// What follows from the criteria at the end of the last day.
    pub decision: PromotionDecision,
    /// That day, in UTC; `None` when there is none.
    pub as_of: Option<Date>,
    /// How probable it may be that a decision is ever wrong.
    pub error: f64,
    /// All criteria, in the order of their names.
    pub criteria: Vec<Criterion>,
    /// In how many days all criteria are expected to be decided; `None` when they are, and when of one of them that cannot
    /// be told.
    pub expected_days: Option<u64>,
    /// The first day on which it was not `not_yet`, which is the decision that the error is promised of.
    pub first_decision: Option<DailyDecision>,
    /// What was decided at the end of each day on which something was new, the latest 400.
    pub history: Vec<DailyDecision>,
    /// What it comes to, in a sentence.
    pub summary: String,
    /// What was left out, a sentence each.
    pub notes: Vec<String>,
}

/// What follows for a challenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PromotionDecision {
    /// All criteria that apply are met.
    Promote,
    /// Something is missing, and nothing speaks against it.
    NotYet,
    /// A criterion has failed.
    Reject,
}

/// What was decided at the end of a day, by what was known then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DailyDecision {
    /// The UTC day.
    pub day: Date,
    /// What was decided.
    pub decision: PromotionDecision,
}

impl PromotionDecision {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::NotYet => "not yet",
            Self::Reject => "reject",
        }
    }

    /// A failure outweighs what is missing.
    pub(super) fn of(criteria: &[Criterion]) -> Self {
        let has = |state| criteria.iter().any(|criterion| criterion.state == state);
        if has(CriterionState::Failed) {
            Self::Reject
        } else if has(CriterionState::NotYet) {
            Self::NotYet
        } else {
            Self::Promote
        }
    }
}

impl fmt::Display for PromotionDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PromotionVerdict {
    /// The criteria in a state, such as those that are missing.
    pub fn in_state(&self, state: CriterionState) -> impl Iterator<Item = &Criterion> {
        self.criteria.iter().filter(move |criterion| criterion.state == state)
    }

    /// The criterion of that name.
    #[must_use]
    pub fn criterion(&self, name: CriterionName) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.name == name)
    }
}

/// The summary, then a line for each criterion and each note: what a terminal shows.
impl fmt::Display for PromotionVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary)?;
        for criterion in &self.criteria {
            let (state, name) = (criterion.state.as_str(), criterion.name.as_str());
            writeln!(f, "  {state:<15} {name:<21} {}", criterion.sentence)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))
    }
}
