//! The challengers' side of an exchange.

use std::fmt;
use std::sync::Arc;
use std::thread;

use tiltmeter_record::ErrorType;

use super::Exchange;
use crate::case::{Case, Outcome};
use crate::core::{Core, Standing};
use crate::pair::Answer;
use tiltmeter_record::PairBucket;

/// What the result of a request says of a challenger's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Well,
    Failing,
    /// Nothing: it was not asked, or not to the end.
    Unknown,
}

/// The duty to send a request to one challenger, and to say what it came to.
pub(crate) struct CaseHandle {
    exchange: Arc<Exchange>,
    place: usize,
    is_settled: bool,
}

impl CaseHandle {
    pub(super) fn new(exchange: Arc<Exchange>, place: usize) -> Self {
        Self { exchange, place, is_settled: false }
    }

    fn case(&self) -> &Case {
        &self.exchange.cases[self.place]
    }

    pub(crate) fn core(&self) -> &Core {
        &self.exchange.core
    }

    pub(crate) fn standing(&self) -> &Standing {
        self.exchange.standing(self.case())
    }

    /// The place of the challenger.
    pub(crate) fn challenger(&self) -> usize {
        self.case().place
    }

    /// Holds `bytes` more of the challenger's answer, if there is room.
    pub(crate) fn hold(&self, bytes: u64) -> bool {
        self.case().account.as_ref().is_some_and(|account| account.grow(&self.standing().gate, bytes))
    }

    /// Says that the challenger is not asked, and why.
    pub(crate) fn refuse(self, bucket: PairBucket) {
        self.settle(bucket.into(), Verdict::Unknown);
    }

    /// Says what it came to.
    pub(crate) fn settle(mut self, outcome: Outcome, verdict: Verdict) {
        self.say(outcome, verdict);
    }

    fn say(&mut self, outcome: Outcome, verdict: Verdict) {
        self.is_settled = true;
        if verdict == Verdict::Unknown {
            self.exchange.settle(self.case(), outcome);
            return;
        }
        if self.case().outcome.set(outcome).is_ok()
            && let (Some(breaker), Some(pass)) = (&self.standing().breaker, self.case().pass)
        {
            let name = &self.standing().name;
            match breaker.settle(pass, verdict == Verdict::Failing, self.core().clock.monotonic()) {
                Some(true) => tracing::warn!(challenger = %name, "the challenger fails: it is given a rest"),
                Some(false) => tracing::info!(challenger = %name, "the challenger answers again"),
                None => {}
            }
        }
    }
}

impl Drop for CaseHandle {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        if thread::panicking() {
            let answer = Answer { error: Some(ErrorType::Panic), ..Answer::default() };
            let outcome = Outcome { bucket: PairBucket::ChallengerError, answer: Some(answer) };
            self.say(outcome, Verdict::Failing);
        } else {
            self.say(PairBucket::ShuttingDown.into(), Verdict::Unknown);
        }
    }
}

impl fmt::Debug for CaseHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaseHandle").field("challenger", &self.standing().name).finish_non_exhaustive()
    }
}
