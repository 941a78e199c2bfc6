//! Known losses.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Priority, SizeClass};
use crate::{ExchangeDrop, PredictionDrop, Reason};

/// What a gap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum GapUnit {
    /// Exchanges, before they were decoded.
    Exchange,
    /// Predictions, on their way to a sink.
    Prediction,
    /// Rows of pairs, on their way to a sink.
    Pair,
    /// Predictions whose profile a sink has lost: their rows are another matter. Each window is lost on its own, so that a
    /// prediction counts for its minute and again for its hour (or day).
    Profile,
}

impl GapUnit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Exchange, Self::Prediction, Self::Pair, Self::Profile];

    /// The text that stands in the data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Prediction => "prediction",
            Self::Pair => "pair",
            Self::Profile => "profile",
        }
    }
}

/// A known loss.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The place of this gap among its writer's, from 0: with the writer's id the key that recognises copies. A sink that
    /// has not confirmed a gap gets it again, and may have written it all the same.
    pub sequence: u64,
    /// The minute (UTC, its beginning) in which the loss was counted.
    pub minute: Timestamp,
    /// The model, by name; `None` where it is not known.
    pub model_name: Option<Arc<str>>,
    /// The route template; `None` where it is not known.
    pub endpoint: Option<Arc<str>>,
    /// What is counted.
    pub unit: GapUnit,
    /// How large the exchanges were; `None` for the others.
    pub size_class: Option<SizeClass>,
    /// How important the exchanges were; `None` for the others.
    pub priority: Option<Priority>,
    /// The sink that lost predictions or pairs; `None` for exchanges, which all sinks lack.
    pub sink: Option<Arc<str>>,
    /// The reason: the text of an [`ExchangeDrop`] or, where there is a sink, of a
    /// [`PredictionDrop`].
    pub reason: &'static str,
    /// How many.
    pub count: u64,
}

impl Gap {
    /// A gap of `count` exchanges.
    #[must_use]
    pub fn of_exchanges(sequence: u64, minute: Timestamp, reason: ExchangeDrop, count: u64) -> Self {
        Self {
            sequence,
            minute,
            unit: GapUnit::Exchange,
            model_name: None,
            endpoint: None,
            size_class: None,
            priority: None,
            sink: None,
            reason: reason.as_str(),
            count,
        }
    }

    /// A gap of `count` predictions that `sink` lost.
    #[must_use]
    pub fn of_predictions(
        sequence: u64,
        minute: Timestamp,
        sink: Arc<str>,
        reason: PredictionDrop,
        count: u64,
    ) -> Self {
        Self {
            unit: GapUnit::Prediction,
            sink: Some(sink),
            reason: reason.as_str(),
            ..Self::of_exchanges(sequence, minute, ExchangeDrop::Closed, count)
        }
    }

    /// A gap of `count` rows of pairs that `sink` lost.
    #[must_use]
    pub fn of_pairs(
        sequence: u64,
        minute: Timestamp,
        sink: Arc<str>,
        reason: PredictionDrop,
        count: u64,
    ) -> Self {
        Self { unit: GapUnit::Pair, ..Self::of_predictions(sequence, minute, sink, reason, count) }
    }

    /// Whether there was no prediction to lose: an exchange whose request nobody could read, such as one that is no JSON, or of
    /// which the application recorded nothing.
    #[must_use]
    pub fn held_nothing(&self) -> bool {
        let reasons = [ExchangeDrop::RequestMalformed, ExchangeDrop::NothingRecorded];
        self.unit == GapUnit::Exchange && reasons.iter().any(|reason| reason.as_str() == self.reason)
    }

    /// Lost profiles: of so many predictions, by a sink.
    #[must_use]
    pub fn of_profiles(
        sequence: u64,
        minute: Timestamp,
        sink: Arc<str>,
        reason: PredictionDrop,
        count: u64,
    ) -> Self {
        Self { unit: GapUnit::Profile, ..Self::of_predictions(sequence, minute, sink, reason, count) }
    }
}
