//! A sink that is up and down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tiltmeter_record::{Journal, PairBatch, PredictionBatch, PredictionDrop};

use super::pass_on;
use crate::books::{Delivery, Receipt};
use crate::sink::{Sink, SinkFuture};

/// Drops what comes while its [`Switch`] is off, with the reason `sink_failed`, and signs no receipts then.
#[derive(Debug)]
pub struct Flapping<S> {
    sink: S,
    switch: Switch,
}

/// Turns a [`Flapping`] sink on and off, from any thread.
#[derive(Clone, Debug)]
pub struct Switch(Arc<AtomicBool>);

impl<S: Sink> Flapping<S> {
    /// A sink that is on, and its switch.
    pub fn new(sink: S) -> (Self, Switch) {
        let switch = Switch(Arc::new(AtomicBool::new(true)));
        (Self { sink, switch: switch.clone() }, switch)
    }
}

impl Switch {
    /// Writes succeed from now on.
    pub fn turn_on(&self) {
        self.0.store(true, Relaxed);
    }

    /// Writes fail from now on.
    pub fn turn_off(&self) {
        self.0.store(false, Relaxed);
    }

    /// Whether writes succeed.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.load(Relaxed)
    }
}

impl<S: Sink> Sink for Flapping<S> {
    pass_on!(name, start, tick, flush);

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        if !self.switch.is_on() {
            delivery.dropped(PredictionDrop::SinkFailed, &"the sink is switched off");
            return Box::pin(async {});
        }
        self.sink.write(batch, delivery)
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        if !self.switch.is_on() {
            delivery.dropped(PredictionDrop::SinkFailed, &"the sink is switched off");
            return Box::pin(async {});
        }
        self.sink.write_pairs(batch, delivery)
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        if !self.switch.is_on() {
            return Box::pin(async {});
        }
        self.sink.write_journal(journal, receipt)
    }
}
