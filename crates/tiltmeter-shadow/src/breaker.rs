//! The circuit breaker of a challenger: closed, open, and half open while probes are out.
//!
//! *Closed*, all requests are sent. When of the latest results at least a given share are failures, it *opens*: none are
//! sent for a while. Then it is *half open*: as many requests as there are to be probes are sent, and no others. When all
//! of them have been answered it closes; the first that fails opens it again. A share of a window, not failures in a row:
//! a challenger of whose requests every second fails is as little worth its cost as one that is gone, and never has many
//! failures in a row.
//!
//! The request path asks, and must not wait: it reads one atomic word, and writes to it for a probe. Results come from
//! the challengers' threads, which meet at a lock. (The breaker of the log's sinks is another one: those who ask there
//! wait until they are let through, and one probe at a time is out.)

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// When a challenger is given a rest.
///
/// By default: when half of the latest 100 results, of at least 20, are failures; for 10 to 15 seconds; and 3 probes must
/// be answered. Failures are timeouts, panics, errors of the transport, the statuses 429 and from 500 on, and the gRPC
/// statuses that tell of a server in trouble. Other statuses from 400 on are answers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct ShadowBreaker {
    pub(crate) share: f64,
    pub(crate) window: u32,
    pub(crate) minimum: u32,
    pub(crate) rest: Duration,
    pub(crate) probes: u32,
}

impl ShadowBreaker {
    /// The most results that are looked at.
    pub const MAX_WINDOW: u32 = 10_000;

    /// The longest rest.
    pub const MAX_REST: Duration = Duration::from_secs(24 * 60 * 60);

    /// The default.
    pub fn new() -> Self {
        Self { share: 0.5, window: 100, minimum: 20, rest: Duration::from_secs(10), probes: 3 }
    }

    /// Opens at this share of failures, above 0 and up to 1.
    pub fn with_failure_share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Looks at the latest `window` results, once there are `minimum`.
    pub fn with_window(mut self, window: u32, minimum: u32) -> Self {
        (self.window, self.minimum) = (window, minimum);
        self
    }

    /// Sends nothing for this long, and at random up to half as much more: instances that lost a challenger together should
    /// not come back together.
    pub fn with_rest(mut self, rest: Duration) -> Self {
        self.rest = rest;
        self
    }

    /// Closes when so many probes have been answered.
    pub fn with_probes(mut self, probes: u32) -> Self {
        self.probes = probes;
        self
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        if !(self.share > 0.0 && self.share <= 1.0) {
            Some("the breaker's share of failures is not above 0 and at most 1")
        } else if !(1..=Self::MAX_WINDOW).contains(&self.window) {
            Some("the breaker's window is not from 1 to 10000 results")
        } else if !(1..=self.window).contains(&self.minimum) {
            Some("the breaker's minimum is not from 1 to its window")
        } else if self.probes == 0 || self.probes > self.window {
            Some("the breaker's probes are not from 1 to its window")
        } else if self.rest > Self::MAX_REST {
            Some("the breaker's rest is longer than a day")
        } else {
            None
        }
    }
}

impl Default for ShadowBreaker {
    fn default() -> Self {
        Self::new()
    }
}

/// The leave to send one request. It is settled, or given back unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    generation: u32,
    is_probe: bool,
}

/// The word: what the breaker is, how often that has changed, and until when or for how many more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    phase: Phase,
    /// Changes with each phase: results of an earlier one say nothing of this one. 20 bits, so it comes round.
    generation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed,
    /// Until this millisecond.
    Open(u64),
    /// So many probes may still be sent; from that second on others are, if these have said nothing: the request of one
    /// may never come to its end.
    HalfOpen {
        left: u64,
        until: u64,
    },
}

/// Of the probes that are left; the seconds stand above.
const LEFT_BITS: u32 = 14;
const LEFT: u64 = (1 << LEFT_BITS) - 1;
const VALUE_BITS: u32 = 42;
const GENERATION_BITS: u32 = 20;
const VALUE: u64 = (1 << VALUE_BITS) - 1;
const GENERATIONS: u32 = (1 << GENERATION_BITS) - 1;

impl State {
    fn from_word(word: u64) -> Self {
        let value = word & VALUE;
        let generation = u32::try_from(word >> VALUE_BITS & u64::from(GENERATIONS)).unwrap_or(0);
        let phase = match word >> (VALUE_BITS + GENERATION_BITS) {
            0 => Phase::Closed,
            1 => Phase::Open(value),
            _ => Phase::HalfOpen { left: value & LEFT, until: value >> LEFT_BITS },
        };
        Self { phase, generation }
    }

    fn to_word(self) -> u64 {
        let (tag, value) = match self.phase {
            Phase::Closed => (0, 0),
            Phase::Open(until) => (1, until.min(VALUE)),
            Phase::HalfOpen { left, until } => {
                (2, until.min(VALUE >> LEFT_BITS) << LEFT_BITS | left.min(LEFT))
            }
        };
        tag << (VALUE_BITS + GENERATION_BITS) | u64::from(self.generation) << VALUE_BITS | value
    }

    fn next(self, phase: Phase) -> Self {
        Self { phase, generation: self.generation.wrapping_add(1) & GENERATIONS }
    }

    fn pass(self, is_probe: bool) -> Pass {
        Pass { generation: self.generation, is_probe }
    }
}

#[derive(Debug)]
pub(crate) struct Breaker {
    policy: ShadowBreaker,
    word: AtomicU64,
    results: Mutex<Results>,
}

/// What the latest requests came to.
#[derive(Debug)]
struct Results {
    /// Of the phase that has this generation.
    generation: u32,
    /// Whether each was a failure; a ring.
    failures: Vec<bool>,
    next: usize,
    failed: u32,
    rng: fastrand::Rng,
}

impl Breaker {
    pub(crate) fn new(policy: ShadowBreaker, rng: fastrand::Rng) -> Self {
        let results = Results { generation: 0, failures: Vec::new(), next: 0, failed: 0, rng };
        Self { policy, word: AtomicU64::new(0), results: Mutex::new(results) }
    }

    /// Leave to send a request, unless the challenger is given a rest. It never waits.
    pub(crate) fn admit(&self, now: Duration) -> Option<Pass> {
        let mut word = self.word.load(SeqCst);
        // who loses to others so often may as well be refused: they send the probes
        for _ in 0..8 {
            let state = State::from_word(word);
            let next = match state.phase {
                Phase::Closed => return Some(state.pass(false)),
                Phase::Open(until) if millis(now) < until => return None,
                Phase::HalfOpen { left: 0, until } if now.as_secs() < until => return None,
                Phase::HalfOpen { left: left @ 1.., until } => {
                    State { phase: Phase::HalfOpen { left: left - 1, until }, ..state }
                }
                // the first of the probes
                Phase::Open(_) | Phase::HalfOpen { .. } => state.next(Phase::HalfOpen {
                    left: u64::from(self.policy.probes) - 1,
                    until: now.saturating_add(self.policy.rest).as_secs() + 1,
                }),
            };
            match self.word.compare_exchange(word, next.to_word(), SeqCst, SeqCst) {
                Ok(_) => return Some(next.pass(true)),
                Err(found) => word = found,
            }
        }
        None
    }

    /// Takes a pass back that was not used. It never waits.
    pub(crate) fn give_back(&self, pass: Pass) {
        if !pass.is_probe {
            return;
        }
        let more = |word| {
            let state = State::from_word(word);
            match state.phase {
                Phase::HalfOpen { left, until } if state.generation == pass.generation => {
                    Some(State { phase: Phase::HalfOpen { left: left + 1, until }, ..state }.to_word())
                }
                _ => None,
            }
        };
        let _ = self.word.fetch_update(SeqCst, SeqCst, more);
    }

    /// Hears what a request came to. `Some(true)`: that has opened the breaker; `Some(false)`: closed it.
    pub(crate) fn settle(&self, pass: Pass, has_failed: bool, now: Duration) -> Option<bool> {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        let state = State::from_word(self.word.load(SeqCst));
        if state.generation != pass.generation {
            return None;
        }
        results.note(state.generation, has_failed, self.policy.window as usize);
        let opens = match state.phase {
            Phase::Closed => {
                let count = results.count();
                count >= self.policy.minimum
                    && f64::from(results.failed) >= self.policy.share * f64::from(count)
            }
            Phase::HalfOpen { .. } if has_failed => true,
            Phase::HalfOpen { .. } if results.count() >= self.policy.probes => {
                self.word.store(state.next(Phase::Closed).to_word(), SeqCst);
                return Some(false);
            }
            Phase::HalfOpen { .. } | Phase::Open(_) => false,
        };
        if !opens {
            return None;
        }
        let rest = self.policy.rest.mul_f64(1.0 + results.rng.f64() / 2.0);
        self.word.store(state.next(Phase::Open(millis(now.saturating_add(rest)))).to_word(), SeqCst);
        matches!(state.phase, Phase::Closed).then_some(true)
    }

    /// Whether nothing but probes is sent.
    pub(crate) fn is_open(&self) -> bool {
        State::from_word(self.word.load(SeqCst)).phase != Phase::Closed
    }
}

impl Results {
    fn note(&mut self, generation: u32, has_failed: bool, window: usize) {
        if self.generation != generation {
            self.failures.clear();
            (self.generation, self.next, self.failed) = (generation, 0, 0);
        }
        self.failed += u32::from(has_failed);
        if self.failures.len() < window {
            self.failures.push(has_failed);
        } else if let Some(oldest) = self.failures.get_mut(self.next) {
            self.failed -= u32::from(std::mem::replace(oldest, has_failed));
            self.next = (self.next + 1) % window;
        }
    }

    fn count(&self) -> u32 {
        u32::try_from(self.failures.len()).unwrap_or(u32::MAX)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn breaker() -> Breaker {
        let policy = ShadowBreaker::new().with_window(10, 4).with_rest(10 * SECOND).with_probes(2);
        Breaker::new(policy, fastrand::Rng::with_seed(7))
    }

    fn settle(breaker: &Breaker, results: &[bool], now: Duration) {
        for &has_failed in results {
            let pass = breaker.admit(now).unwrap();
            let _ = breaker.settle(pass, has_failed, now);
        }
    }

    fn opened() -> Breaker {
        let breaker = breaker();
        settle(&breaker, &[true; 4], Duration::ZERO);
        assert!(breaker.is_open());
        breaker
    }

    #[test]
    fn it_opens_at_a_share_of_failures_and_not_before_there_is_a_minimum() {
        let few = breaker();
        settle(&few, &[true; 3], Duration::ZERO);
        assert!(!few.is_open(), "three results are too few");
        let breaker = breaker();
        settle(&breaker, &[false, false, false, false, true, true, true], Duration::ZERO);
        assert!(!breaker.is_open(), "three of seven");
        settle(&breaker, &[true], Duration::ZERO);
        assert!(breaker.is_open(), "four of eight");
        assert_eq!(breaker.admit(Duration::ZERO), None);
    }

    #[test]
    fn the_oldest_results_are_forgotten() {
        let breaker = breaker();
        settle(&breaker, &[false; 100], Duration::ZERO);
        settle(&breaker, &[true; 4], Duration::ZERO);
        assert!(!breaker.is_open());
        settle(&breaker, &[true], Duration::ZERO);
        assert!(breaker.is_open(), "five of the latest ten");
    }

    #[test]
    fn after_a_rest_as_many_probes_are_sent_as_there_are_to_be() {
        let breaker = opened();
        assert_eq!(breaker.admit(9 * SECOND), None);
        let now = 15 * SECOND;
        let probes = [breaker.admit(now).unwrap(), breaker.admit(now).unwrap()];
        assert_eq!(breaker.admit(now), None);
        assert_eq!(breaker.settle(probes[0], false, now), None);
        assert!(breaker.is_open(), "one answer is not enough");
        assert_eq!(breaker.settle(probes[1], false, now), Some(false));
        assert!(!breaker.is_open());
        settle(&breaker, &[true; 3], now);
        assert!(!breaker.is_open(), "what came before it closed is forgotten");
    }

    #[test]
    fn a_probe_that_fails_costs_another_rest() {
        let breaker = opened();
        let probes = [(); 2].map(|()| breaker.admit(15 * SECOND).unwrap());
        assert_eq!(breaker.settle(probes[0], true, 15 * SECOND), None, "that is no news");
        assert_eq!(breaker.settle(probes[1], false, 16 * SECOND), None, "of a phase that is over");
        assert_eq!(breaker.admit(24 * SECOND), None);
        assert!(breaker.admit(31 * SECOND).is_some());
    }

    #[test]
    fn a_probe_that_was_not_sent_is_replaced() {
        let breaker = opened();
        let now = 15 * SECOND;
        let unused = breaker.admit(now).unwrap();
        let used = breaker.admit(now).unwrap();
        assert_eq!(breaker.admit(now), None);
        breaker.give_back(unused);
        let other = breaker.admit(now).unwrap();
        assert_eq!(breaker.admit(now), None);
        let _ = breaker.settle(used, false, now);
        let _ = breaker.settle(other, false, now);
        assert!(!breaker.is_open());
        breaker.give_back(unused);
        assert!(!breaker.is_open(), "of a phase that is over");
    }

    #[test]
    fn late_results_change_nothing() {
        let breaker = breaker();
        let late = breaker.admit(Duration::ZERO).unwrap();
        settle(&breaker, &[true; 4], Duration::ZERO);
        assert_eq!(breaker.settle(late, false, SECOND), None);
        assert!(breaker.is_open());
    }

    #[test]
    fn probes_that_say_nothing_are_replaced_after_a_while() {
        let breaker = opened();
        let silent = [(); 2].map(|()| breaker.admit(15 * SECOND).unwrap());
        assert_eq!(breaker.admit(25 * SECOND), None);
        let others = [(); 2].map(|()| breaker.admit(26 * SECOND).unwrap());
        assert_eq!(breaker.admit(26 * SECOND), None);
        assert_eq!(breaker.settle(silent[0], true, 27 * SECOND), None);
        let _ = others.map(|pass| breaker.settle(pass, false, 27 * SECOND));
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_state_survives_its_word() {
        let half_open = |left, until| Phase::HalfOpen { left, until };
        for generation in [0, 1, GENERATIONS] {
            for phase in [
                Phase::Closed,
                Phase::Open(0),
                Phase::Open(VALUE),
                half_open(0, 0),
                half_open(10_000, 86_400 * 365),
            ] {
                let state = State { phase, generation };
                assert_eq!(State::from_word(state.to_word()), state);
            }
        }
        assert_eq!(State { phase: Phase::Closed, generation: GENERATIONS }.next(Phase::Closed).generation, 0);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(ShadowBreaker::new().fault(), None);
        let new = ShadowBreaker::new;
        for bad in [
            new().with_failure_share(0.0),
            new().with_failure_share(f64::NAN),
            new().with_window(0, 0),
            new().with_window(10, 11),
            new().with_probes(0),
            new().with_window(2, 1),
            new().with_rest(Duration::MAX),
        ] {
            assert!(bad.fault().is_some(), "{bad:?}");
        }
    }
}
