//! How many predictions there are in 24 hours.

use std::collections::VecDeque;
use std::time::Duration;

const DAY: f64 = 24.0 * 60.0 * 60.0;
/// The time that is counted together, unless an interval is longer.
const SLOT: f64 = 15.0 * 60.0;
/// Before the first slot is over, what was counted speaks for a day after so many intervals, if it is so much: a standard
/// deviation is then half of the usual hysteresis.
const FIRST_INTERVALS: u32 = 3;
const FIRST_PREDICTIONS: u64 = 400;

/// Predictions of the last 24 hours, by the quarter of an hour.
#[derive(Clone, Debug)]
pub(super) struct Volume {
    slots: VecDeque<u64>,
    most_slots: usize,
    intervals_per_slot: u32,
    interval_seconds: f64,
    current: u64,
    current_intervals: u32,
}

impl Volume {
    pub(super) fn new(interval: Duration) -> Self {
        let seconds = interval.as_secs_f64().clamp(1.0, DAY);
        let intervals_per_slot = whole((SLOT / seconds).round()).max(1);
        let slot_seconds = seconds * f64::from(intervals_per_slot);
        let most_slots = usize::try_from(whole((DAY / slot_seconds).floor())).unwrap_or(1).max(1);
        let slots = VecDeque::with_capacity(most_slots);
        Self {
            slots,
            most_slots,
            intervals_per_slot,
            interval_seconds: seconds,
            current: 0,
            current_intervals: 0,
        }
    }

    pub(super) fn end_interval(&mut self, predictions: u64) {
        self.current = self.current.saturating_add(predictions);
        self.current_intervals += 1;
        if self.current_intervals >= self.intervals_per_slot {
            if self.slots.len() >= self.most_slots {
                self.slots.pop_front();
            }
            self.slots.push_back(std::mem::take(&mut self.current));
            self.current_intervals = 0;
        }
    }

    /// Whether 24 hours were counted.
    pub(super) fn is_of_a_day(&self) -> bool {
        self.slots.len() >= self.most_slots
    }

    /// The predictions in 24 hours, from those that were counted; nothing as long as they say little.
    #[expect(clippy::cast_precision_loss, reason = "counts that are tiny beside 2^53")]
    pub(super) fn per_day(&self) -> Option<f64> {
        let per_day = |counted: f64, intervals: f64| counted / (intervals * self.interval_seconds) * DAY;
        if self.slots.is_empty() {
            let is_enough = self.current_intervals >= FIRST_INTERVALS && self.current >= FIRST_PREDICTIONS;
            return is_enough.then(|| per_day(self.current as f64, f64::from(self.current_intervals)));
        }
        let counted: f64 = self.slots.iter().map(|slot| *slot as f64).sum();
        Some(per_day(counted, self.slots.len() as f64 * f64::from(self.intervals_per_slot)))
    }
}

/// How many intervals there are in 24 hours, at least one.
pub(super) fn intervals_per_day(interval: Duration) -> u64 {
    u64::from(whole((DAY / interval.as_secs_f64().clamp(1.0, DAY)).ceil()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 86,400")]
fn whole(number: f64) -> u32 {
    number as u32
}
