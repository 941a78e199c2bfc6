//! Rows that wait.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tiltmeter_record::Prediction;
use tiltmeter_sample::Draw;

use super::{Expected, Verdict, bytes_of};
use crate::sampling::deciding::Met;

/// How much may wait, and how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) rows: usize,
    pub(super) bytes: usize,
    pub(super) time: Duration,
}

/// The rows of one request.
#[derive(Debug)]
pub(in crate::sampling) struct WaitingRows {
    pub(in crate::sampling) rows: Vec<Prediction>,
    /// By what they are decided.
    pub(in crate::sampling) met: Met,
    pub(in crate::sampling) draw: Draw,
    /// Whether the application asked for them to be kept.
    pub(in crate::sampling) keep: bool,
    /// What is known of the request.
    pub(in crate::sampling) verdict: Verdict,
    /// Whether all have answered who were waited for.
    pub(in crate::sampling) is_answered: bool,
}

#[derive(Debug)]
struct Waiting {
    rows: WaitingRows,
    bytes: usize,
    since: Duration,
    expected: Expected,
}

#[derive(Debug)]
pub(super) struct WaitingRoom {
    bounds: Bounds,
    /// By the order in which they came.
    waiting: BTreeMap<u64, Waiting>,
    /// Several may draw the same: a client has tried again.
    by_draw: BTreeSet<(Draw, u64)>,
    /// Those that need not wait any longer.
    ready: Vec<WaitingRows>,
    next: u64,
    rows: usize,
    bytes: usize,
}

impl WaitingRoom {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            waiting: BTreeMap::new(),
            by_draw: BTreeSet::new(),
            ready: Vec::new(),
            next: 0,
            rows: 0,
            bytes: 0,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows + self.ready.iter().map(|ready| ready.rows.len()).sum::<usize>()
    }

    /// Has rows wait; returns what has no room, the oldest first.
    pub(super) fn push(&mut self, rows: WaitingRows, expected: Expected, now: Duration) -> Vec<WaitingRows> {
        let (count, bytes) = (rows.rows.len(), bytes_of(&rows.rows));
        if count > self.bounds.rows || bytes > self.bounds.bytes || self.bounds.time.is_zero() {
            return vec![rows];
        }
        let mut out = Vec::new();
        while self.rows + count > self.bounds.rows || self.bytes + bytes > self.bounds.bytes {
            let Some(oldest) = self.take_oldest() else { break };
            out.push(oldest);
        }
        self.by_draw.insert((rows.draw, self.next));
        self.waiting.insert(self.next, Waiting { rows, bytes, since: now, expected });
        (self.next, self.rows, self.bytes) = (self.next + 1, self.rows + count, self.bytes + bytes);
        out
    }

    /// Notes an answer to the requests of that draw; tells whether any waits for it.
    pub(super) fn answered(&mut self, draw: Draw, verdict: Verdict) -> bool {
        let of_draw = self.by_draw.range((draw, 0)..=(draw, u64::MAX));
        let places: Vec<u64> = of_draw.map(|(_, place)| *place).collect();
        for place in &places {
            let Some(waiting) = self.waiting.get_mut(place) else { continue };
            let disagreement = verdict.disagreement.map(|shown| shown.min(waiting.expected.shown));
            waiting.rows.verdict.join(Verdict { disagreement, ..verdict });
            if waiting.rows.verdict.answered.contains(waiting.expected.challengers) {
                self.is_ready(*place);
            }
        }
        !places.is_empty()
    }

    fn is_ready(&mut self, place: u64) {
        if let Some(mut ready) = self.remove(place) {
            ready.is_answered = true;
            self.ready.push(ready);
        }
    }

    /// Takes out those that are answered, and those that have waited long enough.
    pub(super) fn take_ready(&mut self, now: Duration) -> Vec<WaitingRows> {
        let mut ready = std::mem::take(&mut self.ready);
        let is_over = |waiting: &Waiting| now.saturating_sub(waiting.since) >= self.bounds.time;
        let over: Vec<u64> = self
            .waiting
            .iter()
            .take_while(|(_, waiting)| is_over(waiting))
            .map(|(place, _)| *place)
            .collect();
        ready.extend(over.into_iter().filter_map(|place| self.remove(place)));
        ready
    }

    pub(super) fn take_all(&mut self) -> Vec<WaitingRows> {
        let mut all = std::mem::take(&mut self.ready);
        while let Some(oldest) = self.take_oldest() {
            all.push(oldest);
        }
        all
    }

    fn take_oldest(&mut self) -> Option<WaitingRows> {
        let place = self.waiting.first_key_value().map(|(place, _)| *place)?;
        self.remove(place)
    }

    fn remove(&mut self, place: u64) -> Option<WaitingRows> {
        let Waiting { rows, bytes, .. } = self.waiting.remove(&place)?;
        self.rows -= rows.rows.len();
        self.bytes -= bytes;
        self.by_draw.remove(&(rows.draw, place));
        Some(rows)
    }
}
