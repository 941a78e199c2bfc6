//! The queues from the champion's threads to the challengers': requests that are to be sent, and exchanges that are over.
//!
//! What is in them holds permits, and does not stay there when the shadow ends: see [`Ending`].

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use tiltmeter_record::PairBucket;

use crate::ending::Ending;
use crate::exchange::CaseHandle;

/// A request that is to be sent to a challenger.
#[derive(Debug)]
pub(crate) struct Job<R> {
    pub(crate) case: CaseHandle,
    /// In a box: the queue has a place for each permit, used or not.
    pub(crate) request: Box<R>,
}

/// What can be in a queue.
pub(crate) trait Queued {
    /// Nobody will take it.
    fn give_up(self, why: NotTaken);
}

/// Why nobody takes something out of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    Full,
    Ended,
}

impl<R> Queued for Job<R> {
    fn give_up(self, why: NotTaken) {
        self.case.refuse(match why {
            NotTaken::Full => PairBucket::NoPermit,
            NotTaken::Ended => PairBucket::ShuttingDown,
        });
    }
}

pub(crate) struct Queue<T: Queued> {
    sender: Sender<T>,
    receiver: Receiver<T>,
    ending: Ending,
}

/// Takes from the queue. When it goes, also in a panic, the queue is at its end.
pub(crate) struct Taker<T: Queued>(Arc<Queue<T>>);

impl<T: Queued> Queue<T> {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        let (sender, receiver) = bounded(places);
        Arc::new(Self { sender, receiver, ending: Ending::new() })
    }

    pub(crate) fn taker(self: &Arc<Self>) -> Taker<T> {
        Taker(Arc::clone(self))
    }

    /// Queues `item`, and wakes nobody.
    pub(crate) fn send(&self, item: T) {
        if self.ending.has_come() {
            return item.give_up(NotTaken::Ended);
        }
        if let Err(error) = self.sender.try_send(item) {
            let why = if error.is_full() { NotTaken::Full } else { NotTaken::Ended };
            return error.into_inner().give_up(why);
        }
        if self.ending.came_before() {
            self.empty();
        }
    }

    /// From now on nobody takes from it.
    pub(crate) fn end(&self) {
        self.ending.come();
        self.empty();
    }

    /// Gives up what is there.
    fn empty(&self) {
        while let Ok(item) = self.receiver.try_recv() {
            // a request may not like to be dropped, and others wait behind it
            let _ = catch_unwind(AssertUnwindSafe(|| item.give_up(NotTaken::Ended)));
        }
    }
}

impl<T: Queued> Taker<T> {
    pub(crate) fn take(&self) -> Option<T> {
        self.0.receiver.try_recv().ok()
    }
}

impl<T: Queued> Drop for Taker<T> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<T: Queued> fmt::Debug for Taker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taker").field("waiting", &self.0.receiver.len()).finish_non_exhaustive()
    }
}

impl<T: Queued> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.receiver.len()).finish_non_exhaustive()
    }
}
