//! Sinks that write nothing: one that is always done, one that never is.

use std::future::{pending, ready};
use std::time::Duration;

use tiltmeter::log::SinkFuture;
use tiltmeter::record::PredictionBatch;
use tiltmeter::{Delivery, Sink};

/// Says at once that everything is written.
#[derive(Clone, Copy, Debug)]
pub struct NullSink;

impl Sink for NullSink {
    fn write(&mut self, _: PredictionBatch, delivery: Delivery) -> SinkFuture<'_> {
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
    fn write(&mut self, _: PredictionBatch, delivery: Delivery) -> SinkFuture<'_> {
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
