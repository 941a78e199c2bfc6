//! The worker: it takes exchanges from the queue, decodes them, shows the predictions to the observers, decides which are
//! kept and hands these to the lanes of the sinks.
//!
//! It has a thread of its own, and polls the queue: a sender never has to wake it. Between two looks it sleeps so long that
//! some dozens of exchanges come together, from 1 ms under load to 16 ms when there is little to do: waking up costs more
//! than decoding, and nobody waits for it.

mod journal;
mod model;
mod observers;
mod owed;
mod pairs;
mod side_by_side;

use std::mem;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;
use tiltmeter_record::{ExchangeDrop, PredictionBatch};

use crate::books::{ExchangeBooks, Stratum};
use crate::clock::Clock;
use crate::lane::{Cargo, Lane};
use crate::layer::Captured;
use crate::pair::QueuedPair;
use crate::queue::{Intake, PATIENCE, Places, Queued};
use crate::running::{Closing, Running};
use crate::sampling::Release;
use crate::shared::Item;

use journal::NextRows;
pub(crate) use journal::{JournalKeeper, send_canary};
pub(crate) use model::Model;
use model::PairRows;
pub(crate) use observers::Observers;
pub(crate) use pairs::PairDesk;

const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
const LONGEST_SLEEP: Duration = Duration::from_millis(16);

/// How many exchanges are good to find after a sleep: with fewer the next one is longer, with more it is shorter.
const GOOD_CATCH: RangeInclusive<usize> = 32..=128;

/// Exchanges that are decoded before they are handed on, at most.
const BATCH: usize = 256;

/// Predictions that are decoded before they are handed on, unless a single exchange has more.
const BATCH_ROWS: u64 = 4_096;

/// How often the books are looked at.
const ROUTINE: Duration = Duration::from_secs(1);

/// What the worker is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// Hand on all that is queued now, and have the sinks settle it; each of them says when it has.
    Flush(Vec<SyncSender<()>>),
    /// Look whether the log is closing.
    Wake,
}

/// What was taken out of the queue.
#[derive(Clone, Copy, Debug)]
struct Taken {
    exchanges: usize,
    /// Whether the queue was empty then.
    is_all: bool,
}

#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) intake: Intake<Item>,
    pub(crate) commands: Receiver<Command>,
    pub(crate) models: Vec<Model>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) observers: Observers,
    pub(crate) journal: JournalKeeper,
    pub(crate) books: Arc<ExchangeBooks>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sequence: u64,
    pub(crate) pair_sequence: u64,
    pub(crate) next_routine: Duration,
    pub(crate) running: Arc<Running>,
}

impl Worker {
    /// Works until it is told to shut down, and then until the queue is empty or half of the time has passed; tells whether
    /// it came to an end. What is still queued is abandoned when the worker is dropped.
    pub(crate) fn run(mut self) -> bool {
        let Closing { drained_by, settled_by, .. } = self.work();
        self.intake.close();
        let is_drained = self.drain(drained_by);
        self.hand_on(Release::All);
        self.note_tallies();
        self.observers.tick(self.clock.monotonic());
        self.take_profiles(true);
        self.write_last_journals(is_drained, settled_by);
        if !is_drained {
            tracing::warn!("the shutdown of the prediction log ran into its deadline");
        }
        is_drained
    }

    fn work(&mut self) -> Closing {
        let mut sleep = SHORTEST_SLEEP;
        loop {
            if let Some(closing) = self.running.closing() {
                return closing;
            }
            let Taken { exchanges, is_all } = self.decode_some();
            self.hand_on(Release::Due);
            self.routine();
            let told = if is_all {
                if exchanges < *GOOD_CATCH.start() {
                    sleep = (sleep * 2).min(LONGEST_SLEEP);
                } else if exchanges > *GOOD_CATCH.end() {
                    sleep = (sleep / 2).max(SHORTEST_SLEEP);
                }
                self.commands.recv_timeout(sleep).ok()
            } else {
                sleep = SHORTEST_SLEEP;
                self.commands.try_recv().ok()
            };
            match told {
                Some(Command::Flush(done)) => self.flush(done),
                Some(Command::Wake) | None => {}
            }
        }
    }

    /// Drains the closed queue; tells whether nothing was left at `until`.
    fn drain(&mut self, until: Duration) -> bool {
        loop {
            let taken = self.decode_some().exchanges;
            self.hand_on(Release::Due);
            if taken == 0 && self.intake.is_drained() {
                return true;
            }
            if self.clock.monotonic() >= until {
                return false;
            }
            if taken == 0 {
                thread::yield_now();
            }
        }
    }

    /// Has every sink settle what it holds, and writes its last journal when it has, or at `until`: so each knows what has
    /// become of its own predictions, whatever the others do.
    fn write_last_journals(&mut self, is_drained: bool, until: Duration) {
        let mut open = Vec::with_capacity(self.lanes.len());
        for (place, lane) in self.lanes.iter().enumerate() {
            let (done, is_settled) = sync_channel(1);
            lane.flush(done);
            open.push((place, is_settled));
        }
        // a clock that stands still must not keep it here
        let mut patience = until.saturating_sub(self.clock.monotonic());
        while !open.is_empty() {
            let is_over = patience.is_zero() || self.clock.monotonic() >= until;
            open.retain(|(place, is_settled)| {
                let is_settled = match is_settled.try_recv() {
                    Ok(()) => true,
                    Err(mpsc::TryRecvError::Empty) if !is_over => return true,
                    Err(_) => false,
                };
                self.write_last_journal(*place, is_drained && is_settled);
                false
            });
            if !open.is_empty() {
                thread::sleep(PATIENCE);
                patience = patience.saturating_sub(PATIENCE);
            }
        }
    }

    fn write_last_journal(&mut self, place: usize, is_last: bool) {
        let wall = self.clock.wall();
        let signature =
            self.journal.write_last(&self.books, &self.lanes, place, self.next_rows(), wall, is_last);
        if let Some(signature) = signature {
            self.running.ends.last_journal(place, signature);
        }
    }

    /// Hands on what is queued at this moment, and passes the wish to settle it to the sinks.
    fn flush(&mut self, done: Vec<SyncSender<()>>) {
        // what was offered before the flush was asked for is in the channel, and first in is first out
        let mut left = self.intake.len();
        while left > 0 {
            let taken = self.decode_some().exchanges;
            self.hand_on(Release::Due);
            // a shutdown settles everything, and has less time
            if taken == 0 || self.running.closing().is_some() {
                break;
            }
            left = left.saturating_sub(taken);
        }
        if self.running.closing().is_some() {
            return;
        }
        self.hand_on(Release::All);
        self.note_tallies();
        self.write_journal();
        for (lane, done) in self.lanes.iter().zip(done) {
            lane.flush(done);
        }
    }

    /// What is due by the clock and not by the queue.
    fn routine(&mut self) {
        let now = self.clock.monotonic();
        if now < self.next_routine {
            return;
        }
        self.next_routine = now.saturating_add(ROUTINE);
        self.observers.tick(now);
        self.journal.collect(&self.books, self.clock.wall());
        if self.journal.is_due(now) {
            self.write_journal();
        }
        if self.journal.is_canary_due(now) {
            self.journal.send_canary(now);
        }
        self.note_tallies();
        self.publish();
    }

    fn next_rows(&self) -> NextRows {
        NextRows { prediction: self.sequence, pair: self.pair_sequence }
    }

    fn note_tallies(&mut self) {
        for model in &mut self.models {
            model.note(&self.running.tallies);
        }
    }

    /// The books, as metrics.
    fn publish(&self) {
        #[cfg(feature = "metrics")]
        {
            let waiting: Vec<u64> = self.lanes.iter().map(Lane::depth).collect();
            crate::metrics::publish(
                &self.books.read(),
                &crate::health::Health::read(&self.running),
                &waiting,
            );
        }
    }

    /// Takes what observers have to say for the next journal.
    fn take_profiles(&mut self, is_last: bool) {
        let deltas = self.observers.take_profiles(is_last);
        self.journal.note_profiles(deltas, self.clock.wall());
    }

    fn write_journal(&mut self) {
        self.take_profiles(false);
        let (now, wall) = (self.clock.monotonic(), self.clock.wall());
        let next = self.next_rows();
        self.journal.write(&self.books, &self.lanes, next, now, wall);
    }

    /// A canary has come through the queue: the books go out of turn, and the sinks say when they have them.
    fn pass_canary(&mut self, sent: Duration) {
        // of what was decoded before it the books are to say what was sampled out
        self.hand_on(Release::Due);
        let wall = self.clock.wall();
        let next = self.next_rows();
        self.journal.write_canary(&self.books, &self.lanes, next, sent, wall);
    }

    /// Decodes what is queued, up to a batch of exchanges or of predictions.
    fn decode_some(&mut self) -> Taken {
        let mut places = Places::default();
        let taken = self.decode_some_and_gather(&mut places);
        self.intake.give_back_all(places);
        taken
    }

    /// The same, and leaves to be given back what is left in `places`.
    fn decode_some_and_gather(&mut self, places: &mut Places) -> Taken {
        // before anything is taken: a clock that panics must not take an exchange out of the books
        let (wall, monotonic) = (self.clock.wall(), self.clock.monotonic());
        let mut rows = 0;
        for exchanges in 0..BATCH {
            if rows >= BATCH_ROWS {
                return Taken { exchanges, is_all: false };
            }
            let Some(Queued { item, weight, stratum }) = self.intake.take() else {
                return Taken { exchanges, is_all: true };
            };
            let mut exchange = match item {
                Item::Exchange(exchange) => exchange,
                Item::Pair(pair) => {
                    rows += self.decode_pair(*pair, monotonic);
                    self.gather(places, weight);
                    continue;
                }
                Item::Canary(sent) => {
                    self.intake.give_back(weight);
                    self.pass_canary(sent);
                    continue;
                }
            };
            let captured = exchange.captured();
            let age = monotonic.saturating_sub(captured.started);
            match self.decode(captured, stratum, wall, age) {
                Ok(predictions) => {
                    self.books.decoded();
                    rows += predictions;
                }
                Err(reason) => self.books.dropped(stratum, reason),
            }
            self.running.shared.spares.give_back(exchange);
            self.gather(places, weight);
        }
        Taken { exchanges: BATCH, is_all: false }
    }

    /// Adds the place of an item of `weight` bytes to `places`, and gives these back when they are many.
    fn gather(&self, places: &mut Places, weight: u64) {
        places.add(weight);
        if places.are_many() {
            self.intake.give_back_all(mem::take(places));
        }
    }

    fn decode(
        &mut self,
        captured: &Captured,
        stratum: Stratum,
        now: jiff::Timestamp,
        age: Duration,
    ) -> Result<u64, ExchangeDrop> {
        let Some(model) = self.models.get_mut(usize::from(captured.route)) else {
            return Err(ExchangeDrop::RequestMalformed);
        };
        let (sequence, rows_before) = (self.sequence, model.rows());
        let sequences = &mut self.sequence;
        let decoded = catch_unwind(AssertUnwindSafe(|| model.decode(captured, stratum, now, age, sequences)))
            .unwrap_or(Err(ExchangeDrop::CodecPanic));
        match decoded {
            Ok(predictions) => model.owe(predictions),
            Err(_) => {
                self.sequence = sequence;
                model.forget_after(rows_before);
            }
        }
        decoded
    }

    /// Decodes a pair into rows; returns how many there are. Whatever it holds, it becomes at least one, unless a codec or the
    /// masker panics at every attempt: then it is abandoned.
    fn decode_pair(&mut self, QueuedPair { route, pair }: QueuedPair, now: Duration) -> u64 {
        let (models, sequence) = (&mut self.models, &mut self.pair_sequence);
        let decoded = models
            .get_mut(usize::from(route))
            .and_then(|model| catch_unwind(AssertUnwindSafe(|| model.decode_pair(pair, sequence, now))).ok());
        let pairs = &self.running.shared.pairs;
        match decoded {
            Some(PairRows { count: 0, .. }) | None => {
                pairs.abandoned();
                0
            }
            Some(PairRows { count, is_unreadable }) => {
                pairs.decoded(is_unreadable);
                count
            }
        }
    }

    /// Shows the decoded rows to the observers, and hands those that are kept to the lanes.
    fn hand_on(&mut self, release: Release) {
        let (now, wall) = (self.clock.monotonic(), self.clock.wall());
        let Self { models, lanes, observers, running, clock, journal, .. } = self;
        // while the log is open a sink may take as long as it was given
        let goes_on =
            |since| running.closing().is_none_or(|closing| clock.monotonic() < closing.waits_until(since));
        for model in models {
            // all of them, before anything is decided
            if let Some(batch) = model.fresh() {
                observers.observe(batch);
            }
            let mut weighed = None;
            if let Some((batch, deliveries)) = model.take(release, now, wall) {
                let batch = Arc::new(batch);
                let Weight { rows, spare } = weight_of(&batch);
                for (lane, delivery) in lanes.iter().zip(deliveries) {
                    lane.send(Cargo::Predictions(Arc::clone(&batch)), rows + spare, delivery, goes_on);
                }
                weighed = Some((batch.rows.len() as u64, rows));
            }
            if let Some((rows, bytes)) = weighed {
                model.weigh(rows, bytes);
            }
            let changes = model.take_rate_changes();
            if !changes.is_empty() {
                journal.note_rates(changes);
            }
            for (batch, deliveries) in model.take_pairs() {
                observers.observe_pairs(&batch);
                let batch = Arc::new(batch);
                let weight = batch.rows.iter().map(|row| row.memory_size() as u64).sum();
                for (lane, delivery) in lanes.iter().zip(deliveries) {
                    lane.send(Cargo::Pairs(Arc::clone(&batch)), weight, delivery, goes_on);
                }
            }
        }
    }
}

/// About how many bytes of memory a batch holds.
#[derive(Clone, Copy, Debug)]
struct Weight {
    rows: u64,
    spare: u64,
}

fn weight_of(batch: &PredictionBatch) -> Weight {
    let spare = batch.rows.capacity() - batch.rows.len();
    let rows: usize = batch.rows.iter().map(tiltmeter_record::Prediction::memory_size).sum();
    Weight { rows: rows as u64, spare: (spare * mem::size_of::<tiltmeter_record::Prediction>()) as u64 }
}

/// However the worker goes, what it leaves in the queue is counted.
impl Drop for Worker {
    fn drop(&mut self) {
        if thread::panicking() {
            self.intake.close_dead();
        } else {
            self.intake.close();
        }
        // those who wait for a flush wait no more: the channel keeps what it holds as long as somebody can send
        while self.commands.try_recv().is_ok() {}
        let (books, pairs) = (&self.books, &self.running.shared.pairs);
        self.intake.empty(|item| match item {
            Item::Exchange(_) => books.abandoned(),
            Item::Pair(_) => pairs.abandoned(),
            Item::Canary(_) => {}
        });
    }
}

#[cfg(test)]
mod tests;
