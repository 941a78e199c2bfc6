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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_where_it_was_set_and_never_goes_back() {
        let start = at("2013-03-01T09:54:43.788Z");
        let clock = ReplayClock::starting(start);
        assert_eq!((clock.monotonic(), clock.wall()), (Duration::ZERO, start));
        let times = [
            "2013-03-01T10:00:00Z",
            "2013-03-01T09:59:59Z",
            "2013-02-01T00:00:00Z",
            "2013-12-31T23:59:59.999999Z",
        ];
        let mut last = start;
        for time in times.map(at) {
            clock.set(time);
            last = last.max(time);
            assert_eq!(clock.wall(), last);
            assert_eq!(SignedDuration::try_from(clock.monotonic()).unwrap(), last.duration_since(start));
        }
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let clock = ReplayClock::starting(Timestamp::MAX);
        clock.set(Timestamp::MIN);
        assert_eq!(clock.wall(), Timestamp::MAX);
        let clock = ReplayClock::starting(Timestamp::MIN);
        clock.set(Timestamp::MAX);
        assert!(clock.wall() <= Timestamp::MAX && clock.wall() > Timestamp::MIN);
    }
}
