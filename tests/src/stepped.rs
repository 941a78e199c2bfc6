//! A clock that tests set.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiltmeter::Clock;

/// A clock that goes on when it is told to, from 1970-01-01T00:00:00Z on.
#[derive(Debug, Default)]
pub struct Stepped {
    seconds: AtomicU64,
}

impl Stepped {
    /// Goes on by so many seconds; returns how many have passed.
    pub fn step(&self, seconds: u64) -> u64 {
        self.seconds.fetch_add(seconds, Relaxed) + seconds
    }
}

impl Clock for Stepped {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Relaxed))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::try_from(self.monotonic()).unwrap()
    }
}
