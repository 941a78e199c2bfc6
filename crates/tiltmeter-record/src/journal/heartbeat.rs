//! The books of a writer, as they stand.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{ExchangeLedger, Ledgers, PredictionLedger};

/// The books of a writer at one time, since it started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heartbeat {
    /// The place of this heartbeat among its writer's, from 0.
    pub sequence: u64,
    /// When the books were read (UTC).
    pub at: Timestamp,
    /// When the writer started (UTC).
    pub started_at: Timestamp,
    /// The sequence that the next decoded prediction will have: so many have been decoded, also those that were sampled out.
    pub next_prediction: u64,
    /// The sequence that the next decoded row of a pair will have.
    pub next_pair: u64,
    /// The books of the exchanges.
    pub exchanges: ExchangeLedger,
    /// The books of each sink.
    pub sinks: Vec<SinkLedger>,
    /// Whether it is a canary: written out of turn, to prove that what is logged arrives.
    pub is_canary: bool,
    /// Whether the writer has ended in order, and the sink in whose data it stands has settled everything: nothing comes
    /// after it there. The books of other sinks may be from before their end.
    pub is_last: bool,
}

impl Heartbeat {
    /// The books at `at` of a writer that started at `started_at`.
    #[must_use]
    pub fn new(sequence: u64, started_at: Timestamp, at: Timestamp) -> Self {
        Self {
            sequence,
            at,
            started_at,
            next_prediction: 0,
            next_pair: 0,
            exchanges: ExchangeLedger::default(),
            sinks: Vec::new(),
            is_canary: false,
            is_last: false,
        }
    }
}

/// The books of one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkLedger {
    /// The sink's name.
    pub sink: Arc<str>,
    /// What became of the predictions that were decoded.
    pub predictions: PredictionLedger,
    /// What became of the rows of pairs of champion and challenger.
    pub pairs: PredictionLedger,
}

impl SinkLedger {
    /// The books of `sink`, without pairs.
    #[must_use]
    pub fn new(sink: Arc<str>, predictions: PredictionLedger) -> Self {
        Self { sink, predictions, pairs: PredictionLedger::default() }
    }

    /// Both ledgers, with the predictions of this sink.
    #[must_use]
    pub fn with_exchanges(&self, exchanges: ExchangeLedger) -> Ledgers {
        Ledgers { exchanges, predictions: self.predictions }
    }
}
