//! What exchanges leave to the ones after them.
//!
//! What one thread allocates and another one frees costs the first one several times as much: the allocator has to fetch it
//! from afar. So whoever completes an exchange keeps the champion's side of it, with its buffers where they are small, and
//! the request path takes it up again: the one that was used last, which is the likeliest to be in a cache.
//!
//! There is a lock, and nobody waits for it: who finds it taken allocates, or frees.

use std::fmt;
use std::sync::Mutex;

use super::progress::Progress;

/// How many are kept: as many as come between two looks of the threads. With their buffers they hold 5 MiB at most.
const KEPT: usize = 512;

pub(crate) struct Spares {
    #[expect(clippy::vec_box, reason = "a box is what is kept")]
    kept: Mutex<Vec<Box<Progress>>>,
}

impl Spares {
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::new(Vec::with_capacity(KEPT)) }
    }

    /// One that nothing is known of: used before, if there is one.
    pub(super) fn take(&self) -> Box<Progress> {
        self.kept.try_lock().ok().and_then(|mut kept| kept.pop()).unwrap_or_default()
    }

    /// Gives one back. One too many is freed.
    pub(super) fn give_back(&self, mut progress: Box<Progress>) {
        progress.release();
        if let Ok(mut kept) = self.kept.try_lock()
            && kept.len() < KEPT
        {
            kept.push(progress);
        }
    }
}

impl fmt::Debug for Spares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spares").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::exchange::RequestId;
    use crate::tape::Extent;

    fn used(body: usize) -> Box<Progress> {
        let mut progress = Box::<Progress>::default();
        (progress.request_id, progress.is_id_made) = (RequestId::Text("r1".into()), true);
        progress.champion.status = Some(http::StatusCode::OK);
        for tape in [&mut progress.request, &mut progress.response] {
            tape.push(&Bytes::from(vec![b'x'; body]));
            tape.end(true);
        }
        progress
    }

    #[test]
    fn what_is_given_back_is_taken_again_and_nothing_is_left_of_it() {
        let spares = Spares::new();
        let progress = used(100);
        let place = std::ptr::from_ref(&*progress);
        spares.give_back(progress);
        let mut again = spares.take();
        assert_eq!(std::ptr::from_ref(&*again), place);
        assert_eq!(
            (&*again.request_id.to_text(), again.is_id_made, again.champion.status),
            ("", false, None)
        );
        for tape in [&mut again.request, &mut again.response] {
            assert_eq!((tape.len(), tape.extent(), tape.take().len()), (0, Extent::Open, 0));
        }
    }

    #[test]
    fn nobody_waits_and_no_more_are_kept_than_there_is_room_for() {
        let spares = Spares::new();
        (0..2 * KEPT).for_each(|_| spares.give_back(used(1)));
        let taken = spares.kept.lock().unwrap();
        assert_eq!(taken.len(), KEPT);
        // both allocate, or free
        spares.give_back(used(1));
        assert!(!spares.take().is_id_made);
    }
}
