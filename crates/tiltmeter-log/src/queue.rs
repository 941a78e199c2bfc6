//! The bounded queue between the request path and the worker.
//!
//! One atomic word, the *gate*, bounds the queue in bytes, closes it, and tells the worker when nobody is in the
//! middle of an offer any more:
//!
//! - An offer first adds the size of its exchange to the gate, then tries to send. The bytes are given back when the
//!   offer fails, or by the worker when it has decoded the exchange.
//! - Closing sets the gate's top bit, so that later offers are refused.
//! - Whoever got past the gate before it closed still holds bytes. So the worker drains until the gate shows no bytes:
//!   then nothing is queued and nobody is about to send.
//!
//! The worker polls the channel and is never parked in `recv`, so that no sender ever pays for waking it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Release},
};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use tiltmeter_record::ExchangeDrop;

use crate::books::Books;

const CLOSED: u64 = 1 << 63;
/// Closed because the worker has died of a panic.
const DEAD: u64 = 1 << 62;
const FLAGS: u64 = CLOSED | DEAD;

/// What can be queued: it knows how much memory it holds.
pub(crate) trait Weighed {
    /// Bytes of memory held, never 0.
    fn weight(&self) -> u64;
}

/// How much the queue may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueBounds {
    pub(crate) items: usize,
    pub(crate) bytes: u64,
}

/// The gate on a line of its own, so that producers and worker share no other data with it.
#[repr(align(128))]
struct Gate(AtomicU64);

struct Core {
    gate: Gate,
    bytes: u64,
    books: Arc<Books>,
}

/// The producers' end.
pub(crate) struct Queue<T> {
    core: Arc<Core>,
    sender: Sender<T>,
}

/// The worker's end.
pub(crate) struct Intake<T> {
    core: Arc<Core>,
    receiver: Receiver<T>,
}

pub(crate) fn queue<T: Weighed>(bounds: QueueBounds, books: Arc<Books>) -> (Queue<T>, Intake<T>) {
    let (sender, receiver) = crossbeam_channel::bounded(bounds.items);
    let core = Arc::new(Core { gate: Gate(AtomicU64::new(0)), bytes: bounds.bytes, books });
    (Queue { core: Arc::clone(&core), sender }, Intake { core, receiver })
}

impl<T: Weighed> Queue<T> {
    /// Offers `item` to the worker. It never waits: when there is no room, the item is dropped and counted.
    pub(crate) fn offer(&self, item: T) {
        let Core { gate, bytes, books } = &*self.core;
        // a closed gate is left alone: the worker waits until it shows no bytes, and must not be kept waiting by those
        // who come too late
        let mut held = gate.0.load(Acquire);
        let weight = item.weight();
        if held & CLOSED == 0 {
            held = gate.0.fetch_add(weight, AcqRel);
            if held & CLOSED != 0 {
                gate.0.fetch_sub(weight, Release);
            }
        }
        if held & CLOSED != 0 {
            let dead = held & DEAD != 0;
            books.exchange_dropped(if dead { ExchangeDrop::WorkerGone } else { ExchangeDrop::Closed });
            return;
        }
        // both sides of the ledger are written before the bytes are given back, so that the worker, which waits for
        // the bytes of everybody who got this far, sees them in its last reading
        books.exchange_entered();
        // an offer that is too large holds its bytes for a moment, in which another one may be refused for it
        let refused = if held.saturating_add(weight) > *bytes {
            Some(ExchangeDrop::QueueBytes)
        } else {
            match self.sender.try_send(item) {
                Ok(()) => return,
                Err(TrySendError::Full(_)) => Some(ExchangeDrop::QueueFull),
                // only where a worker that panicked has left while this offer was under way
                Err(TrySendError::Disconnected(_)) => None,
            }
        };
        match refused {
            Some(reason) => books.exchange_dropped(reason),
            None => books.exchange_abandoned(),
        }
        gate.0.fetch_sub(weight, Release);
    }

    /// Whether offers are refused.
    pub(crate) fn is_closed(&self) -> bool {
        self.core.gate.0.load(Acquire) & CLOSED != 0
    }

    /// How many items and bytes are queued.
    pub(crate) fn depth(&self) -> (usize, u64) {
        (self.sender.len(), self.core.gate.0.load(Acquire) & !FLAGS)
    }

    /// Refuses what is offered from now on.
    pub(crate) fn close(&self) {
        self.core.gate.0.fetch_or(CLOSED, AcqRel);
    }
}

impl<T> Intake<T> {
    /// The next item, if there is one. Its bytes stay reserved until they are [given back](Self::give_back).
    pub(crate) fn take(&self) -> Option<T> {
        self.receiver.try_recv().ok()
    }

    /// Gives back the bytes of an item that no longer holds them.
    pub(crate) fn give_back(&self, weight: u64) {
        self.core.gate.0.fetch_sub(weight, Release);
    }

    /// Refuses what is offered from now on.
    pub(crate) fn close(&self) {
        self.core.gate.0.fetch_or(CLOSED, AcqRel);
    }

    /// The same, and what is refused counts as lost to the death of the worker.
    pub(crate) fn close_dead(&self) {
        self.core.gate.0.fetch_or(FLAGS, AcqRel);
    }

    /// Whether nothing is queued and, once the queue is closed, nobody is about to send.
    pub(crate) fn is_drained(&self) -> bool {
        self.core.gate.0.load(Acquire) & !FLAGS == 0
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("items", &self.sender.len()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Intake<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake").field("items", &self.receiver.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
