//! The books, turned into gaps and heartbeats; profiles and changes of rates on their way to the sinks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiltmeter_record::{
    CellKey, ExchangeDrop, Gap, Heartbeat, Journal, PredictionDrop, Priority, ProfileDelta, RateChange,
    ShadowBooks, ShadowHeartbeat, SizeClass, WriterId,
};

use super::owed::{Entries, Owed};
use crate::books::{BooksOfSink, ExchangeBooks, Receipt, Signature, Stratum};
use crate::lane::Lane;
use crate::shared::{Item, Shared};

/// What a loss is counted by, within a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    Exchanges {
        route: u16,
        size: SizeClass,
        priority: Priority,
        reason: ExchangeDrop,
    },
    Predictions {
        sink: usize,
        model: u16,
        reason: PredictionDrop,
    },
    Pairs {
        sink: usize,
        model: u16,
        reason: PredictionDrop,
    },
    /// Predictions whose profile there was no room for.
    Profiles {
        sink: usize,
        model: u16,
    },
}

/// The sequences that the next rows will have.
#[derive(Clone, Copy, Debug)]
pub(super) struct NextRows {
    pub(super) prediction: u64,
    pub(super) pair: u64,
}

/// Losses that wait for the next journal, at most: there are a few every minute.
const MAX_OPEN: usize = 10_000;

/// Keeps the journal of one log.
#[derive(Debug)]
pub(crate) struct JournalKeeper {
    shared: Arc<Shared>,
    writer_id: WriterId,
    serving_node: Arc<str>,
    /// In the order of the lanes.
    sinks: Vec<BooksOfSink>,
    started_at: Timestamp,
    interval: Duration,
    canary_interval: Option<Duration>,
    next_write: Duration,
    next_canary: Duration,
    /// What has been counted so far.
    counted: BTreeMap<Loss, u64>,
    /// What has been counted and has no sequence yet.
    open: BTreeMap<(i64, Loss), u64>,
    /// What each sink has not signed for.
    owed: Vec<Owed>,
    gaps: u64,
    heartbeats: u64,
    profiles: u64,
    rates: u64,
}

impl JournalKeeper {
    pub(crate) fn new(
        shared: Arc<Shared>,
        writer_id: WriterId,
        serving_node: Arc<str>,
        sinks: Vec<BooksOfSink>,
        interval: Duration,
        canary_interval: Option<Duration>,
    ) -> Self {
        let (now, started_at) = (shared.clock.monotonic(), shared.clock.wall());
        Self {
            shared,
            writer_id,
            serving_node,
            started_at,
            interval,
            canary_interval,
            // the first one at once: so that a reader knows of a writer that is killed in its first minute
            next_write: now,
            next_canary: now.saturating_add(canary_interval.unwrap_or(Duration::MAX)),
            counted: BTreeMap::new(),
            open: BTreeMap::new(),
            owed: sinks.iter().map(|_| Owed::default()).collect(),
            sinks,
            gaps: 0,
            heartbeats: 0,
            profiles: 0,
            rates: 0,
        }
    }

    pub(super) fn is_due(&self, now: Duration) -> bool {
        now >= self.next_write
    }

    pub(super) fn is_canary_due(&self, now: Duration) -> bool {
        now >= self.next_canary
    }

    /// Sends a canary through the queue. One that finds no room is not sent: its age tells.
    pub(super) fn send_canary(&mut self, now: Duration) {
        self.next_canary = now.saturating_add(self.canary_interval.unwrap_or(Duration::MAX));
        let _ = send_canary(&self.shared);
    }

    /// Notes what has been lost since the last time, in the minute of `wall`.
    pub(super) fn collect(&mut self, books: &ExchangeBooks, wall: Timestamp) {
        let minute = wall.as_second().div_euclid(60);
        let of_exchanges = books.losses().map(|(stratum, reason, count)| {
            let Stratum { route, size, priority } = stratum;
            (Loss::Exchanges { route, size, priority, reason }, count)
        });
        let sinks = self.sinks.clone();
        let of_sinks = sinks.iter().enumerate().flat_map(|(sink, books)| {
            let of_predictions = books.predictions.losses();
            let of_predictions = of_predictions
                .map(move |(model, reason, count)| (Loss::Predictions { sink, model, reason }, count));
            let of_pairs = books.pairs.losses();
            let of_pairs =
                of_pairs.map(move |(model, reason, count)| (Loss::Pairs { sink, model, reason }, count));
            of_predictions.chain(of_pairs)
        });
        for (loss, count) in of_exchanges.chain(of_sinks) {
            let before = self.counted.insert(loss, count).unwrap_or(0);
            if count > before {
                self.note(minute, loss, count - before);
            }
        }
    }

    fn note(&mut self, minute: i64, loss: Loss, count: u64) {
        // without room for one more minute the loss joins an earlier one of its kind
        let key = if self.open.len() >= MAX_OPEN && !self.open.contains_key(&(minute, loss)) {
            self.open.keys().rev().find(|(_, open)| *open == loss).copied().unwrap_or((minute, loss))
        } else {
            (minute, loss)
        };
        *self.open.entry(key).or_insert(0) += count;
    }

    /// Notes profiles, for every sink.
    pub(super) fn note_profiles(&mut self, deltas: Vec<ProfileDelta>, wall: Timestamp) {
        let minute = wall.as_second().div_euclid(60);
        for mut delta in deltas {
            delta.sequence = self.profiles;
            self.profiles += 1;
            let delta = Arc::new(delta);
            let has_room: Vec<bool> = self.owed.iter_mut().map(|owed| owed.add_profile(&delta)).collect();
            for (sink, _) in has_room.into_iter().enumerate().filter(|(_, has_room)| !has_room) {
                let model = self.shared.routes.of_model(&delta.model_name).unwrap_or_default();
                self.note(minute, Loss::Profiles { sink, model }, predictions_of(&delta));
            }
        }
    }

    /// Notes changes of sampling rates, for every sink.
    pub(super) fn note_rates(&mut self, changes: Vec<RateChange>) {
        for mut change in changes {
            change.sequence = self.rates;
            self.rates += 1;
            self.owed.iter_mut().for_each(|owed| owed.add_rate(change.clone()));
        }
    }

    /// Sends the entries that have not been signed for, and the books as they stand, to every sink.
    pub(super) fn write(
        &mut self,
        books: &ExchangeBooks,
        lanes: &[Lane],
        next: NextRows,
        now: Duration,
        wall: Timestamp,
    ) {
        self.next_write = now.saturating_add(self.interval);
        self.collect(books, wall);
        self.number(lanes);
        let heartbeat = self.heartbeat(books, next, wall);
        let shadows = self.shadows(heartbeat.sequence, self.shared.shadows.read());
        for (place, lane) in lanes.iter().enumerate() {
            let entries = self.owed.get_mut(place).map(Owed::take).unwrap_or_default();
            let journal = self.journal(entries, heartbeat.clone(), shadows.clone());
            if journal.has_owed_entries() {
                self.send(place, lane, journal);
            } else {
                lane.write_journal(journal, Receipt::new(None, Arc::clone(lane.books())));
            }
        }
    }

    /// Sends the last journal of the sink at `place`; returns what tells whether it has arrived. `is_last` tells whether the
    /// sink has settled everything.
    pub(super) fn write_last(
        &mut self,
        books: &ExchangeBooks,
        lanes: &[Lane],
        place: usize,
        next: NextRows,
        wall: Timestamp,
        is_last: bool,
    ) -> Option<Signature> {
        self.collect(books, wall);
        self.number(lanes);
        let mut heartbeat = self.heartbeat(books, next, wall);
        heartbeat.is_last = is_last;
        let shadows = self.shadows(heartbeat.sequence, self.shared.shadows.read_last());
        let entries = self.owed.get_mut(place)?.take();
        let journal = self.journal(entries, heartbeat, shadows);
        Some(self.send(place, lanes.get(place)?, journal))
    }

    fn send(&mut self, place: usize, lane: &Lane, journal: Arc<Journal>) -> Signature {
        let (receipt, signature) = Receipt::watched(None, Arc::clone(lane.books()));
        lane.write_journal(Arc::clone(&journal), receipt);
        if let Some(owed) = self.owed.get_mut(place) {
            owed.sent(signature.clone(), journal);
        }
        signature
    }

    /// Makes gaps of what has been counted, for every sink.
    fn number(&mut self, lanes: &[Lane]) {
        for ((minute, loss), count) in std::mem::take(&mut self.open) {
            let gap = self.gap(minute, loss, count);
            self.owed.iter_mut().for_each(|owed| owed.add(gap.clone()));
        }
        for (owed, lane) in self.owed.iter_mut().zip(lanes) {
            if lane.is_closed() {
                owed.forget();
            }
        }
    }

    /// The books as they stand, out of turn: a canary has come through the queue.
    pub(super) fn write_canary(
        &mut self,
        books: &ExchangeBooks,
        lanes: &[Lane],
        next: NextRows,
        now: Duration,
        wall: Timestamp,
    ) {
        let mut heartbeat = self.heartbeat(books, next, wall);
        heartbeat.is_canary = true;
        let journal = self.journal(Entries::default(), heartbeat, Vec::new());
        for lane in lanes {
            lane.write_journal(Arc::clone(&journal), Receipt::new(Some(now), Arc::clone(lane.books())));
        }
    }

    /// The books of the shadows, for the heartbeat at that place.
    fn shadows(&self, sequence: u64, read: Vec<(u16, ShadowBooks)>) -> Vec<ShadowHeartbeat> {
        let routes = &self.shared.routes;
        read.into_iter()
            .map(|(route, books)| ShadowHeartbeat::new(sequence, routes.model(route), books))
            .collect()
    }

    fn journal(&self, entries: Entries, heartbeat: Heartbeat, shadows: Vec<ShadowHeartbeat>) -> Arc<Journal> {
        let Entries { gaps, rates, profiles } = entries;
        Arc::new(Journal {
            writer_id: self.writer_id.clone(),
            serving_node: Arc::clone(&self.serving_node),
            gaps,
            heartbeats: vec![heartbeat],
            shadows,
            profiles,
            rates,
        })
    }

    fn heartbeat(&mut self, books: &ExchangeBooks, next: NextRows, wall: Timestamp) -> Heartbeat {
        let mut heartbeat = Heartbeat::new(self.heartbeats, self.started_at, wall);
        self.heartbeats += 1;
        (heartbeat.next_prediction, heartbeat.next_pair) = (next.prediction, next.pair);
        heartbeat.exchanges = books.read();
        heartbeat.sinks = self.sinks.iter().map(BooksOfSink::ledger).collect();
        heartbeat
    }

    fn gap(&mut self, minute: i64, loss: Loss, count: u64) -> Gap {
        let sequence = self.gaps;
        self.gaps += 1;
        let minute = Timestamp::UNIX_EPOCH
            .checked_add(SignedDuration::from_secs(minute.saturating_mul(60)))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        match loss {
            Loss::Exchanges { route, size, priority, reason } => {
                let mut gap = Gap::of_exchanges(sequence, minute, reason, count);
                gap.model_name = Some(self.shared.routes.model(route));
                gap.endpoint = Some(self.shared.routes.endpoint(route));
                gap.size_class = Some(size);
                gap.priority = Some(priority);
                gap
            }
            Loss::Predictions { sink, model, reason } => {
                self.gap_of_sink(Gap::of_predictions(sequence, minute, self.name(sink), reason, count), model)
            }
            Loss::Pairs { sink, model, reason } => {
                self.gap_of_sink(Gap::of_pairs(sequence, minute, self.name(sink), reason, count), model)
            }
            Loss::Profiles { sink, model } => {
                let reason = PredictionDrop::SinkQueueFull;
                self.gap_of_sink(Gap::of_profiles(sequence, minute, self.name(sink), reason, count), model)
            }
        }
    }

    fn name(&self, sink: usize) -> Arc<str> {
        self.sinks.get(sink).map_or_else(|| Arc::from(""), |books| Arc::clone(books.predictions.name()))
    }

    fn gap_of_sink(&self, mut gap: Gap, model: u16) -> Gap {
        gap.model_name = Some(self.shared.routes.model(model));
        gap.endpoint = Some(self.shared.routes.endpoint(model));
        gap
    }
}

/// The champion's predictions of a delta, each once.
fn predictions_of(delta: &ProfileDelta) -> u64 {
    let is_whole = |key: &CellKey| &*key.role == CellKey::CHAMPION && key.segment.is_none();
    let cells = delta.cells.iter().filter(|cell| is_whole(&cell.key));
    cells.map(|cell| cell.counts.predictions).sum()
}

/// Offers a canary to the queue; tells whether there was room for it.
pub(crate) fn send_canary(shared: &Shared) -> bool {
    let stratum = Stratum { route: 0, size: SizeClass::UpTo1KiB, priority: Priority::Normal };
    shared.queue.offer_uncounted(Item::Canary(shared.clock.monotonic()), 1, stratum)
}
