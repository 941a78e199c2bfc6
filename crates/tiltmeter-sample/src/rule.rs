//! The rules that keep what a stratum's rate alone would not.

use std::fmt;

/// A reason to keep rows at a rate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The score is above the upper cut-off.
    HighScore,
    /// The score is below the lower cut-off.
    LowScore,
    /// The request failed or timed out.
    Failed,
    /// A feature lies outside of the range that it had in training.
    OutsideTrainingRange,
    /// Champion and challenger disagree.
    Disagreement,
    /// The application asked for it.
    Explicit,
}

impl Rule {
    /// How many rules there are.
    pub(crate) const COUNT: usize = 6;

    /// All rules.
    pub const ALL: [Self; Self::COUNT] = [
        Self::HighScore,
        Self::LowScore,
        Self::Failed,
        Self::OutsideTrainingRange,
        Self::Disagreement,
        Self::Explicit,
    ];

    /// Its name, as in `high_score`: for columns, labels and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighScore => "high_score",
            Self::LowScore => "low_score",
            Self::Failed => "failed",
            Self::OutsideTrainingRange => "outside_training_range",
            Self::Disagreement => "disagreement",
            Self::Explicit => "explicit",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Some of the rules: a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RuleSet(u8);

impl RuleSet {
    /// The set with `rule` in it if `is_in`. Without a branch.
    pub(crate) fn with(self, rule: Rule, is_in: bool) -> Self {
        Self(self.0 | u8::from(is_in) << rule.index())
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Rule> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let first = rest.trailing_zeros();
            rest &= rest.wrapping_sub(1);
            Rule::ALL.get(first as usize).copied()
        })
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}
