//! Where predictions go.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{Journal, ModelSpec, PairBatch, PredictionBatch, PredictionDrop};

use crate::books::{Delivery, Receipt};
use crate::error::BuildError;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(any(test, feature = "conformance"))]
pub mod faults;
mod json_lines;
mod memory;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod retry;
mod tee;

pub use self::json_lines::{Fsync, JsonLinesSink, JsonLinesSinkBuilder};
pub use self::memory::MemorySink;
#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetSink, ParquetSinkBuilder};
#[cfg(feature = "parquet")]
pub use self::retry::{BreakerPolicy, RetryPolicy};
pub use self::tee::Tee;

/// What a sink's methods return.
pub type SinkFuture<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A place that predictions are written to.
///
/// A sink lives on a thread of its own, which drives its futures on a tokio runtime of its own (current thread, with
/// timers). While a future of the sink waits, nothing else is given to it: a slow sink fills the queue before it, and a full
/// queue drops and counts, for this sink alone. So the predictions that a sink holds in memory must be bounded by the
/// sink.
///
/// A sink answers for its predictions through the [`Delivery`] that comes with them, whenever their fate is known; it
/// has no other way to report, so that nothing can be counted twice or forgotten.
pub trait Sink: Send + fmt::Debug + 'static {
    /// What it is called in metrics, reports and gaps, where the application gives it no name: lower case, `_`.
    fn name(&self) -> &'static str;

    /// Called once, before anything else, with the models whose predictions will come: the time to find that what is
    /// written already contradicts them.
    ///
    /// # Errors
    /// When a model cannot be written; the log does not start then. A place that cannot be reached now is no reason: it
    /// may be there later.
    fn start(&mut self, models: &[Arc<ModelSpec>]) -> SinkFuture<'_, Result<(), BuildError>> {
        let _ = models;
        Box::pin(async { Ok(()) })
    }

    /// Takes `batch` over; `delivery` is for all of its rows. They may be kept until a later [`tick`](Self::tick) or
    /// [`flush`](Self::flush).
    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_>;

    /// Takes pairs of champion and challenger over, as [`write`](Self::write) does predictions. A sink that has no place for
    /// them drops them, which is counted.
    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        drop(batch);
        delivery.dropped(
            PredictionDrop::SinkFailed,
            &"the sink has no place for pairs of champion and challenger",
        );
        Box::pin(async {})
    }

    /// Takes gaps and heartbeats over, about once a minute. They are small, and worth more than predictions: they say what
    /// is missing. The gaps of a receipt that is dropped come again with a later journal, with the sequences that they had.
    /// A sink that has no place for journals says so ([`Receipt::declined`]); one that writes several together joins their
    /// receipts ([`Receipt::with_earlier`]).
    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_>;

    /// Called several times a second and before each [`write`](Self::write), also when there is nothing to write: for
    /// what is due by its age. `now` is the log's monotonic time.
    fn tick(&mut self, now: Duration) -> SinkFuture<'_>;

    /// Settles every delivery that is open. More may come afterwards.
    ///
    /// It is not finished when the deadline of a shutdown passes: the sink is dropped then, and what it still holds
    /// counts as abandoned.
    fn flush(&mut self) -> SinkFuture<'_>;
}
