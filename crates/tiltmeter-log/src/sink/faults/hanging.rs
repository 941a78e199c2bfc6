//! A sink that does not come back.

use std::future::pending;
use std::sync::Arc;

use tiltmeter_record::{Journal, PairBatch, PredictionBatch};

use super::pass_on;
use crate::books::{Delivery, Receipt};
use crate::sink::{Sink, SinkFuture};

/// Never comes back, from one write on: what it was given then it holds until it is dropped, and a flush or journal after
/// that does not come back either.
#[derive(Debug)]
pub struct Hanging<S> {
    sink: S,
    writes_left: u64,
}

impl<S: Sink> Hanging<S> {
    /// Takes `writes` writes, and hangs at the next one.
    pub fn after(writes: u64, sink: S) -> Self {
        Self { sink, writes_left: writes }
    }
}

impl<S: Sink> Sink for Hanging<S> {
    pass_on!(name, start, tick);

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            match self.writes_left.checked_sub(1) {
                Some(left) => {
                    self.writes_left = left;
                    self.sink.write(batch, delivery).await;
                }
                None => hold((batch, delivery)).await,
            }
        })
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            match self.writes_left.checked_sub(1) {
                Some(left) => {
                    self.writes_left = left;
                    self.sink.write_pairs(batch, delivery).await;
                }
                None => hold((batch, delivery)).await,
            }
        })
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        if self.writes_left == 0 {
            return Box::pin(hold((journal, receipt)));
        }
        self.sink.write_journal(journal, receipt)
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        if self.writes_left == 0 { Box::pin(pending()) } else { self.sink.flush() }
    }
}

/// Holds on to `held` for ever.
async fn hold<T>(held: T) {
    pending::<()>().await;
    drop(held);
}
