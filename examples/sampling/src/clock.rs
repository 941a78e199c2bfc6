//! The time of the replay: that of the flights.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiltmeter::log::Clock;

/// A clock that is set, and never goes back.
#[derive(Debug)]
pub struct ReplayClock {
    start: Timestamp,
    micros: AtomicU64,
}

impl ReplayClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn starting(start: Timestamp) -> Self {
        Self { start, micros: AtomicU64::new(0) }
    }

    /// Sets it to `time`.
    pub fn set(&self, time: Timestamp) {
        let micros = time.duration_since(self.start).as_micros();
        self.micros.fetch_max(u64::try_from(micros).unwrap_or(0), Relaxed);
    }
}

impl Clock for ReplayClock {
    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.micros.load(Relaxed))
    }

    fn wall(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.monotonic()).unwrap_or(SignedDuration::MAX);
        self.start.saturating_add(passed).unwrap_or(self.start)
    }
}
