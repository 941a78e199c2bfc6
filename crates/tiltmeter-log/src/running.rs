//! A log that runs: its ends, as the handle and the guard hold them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{SendTimeoutError, Sender};
use tiltmeter_record::{Ledgers, PredictionLedger};
use tokio::sync::{mpsc, oneshot};

use crate::books::{BooksOfSink, ExchangeBooks, Signature, SinkBooks};
use crate::guard::{ShutdownOutcome, ShutdownReport, SinkReport};
use crate::handle::FlushOutcome;
use crate::lane::{LaneCommand, LaneEnd};
use crate::sampling::SamplingDesk;
use crate::shared::Shared;
use crate::tallies::Tallies;
use crate::worker::Command;

/// How much longer than the deadline a thread may take that is busy and has to notice it.
const GRACE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: Sender<Command>,
    pub(crate) lane_commands: Vec<mpsc::Sender<LaneCommand>>,
    pub(crate) ends: Arc<Ends>,
    pub(crate) books: Arc<ExchangeBooks>,
    pub(crate) sinks: Vec<BooksOfSink>,
    pub(crate) observers_panicked: Arc<AtomicU64>,
    pub(crate) tallies: Tallies,
    /// Of each model that is sampled, at its place.
    pub(crate) sampling: Vec<Option<Arc<SamplingDesk>>>,
    closing: OnceLock<Closing>,
}

/// By when (monotonic) the log is to end, once it has been told to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    began: Duration,
    /// Until then the worker decodes what is queued: the rest is the sinks', who may hold minutes of predictions, against the
    /// moments that are queued.
    pub(crate) drained_by: Duration,
    /// Until then the sinks may settle what they hold, before they get the last journal.
    pub(crate) settled_by: Duration,
    /// The end.
    pub(crate) deadline: Duration,
}

impl Closing {
    fn new(now: Duration, patience: Duration) -> Self {
        let eighths = |count: u32| now.saturating_add((patience / 8).saturating_mul(count));
        Self {
            began: now,
            drained_by: eighths(4),
            settled_by: eighths(5),
            deadline: now.saturating_add(patience),
        }
    }

    /// Until when the worker waits for a sink that has no room, if it has done so since `since`: some of its time is left
    /// for the others.
    pub(crate) fn waits_until(&self, since: Duration) -> Duration {
        let from = since.max(self.began);
        from.saturating_add(self.drained_by.saturating_sub(from) / 4 * 3)
    }
}

/// How the worker's thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkerEnd {
    Complete,
    DeadlinePassed,
    Panicked,
}

/// How the threads went, once they and all that they owned are gone.
#[derive(Debug)]
pub(crate) struct Ends {
    state: Mutex<Ended>,
    changed: Condvar,
}

#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) worker: Option<WorkerEnd>,
    pub(crate) lanes: Vec<Option<LaneEnd>>,
    /// What tells whether each sink has written its last journal, if it was given one.
    last_journals: Vec<Option<Signature>>,
}

impl Ended {
    fn is_whole(&self) -> bool {
        self.worker.is_some() && self.lanes.iter().all(Option::is_some)
    }
}

impl Ends {
    pub(crate) fn new(lanes: usize) -> Arc<Self> {
        let state =
            Mutex::new(Ended { worker: None, lanes: vec![None; lanes], last_journals: vec![None; lanes] });
        Arc::new(Self { state, changed: Condvar::new() })
    }

    pub(crate) fn worker(&self, end: WorkerEnd) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).worker = Some(end);
        self.changed.notify_all();
    }

    pub(crate) fn lane(&self, place: usize, end: LaneEnd) {
        if let Some(lane) = self.state.lock().unwrap_or_else(PoisonError::into_inner).lanes.get_mut(place) {
            *lane = Some(end);
        }
        self.changed.notify_all();
    }

    /// The sink at `place` has been given its last journal.
    pub(crate) fn last_journal(&self, place: usize, signature: Signature) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = state.last_journals.get_mut(place) {
            *last = Some(signature);
        }
    }

    pub(crate) fn read(&self) -> Ended {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until all threads have ended, for `patience` at most.
    fn wait(&self, patience: Duration) -> Ended {
        self.wait_until(patience, Ended::is_whole)
    }

    fn wait_until(&self, patience: Duration, is_so: impl Fn(&Ended) -> bool) -> Ended {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .changed
            .wait_timeout_while(state, patience, |state| !is_so(state))
            .unwrap_or_else(PoisonError::into_inner);
        state.clone()
    }
}

/// The books of a sink that has ended, or of which nothing more is to be expected: then what is open is abandoned.
fn last(books: &SinkBooks, is_open: bool) -> PredictionLedger {
    let mut ledger = books.read();
    if is_open {
        let settled = ledger.written + ledger.sampled_out + ledger.dropped.total();
        ledger.abandoned = ledger.decoded.saturating_sub(settled);
    }
    ledger
}

impl Running {
    pub(crate) fn new(
        shared: Arc<Shared>,
        commands: Sender<Command>,
        lane_commands: Vec<mpsc::Sender<LaneCommand>>,
        ends: Arc<Ends>,
        books: Arc<ExchangeBooks>,
        sinks: Vec<BooksOfSink>,
        observers_panicked: Arc<AtomicU64>,
    ) -> Self {
        let (tallies, closing) = (Tallies::default(), OnceLock::new());
        Self {
            shared,
            commands,
            lane_commands,
            ends,
            books,
            sinks,
            observers_panicked,
            tallies,
            sampling: Vec::new(),
            closing,
        }
    }

    /// With what tells of the sampling of each model, at its place.
    pub(crate) fn with_sampling(mut self, sampling: Vec<Option<Arc<SamplingDesk>>>) -> Self {
        self.sampling = sampling;
        self
    }

    /// By when the log is to end, if it has been told to.
    pub(crate) fn closing(&self) -> Option<Closing> {
        self.closing.get().copied()
    }

    /// Ends the log. It blocks the thread.
    pub(crate) fn end(&self, patience: Duration) -> ShutdownReport {
        // beside the gate and not in a channel, which may be full: the worker looks there whatever it is at
        let closing = *self.closing.get_or_init(|| Closing::new(self.shared.clock.monotonic(), patience));
        self.shared.queue.close();
        // a channel that is full wakes it as well
        let _ = self.commands.try_send(Command::Wake);
        for lane in &self.lane_commands {
            // refused only by threads that are gone
            let _ = lane.try_send(LaneCommand::Shutdown { deadline: closing.deadline });
        }
        let ended = self.ends.wait(patience.saturating_add(GRACE));
        let report = self.report(&ended);
        self.publish(&report);
        report
    }

    /// The last state of the books, as metrics: nobody else publishes them any more.
    fn publish(&self, report: &ShutdownReport) {
        #[cfg(feature = "metrics")]
        {
            let mut health = crate::health::Health::read(self);
            health.pairs = report.pairs;
            for (sink, last) in health.sinks.iter_mut().zip(&report.sinks) {
                (sink.predictions, sink.pairs) = (last.predictions, last.pairs);
            }
            crate::metrics::publish(&report.ledgers.exchanges, &health, &vec![0; report.sinks.len()]);
        }
        #[cfg(not(feature = "metrics"))]
        let _ = (self, report);
    }

    fn report(&self, ended: &Ended) -> ShutdownReport {
        let mut exchanges = self.books.read();
        if ended.worker.is_none() {
            // it is stuck in code that does not come back: what it has not settled is abandoned
            exchanges.abandoned =
                exchanges.observed.saturating_sub(exchanges.decoded + exchanges.dropped.total());
        }
        let mut pairs = self.shared.pairs.read();
        if ended.worker.is_none() {
            pairs.abandoned = pairs.offered.saturating_sub(pairs.decoded + pairs.refused);
        }
        let sinks: Vec<SinkReport> = self
            .sinks
            .iter()
            .zip(&ended.lanes)
            .zip(&ended.last_journals)
            .map(|((books, end), last_journal)| {
                // a call of the sink that does not come back may hold a delivery for as long
                let is_open = *end != Some(LaneEnd::Complete) || ended.worker.is_none();
                let (predictions, pairs) = (last(&books.predictions, is_open), last(&books.pairs, is_open));
                let has_last_journal =
                    last_journal.as_ref().is_none_or(|last| matches!(last.read(), Some(Ok(_))));
                let outcome = match end {
                    Some(LaneEnd::Complete) if has_last_journal => ShutdownOutcome::Complete,
                    Some(LaneEnd::Complete) => ShutdownOutcome::JournalUnwritten,
                    Some(LaneEnd::Panicked) => ShutdownOutcome::SinkPanicked,
                    Some(LaneEnd::DeadlinePassed) | None => ShutdownOutcome::DeadlinePassed,
                };
                let (name, last_failure) = (Arc::clone(books.predictions.name()), books.last_failure());
                SinkReport { name, predictions, pairs, outcome, last_failure }
            })
            .collect();
        let worker = match ended.worker {
            Some(WorkerEnd::Complete) => ShutdownOutcome::Complete,
            Some(WorkerEnd::Panicked) => ShutdownOutcome::WorkerPanicked,
            Some(WorkerEnd::DeadlinePassed) | None => ShutdownOutcome::DeadlinePassed,
        };
        let outcome = sinks.iter().map(|sink| sink.outcome).chain([worker]).max().unwrap_or(worker);
        let predictions = sinks.first().map(|sink| sink.predictions).unwrap_or_default();
        let last_failure = sinks.iter().find_map(|sink| sink.last_failure.clone());
        ShutdownReport { ledgers: Ledgers { exchanges, predictions }, sinks, pairs, outcome, last_failure }
    }

    /// Has everything that was offered until now settled. It blocks the thread.
    pub(crate) fn flush(&self, patience: Duration) -> FlushOutcome {
        let until = self.shared.clock.monotonic().saturating_add(patience);
        let left = || until.saturating_sub(self.shared.clock.monotonic());
        let (send, done): (Vec<_>, Vec<_>) =
            self.sinks.iter().map(|_| std::sync::mpsc::sync_channel(1)).unzip();
        if self.shared.queue.is_closed() {
            return FlushOutcome::LogEnded;
        }
        match self.commands.send_timeout(Command::Flush(send), left()) {
            Ok(()) => {}
            Err(SendTimeoutError::Timeout(_)) => return FlushOutcome::DeadlinePassed,
            Err(SendTimeoutError::Disconnected(_)) => return FlushOutcome::LogEnded,
        }
        let outcomes = done.iter().enumerate().map(|(place, done)| match done.recv_timeout(left()) {
            Ok(()) => FlushOutcome::Complete,
            Err(RecvTimeoutError::Disconnected) if self.has_ended(place, left()) => FlushOutcome::LogEnded,
            // disconnected: the sink's queue is so full that it has no room for the wish
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => FlushOutcome::DeadlinePassed,
        });
        outcomes.max().unwrap_or(FlushOutcome::Complete)
    }

    /// Whether the log has ended, or the sink at `place`, which may be about to.
    fn has_ended(&self, place: usize, patience: Duration) -> bool {
        let has_ended = |ended: &Ended| {
            self.shared.queue.is_closed()
                || ended.worker.is_some()
                || ended.lanes.get(place).is_some_and(Option::is_some)
        };
        has_ended(&self.ends.wait_until(patience.min(GRACE), has_ended))
    }

    /// Both ledgers as they stand, with the predictions of the first sink.
    pub(crate) fn ledgers(&self) -> Ledgers {
        // against the flow
        let predictions = self.sinks.first().map(|books| books.predictions.read()).unwrap_or_default();
        Ledgers { exchanges: self.books.read(), predictions }
    }

    /// The sampling of the model `name`, if it is sampled.
    pub(crate) fn sampling_of(&self, name: &str) -> Option<&SamplingDesk> {
        let place = self.shared.routes.of_model(name)?;
        self.sampling.get(usize::from(place))?.as_deref()
    }

    pub(crate) fn observers_panicked(&self) -> u64 {
        self.observers_panicked.load(Relaxed)
    }
}

/// Does `work`, which blocks, on a thread of its own, so that the caller's runtime goes on. Where no thread is to be had,
/// it blocks the caller: better that than to lose what is queued.
pub(crate) async fn off_thread<T: Send + 'static>(
    running: &Arc<Running>,
    name: &str,
    work: impl Fn(&Running) -> T + Clone + Send + 'static,
) -> T {
    let (reply, answer) = oneshot::channel();
    let (on_thread, its) = (work.clone(), Arc::clone(running));
    let waiting = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ = reply.send(on_thread(&its));
    });
    if waiting.is_ok()
        && let Ok(answer) = answer.await
    {
        return answer;
    }
    work(running)
}
