//! The books of one sink.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tiltmeter_record::{Dropped, PredictionDrop, PredictionLedger, Reason, SinkLedger};

use crate::clock::Clock;

/// How long nothing is said about losses of a reason after something was: a sink that is down loses over and over, each
/// time with another file's name.
const QUIET: Duration = Duration::from_secs(60);

/// Counters of the predictions that one sink is to write.
#[derive(Debug)]
pub(crate) struct SinkBooks {
    name: Arc<str>,
    decoded: AtomicU64,
    written: AtomicU64,
    sampled_out: AtomicU64,
    abandoned: AtomicU64,
    /// By model, then by reason.
    dropped: Box<[AtomicU64]>,
    complaints: Mutex<Complaints>,
    clock: Arc<dyn Clock>,
    /// When the latest canary was sent that has been written: microseconds and 1, or 0.
    canary: AtomicU64,
    /// Since when the sink has been at the same piece of work: microseconds and 1, or 0.
    busy: AtomicU64,
}

/// What has been said about losses.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<String>,
    by_reason: [Complaint; PredictionDrop::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default)]
struct Complaint {
    /// When it was made last.
    at: Option<Duration>,
    /// Rows that have been lost since.
    rows: u64,
}

impl Complaint {
    /// Notes that `rows` have been lost; returns how many are to be complained of, unless it is too early.
    fn about(&mut self, rows: u64, now: Duration) -> Option<u64> {
        self.rows = self.rows.saturating_add(rows);
        if self.at.is_some_and(|at| now.saturating_sub(at) < QUIET) {
            return None;
        }
        self.at = Some(now);
        Some(std::mem::take(&mut self.rows))
    }
}

impl SinkBooks {
    /// Books without a log.
    #[cfg(any(test, feature = "conformance"))]
    pub(crate) fn new(name: Arc<str>, models: u16) -> Arc<Self> {
        Self::timed(name, models, Arc::new(crate::clock::SystemClock::new()))
    }

    /// Books for the predictions of so many `models`, with the clock of the log.
    pub(crate) fn timed(name: Arc<str>, models: u16, clock: Arc<dyn Clock>) -> Arc<Self> {
        let counters = usize::from(models) * PredictionDrop::ALL.len();
        Arc::new(Self {
            name,
            decoded: AtomicU64::new(0),
            written: AtomicU64::new(0),
            sampled_out: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            dropped: (0..counters).map(|_| AtomicU64::new(0)).collect(),
            complaints: Mutex::default(),
            clock,
            canary: AtomicU64::new(0),
            busy: AtomicU64::new(0),
        })
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn decoded(&self, rows: u64) {
        self.decoded.fetch_add(rows, Relaxed);
    }

    pub(super) fn written(&self, rows: u64) {
        self.written.fetch_add(rows, Relaxed);
    }

    pub(super) fn sampled_out(&self, rows: u64) {
        self.sampled_out.fetch_add(rows, Relaxed);
    }

    pub(super) fn abandoned(&self, rows: u64) {
        self.abandoned.fetch_add(rows, Relaxed);
    }

    pub(super) fn dropped(&self, model: u16, reason: PredictionDrop, rows: u64, why: &dyn fmt::Display) {
        if let Some(counter) =
            self.dropped.get(usize::from(model) * PredictionDrop::ALL.len() + reason.index())
        {
            counter.fetch_add(rows, Relaxed);
        }
        let (why, now) = (why.to_string(), self.clock.monotonic());
        let mut complaints = self.complaints();
        complaints.last = Some(why.clone());
        let complaint = complaints.by_reason.get_mut(reason.index());
        let lost = complaint.and_then(|complaint| complaint.about(rows, now));
        // whoever hears of it may ask for it
        drop(complaints);
        if let Some(rows) = lost {
            tracing::warn!(sink = %self.name, rows, reason = reason.as_str(), error = %why, "predictions were lost");
        }
    }

    fn complaints(&self) -> MutexGuard<'_, Complaints> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn journal_written(&self, canary: Option<Duration>) {
        self.canary.fetch_max(stamp(canary), Relaxed);
    }

    /// When the latest canary was sent that has been written, by the monotonic clock.
    pub(crate) fn latest_canary(&self) -> Option<Duration> {
        unstamp(self.canary.load(Relaxed))
    }

    /// The sink has begun a piece of work, or has ended it.
    pub(crate) fn busy_since(&self, since: Option<Duration>) {
        self.busy.store(stamp(since), Relaxed);
    }

    /// Since when the sink has been at the same piece of work.
    pub(crate) fn is_busy_since(&self) -> Option<Duration> {
        unstamp(self.busy.load(Relaxed))
    }

    /// What the sink said when it last lost predictions.
    pub(crate) fn last_failure(&self) -> Option<String> {
        self.complaints().last.clone()
    }

    /// What has been dropped so far, by model and reason, where it is not 0.
    pub(crate) fn losses(&self) -> impl Iterator<Item = (u16, PredictionDrop, u64)> + '_ {
        let reasons = PredictionDrop::ALL;
        (0..u16::MAX)
            .flat_map(move |model| reasons.iter().map(move |&reason| (model, reason)))
            .zip(&self.dropped)
            .map(|((model, reason), counter)| (model, reason, counter.load(Relaxed)))
            .filter(|&(_, _, count)| count > 0)
    }

    /// The ledger as it stands. It balances when nothing is under way.
    pub(crate) fn read(&self) -> PredictionLedger {
        // against the flow, so that nothing is seen to have left that was not seen to come
        let (written, abandoned) = (self.written.load(Relaxed), self.abandoned.load(Relaxed));
        let sampled_out = self.sampled_out.load(Relaxed);
        let mut dropped = Dropped::none();
        for (_, reason, count) in self.losses() {
            dropped.add(reason, count);
        }
        let decoded = self.decoded.load(Relaxed);
        PredictionLedger { decoded, written, sampled_out, dropped, abandoned }
    }
}

/// The books of one sink.
#[derive(Clone, Debug)]
pub(crate) struct BooksOfSink {
    pub(crate) predictions: Arc<SinkBooks>,
    pub(crate) pairs: Arc<SinkBooks>,
}

impl BooksOfSink {
    /// Why it last lost something, if it ever did.
    pub(crate) fn last_failure(&self) -> Option<String> {
        self.predictions.last_failure().or_else(|| self.pairs.last_failure())
    }

    /// The ledgers as they stand.
    pub(crate) fn ledger(&self) -> SinkLedger {
        let mut ledger = SinkLedger::new(Arc::clone(&self.predictions.name), self.predictions.read());
        ledger.pairs = self.pairs.read();
        ledger
    }
}

/// A time that may be absent, as one number.
fn stamp(time: Option<Duration>) -> u64 {
    time.map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX - 1) + 1)
}

fn unstamp(stamp: u64) -> Option<Duration> {
    stamp.checked_sub(1).map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ManualClock;

    #[test]
    fn losses_are_complained_of_once_a_minute_by_reason_and_none_is_left_out() {
        let clock = Arc::new(ManualClock::default());
        let mut complaints = Complaints::default();
        let mut said = Vec::new();
        for second in 0..=150 {
            for reason in [PredictionDrop::SinkFailed, PredictionDrop::SinkQueueFull] {
                if reason == PredictionDrop::SinkFailed || second == 30 {
                    let complaint = &mut complaints.by_reason[reason.index()];
                    said.extend(complaint.about(3, clock.monotonic()).map(|rows| (second, reason, rows)));
                }
            }
            clock.advance(1_000);
        }
        let failed = PredictionDrop::SinkFailed;
        let expected =
            [(0, failed, 3), (30, PredictionDrop::SinkQueueFull, 3), (60, failed, 180), (120, failed, 180)];
        assert_eq!(said, expected);
    }

    #[test]
    fn the_clock_of_the_log_says_when_a_minute_is_over() {
        let clock = Arc::new(ManualClock::default());
        let books = SinkBooks::timed("test".into(), 1, Arc::clone(&clock) as _);
        let complained = |file: u32| {
            books.dropped(0, PredictionDrop::SinkFailed, 1, &format!("cannot write {file}"));
            let complaints = books.complaints();
            complaints.by_reason[PredictionDrop::SinkFailed.index()].rows == 0
        };
        assert!(complained(0));
        assert!(!complained(1), "another name is no other reason");
        assert_eq!(books.last_failure().as_deref(), Some("cannot write 1"), "it is known all the same");
        clock.advance(60_000);
        assert!(complained(2));
        assert_eq!(books.losses().map(|(.., count)| count).sum::<u64>(), 3);
    }
}
