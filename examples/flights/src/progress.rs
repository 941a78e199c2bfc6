//! How far the replay is: a bar on a terminal, a line every tenth elsewhere.

mod display;

use std::{
    fmt,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use jiff::Timestamp;

pub use display::Display;

use crate::figures;

/// The count of exchanges and the time of the latest event, kept by the client while others look on.
#[derive(Debug)]
pub struct Progress {
    total: u64,
    done: AtomicU64,
    /// In milliseconds since 1970.
    event_time: AtomicI64,
}

impl Progress {
    /// Nothing done yet of `total` requests.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self { total, done: AtomicU64::new(0), event_time: AtomicI64::new(i64::MIN) }
    }

    /// One more exchange is over.
    pub fn advance(&self, event_time: Timestamp) {
        self.event_time.fetch_max(event_time.as_millisecond(), Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// How many exchanges are over.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    fn snapshot(&self, elapsed: Duration) -> Snapshot {
        let event_time = Timestamp::from_millisecond(self.event_time.load(Ordering::Relaxed)).ok();
        Snapshot { done: self.done(), total: self.total, event_time, elapsed }
    }
}

/// `93,210/150,000  2013-08-12  24,310/s  eta 2 s`, padded so that nothing jumps.
#[derive(Clone, Copy, Debug)]
struct Snapshot {
    done: u64,
    total: u64,
    event_time: Option<Timestamp>,
    elapsed: Duration,
}

impl Snapshot {
    fn tenths(&self) -> u64 {
        (self.done * 10).checked_div(self.total).unwrap_or(10)
    }

    fn per_second(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64().max(1e-3)
    }

    fn date(&self) -> String {
        // the first ten characters of an ISO time are its date
        self.event_time.map_or_else(|| "-".repeat(10), |time| format!("{time:.0}").chars().take(10).collect())
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = figures::count(self.total);
        let done = figures::count(self.done);
        let rate = figures::whole(self.per_second());
        write!(f, "{done:>width$}/{total}  {}  {rate:>7}/s", self.date(), width = total.len())?;
        let left = (self.total.saturating_sub(self.done)) as f64 / self.per_second();
        if left.is_finite() { write!(f, "  eta {} s", figures::whole(left.ceil())) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_one_short_line() {
        let progress = Progress::new(150_000);
        assert_eq!(progress.snapshot(Duration::ZERO).to_string(), "      0/150,000  ----------        0/s");
        for _ in 0..93_210 {
            progress.advance("2013-08-12T10:00:00.250Z".parse().unwrap());
        }
        progress.advance("2013-08-11T10:00:00Z".parse().unwrap());
        let snapshot = progress.snapshot(Duration::from_secs(4));
        assert_eq!(snapshot.to_string(), " 93,211/150,000  2013-08-12   23,303/s  eta 3 s");
        assert_eq!(snapshot.tenths(), 6);
        assert_eq!(Progress::new(0).snapshot(Duration::ZERO).tenths(), 10);
    }
}
