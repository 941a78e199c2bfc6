//! Trying again: how often and how long ([`RetryPolicy`]), when not at all for a while ([`BreakerPolicy`]), and which
//! failures are worth it ([`Failure`]).
//!
//! The policies are numbers; what is tried, and what a failed try means, is the business of the sink. All time is tokio's,
//! and nothing here spawns: who drops the future that waits has ended the trying.
//!
//! No crate fits: `backon` has no decorrelated jitter and hides the place between two tries where an unclear outcome is
//! read back; `failsafe` reads the system's clock, which a test with paused time cannot set.

mod backoff;
mod breaker;
mod failure;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

pub(crate) use self::backoff::Backoff;
pub(crate) use self::breaker::{Breaker, Permit};
pub(crate) use self::failure::Failure;
use crate::error::BuildError;

/// Longer than any process lives, and short enough to be added to the time that it is.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 86_400);

/// The time that it will be when `passed` has passed; one that is too long to be reckoned with is forever.
fn after(passed: Duration) -> Instant {
    Instant::now() + passed.min(FOREVER)
}

/// How often, and for how long, a sink tries to write one thing.
///
/// The pauses have decorrelated jitter: each is drawn between the shortest pause and three times the one before, and none
/// is longer than the longest. So writers that failed together do not come back together.
///
/// | setting | default |
/// | --- | --- |
/// | attempts, at most | 10 |
/// | time in all, from the first attempt, at most | 10 minutes |
/// | shortest pause | 0.2 s |
/// | longest pause | 20 s |
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    time: Duration,
    shortest: Duration,
    longest: Duration,
}

impl RetryPolicy {
    /// The default policy.
    pub fn new() -> Self {
        Self {
            attempts: 10,
            time: Duration::from_secs(600),
            shortest: Duration::from_millis(200),
            longest: Duration::from_secs(20),
        }
    }

    /// One attempt, and none after it. Nothing waits for a store that is given a rest ([`BreakerPolicy`]): what comes then
    /// fails at once.
    pub fn none() -> Self {
        Self::new().with_max_attempts(1)
    }

    /// Tries at most `attempts` times, the first included; at least 1.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Begins no attempt when `time` has passed since the first; waiting for a store that is out of reach counts. More
    /// than 0.
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Pauses for at least `shortest` and at most `longest`. Pauses grow from the shortest one: 0 and 0 is no pause at all,
    /// and 0 alone is refused, because three times nothing is nothing.
    pub fn with_pauses(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest;
        self
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        if self.attempts == 0 || self.time.is_zero() || self.shortest > self.longest {
            return Err(BuildError::configuration(
                "the retry policy allows no attempt or no time, or its shortest pause is longer than its longest",
            ));
        }
        if self.shortest.is_zero() && !self.longest.is_zero() {
            return Err(BuildError::configuration(
                "the retry policy's shortest pause is 0, from which no pause grows: give more, or 0 for the longest too",
            ));
        }
        Ok(())
    }

    /// The attempts at one thing, the first of which begins now.
    pub(crate) fn begin(&self, rng: fastrand::Rng) -> Attempts {
        Attempts {
            left: self.attempts.saturating_sub(1),
            is_the_only_one: self.attempts <= 1,
            until: after(self.time),
            backoff: Backoff::new(self.shortest, self.longest, rng),
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// When a sink stops asking a store that fails: the circuit breaker.
///
/// After so many failures in a row nothing is sent for the cool-down, lengthened by up to half of it at random. Then one
/// request goes out as a probe: if it succeeds all others follow, if not the next cool-down begins.
///
/// The defaults are 5 failures and 15 seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct BreakerPolicy {
    failures: u32,
    cool_down: Duration,
}

impl BreakerPolicy {
    /// The default policy.
    pub fn new() -> Self {
        Self { failures: 5, cool_down: Duration::from_secs(15) }
    }

    /// Opens after `failures` failures in a row; at least 1.
    pub fn with_failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// Probes after `cool_down`; more than 0.
    pub fn with_cool_down(mut self, cool_down: Duration) -> Self {
        self.cool_down = cool_down;
        self
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        if self.failures == 0 || self.cool_down.is_zero() {
            return Err(BuildError::configuration(
                "the circuit breaker opens after 0 failures or for no time, and both must be more",
            ));
        }
        Ok(())
    }
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// What is left of the attempts at one thing.
#[derive(Debug)]
pub(crate) struct Attempts {
    left: u32,
    is_the_only_one: bool,
    until: Instant,
    backoff: Backoff,
}

impl Attempts {
    /// After this no attempt begins.
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Waits for the leave of `breaker` to make the next attempt; gives up when the time is over. To wait for a store that
    /// is given a rest is a pause, which a single attempt does not have.
    pub(crate) async fn admit<'b>(&self, breaker: &'b Breaker) -> Option<Permit<'b>> {
        if self.is_the_only_one {
            return breaker.admit_unless_open().await;
        }
        timeout_at(self.until, breaker.admit()).await.ok()
    }

    /// Waits for the next attempt; tells whether there is one.
    pub(crate) async fn pause(&mut self) -> bool {
        let next = after(self.backoff.next());
        if self.left == 0 || next >= self.until {
            return false;
        }
        self.left -= 1;
        tokio::time::sleep_until(next).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paused<T>(future: impl Future<Output = T>) -> T {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(future)
    }

    proptest! {
        #[test]
        fn attempts_are_bounded_in_number_and_time(
            attempts in 1_u32..50, time in 1_u64..100_000, pauses in (0_u64..5_000, 0_u64..5_000), seed: u64,
        ) {
            let longest = pauses.0.max(pauses.1);
            let shortest = pauses.0.min(pauses.1).max(u64::from(longest > 0));
            let policy = RetryPolicy::new()
                .with_max_attempts(attempts)
                .with_max_time(Duration::from_millis(time))
                .with_pauses(Duration::from_millis(shortest), Duration::from_millis(longest));
            policy.check().unwrap();
            let (made, took) = paused(async {
                let began = Instant::now();
                let mut tries = policy.begin(fastrand::Rng::with_seed(seed));
                let mut made = 1;
                while tries.pause().await {
                    made += 1;
                }
                (made, began.elapsed())
            });
            prop_assert!(made <= attempts);
            prop_assert!(took < Duration::from_millis(time) + Duration::from_millis(1), "{took:?}");
            let is_cut = took + Duration::from_millis(longest) >= Duration::from_millis(time);
            prop_assert!(made == attempts || is_cut, "nothing but a bound ends the attempts");
        }
    }

    #[test]
    fn policies_out_of_range_are_refused() {
        let second = Duration::from_secs(1);
        for policy in [
            RetryPolicy::new().with_max_attempts(0),
            RetryPolicy::new().with_max_time(Duration::ZERO),
            RetryPolicy::new().with_pauses(second, Duration::ZERO),
            RetryPolicy::new().with_pauses(Duration::ZERO, second),
        ] {
            assert!(policy.check().unwrap_err().is_configuration());
        }
        for policy in
            [BreakerPolicy::new().with_failures(0), BreakerPolicy::new().with_cool_down(Duration::ZERO)]
        {
            assert!(policy.check().unwrap_err().is_configuration());
        }
    }

    #[test]
    fn no_duration_is_too_long() {
        let policy =
            RetryPolicy::new().with_max_time(Duration::MAX).with_pauses(Duration::MAX, Duration::MAX);
        let breaker = BreakerPolicy::new().with_failures(1).with_cool_down(Duration::MAX);
        policy.check().and(breaker.check()).unwrap();
        paused(async {
            let breaker = Breaker::new(breaker, fastrand::Rng::with_seed(1));
            let mut attempts = policy.begin(fastrand::Rng::with_seed(1));
            attempts.admit(&breaker).await.unwrap().failed(&"no");
            assert!(breaker.is_open());
            assert!(!attempts.pause().await, "a pause as long as all the time is the end of the attempts");
            assert!(RetryPolicy::none().begin(fastrand::Rng::with_seed(1)).admit(&breaker).await.is_none());
        });
    }
}
