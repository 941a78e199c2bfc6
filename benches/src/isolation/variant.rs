//! What the challenger in the shadow does.

use std::time::Duration;

use clap::ValueEnum;

/// What the challenger does, and by what the shadow is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// There is no shadow.
    Alone,
    /// None, but a layer that wraps both bodies and the future, and only forwards.
    PassThrough,
    /// It answers after a few milliseconds.
    Healthy,
    /// After ten times as long.
    Slow,
    /// Never.
    Hanging,
    /// Never, it is given no rest, and the pairs may hold few bytes: these are used up before the permits.
    HangingUnrested,
    /// It refuses connections.
    Refusing,
    /// It answers at once that it has failed.
    Erroring,
}

/// What becomes of a request at the challenger.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    AnswersAfter(Duration),
    Hangs,
    Refuses,
    Fails,
}

impl Variant {
    /// `None` if there is no challenger.
    pub(super) fn manner(self) -> Option<Manner> {
        Some(match self {
            Self::Alone | Self::PassThrough => return None,
            Self::Healthy => Manner::AnswersAfter(Duration::from_millis(4)),
            Self::Slow => Manner::AnswersAfter(Duration::from_millis(40)),
            Self::Hanging | Self::HangingUnrested => Manner::Hangs,
            Self::Refusing => Manner::Refuses,
            Self::Erroring => Manner::Fails,
        })
    }

    /// Whether there is a challenger.
    #[must_use]
    pub fn has_challenger(self) -> bool {
        self.manner().is_some()
    }
}
