//! The champion comes first: when it becomes slower, its challengers get nothing.
//!
//! The time until the head of the champion's response is counted in a histogram, once a window is read: its 90th
//! percentile is the *fast* view. The *slow* one is the baseline: a moving average of the logarithm of the fast views.
//! The shadow sheds while the fast view is above a multiple of the baseline, or above a limit. The baseline does not
//! learn meanwhile: a champion that is slow because of its challengers must not become the norm. But if it stays slow
//! without them for a given time, it was not them: then that is the new norm.
//!
//! The one who looks is a thread of the challengers'. When it has not looked for five windows, since a challenger blocks it
//! or the machine is busy, the shadow sheds as well: nobody sees then how the champion is doing.
//!
//! The requests are those that some challenger's sample has: others are not watched.
//! The time until the head, not until the end: how fast a client reads is not the champion's doing.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// When the challengers yield to the champion.
///
/// By default: while the champion's 90th percentile of a second is above twice its baseline, for a minute at most; and
/// while a challenger blocks the thread that watches the champion, from the fifth second on. The baseline is a moving average over five minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Shedding {
    pub(crate) factor: f64,
    pub(crate) limit: Option<Duration>,
    pub(crate) window: Duration,
    pub(crate) memory: Duration,
    pub(crate) longest: Duration,
}

impl Shedding {
    /// The default.
    pub fn new() -> Self {
        Self {
            factor: 2.0,
            limit: None,
            window: Duration::from_secs(1),
            memory: Duration::from_secs(300),
            longest: Duration::from_secs(60),
        }
    }

    /// Sheds above `factor` times the baseline, above 1.
    pub fn with_factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// Sheds above `limit` as well, whatever the baseline, and for as long as it takes.
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// How long the champion is watched for one fast view, from 10 ms to a minute. A window with fewer than 20 responses
    /// is joined with the next, up to four; of so few responses nothing is concluded.
    pub fn with_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Over how long the baseline averages, at least a window.
    pub fn with_memory(mut self, memory: Duration) -> Self {
        self.memory = memory;
        self
    }

    /// How long the champion may be above the factor before that is taken for its new norm, at least a window.
    pub fn with_longest(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        if !(self.factor > 1.0 && self.factor.is_finite()) {
            Some("the factor of the shedding is not above 1")
        } else if !(Duration::from_millis(10)..=Duration::from_secs(60)).contains(&self.window) {
            Some("the window of the shedding is not from 10 ms to a minute")
        } else if self.memory < self.window || self.longest < self.window {
            Some("the memory of the shedding, or its longest time, is shorter than its window")
        } else {
            None
        }
    }
}

impl Default for Shedding {
    fn default() -> Self {
        Self::new()
    }
}

/// Buckets for each doubling of the latency.
const PER_OCTAVE: u32 = 8;
/// From a microsecond to some 20 minutes.
const OCTAVES: u32 = 30;
const PLACES: usize = (PER_OCTAVE * OCTAVES) as usize;
/// Responses without which nothing is concluded.
const MINIMUM: u64 = 20;
/// Windows that are joined at most.
const MOST_JOINED: u32 = 4;
/// Fast views without which there is no baseline.
const WARM_UP: u32 = 5;
const QUANTILE: f64 = 0.9;
/// After how many windows in which nobody has looked at the champion the last look tells nothing any more.
const UNSEEN_WINDOWS: u32 = 5;
const SHORTEST_PATIENCE: Duration = Duration::from_secs(1);

/// The champion's latencies of a window. The request path adds to it.
#[derive(Debug)]
pub(crate) struct Latencies {
    counts: Box<[AtomicU32]>,
    is_shedding: AtomicBool,
    /// When a challengers' thread last looked (monotonic, nanoseconds), and how long that may be ago.
    looked: AtomicU64,
    patience: Duration,
}

/// What is concluded from them, by the challengers' thread.
#[derive(Debug)]
pub(crate) struct Shedder {
    policy: Shedding,
    counts: Vec<u64>,
    next: Duration,
    joined: u32,
    /// The logarithm of the baseline, in microseconds, and of how many fast views it is.
    baseline: f64,
    views: u32,
    /// Since when the champion has been above the factor.
    since: Option<Duration>,
}

impl Latencies {
    pub(crate) fn new(policy: &Shedding, now: Duration) -> Self {
        Self {
            counts: (0..PLACES).map(|_| AtomicU32::new(0)).collect(),
            is_shedding: AtomicBool::new(false),
            looked: AtomicU64::new(nanos(now)),
            patience: (policy.window * UNSEEN_WINDOWS).max(SHORTEST_PATIENCE),
        }
    }

    /// The champion has answered, or was given up, after `latency`. One atomic addition.
    pub(crate) fn note(&self, latency: Duration) {
        if let Some(count) = self.counts.get(place(latency)) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// Whether the champion is slow, or nobody sees how it is doing.
    pub(crate) fn is_shedding(&self, now: Duration) -> bool {
        let looked = Duration::from_nanos(self.looked.load(Relaxed));
        self.is_shedding.load(Relaxed) || now.saturating_sub(looked) > self.patience
    }
}

impl Shedder {
    pub(crate) fn new(policy: Shedding) -> Self {
        Self {
            policy,
            counts: vec![0; PLACES],
            next: Duration::ZERO,
            joined: 0,
            baseline: 0.0,
            views: 0,
            since: None,
        }
    }

    /// Looks at the champion, if a window is over.
    pub(crate) fn look(&mut self, latencies: &Latencies, now: Duration) {
        latencies.looked.store(nanos(now), Relaxed);
        if now < self.next {
            return;
        }
        self.next = now.saturating_add(self.policy.window);
        for (sum, count) in self.counts.iter_mut().zip(&latencies.counts) {
            *sum += u64::from(count.swap(0, Relaxed));
        }
        let total: u64 = self.counts.iter().sum();
        self.joined += 1;
        if total < MINIMUM && self.joined < MOST_JOINED {
            return;
        }
        // too few tell nothing: a champion that nobody asks is not in trouble
        let is_slow = total >= MINIMUM && self.conclude(quantile(&self.counts, total), now);
        if total < MINIMUM {
            self.since = None;
        }
        latencies.is_shedding.store(is_slow, Relaxed);
        self.counts.fill(0);
        self.joined = 0;
    }

    /// Whether a champion with this fast view, in microseconds, is slow.
    fn conclude(&mut self, fast: f64, now: Duration) -> bool {
        let is_above_limit = self.policy.limit.is_some_and(|limit| fast > limit.as_secs_f64() * 1e6);
        let is_above_factor = self.views >= WARM_UP && fast.ln() > self.baseline + self.policy.factor.ln();
        if !is_above_factor {
            self.since = None;
        } else if now.saturating_sub(*self.since.get_or_insert(now)) >= self.policy.longest {
            (self.since, self.baseline) = (None, fast.ln());
            return is_above_limit;
        }
        if !is_above_factor && !is_above_limit {
            self.views = self.views.saturating_add(1);
            let long_run = self.policy.window.as_secs_f64() / self.policy.memory.as_secs_f64();
            // at first the mean of all there is
            let part = long_run.max(1.0 / f64::from(self.views)).min(1.0);
            self.baseline += (fast.ln() - self.baseline) * part;
        }
        is_above_factor || is_above_limit
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The bucket of a latency: 8 for each doubling, by the bits behind the first.
fn place(latency: Duration) -> usize {
    let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1);
    let octave = micros.ilog2();
    let eighth = (if octave >= 3 { micros >> (octave - 3) } else { micros << (3 - octave) }) & 7;
    let eighth = usize::try_from(eighth).unwrap_or(0);
    ((octave * PER_OCTAVE) as usize + eighth).min(PLACES - 1)
}

/// Where the bucket at `place` ends, in microseconds.
fn upper(place: usize) -> f64 {
    let (octave, eighth) = (place / PER_OCTAVE as usize, place % PER_OCTAVE as usize);
    let octave = i32::try_from(octave).unwrap_or(i32::MAX);
    2.0_f64.powi(octave) * (1.0 + f64::from(u32::try_from(eighth + 1).unwrap_or(0)) / f64::from(PER_OCTAVE))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the rank of a quantile among counts"
)]
fn quantile(counts: &[u64], total: u64) -> f64 {
    let rank = (QUANTILE * total as f64).ceil() as u64;
    let mut seen = 0;
    let found = counts.iter().position(|count| {
        seen += count;
        seen >= rank
    });
    upper(found.unwrap_or(PLACES - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        latencies: Latencies,
        shedder: Shedder,
        now: Duration,
    }

    fn bench(policy: Shedding) -> Bench {
        let latencies = Latencies::new(&policy, Duration::ZERO);
        Bench { latencies, shedder: Shedder::new(policy), now: Duration::ZERO }
    }

    impl Bench {
        /// So many windows in each of which the champion answers `count` times after `millis`; tells whether it sheds.
        fn run(&mut self, windows: u32, count: u32, millis: u64) -> bool {
            for _ in 0..windows {
                (0..count).for_each(|_| self.latencies.note(Duration::from_millis(millis)));
                self.now += self.shedder.policy.window;
                self.shedder.look(&self.latencies, self.now);
            }
            self.latencies.is_shedding(self.now)
        }
    }

    #[test]
    fn a_champion_that_becomes_slower_is_left_alone_until_it_has_recovered() {
        let mut bench = bench(Shedding::new());
        assert!(!bench.run(30, 100, 10));
        assert!(!bench.run(5, 100, 15), "half as much again is within bounds");
        assert!(bench.run(1, 100, 30), "at once");
        assert!(bench.run(20, 100, 30), "the baseline does not learn meanwhile");
        assert!(!bench.run(1, 100, 10));
    }

    #[test]
    fn what_stays_becomes_the_norm_after_a_bounded_time() {
        let mut bench = bench(Shedding::new());
        bench.run(30, 100, 10);
        assert!(bench.run(60, 100, 30));
        assert!(!bench.run(1, 100, 30), "it was not the challengers");
        assert!(!bench.run(20, 100, 30));
        assert!(bench.run(1, 100, 90));
    }

    #[test]
    fn above_a_limit_it_sheds_whatever_the_baseline_and_for_as_long_as_it_takes() {
        let mut bench = bench(Shedding::new().with_limit(Duration::from_millis(20)));
        assert!(bench.run(1, 100, 30), "before there is a baseline");
        assert!(bench.run(200, 100, 30));
        assert!(!bench.run(1, 100, 10));
    }

    #[test]
    fn a_few_slow_responses_are_no_slow_champion() {
        let mut bench = bench(Shedding::new());
        bench.run(30, 100, 10);
        (0..9).for_each(|_| bench.latencies.note(Duration::from_secs(10)));
        assert!(!bench.run(1, 100, 10), "8 of 100");
        assert!(!bench.run(10, 3, 500), "12 in four windows");
        assert!(bench.run(4, 10, 500), "in four windows there are 40");
        assert!(!bench.run(4, 0, 0), "nobody asks any more");
    }

    #[test]
    fn the_baseline_follows_slowly() {
        let mut bench = bench(Shedding::new().with_memory(Duration::from_secs(20)));
        bench.run(60, 100, 10);
        for millis in [15, 22, 33, 50, 75] {
            assert!(!bench.run(60, 100, millis), "a drift is no trouble");
        }
    }

    #[test]
    fn buckets_are_an_eighth_wide_and_in_order() {
        let mut last = 0;
        for micros in (1..10_000_u64).chain([1 << 20, 1 << 29, 1 << 40]) {
            let at = place(Duration::from_micros(micros));
            assert!(at >= last && at < PLACES);
            last = at;
            let micros = f64::from(u32::try_from(micros).unwrap_or(u32::MAX));
            if micros < 1e9 {
                assert!(
                    upper(at) > micros && upper(at) <= micros * 9.0 / 8.0 + 1.0,
                    "{micros}: {}",
                    upper(at)
                );
            }
        }
        assert_eq!((place(Duration::ZERO), place(Duration::MAX)), (0, PLACES - 1));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(Shedding::new().fault(), None);
        for bad in [
            Shedding::new().with_factor(1.0),
            Shedding::new().with_factor(f64::NAN),
            Shedding::new().with_window(Duration::ZERO),
            Shedding::new().with_memory(Duration::ZERO),
            Shedding::new().with_longest(Duration::ZERO),
        ] {
            assert!(bad.fault().is_some(), "{bad:?}");
        }
    }
}
