//! A request at one challenger.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use smallvec::SmallVec;
use tiltmeter_record::PairBucket;

use crate::breaker::Pass;
use crate::gate::Gate;
use crate::pair::Answer;

/// What became of a request at a challenger.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) bucket: PairBucket,
    /// In a box: most of the time a case has none, and it is the largest part of it.
    pub(crate) answer: Option<Box<Answer>>,
}

impl From<PairBucket> for Outcome {
    fn from(bucket: PairBucket) -> Self {
        Self { bucket, answer: None }
    }
}

/// A permit: an item in a gate, and the bytes that it holds.
#[derive(Debug)]
pub(crate) struct Account {
    held: AtomicU64,
    /// Whether it was refused bytes. It keeps what it has, and gets no more.
    is_stuck: AtomicBool,
}

impl Account {
    pub(crate) fn new(held: u64) -> Self {
        Self { held: AtomicU64::new(held), is_stuck: AtomicBool::new(false) }
    }

    /// Holds `bytes` more, if it may.
    pub(crate) fn grow(&self, gate: &Gate, bytes: u64) -> bool {
        let grows = !self.is_stuck() && gate.grow(bytes);
        if grows {
            self.held.fetch_add(bytes, Relaxed);
        } else {
            self.is_stuck.store(true, Relaxed);
        }
        grows
    }

    /// Holds `bytes` less.
    pub(crate) fn shrink(&self, gate: &Gate, bytes: u64) {
        if let Ok(held) = self.held.fetch_update(Relaxed, Relaxed, |held| Some(held - held.min(bytes))) {
            gate.shrink(held.min(bytes));
        }
    }

    pub(crate) fn is_stuck(&self) -> bool {
        self.is_stuck.load(Relaxed)
    }

    /// Gives the permit back.
    pub(crate) fn leave(&self, gate: &Gate) {
        gate.leave(self.held.load(Relaxed));
    }
}

/// A request at each of the challengers that the sample shows it to. Of one challenger they take no memory of their own.
pub(crate) type Cases = SmallVec<[Case; 1]>;

/// A request at one challenger.
#[derive(Debug)]
pub(crate) struct Case {
    /// Of the challenger.
    pub(crate) place: usize,
    pub(crate) probability: f64,
    /// The permit; whoever has none has been counted.
    pub(crate) account: Option<Account>,
    pub(crate) pass: Option<Pass>,
    /// Set once: by the request path as long as the request has not been sent, then by the one task that sends it.
    pub(crate) outcome: OnceLock<Outcome>,
}

impl Case {
    pub(crate) fn refused(place: usize, probability: f64, bucket: PairBucket) -> Self {
        let outcome = OnceLock::from(Outcome::from(bucket));
        Self { place, probability, account: None, pass: None, outcome }
    }

    pub(crate) fn admitted(place: usize, probability: f64, pass: Option<Pass>, held: u64) -> Self {
        Self { place, probability, account: Some(Account::new(held)), pass, outcome: OnceLock::new() }
    }

    /// Why it got no permit, if it got none.
    pub(crate) fn refusal(&self) -> Option<PairBucket> {
        if self.account.is_some() { None } else { self.outcome.get().map(|outcome| outcome.bucket) }
    }

    pub(crate) fn is_stuck(&self) -> bool {
        self.account.as_ref().is_some_and(Account::is_stuck)
    }
}
