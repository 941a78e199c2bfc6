//! Several sinks that are one.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tiltmeter_record::{Journal, ModelSpec, PairBatch, PredictionBatch};

use super::{Sink, SinkFuture};
use crate::books::{Delivery, Receipt};
use crate::error::BuildError;

/// Writes to several sinks together, as one sink with one queue, one thread and one ledger.
///
/// A prediction counts as written when all parts have written it, as dropped when one dropped it, and else as abandoned
/// when one abandoned it: see [`Delivery::fan_out`]. So `written` means *everywhere*; where a prediction that counts as
/// lost has arrived nonetheless, the books do not say. A journal counts as written when all parts have signed for it.
///
/// # When not
/// The parts wait for each other: one that is slow or down holds the others back, and what the queue does not take then
/// is lost for all. To write to two places that are independent, give both to the log: each has a queue, a thread, a
/// ledger and gaps of its own then, and one of them that is dead starves nobody.
///
/// A part that panics takes the others with it, as any sink's panic ends that sink.
///
/// ```
/// use tiltmeter_log::{JsonLinesSink, MemorySink, Tee};
///
/// # let folder = tempfile::tempdir()?;
/// let tee = Tee::new(JsonLinesSink::below(folder.path()).build()?, MemorySink::default());
/// # drop(tee);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Tee {
    parts: Vec<Box<dyn Sink>>,
}

impl Tee {
    /// Writes to both sinks.
    #[must_use]
    pub fn new(first: impl Sink, second: impl Sink) -> Self {
        Self { parts: vec![Box::new(first), Box::new(second)] }
    }

    /// Writes to `sink` as well.
    #[must_use]
    pub fn with(mut self, sink: impl Sink) -> Self {
        self.parts.push(Box::new(sink));
        self
    }
}

/// Waits for all of `futures`, which take their turns: one that hangs does not keep the others from coming to an end.
async fn all(mut futures: Vec<SinkFuture<'_>>) {
    poll_fn(|cx| {
        futures.retain_mut(|future| future.as_mut().poll(cx).is_pending());
        if futures.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Sink for Tee {
    fn name(&self) -> &'static str {
        "tee"
    }

    fn start(&mut self, models: &[Arc<ModelSpec>]) -> SinkFuture<'_, Result<(), BuildError>> {
        let models = models.to_vec();
        Box::pin(async move {
            for part in &mut self.parts {
                part.start(&models).await?;
            }
            Ok(())
        })
    }

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        let deliveries = delivery.fan_out(self.parts.len());
        let parts = self.parts.iter_mut().zip(deliveries);
        Box::pin(all(parts.map(|(part, delivery)| part.write(Arc::clone(&batch), delivery)).collect()))
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        let deliveries = delivery.fan_out(self.parts.len());
        let parts = self.parts.iter_mut().zip(deliveries);
        Box::pin(all(parts.map(|(part, delivery)| part.write_pairs(Arc::clone(&batch), delivery)).collect()))
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        let receipts = receipt.fan_out(self.parts.len());
        let parts = self.parts.iter_mut().zip(receipts);
        Box::pin(all(parts
            .map(|(part, receipt)| part.write_journal(Arc::clone(&journal), receipt))
            .collect()))
    }

    fn tick(&mut self, now: Duration) -> SinkFuture<'_> {
        Box::pin(all(self.parts.iter_mut().map(|part| part.tick(now)).collect()))
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(all(self.parts.iter_mut().map(|part| part.flush()).collect()))
    }
}

#[cfg(test)]
mod tests;
