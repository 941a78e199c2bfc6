//! How much of a core the challengers may take.
//!
//! A token bucket of CPU time: it fills by a share of the time that passes, and what the challengers' threads have used,
//! by their own clocks, is taken out. While it is empty the challengers get nothing.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How much CPU time the challengers may take: those that run in this process, and the clients of those that do not.
///
/// Counted is what the shadow's own threads use. A challenger that computes elsewhere, by `spawn_blocking`, rayon or the
/// thread pool of an inference runtime, is not seen: bound those pools themselves, or have it compute where it is polled, on
/// [threads](crate::ShadowBuilder::with_threads) that are for that.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct CpuBudget {
    pub(crate) cores: f64,
    pub(crate) burst: Duration,
}

impl CpuBudget {
    /// So many cores: 0.25 is a quarter of one. What is not used is kept, up to as much as half a second gives.
    pub fn cores(cores: f64) -> Self {
        let burst = if cores.is_finite() { cores.clamp(0.0, 1e3) * 0.5 } else { 0.0 };
        Self { cores, burst: Duration::from_secs_f64(burst) }
    }

    /// How much may be saved up, of CPU time.
    pub fn with_burst(mut self, burst: Duration) -> Self {
        self.burst = burst;
        self
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        let is_share = self.cores > 0.0 && self.cores <= 1_000.0;
        (!is_share || self.burst.is_zero())
            .then_some("the CPU budget is not above 0 and at most 1000 cores, or may save nothing up")
    }
}

/// The clock of the CPU time that the calling thread has used.
pub(crate) trait CpuClock: Send + fmt::Debug {
    fn used(&self) -> Duration;
}

/// The operating system's. Where it has none, challengers use no time.
#[derive(Debug)]
pub(crate) struct ThreadCpu;

impl CpuClock for ThreadCpu {
    #[cfg(unix)]
    fn used(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap_or(Duration::ZERO)
    }

    #[cfg(not(unix))]
    fn used(&self) -> Duration {
        Duration::ZERO
    }
}

/// What the challengers' threads have used, and whether that is too much.
#[derive(Debug)]
pub(crate) struct CpuAccount {
    budget: Option<CpuBudget>,
    bucket: Mutex<Bucket>,
    used_nanos: AtomicU64,
    is_spent: AtomicBool,
}

#[derive(Debug)]
struct Bucket {
    /// Seconds of CPU time that may be used; below 0 when too much has been.
    credit: f64,
    looked: Duration,
}

impl CpuAccount {
    pub(crate) fn new(budget: Option<CpuBudget>, now: Duration) -> Self {
        let credit = budget.map_or(0.0, |budget| budget.burst.as_secs_f64());
        Self {
            budget,
            bucket: Mutex::new(Bucket { credit, looked: now }),
            used_nanos: AtomicU64::new(0),
            is_spent: AtomicBool::new(false),
        }
    }

    /// One of the threads has used `used` since it last told.
    pub(crate) fn settle(&self, used: Duration, now: Duration) {
        self.used_nanos.fetch_add(u64::try_from(used.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        let Some(budget) = self.budget else { return };
        // the challengers' threads meet here, and nobody else
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_sub(bucket.looked).as_secs_f64();
        bucket.looked = bucket.looked.max(now);
        let filled = bucket.credit + passed * budget.cores - used.as_secs_f64();
        bucket.credit = filled.min(budget.burst.as_secs_f64());
        self.is_spent.store(bucket.credit < 0.0, Relaxed);
    }

    /// Whether the challengers have used more than they may.
    pub(crate) fn is_spent(&self) -> bool {
        self.is_spent.load(Relaxed)
    }

    /// What has been used in all.
    pub(crate) fn used(&self) -> Duration {
        Duration::from_nanos(self.used_nanos.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn who_has_used_too_much_waits_until_it_is_made_up_for() {
        let account = CpuAccount::new(Some(CpuBudget::cores(0.25)), Duration::ZERO);
        account.settle(125 * MS, Duration::ZERO);
        assert!(!account.is_spent(), "half a second's was saved up");
        account.settle(25 * MS, Duration::ZERO);
        assert!(account.is_spent());
        account.settle(Duration::ZERO, 99 * MS);
        assert!(account.is_spent());
        account.settle(Duration::ZERO, 101 * MS);
        assert!(!account.is_spent());
        assert_eq!(account.used(), 150 * MS);
    }

    #[test]
    fn in_the_long_run_the_share_is_kept() {
        let account = CpuAccount::new(Some(CpuBudget::cores(0.1)), Duration::ZERO);
        let mut used = Duration::ZERO;
        for tick in 0..10_000 {
            let work = if account.is_spent() { Duration::ZERO } else { 3 * MS };
            used += work;
            account.settle(work, tick * 4 * MS);
        }
        // of 40 s, and half a second's more
        assert!((Duration::from_millis(3_990)..=Duration::from_millis(4_060)).contains(&used), "{used:?}");
    }

    #[test]
    fn without_a_budget_it_counts_and_never_stops_anybody() {
        let account = CpuAccount::new(None, Duration::ZERO);
        account.settle(Duration::from_secs(100), Duration::ZERO);
        assert!(!account.is_spent());
        assert_eq!(account.used(), Duration::from_secs(100));
    }

    #[test]
    #[cfg(unix)]
    fn the_operating_system_counts_this_thread() {
        let (before, mut sum) = (ThreadCpu.used(), 0_u64);
        while ThreadCpu.used() <= before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(CpuBudget::cores(0.5).fault(), None);
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(CpuBudget::cores(bad).fault().is_some());
        }
        assert!(CpuBudget::cores(1.0).with_burst(Duration::ZERO).fault().is_some());
    }
}
