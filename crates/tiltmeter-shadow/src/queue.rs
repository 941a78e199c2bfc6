//! The queue between the champion's threads and the challengers'.
//!
//! Whatever is in it holds a permit, so none of it may stay there: when a thread that takes from it ends, the shadow
//! ends, and who ends last empties it. Who sends after that sees so, and empties it as well:
//!
//! | who sends | who ends |
//! | --- | --- |
//! | puts the job in | says that it ends |
//! | (fence) | (fence) |
//! | looks whether somebody has ended | takes what is there |
//!
//! Of two fences one is the first, so one of the two finds the job.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst, fence};

use crossbeam_channel::{Receiver, Sender, bounded};
use tiltmeter_record::PairBucket;

use crate::exchange::CaseHandle;

/// A request that is to be sent to a challenger.
#[derive(Debug)]
pub(crate) struct Job<R> {
    pub(crate) case: CaseHandle,
    /// In a box: the queue has a place for each permit, used or not.
    pub(crate) request: Box<R>,
}

/// The queue. No job may hold it: it would keep itself.
pub(crate) struct Queue<R> {
    sender: Sender<Job<R>>,
    receiver: Receiver<Job<R>>,
    has_ended: AtomicBool,
}

/// Takes from the queue. When it goes, also in a panic, the queue is at its end.
pub(crate) struct Taker<R>(Arc<Queue<R>>);

impl<R> Queue<R> {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        let (sender, receiver) = bounded(places);
        Arc::new(Self { sender, receiver, has_ended: AtomicBool::new(false) })
    }

    pub(crate) fn taker(self: &Arc<Self>) -> Taker<R> {
        Taker(Arc::clone(self))
    }

    /// Queues a job, and wakes nobody. The permits keep room for it.
    pub(crate) fn send(&self, case: CaseHandle, request: Box<R>) {
        // cases are refused, and not dropped: a panic of the champion may unwind
        if self.has_ended.load(Relaxed) {
            return case.refuse(PairBucket::ShuttingDown);
        }
        if let Err(error) = self.sender.try_send(Job { case, request }) {
            let bucket = if error.is_full() { PairBucket::NoPermit } else { PairBucket::ShuttingDown };
            return error.into_inner().case.refuse(bucket);
        }
        fence(SeqCst);
        if self.has_ended.load(Relaxed) {
            self.empty();
        }
    }

    /// Gives up what is there.
    fn empty(&self) {
        while let Ok(job) = self.receiver.try_recv() {
            // a request may not like to be dropped, and others wait behind it
            let _ = catch_unwind(AssertUnwindSafe(|| job.case.refuse(PairBucket::ShuttingDown)));
        }
    }
}

impl<R> Taker<R> {
    pub(crate) fn take(&self) -> Option<Job<R>> {
        self.0.receiver.try_recv().ok()
    }
}

impl<R> Drop for Taker<R> {
    fn drop(&mut self) {
        self.0.has_ended.store(true, Relaxed);
        fence(SeqCst);
        self.0.empty();
    }
}

impl<R> fmt::Debug for Taker<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taker").field("waiting", &self.0.receiver.len()).finish_non_exhaustive()
    }
}
