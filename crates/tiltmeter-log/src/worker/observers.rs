//! Who looks at the predictions before they go to the sinks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tiltmeter_record::{Observer, PairBatch, PredictionBatch, ProfileDelta};

/// The observers of a log. One that panics is not called again.
#[derive(Debug)]
pub(crate) struct Observers {
    observers: Vec<Box<dyn Observer>>,
    panicked: Arc<AtomicU64>,
}

impl Observers {
    /// `panicked` counts those that have been given up.
    pub(crate) fn new(observers: Vec<Box<dyn Observer>>, panicked: Arc<AtomicU64>) -> Self {
        Self { observers, panicked }
    }

    pub(super) fn observe(&mut self, batch: &PredictionBatch) {
        self.each(|observer| observer.observe(batch));
    }

    pub(super) fn observe_pairs(&mut self, batch: &PairBatch) {
        self.each(|observer| observer.observe_pairs(batch));
    }

    /// What they have to say themselves.
    pub(super) fn take_profiles(&mut self, is_last: bool) -> Vec<ProfileDelta> {
        let mut taken = Vec::new();
        self.each(|observer| taken.append(&mut observer.take_profiles(is_last)));
        taken
    }

    pub(super) fn tick(&mut self, now: Duration) {
        self.each(|observer| observer.tick(now));
    }

    fn each(&mut self, mut call: impl FnMut(&mut dyn Observer)) {
        let panicked = &self.panicked;
        self.observers.retain_mut(|observer| {
            let is_well = catch_unwind(AssertUnwindSafe(|| call(observer.as_mut()))).is_ok();
            if !is_well {
                panicked.fetch_add(1, Relaxed);
                tracing::error!("an observer of the prediction log has panicked: it is not called again");
            }
            is_well
        });
    }
}
