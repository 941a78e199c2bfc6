//! What a check concludes.

use std::fmt;

use serde::Serialize;

/// What a check concludes from an *effect*, which is large enough to matter or not, and from *evidence*, which the
/// variation of the baseline cannot explain or can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The statistic does not exist for these values.
    Undefined,
    /// Neither effect nor evidence.
    Stable,
    /// Evidence without effect: real, and too small to matter.
    Negligible,
    /// An effect without evidence: as large as that, but so are healthy periods of this length.
    Unproven,
    /// An effect with evidence.
    Drift,
}

impl Verdict {
    /// Puts effect and evidence together.
    #[must_use]
    pub fn of(effect: bool, evidence: bool) -> Self {
        match (effect, evidence) {
            (true, true) => Self::Drift,
            (true, false) => Self::Unproven,
            (false, true) => Self::Negligible,
            (false, false) => Self::Stable,
        }
    }

    /// The word that stands in the data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Stable => "stable",
            Self::Negligible => "negligible",
            Self::Unproven => "unproven",
            Self::Drift => "drift",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
