//! The end of a shadow: nobody comes in any more, and by when who is inside is to be out.

use std::time::Duration;

use crate::gate::Gate;
use crate::sync::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed},
};

/// By when (monotonic, nanoseconds) a shadow is to end; `u64::MAX` while it has not been told to.
pub(crate) struct Closing(AtomicU64);

impl Closing {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }

    /// Closes all `gates`, and then sets the deadline, the first time: who sees it finds none of them open.
    pub(crate) fn close<'g>(&self, gates: impl Iterator<Item = &'g Gate>, deadline: Duration) {
        gates.for_each(Gate::close);
        let nanos = u64::try_from(deadline.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX - 1);
        let _ = self.0.compare_exchange(u64::MAX, nanos, AcqRel, Relaxed);
    }

    /// The deadline, if it has been set.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let nanos = self.0.load(Acquire);
        (nanos != u64::MAX).then(|| Duration::from_nanos(nanos))
    }
}

/// Whether all `gates` are closed and nobody is inside: nobody ever will be.
pub(crate) fn are_drained<'g>(mut gates: impl Iterator<Item = &'g Gate>) -> bool {
    gates.all(Gate::is_drained)
}
