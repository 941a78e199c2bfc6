//! The end of a queue.
//!
//! Whatever is in a queue holds a permit, so none of it may stay there: when a thread that takes from it ends, the shadow
//! ends, and who ends last empties it. Who sends after that sees so, and empties it as well:
//!
//! | who sends | who ends |
//! | --- | --- |
//! | puts something in | says that it ends |
//! | (fence) | (fence) |
//! | looks whether somebody has ended | takes what is there |
//!
//! Of two fences one is the first, so one of the two finds it.

use crate::sync::{
    AtomicU64,
    Ordering::{Relaxed, SeqCst},
    fence,
};

/// Whether nobody takes from the queue any more.
#[derive(Debug)]
pub(crate) struct Ending(AtomicU64);

impl Ending {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Before something is put in: whether that is in vain.
    pub(crate) fn has_come(&self) -> bool {
        self.0.load(Relaxed) != 0
    }

    /// After something was put in: whether it has to be taken out again.
    pub(crate) fn came_before(&self) -> bool {
        fence(SeqCst);
        self.has_come()
    }

    /// Nobody takes from it any more, but who has said so, once.
    pub(crate) fn come(&self) {
        self.0.store(1, Relaxed);
        fence(SeqCst);
    }
}
