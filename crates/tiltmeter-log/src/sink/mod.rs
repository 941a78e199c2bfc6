//! Where predictions go.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tiltmeter_record::PredictionBatch;

use crate::books::Delivery;

mod memory;
#[cfg(feature = "parquet")]
mod parquet;

pub use self::memory::MemorySink;
#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetSink, ParquetSinkBuilder};

/// What a sink's methods return.
pub type SinkFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A place that predictions are written to.
///
/// A sink lives on the log's worker thread, which drives its futures on a tokio runtime of its own (current thread,
/// with timers). While a future of the sink waits, nothing else is taken from the queue: a slow sink fills the queue,
/// and a full queue drops and counts. So the predictions that a sink holds in memory must be bounded by the sink.
///
/// A sink answers for its predictions through the [`Delivery`] that comes with them, whenever their fate is known; it
/// has no other way to report, so that nothing can be counted twice or forgotten.
pub trait Sink: Send + fmt::Debug + 'static {
    /// Takes `batch` over; `delivery` is for all of its rows. They may be kept until a later [`tick`](Self::tick) or
    /// [`flush`](Self::flush).
    fn write(&mut self, batch: PredictionBatch, delivery: Delivery) -> SinkFuture<'_>;

    /// Called every few milliseconds and before each [`write`](Self::write), also when there is nothing to write: for what is due by its age. `now` is
    /// the log's monotonic time.
    fn tick(&mut self, now: Duration) -> SinkFuture<'_>;

    /// Settles every delivery that is open.
    ///
    /// It is not finished when the deadline of a shutdown passes: the sink is dropped then, and what it still holds
    /// counts as abandoned.
    fn flush(&mut self) -> SinkFuture<'_>;
}
