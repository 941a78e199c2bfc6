//! What kind of model it is, and how much hangs on it.

use std::fmt;

use super::ValueType;
use super::field::Field;
use super::problem::Problem;

/// The kind of a model: the spec's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ModelKind {
    /// `binary`: one of two classes.
    Binary,
    /// `multiclass`: one of several classes.
    Multiclass,
    /// `regression`: a number.
    Regression,
    /// `ranking`: items in an order.
    Ranking,
    /// `text`: text that is generated.
    Text,
}

impl ModelKind {
    pub(super) const ALLOWED: &str = "binary, multiclass, regression, ranking, text";

    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        let choices = [Self::Binary, Self::Multiclass, Self::Regression, Self::Ranking, Self::Text]
            .map(|choice| (choice.as_str(), choice));
        field.choice(&choices, problems)
    }

    /// The word that stands in the spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
            Self::Ranking => "ranking",
            Self::Text => "text",
        }
    }

    /// The type of the prediction of a spec that does not state it: boolean for `binary`, float for `regression`,
    /// string for the others.
    #[must_use]
    pub fn prediction_type(self) -> ValueType {
        match self {
            Self::Binary => ValueType::Boolean,
            Self::Multiclass | Self::Ranking | Self::Text => ValueType::String,
            Self::Regression => ValueType::Float,
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much hangs on a model: the spec's `tier`. The first tier is the smallest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// `1`: revenue hangs on it.
    RevenueCritical,
    /// `2`: operations hang on it.
    Operational,
    /// `3`: an experiment.
    Experimental,
}

impl Tier {
    pub(super) const ALLOWED: &str = "1 (revenue-critical), 2 (operational), 3 (experimental)";

    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        match field.integer() {
            Some(1) => Some(Self::RevenueCritical),
            Some(2) => Some(Self::Operational),
            Some(3) => Some(Self::Experimental),
            _ => {
                problems.push(field.misfit(Self::ALLOWED));
                None
            }
        }
    }

    /// The number that stands in the spec.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::RevenueCritical => 1,
            Self::Operational => 2,
            Self::Experimental => 3,
        }
    }
}
