//! The worker: it takes exchanges from the queue, decodes them and hands the predictions to the sink.
//!
//! It runs on a thread and a runtime of its own, and polls the queue: a sender never has to wake it. Between two looks it
//! sleeps so long that some dozens of exchanges come together, from 1 ms under load to 16 ms when there is little to do:
//! waking up costs more than decoding, and nobody waits for it.

use std::future::{Future, poll_fn};
use std::mem;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tiltmeter_record::{ExchangeDrop, PredictionBatch};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::books::{Books, Delivery};
use crate::clock::Clock;
use crate::decode::Decoder;
use crate::layer::Captured;
use crate::queue::{Intake, Weighed};
use crate::sink::Sink;

const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
const LONGEST_SLEEP: Duration = Duration::from_millis(16);

/// How many exchanges are good to find after a sleep: with fewer the next one is longer, with more it is shorter.
const GOOD_CATCH: RangeInclusive<usize> = 32..=128;

/// Exchanges that are decoded between two looks at the sink, at most.
const BATCH: usize = 256;

/// Predictions that are decoded between two looks at the sink, unless a single exchange has more.
const BATCH_ROWS: u64 = 4_096;

/// What the guard tells the worker.
#[derive(Debug)]
pub(crate) enum Command {
    /// Drain and flush, but leave when `deadline` (monotonic) has passed.
    Shutdown { deadline: Duration },
}

/// One model: its decoder, and the rows that go to the sink next.
#[derive(Debug)]
pub(crate) struct Model {
    decoder: Decoder,
    batch: PredictionBatch,
    /// The duty to deliver the rows: it comes to be with them, so that whatever ends the worker, they count.
    pending: Delivery,
}

impl Model {
    pub(crate) fn new(decoder: Decoder, batch: PredictionBatch, books: &Arc<Books>) -> Self {
        Self { decoder, batch, pending: Delivery::new(0, Arc::clone(books)) }
    }
}

#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) intake: Intake<Captured>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) models: Vec<Model>,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) books: Arc<Books>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sequence: u64,
}

impl Worker {
    /// Works until it is told to shut down, and then until everything is settled or the deadline has passed; tells
    /// whether it came to an end. What is still queued, or held by the sink, is abandoned when the worker is dropped.
    pub(crate) async fn run(mut self) -> bool {
        let deadline = self.work().await;
        self.intake.close();
        let left = deadline.saturating_sub(self.clock.monotonic());
        let is_finished = timeout(left, self.finish(left)).await.unwrap_or(false);
        if !is_finished {
            tracing::warn!("the shutdown of the prediction log ran into its deadline");
        }
        is_finished
    }

    async fn work(&mut self) -> Duration {
        let mut sleep = SHORTEST_SLEEP;
        loop {
            let taken = self.decode_some();
            let now = self.clock.monotonic();
            let Self { models, sink, commands, clock, .. } = self;
            let delivered = pin!(async {
                sink.tick(now).await;
                deliver(models, sink.as_mut()).await;
            });
            if let Some(deadline) = unless_told(commands, &**clock, delivered).await {
                return deadline;
            }
            if taken == BATCH {
                // there may be more: only let the sink's uploads have their turn
                sleep = SHORTEST_SLEEP;
                tokio::task::yield_now().await;
                continue;
            }
            if taken < *GOOD_CATCH.start() {
                sleep = (sleep * 2).min(LONGEST_SLEEP);
            } else if taken > *GOOD_CATCH.end() {
                sleep = (sleep / 2).max(SHORTEST_SLEEP);
            }
            let slept = pin!(tokio::time::sleep(sleep));
            if let Some(deadline) = unless_told(&mut self.commands, &*self.clock, slept).await {
                return deadline;
            }
        }
    }

    /// Drains the closed queue, for half of the time that is `left` at most, and settles what the sink holds: that may be
    /// minutes of predictions, against the moments that are queued. Tells whether nothing was left.
    async fn finish(&mut self, left: Duration) -> bool {
        let until = self.clock.monotonic().saturating_add(left / 2);
        let mut is_drained = false;
        while !is_drained && self.clock.monotonic() < until {
            let taken = self.decode_some();
            deliver(&mut self.models, self.sink.as_mut()).await;
            is_drained = taken == 0 && self.intake.is_drained();
            tokio::task::yield_now().await;
        }
        self.sink.flush().await;
        is_drained
    }

    /// Decodes what is queued, up to a batch of exchanges or of predictions; returns how many exchanges it took, or
    /// [`BATCH`] if there may be more.
    fn decode_some(&mut self) -> usize {
        let mut now = None;
        let mut rows = 0;
        for taken in 0..BATCH {
            if rows >= BATCH_ROWS {
                return BATCH;
            }
            let Some(exchange) = self.intake.take() else {
                return taken;
            };
            let weight = exchange.weight();
            let (wall, monotonic) = *now.get_or_insert_with(|| (self.clock.wall(), self.clock.monotonic()));
            let age = monotonic.saturating_sub(exchange.started);
            let Model { decoder, batch, pending } = &mut self.models[usize::from(exchange.route)];
            let (sequence, rows_before) = (self.sequence, batch.rows.len());
            let decoded = catch_unwind(AssertUnwindSafe(|| {
                decoder.decode(&exchange, wall, age, &mut self.sequence, &mut batch.rows)
            }))
            .unwrap_or(Err(ExchangeDrop::CodecPanic));
            match decoded {
                Ok(predictions) => {
                    self.books.exchange_decoded(predictions);
                    pending.add(predictions);
                    rows += predictions;
                }
                Err(reason) => {
                    self.sequence = sequence;
                    batch.rows.truncate(rows_before);
                    self.books.exchange_dropped(reason);
                }
            }
            drop(exchange);
            self.intake.give_back(weight);
        }
        BATCH
    }
}

/// Hands the decoded rows to the sink.
async fn deliver(models: &mut [Model], sink: &mut dyn Sink) {
    for Model { batch, pending, .. } in models {
        if !batch.rows.is_empty() {
            let next = PredictionBatch::new(
                Arc::clone(&batch.spec),
                batch.writer_id.clone(),
                Arc::clone(&batch.serving_node),
            );
            // rows and duty go together: a write that is cut off takes both with it
            let (batch, delivery) = (mem::replace(batch, next), pending.split(pending.rows()));
            sink.write(batch, delivery).await;
        }
    }
}

/// Waits for `work`, or for the word to shut down, whichever comes first; returns the deadline in the second case.
/// Neither a sink that hangs nor one that is always ready keeps the worker from hearing it.
async fn unless_told(
    commands: &mut mpsc::Receiver<Command>,
    clock: &dyn Clock,
    mut work: Pin<&mut impl Future<Output = ()>>,
) -> Option<Duration> {
    let told = poll_fn(|cx| match commands.poll_recv(cx) {
        Poll::Ready(command) => Poll::Ready(Some(command)),
        Poll::Pending => work.as_mut().poll(cx).map(|()| None),
    });
    match told.await {
        None => None,
        Some(Some(Command::Shutdown { deadline })) => {
            // what the sink has begun goes on, up to the deadline
            let _ = timeout(deadline.saturating_sub(clock.monotonic()), work).await;
            Some(deadline)
        }
        // the guard always says something before it goes
        Some(None) => Some(Duration::ZERO),
    }
}

/// However the worker goes, what it leaves in the queue is counted.
impl Drop for Worker {
    fn drop(&mut self) {
        if thread::panicking() {
            self.intake.close_dead();
        } else {
            self.intake.close();
        }
        // whoever got past the gate before it closed is about to send: a few instructions, on another thread
        for _ in 0..1_000_000 {
            while let Some(exchange) = self.intake.take() {
                self.books.exchange_abandoned();
                self.intake.give_back(exchange.weight());
            }
            if self.intake.is_drained() {
                return;
            }
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests;
