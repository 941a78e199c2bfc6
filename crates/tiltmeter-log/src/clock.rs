//! Time, injected: so that tests decide what it is.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

/// Where the log gets the time from.
///
/// The request path reads [`monotonic`](Self::monotonic) twice per exchange, and [`wall`](Self::wall) only when it has
/// to make a request id; everything else happens on the worker thread.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// The time since some fixed instant. It never goes back.
    fn monotonic(&self) -> Duration;

    /// The time of day (UTC). It may jump.
    fn wall(&self) -> Timestamp;
}

/// The operating system's clocks.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn wall(&self) -> Timestamp {
        // a clock set before the year -9999 or after 9999 is taken for 1970
        Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
