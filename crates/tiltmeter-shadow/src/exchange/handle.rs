//! The challengers' side of an exchange.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tiltmeter_record::{ErrorType, PairBucket};

use super::Exchange;
use crate::case::{Case, Outcome};
use crate::core::{Core, Standing};
use crate::pair::{Answer, Content};

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

    /// The challenger is sent the request, whose body has so many bytes.
    pub(crate) fn note_sent(&self, bytes: u64) {
        self.standing().books.sent(bytes);
    }

    /// So many bytes of its answer have come.
    pub(crate) fn note_answered(&self, bytes: u64) {
        self.standing().books.answered(bytes);
    }

    /// Says that the challenger is not asked, and why.
    pub(crate) fn refuse(self, bucket: PairBucket) {
        self.settle(bucket.into(), Verdict::Unknown);
    }

    /// Says what it came to.
    pub(crate) fn settle(mut self, outcome: Outcome, verdict: Verdict) {
        self.say(outcome, verdict);
    }

    /// Says what an answer came to that was begun to be waited for at `begun`, and sent at `sent`; no `result`: the time was
    /// up.
    pub(crate) fn conclude(
        self,
        result: Option<(PairBucket, Verdict)>,
        mut answer: Answer,
        begun: Duration,
        sent: Option<Duration>,
    ) {
        let now = self.core().now();
        let waited = now.saturating_sub(begun);
        // a challenger that blocks its thread keeps the timer from it as well
        let result = result.filter(|_| waited <= self.standing().timeout);
        let (bucket, verdict) = result.unwrap_or((PairBucket::Timeout, Verdict::Failing));
        answer.latency = match sent {
            _ if bucket == PairBucket::Timeout => {
                (answer.error, answer.content) = (Some(ErrorType::Timeout), Content::Nothing);
                // not less than the timeout, whoever of two clocks is ahead: less is not known to be too long
                waited.max(self.standing().timeout)
            }
            Some(sent) => now.saturating_sub(sent),
            None => Duration::ZERO,
        };
        self.settle(Outcome { bucket, answer: Some(Box::new(answer)) }, verdict);
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
            match breaker.settle(pass, verdict == Verdict::Failing, self.core().now()) {
                // a subscriber that panics while a challenger's panic unwinds would end the process
                _ if thread::panicking() => {}
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
            let answer = Some(Box::new(answer));
            let outcome = Outcome { bucket: PairBucket::ChallengerError, answer };
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
