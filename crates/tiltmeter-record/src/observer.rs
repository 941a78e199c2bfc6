//! Who looks at predictions on their way to the sinks.

use std::fmt;
use std::time::Duration;

use crate::{PairBatch, PredictionBatch, ProfileDelta};

/// Looks at every decoded, masked batch of predictions before it is sampled and goes to the sinks: the seam for metrics and
/// profiles.
///
/// It runs on the log's worker thread, never on the request path. It must not block: while it works, the queue fills. It
/// sees every decoded prediction exactly once, also those that sampling leaves out and those that a sink loses later;
/// exchanges that were dropped before they were decoded it does not see.
///
/// An observer that panics is not called again, and the log's health says so; the predictions go their way.
pub trait Observer: Send + fmt::Debug + 'static {
    /// Looks at `batch`: predictions of one model, in the order of their sequence, after the privacy policy has been
    /// applied.
    fn observe(&mut self, batch: &PredictionBatch);

    /// Called about once a second, and a last time before the log ends, also when there is nothing to observe. `now` is
    /// the log's monotonic time.
    fn tick(&mut self, now: Duration) {
        let _ = now;
    }

    /// Looks at pairs of champion and challenger, masked as well: what a challenger answered is seen here alone.
    fn observe_pairs(&mut self, batch: &PairBatch) {
        let _ = batch;
    }

    /// Hands over what it has to say of the predictions itself, to be written through the sinks with the next journal. Called
    /// before each journal, and a last time when all has been observed: `is_last` is the time to flush what is open.
    ///
    /// Sequences are the log's to give. What is handed over comes again until each sink has signed for it, so that it must not
    /// change any more.
    fn take_profiles(&mut self, is_last: bool) -> Vec<ProfileDelta> {
        let _ = is_last;
        Vec::new()
    }
}
