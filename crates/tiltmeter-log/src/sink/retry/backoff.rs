//! Pauses with decorrelated jitter.
//!
//! `pause = min(longest, random(shortest, 3 · previous pause))`: M. Brooker, "Exponential Backoff And Jitter", AWS
//! Architecture Blog, 2015.

use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Backoff {
    shortest: u64,
    longest: u64,
    previous: u64,
    rng: fastrand::Rng,
}

impl Backoff {
    pub(crate) fn new(shortest: Duration, longest: Duration, rng: fastrand::Rng) -> Self {
        let (shortest, longest) = (nanos(shortest), nanos(longest));
        Self { shortest, longest, previous: shortest, rng }
    }

    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        // an empty range has no random number in it
        let upper = self.previous.saturating_mul(3).max(self.shortest);
        self.previous = self.rng.u64(self.shortest..=upper).min(self.longest);
        Duration::from_nanos(self.previous)
    }
}

/// 584 years are enough of a pause.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pauses_are_within_their_bounds(shortest: u64, longest: u64, seed: u64) {
            let (shortest, longest) = (shortest.min(longest), shortest.max(longest));
            let (low, high) = (Duration::from_nanos(shortest), Duration::from_nanos(longest));
            let mut backoff = Backoff::new(low, high, fastrand::Rng::with_seed(seed));
            let mut previous = low;
            for _ in 0..50 {
                let pause = backoff.next();
                prop_assert!(pause >= low && pause <= high);
                prop_assert!(pause <= previous.saturating_mul(3).max(low));
                previous = pause;
            }
        }
    }

    #[test]
    fn without_a_shortest_pause_there_is_none() {
        let mut backoff = Backoff::new(Duration::ZERO, Duration::from_secs(1), fastrand::Rng::with_seed(1));
        assert!((0..10).all(|_| backoff.next().is_zero()));
        let mut backoff = Backoff::new(Duration::MAX, Duration::MAX, fastrand::Rng::with_seed(1));
        assert_eq!(backoff.next(), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn writers_that_failed_together_do_not_come_back_together() {
        let mut pauses: Vec<_> = (0..100)
            .map(|seed| {
                let (low, high) = (Duration::from_millis(100), Duration::from_secs(20));
                let mut backoff = Backoff::new(low, high, fastrand::Rng::with_seed(seed));
                (0..4).map(|_| backoff.next()).sum::<Duration>()
            })
            .collect();
        pauses.sort_unstable();
        pauses.dedup();
        assert_eq!(pauses.len(), 100);
        assert!(pauses[90] > pauses[10] * 2, "spread out: {:?} to {:?}", pauses[10], pauses[90]);
    }
}
