//! The bounded queue between the request path and the worker.
//!
//! One atomic word, the *gate*, bounds the queue in items and in bytes, closes it, and tells the worker when nobody is in
//! the middle of an offer any more:
//!
//! - An offer that finds its share full is refused. Otherwise it adds one item and its bytes to the gate. If that is more
//!   than its priority may fill, since others came first, it takes them off again and is refused; otherwise there is
//!   room in the channel, and it sends. The worker gives both back when it has
//!   decoded the item.
//! - Closing sets the gate's top bit, so that later offers are refused.
//! - Whoever got past the gate before it closed still holds an item. So the worker drains until the gate shows none: then
//!   nothing is queued and nobody is about to send.
//!
//! The worker polls the channel and is never parked in `recv`, so that no sender ever pays for waking it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{ExchangeDrop, Priority};

use crate::books::{ExchangeBooks, Stratum};
use crate::sync::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Release},
    Receiver, Sender, bounded,
};

const CLOSED: u64 = 1 << 63;
/// Closed because the worker has died of a panic.
const DEAD: u64 = 1 << 62;
const FLAGS: u64 = CLOSED | DEAD;
/// One item; bytes stand in the bits below.
const ITEM: u64 = 1 << 40;
const BYTES: u64 = ITEM - 1;

/// How much the queue may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueBounds {
    pub(crate) items: usize,
    pub(crate) bytes: u64,
}

impl QueueBounds {
    /// Above these the gate's fields would run into each other, with room for offers that are about to be refused.
    pub(crate) const MOST: Self = Self { items: 1 << 20, bytes: 1 << 36 };

    /// The part that `numerator` eighths of the queue are.
    fn eighths(self, numerator: u64) -> Self {
        let items = (self.items as u64 * numerator).div_ceil(8);
        Self {
            items: usize::try_from(items).unwrap_or(self.items),
            bytes: (self.bytes / 8 * numerator).max(self.bytes.min(numerator)),
        }
    }
}

/// How much of the queue each priority may fill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares([QueueBounds; Priority::ALL.len()]);

impl Shares {
    /// All of it, whatever the priority.
    pub(crate) fn equal(bounds: QueueBounds) -> Self {
        Self([bounds; Priority::ALL.len()])
    }

    /// Half of it for what is low, seven eighths for what is normal, and all of it for what is high.
    pub(crate) fn by_priority(bounds: QueueBounds) -> Self {
        Self([bounds.eighths(4), bounds.eighths(7), bounds])
    }

    fn of(&self, priority: Priority) -> QueueBounds {
        self.0[priority as usize]
    }

    fn most(&self) -> usize {
        self.of(Priority::High).items
    }
}

/// What is in the queue: the item, the bytes of memory it holds, and what it is counted by if it is lost.
#[derive(Debug)]
pub(crate) struct Queued<T> {
    pub(crate) item: T,
    pub(crate) weight: u64,
    pub(crate) stratum: Stratum,
}

/// Places of items that are decoded. Gathered, because each time one is given back the gate's line of cache goes from the
/// request path to the worker and back again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    items: u64,
    bytes: u64,
}

impl Places {
    /// So many are worth giving back: what is kept any longer is missing in the queue.
    const MANY: Self = Self { items: 32, bytes: 256 << 10 };

    /// Adds the place of an item of `weight` bytes.
    pub(crate) fn add(&mut self, weight: u64) {
        self.items += 1;
        self.bytes += weight;
    }

    pub(crate) fn are_many(&self) -> bool {
        self.items >= Self::MANY.items || self.bytes >= Self::MANY.bytes
    }
}

/// The gate on a line of its own, so that producers and worker share no other data with it.
#[repr(align(128))]
struct Gate(AtomicU64);

struct Core {
    gate: Gate,
    shares: Shares,
    books: Arc<ExchangeBooks>,
}

/// The producers' end.
pub(crate) struct Queue<T> {
    core: Arc<Core>,
    sender: Sender<Queued<T>>,
}

/// The worker's end.
pub(crate) struct Intake<T> {
    core: Arc<Core>,
    receiver: Receiver<Queued<T>>,
}

pub(crate) fn queue<T>(shares: Shares, books: Arc<ExchangeBooks>) -> (Queue<T>, Intake<T>) {
    let (sender, receiver) = bounded(shares.most());
    let core = Arc::new(Core { gate: Gate(AtomicU64::new(0)), shares, books });
    (Queue { core: Arc::clone(&core), sender }, Intake { core, receiver })
}

impl Core {
    /// Reserves room for one item of `weight` bytes, or says why there is none.
    fn enter(&self, weight: u64, priority: Priority) -> Result<(), ExchangeDrop> {
        let gate = &self.gate.0;
        let refusal = |held| if held & DEAD != 0 { ExchangeDrop::WorkerGone } else { ExchangeDrop::Closed };
        let share = self.shares.of(priority);
        let held = gate.load(Acquire);
        // a closed gate is left alone: the worker waits until it shows nothing, and must not be kept waiting by those who
        // come too late
        if held & CLOSED != 0 {
            return Err(refusal(held));
        }
        // seen to be full: refused without a write to the gate, whose bytes another offer would run into
        let full = |held: u64| {
            if (held & !FLAGS) / ITEM >= share.items as u64 {
                Some(ExchangeDrop::QueueFull)
            } else if (held & BYTES) + weight > share.bytes {
                Some(ExchangeDrop::QueueBytes)
            } else {
                None
            }
        };
        // what can never fit must not run into the items
        if weight > share.bytes {
            return Err(ExchangeDrop::QueueBytes);
        }
        if let Some(reason) = full(held) {
            return Err(reason);
        }
        let held = gate.fetch_add(ITEM + weight, AcqRel);
        let reason = if held & CLOSED != 0 { Some(refusal(held)) } else { full(held) };
        // an offer that is refused here holds its bytes for a moment, in which another one may be refused for it
        match reason {
            None => Ok(()),
            Some(reason) => {
                self.leave(weight);
                Err(reason)
            }
        }
    }

    fn leave(&self, weight: u64) {
        self.gate.0.fetch_sub(ITEM + weight, Release);
    }
}

impl<T> Queue<T> {
    /// Offers `item`, which holds `weight` bytes, to the worker, and while there is no room asks `wait` whether to try again.
    /// By itself it never waits. What was not taken counts as dropped, and comes back.
    pub(crate) fn offer(
        &self,
        item: T,
        weight: u64,
        stratum: Stratum,
        mut wait: impl FnMut() -> bool,
    ) -> Option<T> {
        loop {
            match self.core.enter(weight, stratum.priority) {
                Ok(()) => {
                    self.send(Queued { item, weight, stratum });
                    return None;
                }
                Err(ExchangeDrop::QueueFull | ExchangeDrop::QueueBytes)
                    if weight <= self.core.shares.of(stratum.priority).bytes && wait() => {}
                Err(reason) => {
                    // counts by its reason alone: see `ExchangeBooks::read`
                    self.core.books.dropped(stratum, reason);
                    return Some(item);
                }
            }
        }
    }

    /// Counts something that was lost before it could be offered; to a queue that has no room, by that reason.
    pub(crate) fn lose(&self, stratum: Stratum, reason: ExchangeDrop) {
        let Core { books, .. } = &*self.core;
        match self.core.enter(0, stratum.priority) {
            Ok(()) => {
                // both sides before the place is given back, as with what is sent
                books.entered();
                books.dropped(stratum, reason);
                self.core.leave(0);
            }
            Err(reason) => books.dropped(stratum, reason),
        }
    }

    /// Offers `item` outside of the books; tells whether it was taken.
    pub(crate) fn offer_uncounted(&self, item: T, weight: u64, stratum: Stratum) -> bool {
        self.core.enter(weight, stratum.priority).is_ok()
            && (self.sender.try_send(Queued { item, weight, stratum }).is_ok() || {
                self.core.leave(weight);
                false
            })
    }

    fn send(&self, queued: Queued<T>) {
        let Core { books, .. } = &*self.core;
        let weight = queued.weight;
        // both sides of the ledger are written before the item is given back, so that the worker, which waits for all
        // who got this far, sees them in its last reading
        books.entered();
        // the gate has kept room: it fails only where a worker that panicked has left while this offer was under way
        if self.sender.try_send(queued).is_err() {
            books.abandoned();
            self.core.leave(weight);
        }
    }

    /// Whether offers are refused.
    pub(crate) fn is_closed(&self) -> bool {
        self.core.gate.0.load(Acquire) & CLOSED != 0
    }

    /// How many items and bytes are queued.
    pub(crate) fn depth(&self) -> (usize, u64) {
        let held = self.core.gate.0.load(Acquire) & !FLAGS;
        (usize::try_from(held / ITEM).unwrap_or(usize::MAX), held & BYTES)
    }

    /// Refuses what is offered from now on.
    pub(crate) fn close(&self) {
        self.core.gate.0.fetch_or(CLOSED, AcqRel);
    }
}

impl<T> Intake<T> {
    /// The next item, if there is one. Its place stays reserved until it is [given back](Self::give_back).
    pub(crate) fn take(&self) -> Option<Queued<T>> {
        self.receiver.try_recv().ok()
    }

    /// How many items can be taken at once.
    pub(crate) fn len(&self) -> usize {
        self.receiver.len()
    }

    /// Gives back the place of an item of `weight` bytes that no longer holds them.
    pub(crate) fn give_back(&self, weight: u64) {
        self.core.leave(weight);
    }

    /// Gives back several places at once.
    pub(crate) fn give_back_all(&self, places: Places) {
        let Places { items, bytes } = places;
        self.core.gate.0.fetch_sub(items * ITEM + bytes, Release);
    }

    /// Refuses what is offered from now on.
    pub(crate) fn close(&self) {
        self.core.gate.0.fetch_or(CLOSED, AcqRel);
    }

    /// The same, and what is refused counts as lost to the death of the worker.
    pub(crate) fn close_dead(&self) {
        self.core.gate.0.fetch_or(FLAGS, AcqRel);
    }

    /// Takes out all that is left in a closed queue, and what those who are in the middle of an offer still send.
    pub(crate) fn empty(&self, mut each: impl FnMut(T)) {
        // whoever got past the gate before it closed is about to send: a few instructions, on another thread
        for _ in 0..1_000_000 {
            while let Some(Queued { item, weight, .. }) = self.take() {
                each(item);
                self.give_back(weight);
            }
            if self.is_drained() {
                return;
            }
            std::thread::yield_now();
        }
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

/// How long one who waits for room sleeps between two looks: the worker must not have to wake anybody.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1);
