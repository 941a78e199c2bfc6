//! How a log is doing.

use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::PredictionLedger;

use crate::handle::QueueDepth;
use crate::lane::LaneEnd;
use crate::pair::PairLedger;
use crate::running::{Running, WorkerEnd};
use crate::sampling::SamplingState;
use crate::tallies::{Masked, Misfit};

/// How long a sink may be at one piece of work before it counts as stalled.
const STALLED: Duration = Duration::from_secs(10);

/// How a log is doing: for a health page, or whoever is on call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Health {
    /// The thread that decodes.
    pub worker: ThreadHealth,
    /// Each sink, in the order in which they were given to the log.
    pub sinks: Vec<SinkHealth>,
    /// The pairs of champion and challenger before they come to the sinks.
    pub pairs: PairLedger,
    /// What waits for the worker.
    pub queue: QueueDepth,
    /// Observers that have panicked, and are not called any more.
    pub observers_panicked: u64,
    /// Values that did not fit their columns, by model and column.
    pub misfits: Vec<Misfit>,
    /// What the privacy policies have done, by model.
    pub masked: Vec<Masked>,
    /// How the sampling of each model stands that is sampled.
    pub sampling: Vec<SamplingState>,
}

/// How a sink is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkHealth {
    /// Its name.
    pub name: Arc<str>,
    /// Its thread.
    pub thread: ThreadHealth,
    /// Its ledger as it stands.
    pub predictions: PredictionLedger,
    /// Its ledger of pairs of champion and challenger.
    pub pairs: PredictionLedger,
    /// Why it last lost predictions, if it ever did.
    pub last_failure: Option<String>,
    /// How long ago the latest canary was sent that has been written. `None`: none has.
    pub canary_age: Option<Duration>,
}

/// How a thread of the log is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThreadHealth {
    /// It runs.
    Running,
    /// It has been at one piece of work for more than ten seconds: a disk or a store that does not answer.
    Stalled(Duration),
    /// It has panicked; nothing passes it any more.
    Panicked,
    /// It has ended with the log.
    Ended,
}

impl Health {
    pub(crate) fn read(running: &Running) -> Self {
        let now = running.shared.clock.monotonic();
        let ended = running.ends.read();
        let worker = match ended.worker {
            None => ThreadHealth::Running,
            Some(WorkerEnd::Panicked) => ThreadHealth::Panicked,
            Some(WorkerEnd::Complete | WorkerEnd::DeadlinePassed) => ThreadHealth::Ended,
        };
        let sinks = running
            .sinks
            .iter()
            .zip(&ended.lanes)
            .map(|(books, end)| {
                let (last_failure, pairs) = (books.last_failure(), books.pairs.read());
                let books = &books.predictions;
                let busy = books.is_busy_since().map(|since| now.saturating_sub(since));
                let thread = match (end, busy) {
                    (Some(LaneEnd::Panicked), _) => ThreadHealth::Panicked,
                    (Some(LaneEnd::Complete | LaneEnd::DeadlinePassed), _) => ThreadHealth::Ended,
                    (None, Some(busy)) if busy > STALLED => ThreadHealth::Stalled(busy),
                    (None, _) => ThreadHealth::Running,
                };
                SinkHealth {
                    name: Arc::clone(books.name()),
                    thread,
                    predictions: books.read(),
                    pairs,
                    last_failure,
                    canary_age: books.latest_canary().map(|sent| now.saturating_sub(sent)),
                }
            })
            .collect();
        let (exchanges, bytes) = running.shared.queue.depth();
        Self {
            worker,
            sinks,
            pairs: running.shared.pairs.read(),
            queue: QueueDepth { exchanges, bytes },
            observers_panicked: running.observers_panicked(),
            misfits: running.tallies.misfits(),
            masked: running.tallies.masked(),
            sampling: running.sampling.iter().flatten().map(|desk| desk.read()).collect(),
        }
    }

    /// Whether all threads run, and no observer has panicked. Losses do not make a log ill: they are in the ledgers. Nor do rules
    /// that keep more than they should: [`SamplingState::warning`].
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.worker == ThreadHealth::Running
            && self.observers_panicked == 0
            && self.sinks.iter().all(|sink| sink.thread == ThreadHealth::Running)
    }
}
