//! The guard that ends a log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tiltmeter_record::{Ledgers, PredictionLedger};

use crate::error::BuildError;
use crate::pair::PairLedger;
use crate::running::{Ends, Running, WorkerEnd, off_thread};
use crate::worker::Worker;

/// How long a guard that goes without a shutdown waits.
const LAST_RESORT: Duration = Duration::from_secs(1);

/// Ends the log.
///
/// Call [`shutdown`](Self::shutdown) after the server has finished its last response. A guard that is dropped instead
/// closes the log and waits one second for it, or half a second more, on whatever thread that happens; what is not
/// written by then is lost. `let _ = …` drops it at once: bind it to a name.
///
/// `std::process::exit` and `abort` run no guards: what is queued, and the files that are open in memory, are lost then; the
/// last heartbeat in the data says how much that can be. Nor does a runtime that shuts down end the log: its threads are
/// its own. After a `fork` the child has the handle and none of the threads: what it offers fills a queue that nobody empties,
/// and then is dropped; build the log in the child.
#[derive(Debug)]
#[must_use = "the log ends when its guard is dropped"]
pub struct LogGuard {
    running: Arc<Running>,
    /// Whether the log has been told to end by a call.
    told: bool,
}

/// What became of everything that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says whether anything was lost"]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Both ledgers, with the predictions of the first sink. They balance.
    pub ledgers: Ledgers,
    /// What became of the predictions at each sink, in the order in which the sinks were given to the log.
    pub sinks: Vec<SinkReport>,
    /// What became of the pairs of champion and challenger before they came to the sinks. It balances.
    pub pairs: PairLedger,
    /// How the shutdown went: at the worst of worker and sinks.
    pub outcome: ShutdownOutcome,
    /// Why a sink last lost predictions, if one ever did.
    pub last_failure: Option<String>,
}

impl ShutdownReport {
    /// Whether every exchange, every pair, and every prediction and pair at every sink, is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        let is_balanced = |sink: &SinkReport| sink.predictions.balances() && sink.pairs.balances();
        self.ledgers.exchanges.balances() && self.pairs.balances() && self.sinks.iter().all(is_balanced)
    }
}

/// What became of the predictions at one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkReport {
    /// The sink's name.
    pub name: Arc<str>,
    /// Its ledger. It balances.
    pub predictions: PredictionLedger,
    /// What became of the pairs of champion and challenger. It balances.
    pub pairs: PredictionLedger,
    /// How its shutdown went.
    pub outcome: ShutdownOutcome,
    /// Why it last lost predictions, if it ever did.
    pub last_failure: Option<String>,
}

/// How a shutdown went; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ShutdownOutcome {
    /// Everything that was queued has been decoded, and the sink says that it has settled everything it held, and that it
    /// has written its last journal, if it keeps any.
    Complete,
    /// The same, but the sink has not signed for its last journal: gaps, and the heartbeat that says that the log ended in
    /// order, may be missing beside the predictions.
    JournalUnwritten,
    /// The deadline passed before that; what was left counts as abandoned.
    DeadlinePassed,
    /// A sink had panicked: what it held counts as abandoned, what came later as dropped. The others went on.
    SinkPanicked,
    /// The worker had panicked; what it held counts as abandoned, what came later as dropped.
    WorkerPanicked,
}

/// Starts the thread of `worker`.
pub(crate) fn start(worker: Worker, ends: Arc<Ends>) -> Result<(), BuildError> {
    let work = move || {
        let end = match catch_unwind(AssertUnwindSafe(|| worker.run())) {
            Ok(true) => WorkerEnd::Complete,
            Ok(false) => WorkerEnd::DeadlinePassed,
            Err(_) => {
                tracing::error!("the worker of the prediction log has panicked: nothing is logged any more");
                WorkerEnd::Panicked
            }
        };
        ends.worker(end);
    };
    thread::Builder::new().name("tiltmeter-log".to_owned()).spawn(work).map_err(BuildError::thread)?;
    Ok(())
}

impl LogGuard {
    pub(crate) fn new(running: Arc<Running>) -> Self {
        Self { running, told: false }
    }

    /// Closes the log, decodes what is queued, lets the sinks settle what they hold, and reports what became of everything.
    ///
    /// From the first moment on, exchanges that end are refused and counted. What is queued is decoded for half of the time
    /// until the deadline at most; the other half is the sinks'. Each of them gets its last journal when it has settled
    /// everything, whatever the others do. When `deadline` has passed, what is left is abandoned and counted: nobody has
    /// confirmed it, though a file whose writing was under way may still appear. It returns at the latest half a second
    /// after that.
    ///
    /// It runs on any runtime: the waiting is done by a thread of its own. When the future is dropped, the shutdown
    /// goes on without it.
    pub async fn shutdown(mut self, deadline: Duration) -> ShutdownReport {
        self.told = true;
        off_thread(&self.running, "tiltmeter-shutdown", move |running| running.end(deadline)).await
    }

    /// As [`shutdown`](Self::shutdown), but blocks the calling thread. Not for the threads of an async runtime.
    pub fn shutdown_blocking(mut self, deadline: Duration) -> ShutdownReport {
        self.told = true;
        self.running.end(deadline)
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        if !self.told {
            let report = self.running.end(LAST_RESORT);
            if report.outcome != ShutdownOutcome::Complete {
                tracing::warn!(?report, "the guard of the prediction log was dropped without a shutdown");
            }
        }
    }
}
