//! Sinks that write nothing: one that is always done, one that never is.

use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use tiltmeter::log::SinkFuture;
use tiltmeter::record::{Journal, PredictionBatch};
use tiltmeter::{Delivery, Receipt, Sink};

/// Says at once that everything is written.
#[derive(Clone, Copy, Debug)]
pub struct NullSink;

impl Sink for NullSink {
    fn name(&self) -> &'static str {
        "null"
    }

    fn write_journal(&mut self, _: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        receipt.declined();
        Box::pin(ready(()))
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        delivery.written();
        Box::pin(ready(()))
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(ready(()))
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(ready(()))
    }
}

/// Never finishes a write, as a disk that hangs.
#[derive(Clone, Copy, Debug)]
pub struct DeadSink;

impl Sink for DeadSink {
    fn name(&self) -> &'static str {
        "dead"
    }

    fn write_journal(&mut self, _: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        receipt.declined();
        Box::pin(ready(()))
    }

    fn write(&mut self, _: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            let _held = delivery;
            pending::<()>().await;
        })
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(ready(()))
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(pending())
    }
}
