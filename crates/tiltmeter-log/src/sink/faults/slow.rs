//! A sink that takes its time.

use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{Journal, PairBatch, PredictionBatch};
use tokio::time::sleep;

use super::pass_on;
use crate::books::{Delivery, Receipt};
use crate::sink::{Sink, SinkFuture};

/// Waits before each write, journal and flush.
#[derive(Debug)]
pub struct Slow<S> {
    sink: S,
    delay: Duration,
}

impl<S: Sink> Slow<S> {
    /// Waits for `delay`, by the time of the tokio runtime.
    pub fn by(delay: Duration, sink: S) -> Self {
        Self { sink, delay }
    }
}

impl<S: Sink> Sink for Slow<S> {
    pass_on!(name, start, tick);

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            sleep(self.delay).await;
            self.sink.write(batch, delivery).await;
        })
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            sleep(self.delay).await;
            self.sink.write_pairs(batch, delivery).await;
        })
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        Box::pin(async move {
            sleep(self.delay).await;
            self.sink.write_journal(journal, receipt).await;
        })
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async move {
            sleep(self.delay).await;
            self.sink.flush().await;
        })
    }
}
