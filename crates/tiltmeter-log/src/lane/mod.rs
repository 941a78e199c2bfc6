//! A lane: the way from the worker to one sink.
//!
//! Each sink has a bounded queue, a thread and a runtime of its own, so that one that is slow, hangs, blocks its thread or
//! panics takes nothing from the others.

mod driver;

use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use tiltmeter_record::{Journal, PairBatch, PredictionBatch, PredictionDrop};
use tokio::sync::mpsc;

use crate::books::{Delivery, Receipt, SinkBooks};
use crate::clock::Clock;
use crate::queue::PATIENCE;

pub(crate) use driver::{LaneCommand, LaneEnd, open};

/// What happens to predictions that a sink's queue has no room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// They are dropped for this sink, and counted. The other sinks, the observers and the model notice nothing.
    #[default]
    DropNewest,
    /// The worker waits for room, so long at most, and drops them then. Meanwhile the queue of the log fills, and a
    /// [`ModelLog::record_within`](crate::ModelLog::record_within) waits as well. For batch jobs: in a server it makes all
    /// sinks as slow as the slowest. A shutdown ends the wait in time for the other sinks: after three eighths of its time at
    /// most; who flushes does not.
    Wait(Duration),
}

/// Pieces of freight that wait for a sink, at most; what bounds them is their bytes.
const FREIGHT: usize = 4_096;

/// Pieces for which there is room beside the batches: gaps, heartbeats, flushes.
const RESERVED: usize = 64;

/// How much is kept for a sink, and what happens to the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneBounds {
    pub(crate) bytes: u64,
    pub(crate) when_full: WhenFull,
}

/// Rows that go to a sink, shared with the other sinks.
#[derive(Debug)]
pub(crate) enum Cargo {
    Predictions(Arc<PredictionBatch>),
    Pairs(Arc<PairBatch>),
}

/// What goes to a sink.
#[derive(Debug)]
enum Freight {
    Cargo { cargo: Cargo, delivery: Delivery, load: Load },
    Journal(Arc<Journal>, Receipt),
    Flush(SyncSender<()>),
}

/// The bytes that a batch holds in a sink's queue, until it goes.
#[derive(Debug)]
struct Load {
    bytes: u64,
    held: Arc<AtomicU64>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Release);
    }
}

/// The worker's end of a lane.
#[derive(Debug)]
pub(crate) struct Lane {
    freight: mpsc::Sender<Freight>,
    held: Arc<AtomicU64>,
    bounds: LaneBounds,
    books: Arc<SinkBooks>,
    clock: Arc<dyn Clock>,
    /// Whether the lane was told not to wait for the sink any more: it is not waited for a second time.
    has_given_up: AtomicBool,
}

impl Lane {
    pub(crate) fn books(&self) -> &Arc<SinkBooks> {
        &self.books
    }

    /// Bytes that wait for the sink.
    pub(crate) fn depth(&self) -> u64 {
        self.held.load(Acquire)
    }

    /// Sends `cargo`, which holds about `bytes` of memory. Where the lane waits for room, it asks now and then whether to
    /// go on, and says since when it has waited.
    pub(crate) fn send(
        &self,
        cargo: Cargo,
        bytes: u64,
        delivery: Delivery,
        goes_on: impl Fn(Duration) -> bool,
    ) {
        let (since, until) = match self.bounds.when_full {
            WhenFull::DropNewest => (Duration::ZERO, Duration::ZERO),
            WhenFull::Wait(patience) => {
                let now = self.clock.monotonic();
                (now, now.saturating_add(patience))
            }
        };
        // a batch above the bound has its turn when nothing else waits, or it never would
        let is_full = || {
            self.freight.capacity() <= RESERVED
                || self.depth() > 0 && self.depth().saturating_add(bytes) > self.bounds.bytes
        };
        while is_full() && !self.is_closed() {
            let is_over = self.clock.monotonic() >= until || self.has_given_up.load(Relaxed);
            if is_over || !goes_on(since) {
                self.has_given_up.fetch_or(!is_over, Relaxed);
                delivery
                    .dropped(PredictionDrop::SinkQueueFull, &"the sink is slower than the predictions come");
                return;
            }
            std::thread::sleep(PATIENCE);
        }
        self.held.fetch_add(bytes, AcqRel);
        let load = Load { bytes, held: Arc::clone(&self.held) };
        let freight = Freight::Cargo { cargo, delivery, load };
        // nobody else sends batches, so that there is still room: it fails where the sink has gone
        if let Err(error) = self.freight.try_send(freight)
            && let Freight::Cargo { delivery, .. } = error.into_inner()
        {
            delivery.dropped(PredictionDrop::SinkGone, &"the sink has panicked, or refused to start");
        }
    }

    /// Sends a journal: gaps, heartbeats, the books of shadows, profiles, and changes of sampling rates. They have room of their
    /// own: a sink that hangs for an hour gets those of the hour. Where there is none left, the receipt goes unsigned.
    pub(crate) fn write_journal(&self, journal: Arc<Journal>, receipt: Receipt) {
        let _ = self.freight.try_send(Freight::Journal(journal, receipt));
    }

    /// Whether the sink has gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.freight.is_closed()
    }

    /// Has the sink settle all that was sent before; it says so to `done`, unless it has gone or has no room
    /// for the wish.
    pub(crate) fn flush(&self, done: SyncSender<()>) {
        let _ = self.freight.try_send(Freight::Flush(done));
    }
}

#[cfg(test)]
mod tests;
