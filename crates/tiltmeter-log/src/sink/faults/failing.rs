//! A sink that drops.

use std::sync::Arc;

use tiltmeter_record::{Journal, PairBatch, PredictionBatch, PredictionDrop};

use super::pass_on;
use crate::books::{Delivery, Receipt};
use crate::sink::{Sink, SinkFuture};

/// Drops every write, or every n-th, with the reason `sink_failed`; the others go to the sink inside. Journals are counted
/// by themselves, and fail in the same way.
#[derive(Debug)]
pub struct Failing<S> {
    sink: S,
    every: u64,
    writes: u64,
    journals: u64,
}

impl<S: Sink> Failing<S> {
    /// Drops every write.
    pub fn always(sink: S) -> Self {
        Self::every(1, sink)
    }

    /// Drops the writes `nth`, 2·`nth` and so on, counted from 1; 0 drops none.
    pub fn every(nth: u64, sink: S) -> Self {
        Self { sink, every: nth, writes: 0, journals: 0 }
    }

    fn is_due(every: u64, count: &mut u64) -> bool {
        *count += 1;
        every > 0 && count.is_multiple_of(every)
    }
}

impl<S: Sink> Sink for Failing<S> {
    pass_on!(name, start, tick, flush);

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        if Self::is_due(self.every, &mut self.writes) {
            delivery.dropped(PredictionDrop::SinkFailed, &"the sink is made to fail");
            return Box::pin(async {});
        }
        self.sink.write(batch, delivery)
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        if Self::is_due(self.every, &mut self.writes) {
            delivery.dropped(PredictionDrop::SinkFailed, &"the sink is made to fail");
            return Box::pin(async {});
        }
        self.sink.write_pairs(batch, delivery)
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        if Self::is_due(self.every, &mut self.journals) {
            return Box::pin(async {});
        }
        self.sink.write_journal(journal, receipt)
    }
}
