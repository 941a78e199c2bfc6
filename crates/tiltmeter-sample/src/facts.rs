//! What a rate depends on.

use std::fmt;

/// What is known of a prediction when it is decided whether its row is kept.
///
/// Its `Debug` shows the flags only: the rest may be personal data.
///
/// ```
/// use tiltmeter_sample::{Facts, Flags};
///
/// let facts = Facts { score: Some(0.97), segment: Some("UA"), version: "v3", ..Facts::default() };
/// assert_eq!(facts.flags, Flags::default());
/// ```
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Facts<'a> {
    /// The score, on [0, 1]: that of a binary classifier, the top probability of several classes, the top item's score of
    /// a ranking, and the baseline's quantile of a regression. What lies beyond is in the outermost bucket; NaN is no score.
    pub score: Option<f64>,
    /// The value of the policy's segment. Ignored where the policy has none.
    pub segment: Option<&'a str>,
    /// The model's version.
    pub version: &'a str,
    /// What rules look at besides the score.
    pub flags: Flags,
}

/// What rules look at besides the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The request failed or timed out.
    pub failed: bool,
    /// A feature lies outside of the range that it had in training.
    pub outside_training_range: bool,
    /// Champion and challenger disagree, as far as that is known: [`RateTable::decide_shown`](crate::RateTable::decide_shown).
    pub disagreement: bool,
    /// The application asked for the row to be kept.
    pub keep: bool,
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("flags", &self.flags).finish_non_exhaustive()
    }
}
