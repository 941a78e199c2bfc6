//! A sink that panics.

use std::sync::Arc;

use tiltmeter_record::{PairBatch, PredictionBatch};

use super::pass_on;
use crate::books::Delivery;
use crate::sink::{Sink, SinkFuture};

/// Panics at one of its writes.
#[derive(Debug)]
pub struct Panicking<S> {
    sink: S,
    writes_left: u64,
}

impl<S: Sink> Panicking<S> {
    /// Takes `writes` writes, and panics at each one after.
    pub fn after(writes: u64, sink: S) -> Self {
        Self { sink, writes_left: writes }
    }
}

impl<S: Sink> Sink for Panicking<S> {
    pass_on!(name, start, tick, flush, write_journal);

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            let left = self.writes_left.checked_sub(1);
            #[expect(clippy::panic, reason = "it is what this sink is for")]
            let Some(left) = left else { panic!("the sink is made to panic") };
            self.writes_left = left;
            self.sink.write(batch, delivery).await;
        })
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            let left = self.writes_left.checked_sub(1);
            #[expect(clippy::panic, reason = "it is what this sink is for")]
            let Some(left) = left else { panic!("the sink is made to panic") };
            self.writes_left = left;
            self.sink.write_pairs(batch, delivery).await;
        })
    }
}
