//! Waiting for the shadow: whether champion and challenger disagree is known later than the row.
//!
//! A row whose rate may depend on it waits until every challenger that its request was shown to has answered, or the time is
//! over. It is bounded in rows, bytes and time; what has to go is decided as if nobody disagreed.
//!
//! Who is shown a request follows from the shadow's sample. A challenger whose pairs come with the probability p is waited
//! for only where the draw is below p: beyond that the rule keeps nothing (see
//! [`RateTable::decide_shown`](tiltmeter_sample::RateTable::decide_shown)), so that the answer would change nothing.
//!
//! # Why it is unbiased
//! Whether a row waits, and until when, depends on its draw: greater ones are decided at once, and with several challengers
//! each share of the draws waits for others. So what a row is decided by must not depend on when. It is the table that it met
//! when it came, and the facts that were found then ([`Met`](super::deciding::Met)), though rates or the baseline change while it
//! waits; later rates would give waiting rows another probability than those with greater draws, which are already
//! decided. Only what the pairs say is added. Let π₀ be the rate without them, r the rule's rate, and let the answer of a
//! challenger that is shown the share p be a disagreement that comes in time, if the request is shown at all: which does
//! not depend on the draw. If r·p ≤ π₀, it changes nothing. Else it is known of all draws below p and so of all below r·p:
//! these are kept, with the probability r·p, and of those from p on, of which it is not known and which have π₀ < r·p ≤ p,
//! none. So a share of r·p is kept, with that probability; of several challengers the same holds of the greatest r·p. If it
//! does not come, all draws are decided by π₀.
//!
//! That a row goes early for want of room depends on other rows' draws, and on no account on its own.

mod challengers;
mod disagree;
mod verdicts;
mod waiting;

use std::time::Duration;

use tiltmeter_record::{ModelName, Prediction};
use tiltmeter_sample::{Draw, SampleRate};

use challengers::{Challengers, Few};
pub(crate) use disagree::disagree;
use verdicts::Verdicts;
pub(super) use waiting::WaitingRows;
use waiting::{Bounds, WaitingRoom};

/// Rows of a model that wait, at most, and verdicts that are remembered.
const MOST: usize = 16_384;
/// Bytes that they hold, at most.
const MOST_BYTES: usize = 32 << 20;

/// What is known of a request from its pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// The challengers that have answered.
    answered: Few,
    /// The share of the requests of which it is known, if anybody disagrees.
    disagreement: Option<SampleRate>,
}

impl Verdict {
    /// The share of the requests that were shown, if anybody disagrees.
    pub(super) fn disagreement(self) -> Option<SampleRate> {
        self.disagreement
    }

    fn join(&mut self, other: Self) {
        self.answered = self.answered.with(other.answered);
        self.disagreement = self.disagreement.max(other.disagreement);
    }
}

/// The rows of one model that wait, and what is known of requests whose rows have not come.
#[derive(Debug)]
pub(super) struct Shadowed {
    challengers: Challengers,
    verdicts: Verdicts,
    waiting: WaitingRoom,
}

impl Shadowed {
    pub(super) fn new(wait: Duration) -> Self {
        let bounds = Bounds { rows: MOST, bytes: MOST_BYTES, time: wait };
        Self {
            challengers: Challengers::default(),
            verdicts: Verdicts::new(MOST, wait),
            waiting: WaitingRoom::new(bounds),
        }
    }

    #[cfg(test)]
    fn bounded(bounds: Bounds) -> Self {
        Self {
            challengers: Challengers::default(),
            verdicts: Verdicts::new(bounds.rows, bounds.time),
            waiting: WaitingRoom::new(bounds),
        }
    }

    /// A pair has come, of a request that was shown to `challenger` with the probability `shown`.
    pub(super) fn pair(
        &mut self,
        draw: Draw,
        challenger: &ModelName,
        shown: SampleRate,
        disagrees: bool,
        now: Duration,
    ) {
        let answered = self.challengers.seen(challenger, shown, now);
        let verdict = Verdict { answered, disagreement: disagrees.then_some(shown) };
        if !self.waiting.answered(draw, verdict) {
            self.verdicts.note(draw, verdict, now);
        }
    }

    /// What is known of a request whose rows have just come.
    pub(super) fn verdict(&mut self, draw: Draw) -> Verdict {
        self.verdicts.take(draw)
    }

    /// Whom to wait for, where `matters` tells whether a rate of `shown` would make a difference; `None`: for nobody.
    pub(super) fn expected(
        &self,
        draw: Draw,
        verdict: Verdict,
        now: Duration,
        matters: impl Fn(SampleRate) -> bool,
    ) -> Option<Expected> {
        self.challengers.expected(draw, verdict.answered, now, matters)
    }

    /// Has rows wait. Those for which there is no room are given back, or as many of the oldest as make room for them.
    pub(super) fn wait(&mut self, rows: WaitingRows, expected: Expected, now: Duration) -> Vec<WaitingRows> {
        self.waiting.push(rows, expected, now)
    }

    /// Takes out what need not wait any longer; all of it if `all` is to go.
    pub(super) fn take(&mut self, now: Duration, all: bool) -> Vec<WaitingRows> {
        self.verdicts.forget(now);
        if all { self.waiting.take_all() } else { self.waiting.take_ready(now) }
    }

    /// How many rows wait.
    pub(super) fn rows(&self) -> usize {
        self.waiting.rows()
    }
}

/// Whom a request waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Expected {
    challengers: Few,
    /// The greatest share of the requests that any of them is shown: requests with greater draws were not waited for, and
    /// so no answer counts for more.
    shown: SampleRate,
}

/// About how much memory rows hold.
fn bytes_of(rows: &[Prediction]) -> usize {
    rows.iter().map(Prediction::memory_size).sum()
}

#[cfg(test)]
mod tests;
