//! At what rate a rule keeps, and where score rules begin.

/// At what rate a [`Rule`](crate::Rule) keeps what it matches, and how much that may come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeepRule {
    pub(crate) rate: f64,
    pub(crate) most_kept: f64,
}

impl KeepRule {
    /// Keeps all that it matches.
    #[must_use]
    pub fn always() -> Self {
        Self::at(1.0)
    }

    /// Keeps the share `rate`, in (0, 1], of what it matches.
    #[must_use]
    pub fn at(rate: f64) -> Self {
        Self { rate, most_kept: 1.0 }
    }

    /// Keeps in expectation at most the share `most_kept`, in (0, 1], of all predictions: where the past says that it would
    /// be more, the rate of the next interval is lower. Before there is a past, everything is taken to match. Rows that are
    /// kept because another of their request matches count as well, except for [`CutOff::Quantile`], which sees rows only.
    #[must_use]
    pub fn with_most_kept(mut self, share: f64) -> Self {
        self.most_kept = share;
        self
    }
}

/// Where a rule of the score begins.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum CutOff {
    /// At this score.
    At(f64),
    /// Where the scores of past intervals say that the rule, at its rate, keeps what it [may](KeepRule::with_most_kept) of
    /// all predictions. The score is told apart in steps of 1/1024; where a step alone is too much, such as many scores of
    /// exactly 1, the rule begins at the outermost step and its rate is lower.
    Quantile,
}
