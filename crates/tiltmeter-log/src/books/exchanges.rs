//! The books of the exchanges.

use std::sync::Arc;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use tiltmeter_record::{Dropped, ExchangeDrop, ExchangeLedger, Priority, Reason, SizeClass};

/// What losses are counted by: they are taken to be random within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stratum {
    pub(crate) route: u16,
    pub(crate) size: SizeClass,
    pub(crate) priority: Priority,
}

impl Stratum {
    const PER_ROUTE: usize = SizeClass::ALL.len() * Priority::ALL.len();

    fn index(self) -> usize {
        (usize::from(self.route) * SizeClass::ALL.len() + self.size as usize) * Priority::ALL.len()
            + self.priority as usize
    }

    fn all(routes: u16) -> impl Iterator<Item = Self> {
        (0..routes).flat_map(|route| {
            SizeClass::ALL.into_iter().flat_map(move |size| {
                Priority::ALL.into_iter().map(move |priority| Self { route, size, priority })
            })
        })
    }
}

/// A counter that every thread of the request path writes, on a line of its own.
#[derive(Debug)]
#[repr(align(128))]
struct Alone(AtomicU64);

/// Counters of the exchanges of one log, shared by the request path and the worker.
///
/// What leaves is counted with `Release` and read with `Acquire`, before what has come is read: so nothing is seen to have
/// left that was not seen to come.
#[derive(Debug)]
pub(crate) struct ExchangeBooks {
    /// Exchanges that the queue took; those that it refused count by their reason alone.
    entered: Alone,
    decoded: AtomicU64,
    abandoned: AtomicU64,
    /// By stratum, then by reason.
    dropped: Box<[AtomicU64]>,
    routes: u16,
}

impl ExchangeBooks {
    pub(crate) fn new(routes: u16) -> Arc<Self> {
        let counters = usize::from(routes) * Stratum::PER_ROUTE * ExchangeDrop::ALL.len();
        Arc::new(Self {
            entered: Alone(AtomicU64::new(0)),
            decoded: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            dropped: (0..counters).map(|_| AtomicU64::new(0)).collect(),
            routes,
        })
    }

    pub(crate) fn entered(&self) {
        self.entered.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn decoded(&self) {
        self.decoded.fetch_add(1, Release);
    }

    pub(crate) fn abandoned(&self) {
        self.abandoned.fetch_add(1, Release);
    }

    pub(crate) fn dropped(&self, stratum: Stratum, reason: ExchangeDrop) {
        if let Some(counter) = self.dropped.get(stratum.index() * ExchangeDrop::ALL.len() + reason.index()) {
            counter.fetch_add(1, Release);
        }
    }

    /// What has been dropped so far, by stratum and reason, where it is not 0.
    pub(crate) fn losses(&self) -> impl Iterator<Item = (Stratum, ExchangeDrop, u64)> + '_ {
        let reasons = ExchangeDrop::ALL;
        Stratum::all(self.routes)
            .flat_map(move |stratum| reasons.iter().map(move |&reason| (stratum, reason)))
            .zip(&self.dropped)
            .map(|((stratum, reason), counter)| (stratum, reason, counter.load(Acquire)))
            .filter(|&(_, _, count)| count > 0)
    }

    /// The ledger as it stands. It balances when nothing is under way: see [`Ledgers`](tiltmeter_record::Ledgers).
    pub(crate) fn read(&self) -> ExchangeLedger {
        let mut dropped = Dropped::none();
        for (_, reason, count) in self.losses() {
            dropped.add(reason, count);
        }
        let (decoded, abandoned) = (self.decoded.load(Acquire), self.abandoned.load(Acquire));
        // what the queue refuses is counted once, at any time, also after the queue has been drained: reading it once for
        // both sides keeps the ledger of a finished log in balance
        let refused: u64 = REFUSALS.into_iter().map(|reason| dropped.by(reason)).sum();
        let observed = self.entered.0.load(Relaxed) + refused;
        ExchangeLedger { observed, decoded, dropped, abandoned }
    }
}

/// The reasons of the queue itself.
const REFUSALS: [ExchangeDrop; 4] =
    [ExchangeDrop::QueueFull, ExchangeDrop::QueueBytes, ExchangeDrop::Closed, ExchangeDrop::WorkerGone];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_found_by_their_stratum_and_summed_in_the_ledger() {
        let books = ExchangeBooks::new(3);
        let last = Stratum { route: 2, size: SizeClass::Above256KiB, priority: Priority::High };
        let first = Stratum { route: 0, size: SizeClass::UpTo1KiB, priority: Priority::Low };
        books.dropped(last, ExchangeDrop::NothingRecorded);
        books.dropped(first, ExchangeDrop::QueueFull);
        books.dropped(first, ExchangeDrop::QueueFull);
        let losses: Vec<_> = books.losses().collect();
        assert_eq!(losses, [(first, ExchangeDrop::QueueFull, 2), (last, ExchangeDrop::NothingRecorded, 1)]);
        assert_eq!(books.read().dropped.total(), 3);
    }
}
