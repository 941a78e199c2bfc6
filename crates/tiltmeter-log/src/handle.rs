//! The part of a log that an application passes around.

use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{Ledgers, ModelName, SinkLedger, WriterId};

use crate::books::BooksOfSink;
use crate::direct::ModelLog;
use crate::error::UnknownModel;
use crate::health::Health;
use crate::layer::PredictionLogLayer;
use crate::observe::ObserveLayer;
use crate::pair::PairLog;
use crate::running::{Running, off_thread};
use crate::sampling::{SamplingDesk, SamplingState};
use crate::worker::send_canary;

/// Makes layers, and tells how the log is doing. Clones are cheap and keep nothing running.
#[derive(Clone, Debug)]
pub struct LogHandle {
    running: Arc<Running>,
    writer_id: WriterId,
}

/// What waits for the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueDepth {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes of memory they hold.
    pub bytes: u64,
}

/// How a flush went; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "it says whether the flush has come to its end"]
#[non_exhaustive]
pub enum FlushOutcome {
    /// All that was offered before has been settled by every sink: written, or dropped and counted.
    Complete,
    /// The deadline passed before that, and the flush goes on without the caller; or a sink is so far behind that there was
    /// no room to ask it.
    DeadlinePassed,
    /// The log, or one of its sinks, has ended.
    LogEnded,
}

impl LogHandle {
    pub(crate) fn new(running: Arc<Running>, writer_id: WriterId) -> Self {
        Self { running, writer_id }
    }

    /// The layer that logs the predictions of the HTTP and gRPC services it wraps.
    #[must_use]
    pub fn layer(&self) -> PredictionLogLayer {
        PredictionLogLayer::new(Arc::clone(&self.running.shared))
    }

    /// The layer that logs what `observe` says of the requests and responses of any tower service, as predictions of
    /// `model`: see [`observe`](crate::observe).
    ///
    /// # Errors
    /// When the log has no model of that name.
    pub fn observe<O>(&self, model: &str, observe: O) -> Result<ObserveLayer<O>, UnknownModel> {
        Ok(ObserveLayer::new(self.model(model)?, observe))
    }

    /// Records predictions of `model` directly: for batch jobs, and services without tower.
    ///
    /// # Errors
    /// When the log has no model of that name.
    pub fn model(&self, name: &str) -> Result<ModelLog, UnknownModel> {
        let shared = &self.running.shared;
        let route = shared.routes.of_model(name).ok_or_else(|| UnknownModel::new(name))?;
        Ok(ModelLog::new(Arc::clone(shared), route))
    }

    /// Has everything that was offered until now decoded, and settled by every sink. Rows that wait for a challenger's answer are
    /// decided about at once, without it: see [`sampling`](crate::sampling#disagreements).
    ///
    /// It runs on any runtime: the waiting is done by a thread of its own. When the future is dropped, the flush goes on
    /// without it.
    pub async fn flush(&self, deadline: Duration) -> FlushOutcome {
        off_thread(&self.running, "tiltmeter-flush", move |running| running.flush(deadline)).await
    }

    /// As [`flush`](Self::flush), but blocks the calling thread. Not for the threads of an async runtime.
    pub fn flush_blocking(&self, deadline: Duration) -> FlushOutcome {
        self.running.flush(deadline)
    }

    /// Sends a canary: a heartbeat that comes through the queue, the worker and every sink as predictions do, and is written
    /// beside them. [`SinkHealth::canary_age`](crate::SinkHealth::canary_age) tells when one has arrived. It is in neither
    /// ledger. Returns whether there was room for it in the queue.
    #[must_use = "it says whether there was room"]
    pub fn send_canary(&self) -> bool {
        send_canary(&self.running.shared)
    }

    /// How the log is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::read(&self.running)
    }

    /// What records the pairs of the model `name` with its challengers.
    ///
    /// # Errors
    /// When the log has no model of that name.
    pub fn pairs(&self, name: &str) -> Result<PairLog, UnknownModel> {
        let shared = &self.running.shared;
        let route = shared.routes.of_model(name).ok_or_else(|| UnknownModel::new(name))?;
        Ok(PairLog::new(Arc::clone(shared), route))
    }

    /// How the sampling of `model` stands, as the worker noted it last: within a second or so, and with each flush. `None`: it
    /// is not sampled.
    #[must_use]
    pub fn sampling(&self, model: &ModelName) -> Option<SamplingState> {
        self.running.sampling_of(model.as_str()).map(SamplingDesk::read)
    }

    /// Tells what the whole fleet has predicted with `model` in the trailing 24 hours: something central knows. It counts from
    /// the next interval of the policy on, and for 24 hours; without it the volume of this instance times the policy's
    /// number of instances does. It waits for nothing; what is told last counts.
    ///
    /// Returns whether it was taken: the model must be sampled, and the number finite and from 0.
    #[must_use = "it says whether it was taken"]
    pub fn set_fleet_predictions_per_day(&self, model: &ModelName, predictions: f64) -> bool {
        self.running.sampling_of(model.as_str()).is_some_and(|desk| desk.tell_fleet(predictions))
    }

    /// Both ledgers as they stand, with the predictions of the first sink. What is under way stands between their two
    /// sides.
    #[must_use]
    pub fn ledgers(&self) -> Ledgers {
        self.running.ledgers()
    }

    /// The ledger of each sink as it stands, in the order in which the sinks were given to the log.
    #[must_use]
    pub fn sink_ledgers(&self) -> Vec<SinkLedger> {
        self.running.sinks.iter().map(BooksOfSink::ledger).collect()
    }

    /// What waits for the worker.
    #[must_use]
    pub fn queue_depth(&self) -> QueueDepth {
        let (exchanges, bytes) = self.running.shared.queue.depth();
        QueueDepth { exchanges, bytes }
    }

    /// Why a sink last lost predictions, if one ever did.
    #[must_use]
    pub fn last_failure(&self) -> Option<String> {
        self.running.sinks.iter().find_map(BooksOfSink::last_failure)
    }

    #[cfg(test)]
    pub(crate) fn queue(&self) -> &crate::queue::Queue<crate::shared::Item> {
        &self.running.shared.queue
    }

    /// How many wishes wait for the worker, at most as many as the channel holds.
    #[cfg(test)]
    pub(crate) fn wishes(&self) -> usize {
        self.running.commands.len()
    }

    /// The name under which this process writes.
    #[must_use]
    pub fn writer_id(&self) -> &WriterId {
        &self.writer_id
    }
}
