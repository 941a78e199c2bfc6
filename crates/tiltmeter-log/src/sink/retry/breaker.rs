//! The circuit breaker: closed, open, and half open while one probe is out.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::{BreakerPolicy, FOREVER, after};

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

/// Tells all who write to one store whether it is worth it. [`admit`](Self::admit) waits until it is.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    state: watch::Sender<State>,
    rng: Mutex<fastrand::Rng>,
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy, rng: fastrand::Rng) -> Self {
        Self { policy, state: watch::Sender::new(State::Closed { failures: 0 }), rng: Mutex::new(rng) }
    }

    /// Whether the store is taken to be out of reach: nobody but a probe is sent.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(*self.state.borrow(), State::Closed { .. })
    }

    /// Waits until the store is taken to be out of reach.
    pub(crate) async fn opened(&self) {
        let mut states = self.state.subscribe();
        // the sender lives as long as `self`
        let _ = states.wait_for(|state| !matches!(state, State::Closed { .. })).await;
    }

    /// Gives leave to send a request, if it may be sent now.
    fn try_admit(&self) -> Option<Permit<'_>> {
        let mut admitted = None;
        self.state.send_if_modified(|state| match *state {
            State::Closed { .. } => {
                admitted = Some(false);
                false
            }
            State::Open { until } if until <= Instant::now() => {
                *state = State::Probing;
                admitted = Some(true);
                true
            }
            State::Open { .. } | State::Probing => false,
        });
        admitted.map(|is_probe| Permit { breaker: self, is_probe })
    }

    /// Gives leave to send a request, unless the store is given a rest. A probe that is out is waited for: it takes no
    /// longer than a request.
    pub(crate) async fn admit_unless_open(&self) -> Option<Permit<'_>> {
        let mut states = self.state.subscribe();
        loop {
            let permit = self.try_admit();
            // what is seen may be newer than what was asked: then it is asked again
            let seen = *states.borrow_and_update();
            match seen {
                _ if permit.is_some() => return permit,
                State::Open { until } if until > Instant::now() => return None,
                State::Closed { .. } | State::Open { .. } => {}
                State::Probing => {
                    let _ = states.changed().await;
                }
            }
        }
    }

    /// Waits until a request may be sent. Whoever is admitted says how it went; a permit that is dropped says nothing.
    pub(crate) async fn admit(&self) -> Permit<'_> {
        let mut states = self.state.subscribe();
        loop {
            if let Some(permit) = self.try_admit() {
                return permit;
            }
            let seen = *states.borrow_and_update();
            match seen {
                State::Closed { .. } => {}
                State::Open { until } => {
                    let _ = timeout_at(until, states.changed()).await;
                }
                State::Probing => {
                    let _ = states.changed().await;
                }
            }
        }
    }

    fn cool_down(&self) -> Instant {
        let lengthened = 1.0 + self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64() / 2.0;
        after(self.policy.cool_down.min(FOREVER).mul_f64(lengthened))
    }
}

/// The leave to send one request.
#[derive(Debug)]
#[must_use]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

impl Permit<'_> {
    /// The store did what it was asked, or said for good reasons that it will not.
    pub(crate) fn answered(mut self) {
        self.is_probe = false;
        let mut was_open = false;
        self.breaker.state.send_if_modified(|state| {
            was_open = !matches!(state, State::Closed { .. });
            *state = State::Closed { failures: 0 };
            was_open
        });
        if was_open {
            tracing::info!("the store of the prediction log answers again");
        }
    }

    /// The store could not be reached, or failed; `why` is told once, when it is given up for a while.
    pub(crate) fn failed(mut self, why: &dyn fmt::Display) {
        let is_probe = std::mem::take(&mut self.is_probe);
        let until = self.breaker.cool_down();
        let mut is_news = false;
        self.breaker.state.send_if_modified(|state| {
            *state = match *state {
                State::Closed { failures } if failures.saturating_add(1) < self.breaker.policy.failures => {
                    State::Closed { failures: failures.saturating_add(1) }
                }
                State::Closed { .. } => {
                    is_news = true;
                    State::Open { until }
                }
                State::Probing if is_probe => State::Open { until },
                // sent before the breaker opened: that it fails is known
                other => other,
            };
            is_news || is_probe
        });
        if is_news {
            tracing::warn!(error = %why, "the store of the prediction log fails: predictions are held back");
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            // the probe was called off: the next in line may go
            self.breaker.state.send_replace(State::Open { until: Instant::now() });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::time::Duration;

    use super::*;

    fn breaker() -> Breaker {
        let policy = BreakerPolicy::new().with_failures(3).with_cool_down(Duration::from_secs(10));
        Breaker::new(policy, fastrand::Rng::with_seed(7))
    }

    async fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.admit().await.failed(&"no");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_probes_after_the_cool_down() {
        let breaker = breaker();
        fail(&breaker, 2).await;
        breaker.admit().await.answered();
        fail(&breaker, 2).await;
        assert!(!breaker.is_open(), "a success between failures counts them anew");
        fail(&breaker, 1).await;
        assert!(breaker.is_open());
        breaker.opened().await;
        let began = Instant::now();
        let probe = breaker.admit().await;
        assert!((10..=15).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        assert!(breaker.is_open(), "half open: for the probe alone");
        probe.failed(&"no");
        let began = Instant::now();
        breaker.admit().await.answered();
        assert!(began.elapsed() >= Duration::from_secs(10), "a probe that fails costs another cool-down");
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_is_out_at_a_time_and_one_that_is_called_off_is_replaced() {
        let breaker = Arc::new(breaker());
        fail(&breaker, 3).await;
        let probe = breaker.admit().await;
        let admitted = Arc::new(AtomicU32::new(0));
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let (breaker, admitted) = (Arc::clone(&breaker), Arc::clone(&admitted));
                tokio::spawn(async move {
                    let permit = breaker.admit().await;
                    admitted.fetch_add(1, Relaxed);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    permit.answered();
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_eq!(admitted.load(Relaxed), 0);
        drop(probe);
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(admitted.load(Relaxed), 1, "the next probe");
        for task in waiting {
            task.await.unwrap();
        }
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_for_the_store_waits_for_a_probe_at_most() {
        let breaker = Arc::new(breaker());
        fail(&breaker, 3).await;
        let began = Instant::now();
        assert!(breaker.admit_unless_open().await.is_none());
        assert!(began.elapsed().is_zero(), "at once");
        for is_well in [false, true] {
            tokio::time::sleep(Duration::from_secs(16)).await;
            let probe = breaker.admit_unless_open().await.unwrap();
            let other = Arc::clone(&breaker);
            let waiting = tokio::spawn(async move { other.admit_unless_open().await.is_some() });
            tokio::time::sleep(Duration::from_secs(1)).await;
            if is_well {
                probe.answered();
            } else {
                probe.failed(&"no");
            }
            assert_eq!(waiting.await.unwrap(), is_well);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn late_failures_do_not_lengthen_the_cool_down() {
        let breaker = breaker();
        let late = breaker.admit().await;
        fail(&breaker, 3).await;
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(9)).await;
        late.failed(&"no");
        breaker.admit().await.answered();
        assert!(began.elapsed() <= Duration::from_secs(15));
    }
}
