//! Holding back: a replay is a year's traffic in seconds, which is more than what it feeds may be built for.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

/// Asks now and then whether something behind the service is behind, and waits a little while it is.
///
/// It bounds the rate, never the replay: after `patience` the next requests go out all the same.
#[derive(Clone)]
pub struct Pace {
    behind: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Pace {
    /// A connection asks before each of so many of its requests.
    pub const EVERY: u64 = 16;
    /// How long it waits until it asks again.
    pub const PAUSE: Duration = Duration::from_millis(1);
    /// How long it waits at most before the next [`Pace::EVERY`] requests.
    pub const PATIENCE: Duration = Duration::from_secs(1);

    /// As fast as the service answers.
    #[must_use]
    pub fn unpaced() -> Self {
        Self { behind: None }
    }

    /// Holds back while `behind` says so. It is called on the client's tasks: it must be quick and not block.
    #[must_use]
    pub fn while_behind(behind: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { behind: Some(Arc::new(behind)) }
    }

    /// Waits if need be, before a connection's request number `sent`; tells how long.
    pub(super) async fn hold_back(&self, sent: u64) -> Duration {
        let Some(behind) = self.behind.as_ref().filter(|_| sent.is_multiple_of(Self::EVERY)) else {
            return Duration::ZERO;
        };
        if !behind() {
            return Duration::ZERO;
        }
        let started = Instant::now();
        while started.elapsed() < Self::PATIENCE && behind() {
            sleep(Self::PAUSE).await;
        }
        started.elapsed()
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("paced", &self.behind.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_until_it_has_caught_up() {
        let left = AtomicU32::new(5);
        let pace = Pace::while_behind(move || {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
        });
        assert_eq!(pace.hold_back(1).await, Duration::ZERO, "asks only every so many requests");
        assert_eq!(pace.hold_back(0).await, 4 * Pace::PAUSE);
        assert_eq!(pace.hold_back(0).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_catches_up_does_not_stop_the_replay() {
        assert_eq!(Pace::while_behind(|| true).hold_back(0).await, Pace::PATIENCE);
        assert_eq!(Pace::unpaced().hold_back(0).await, Duration::ZERO);
    }
}
