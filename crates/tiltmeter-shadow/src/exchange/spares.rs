//! What exchanges leave to the ones after them.
//!
//! What one thread allocates and another one frees costs the first one several times as much: the allocator has to fetch it
//! from afar. So whoever completes an exchange keeps the champion's side of it, with its buffers where they are small, and
//! the request path takes it up again.

use std::fmt;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::progress::Progress;

/// How many are kept: as many as come between two looks of the threads. With their buffers they hold 2.5 MiB at most.
const KEPT: usize = 512;

pub(crate) struct Spares {
    give: Sender<Box<Progress>>,
    take: Receiver<Box<Progress>>,
}

impl Spares {
    pub(crate) fn new() -> Self {
        let (give, take) = bounded(KEPT);
        Self { give, take }
    }

    /// One that nothing is known of: used before, if there is one.
    pub(super) fn take(&self) -> Box<Progress> {
        self.take.try_recv().unwrap_or_default()
    }

    /// Gives one back. One too many is freed.
    pub(super) fn give_back(&self, mut progress: Box<Progress>) {
        progress.release();
        let _ = self.give.try_send(progress);
    }
}

impl fmt::Debug for Spares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spares").field("kept", &self.take.len()).finish_non_exhaustive()
    }
}
