//! The worker's thread, and the guard that ends it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tiltmeter_record::Ledgers;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use crate::books::Books;
use crate::error::BuildError;
use crate::layer::Shared;
use crate::worker::{Command, Worker};

/// How much longer than the deadline a worker may take that is busy and has to notice it.
const GRACE: Duration = Duration::from_millis(500);

/// How long a guard that goes without a shutdown waits.
const LAST_RESORT: Duration = Duration::from_secs(1);

/// Ends the log.
///
/// Call [`shutdown`](Self::shutdown) after the server has finished its last response. A guard that is dropped instead
/// closes the log and waits one second for it, or half a second more, on whatever thread that happens; what is not
/// written by then is lost. `let _ = …` drops it at once: bind it to a name.
///
/// `std::process::exit`, `abort` and `fork` run no guards: what is queued, and the files that are open in memory, are
/// lost then.
#[derive(Debug)]
#[must_use = "the log ends when its guard is dropped"]
pub struct LogGuard {
    running: Arc<Running>,
    /// Whether the log has been told to end by a call.
    told: bool,
}

#[derive(Debug)]
struct Running {
    commands: mpsc::Sender<Command>,
    end: Arc<End>,
    shared: Arc<Shared>,
    books: Arc<Books>,
}

/// How the worker went, once it and all that it owned are gone.
#[derive(Debug, Default)]
struct End {
    outcome: Mutex<Option<ShutdownOutcome>>,
    set: Condvar,
}

/// What became of everything that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says whether anything was lost"]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Both ledgers. They balance.
    pub ledgers: Ledgers,
    /// How the shutdown went.
    pub outcome: ShutdownOutcome,
    /// Why the sink last lost predictions, if it ever did.
    pub last_failure: Option<String>,
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShutdownOutcome {
    /// Everything that was queued has been decoded, and the sink says that it has settled everything it held.
    Complete,
    /// The deadline passed before that; what was left counts as abandoned.
    DeadlinePassed,
    /// The worker had panicked; what it held counts as abandoned, what came later as dropped.
    WorkerPanicked,
}

/// Starts the thread of `worker`.
pub(crate) fn spawn(
    worker: Worker,
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    books: Arc<Books>,
) -> Result<LogGuard, BuildError> {
    // the name is that of the threads on which blocking calls of the sink run
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_name("tiltmeter-io")
        .enable_all()
        .build()
        .map_err(BuildError::thread)?;
    let end = Arc::new(End::default());
    let ending = Arc::clone(&end);
    thread::Builder::new()
        .name("tiltmeter-log".to_owned())
        .spawn(move || work(worker, runtime, &ending))
        .map_err(BuildError::thread)?;
    Ok(LogGuard { running: Arc::new(Running { commands, end, shared, books }), told: false })
}

fn work(worker: Worker, runtime: Runtime, end: &End) {
    let outcome = match catch_unwind(AssertUnwindSafe(|| runtime.block_on(worker.run()))) {
        Ok(true) => ShutdownOutcome::Complete,
        Ok(false) => ShutdownOutcome::DeadlinePassed,
        Err(_) => {
            tracing::error!("the worker of the prediction log has panicked: nothing is logged any more");
            ShutdownOutcome::WorkerPanicked
        }
    };
    // drops the tasks that are left, and with them their deliveries, but does not wait for a file system that hangs
    runtime.shutdown_background();
    *end.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    end.set.notify_all();
}

impl LogGuard {
    /// Closes the log, decodes what is queued, lets the sink settle what it holds, and reports what became of
    /// everything.
    ///
    /// From the first moment on, exchanges that end are refused and counted. What is queued is decoded for half of the time
    /// until the deadline at most; the other half is the sink's. When `deadline` has passed, what is left is abandoned
    /// and counted: nobody has confirmed it, though a file whose writing was under way may still appear. It returns at
    /// the latest half a second after that.
    ///
    /// It runs on any runtime: the waiting is done by a thread of its own. When the future is dropped, the shutdown
    /// goes on without it.
    pub async fn shutdown(mut self, deadline: Duration) -> ShutdownReport {
        self.told = true;
        let running = Arc::clone(&self.running);
        let (reply, report) = oneshot::channel();
        let waiting = thread::Builder::new().name("tiltmeter-shutdown".to_owned()).spawn(move || {
            let _ = reply.send(running.end(deadline));
        });
        if waiting.is_ok()
            && let Ok(report) = report.await
        {
            return report;
        }
        // no thread was to be had: better to block this one than to lose what is queued
        self.running.end(deadline)
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

impl Running {
    fn end(&self, deadline: Duration) -> ShutdownReport {
        self.shared.queue.close();
        let until = self.shared.clock.monotonic().saturating_add(deadline);
        // refused only by a worker that is gone
        let _ = self.commands.try_send(Command::Shutdown { deadline: until });
        let outcome = self.end.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, _) = self
            .end
            .set
            .wait_timeout_while(outcome, deadline.saturating_add(GRACE), |outcome| outcome.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        let mut ledgers = self.books.read();
        let outcome = outcome.unwrap_or_else(|| {
            // the worker is stuck in code that does not yield: what it has not settled is abandoned
            abandon_rest(&mut ledgers);
            ShutdownOutcome::DeadlinePassed
        });
        ShutdownReport { ledgers, outcome, last_failure: self.books.last_failure() }
    }
}

fn abandon_rest(ledgers: &mut Ledgers) {
    let Ledgers { exchanges, predictions } = ledgers;
    exchanges.abandoned = exchanges.observed.saturating_sub(exchanges.decoded + exchanges.dropped.total());
    predictions.abandoned = predictions
        .decoded
        .saturating_sub(predictions.written + predictions.sampled_out + predictions.dropped.total());
}
