//! The guard that ends a shadow.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{ModelName, ShadowLedger};

use crate::running::{Running, off_thread};

/// How long a guard that goes without a shutdown waits.
const LAST_RESORT: Duration = Duration::from_secs(1);

/// Ends the shadow.
///
/// Call [`shutdown`](Self::shutdown) after the server has finished its last response, and before the log's: the last
/// pairs go there. A guard that is dropped instead closes the shadow and waits one second for it, or half a second more,
/// on whatever thread that happens. `let _ = …` drops it at once: bind it to a name.
///
/// `std::process::exit` and `abort` run no guards: pairs that are under way are lost then. After a `fork` the child has
/// none of the threads: build the shadow in the child.
#[must_use = "the shadow ends when its guard is dropped"]
pub struct ShadowGuard {
    running: Arc<Running>,
    /// Whether the shadow has been told to end by a call.
    told: bool,
}

/// What became of every eligible request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says whether anything was lost"]
#[non_exhaustive]
pub struct ShadowReport {
    /// The books of each challenger, in the order in which they were added.
    pub challengers: Vec<ChallengerReport>,
    /// CPU time that the shadow's threads have used: challengers in this process, and the clients of the others. Not what a
    /// challenger does on threads of its own.
    pub cpu: Duration,
    /// How the shutdown went.
    pub end: ShadowEnd,
}

/// What became of every eligible request at one challenger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengerReport {
    /// The challenger.
    pub name: ModelName,
    /// Its books. They balance, as what was under way at the end counts as given up. One that came to its end in that very
    /// moment may be [`Paired`](crate::PairBucket::Paired) in the data, though it is not here.
    pub ledger: ShadowLedger,
    /// Bytes of the bodies of requests that it was sent; 0 without HTTP.
    pub request_bytes: u64,
    /// Bytes of the bodies of its answers, as far as they were read; 0 without HTTP.
    pub answer_bytes: u64,
}

/// How a shutdown went; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ShadowEnd {
    /// All that was under way has come to its end.
    Complete,
    /// The deadline passed before that; what was left counts as [`ShuttingDown`](crate::PairBucket::ShuttingDown).
    DeadlinePassed,
    /// A thread of the shadow had panicked. The challengers' panics are caught, so that is a fault of the shadow's.
    ThreadPanicked,
}

impl ShadowReport {
    /// Whether every eligible request is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.challengers.iter().all(|challenger| challenger.ledger.balances())
    }
}

impl ShadowGuard {
    pub(crate) fn new(running: Arc<Running>) -> Self {
        Self { running, told: false }
    }

    /// Closes the shadow, lets come to an end what is under way, and reports what became of everything.
    ///
    /// From the first moment on no request is copied; what a challenger has been sent, or the champion still answers, is
    /// waited for until the deadline. Then it is given up and counted, and tasks that are under way are dropped. It
    /// returns at the latest half a second after that, also where a challenger blocks its thread for ever.
    ///
    /// It runs on any runtime: the waiting is done by a thread of its own. When the future is dropped, the shutdown
    /// goes on without it.
    pub async fn shutdown(mut self, deadline: Duration) -> ShadowReport {
        self.told = true;
        off_thread(&self.running, move |running| running.end(deadline)).await
    }

    /// As [`shutdown`](Self::shutdown), but blocks the calling thread. Not for the threads of an async runtime.
    pub fn shutdown_blocking(mut self, deadline: Duration) -> ShadowReport {
        self.told = true;
        self.running.end(deadline)
    }
}

impl Drop for ShadowGuard {
    fn drop(&mut self) {
        if !self.told {
            let report = self.running.end(LAST_RESORT);
            if report.end != ShadowEnd::Complete {
                tracing::warn!(?report, "the guard of the shadow was dropped without a shutdown");
            }
        }
    }
}

impl fmt::Debug for ShadowGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShadowGuard").field("running", &self.running).finish()
    }
}
