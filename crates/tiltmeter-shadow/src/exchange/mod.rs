//! One request, the champion's answer to it, and what becomes of it at the challengers.
//!
//! The request body, the response future, the response body and the tasks of the challengers each hold a share of the
//! exchange. When the last one has gone it is completed, by being dropped: what became of it at each challenger is recorded
//! and counted, and the permits are given back. So it is counted exactly once however it ends. Where the champion was the
//! last, it does not do that itself: it puts the exchange into a queue, and a thread of the challengers drops it.
//!
//! There is a lock, for the champion's side alone: request and response meet there only while a handler reads on as it
//! answers. The challengers' threads never take it, so that the champion never waits for one of them to be scheduled.

mod handle;
mod progress;
mod request_id;
mod spares;

pub(crate) use handle::{CaseHandle, Verdict};
pub(crate) use request_id::RequestId;
pub(crate) use spares::Spares;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Buf;
use http::{HeaderValue, Method, StatusCode, Uri};
use tiltmeter_log::Observed;
use tiltmeter_record::{ErrorType, PairBucket};

use crate::case::{Account, Case, Cases, Outcome};
use crate::copied::Copied;
use crate::core::{Admission, Core, Standing};
use crate::format::BodyFormat;
use crate::pair::Content;
use crate::queue::{NotTaken, Queued};
use crate::tape::{Extent, Tape};
use progress::Progress;

pub(crate) struct Exchange {
    core: Arc<Core>,
    cases: Cases,
    /// The permit of an exchange that no challenger has one for.
    bystander: Option<Account>,
    progress: Mutex<Box<Progress>>,
}

/// What an HTTP request is, beside its body.
pub(crate) struct Seen {
    pub(crate) route: Arc<str>,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) format: BodyFormat,
    pub(crate) content: Content,
}

/// What an exchange begins with.
pub(crate) struct Beginning {
    pub(crate) request_id: RequestId,
    pub(crate) is_id_made: bool,
    /// Bytes that are accounted for.
    pub(crate) announced: u64,
    pub(crate) seen: Option<Seen>,
}

impl Exchange {
    pub(crate) fn begin(core: &Arc<Core>, admission: Admission, beginning: Beginning) -> Arc<Self> {
        let Beginning { request_id, is_id_made, announced, seen } = beginning;
        let Admission { cases, bystander, started } = admission;
        let is_kept = bystander.is_some() || cases.iter().any(|case| case.account.is_some());
        let mut progress = core.spares.take();
        (progress.request_id, progress.is_id_made) = (request_id, is_id_made);
        (progress.started, progress.prepaid, progress.seen) = (started, announced, seen);
        if !is_kept {
            progress.request.refuse(Extent::NoRoom);
            progress.response.refuse(Extent::NoRoom);
        }
        Arc::new(Self { core: Arc::clone(core), cases, bystander, progress: Mutex::new(progress) })
    }

    /// Held for a copy of one frame, by the champion's side.
    fn progress(&self) -> MutexGuard<'_, Box<Progress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether some challenger is to get the request.
    pub(crate) fn is_awaited(&self) -> bool {
        self.cases.iter().any(is_unsettled)
    }

    /// The request announces more than the cap.
    pub(crate) fn request_too_large(&self) {
        self.progress().request.refuse(Extent::TooLarge);
        self.refuse(PairBucket::BodyTooLarge);
    }

    /// Data of the request goes by.
    pub(crate) fn request_data<D: Buf + 'static>(&self, data: &D) {
        let mut progress = self.progress();
        let Progress { request, prepaid, .. } = &mut **progress;
        if let Some(bucket) = self.keep(request, prepaid, data) {
            drop(progress);
            self.refuse(bucket);
        }
    }

    /// The request has ended, the first time; gives it back if it is to be sent.
    pub(crate) fn request_ended(&self, complete: bool) -> Option<Copied> {
        let mut progress = self.progress();
        if !progress.request.is_open() {
            return None;
        }
        progress.request.end(complete);
        if complete && self.is_awaited() {
            let copied = progress.request.take();
            if let Some(seen) = &mut progress.seen {
                seen.content = Content::Body(copied.clone());
            }
            return Some(copied);
        }
        drop(progress);
        if !complete {
            self.refuse(PairBucket::RequestIncomplete);
        }
        None
    }

    /// Those that are to get the request, once it is there.
    pub(crate) fn handles(self: &Arc<Self>) -> impl Iterator<Item = CaseHandle> + '_ {
        for case in self.cases.iter().filter(|case| is_unsettled(case) && case.is_stuck()) {
            self.settle(case, PairBucket::NoPermit.into());
        }
        let places = (0..self.cases.len()).filter(|&place| is_unsettled(&self.cases[place]));
        places.map(|place| CaseHandle::new(Arc::clone(self), place))
    }

    /// The champion has no more to do with it. If nobody else has, the challengers' threads complete it: that takes longer
    /// than all else that is done on the champion's.
    ///
    /// One without a permit is completed here: nothing bounds how many of those there are but the champion.
    pub(crate) fn leave(self: Arc<Self>) {
        if let Some(exchange) = Arc::into_inner(self)
            && exchange.has_permit()
        {
            let core = Arc::clone(&exchange.core);
            core.finished.send(exchange);
        }
    }

    fn has_permit(&self) -> bool {
        self.accounts().next().is_some()
    }

    /// The head of the champion's response is there.
    pub(crate) fn response_head(&self, status: StatusCode, format: BodyFormat) {
        let mut progress = self.progress();
        progress.champion.status = Some(status);
        progress.champion_format = format;
        let started = progress.started;
        drop(progress);
        self.note_latency(started);
    }

    /// The id that the champion has given the request, if it had none.
    pub(crate) fn settle_id(&self, given: Option<&HeaderValue>) -> Option<Arc<str>> {
        let mut progress = self.progress();
        if !progress.is_id_made {
            return None;
        }
        if let Some(given) = given {
            progress.request_id = RequestId::Header(given.clone());
            return None;
        }
        Some(progress.request_id.to_text())
    }

    /// Data of the champion's response goes by.
    pub(crate) fn response_data<D: Buf + 'static>(&self, data: &D) {
        let mut progress = self.progress();
        let Progress { response, .. } = &mut **progress;
        self.keep(response, &mut 0, data);
    }

    /// The champion's response has ended, the first time.
    pub(crate) fn response_ended(&self, grpc_status: Option<u16>, error: Option<ErrorType>) {
        let now = self.core.now();
        let mut progress = self.progress();
        progress.response.end(error.is_none_or(|error| error == ErrorType::Status));
        let had_head = progress.champion.status.is_some();
        progress.champion.grpc_status = grpc_status;
        progress.end(now, error);
        let started = progress.started;
        drop(progress);
        if !had_head {
            self.note_latency(started);
        }
    }

    /// The champion has answered without HTTP, or failed; nothing `observed`: the observer has panicked.
    pub(crate) fn observed(&self, observed: Option<Observed>, error: Option<ErrorType>) {
        let now = self.core.now();
        let mut progress = self.progress();
        match observed {
            Some(observed) => progress.champion.content = Content::Observed(Box::new(observed)),
            None => progress.is_unobserved = true,
        }
        progress.end(now, error);
        let started = progress.started;
        drop(progress);
        self.note_latency(started);
    }

    fn note_latency(&self, started: Duration) {
        if self.core.latencies.is_some() {
            self.core.note_latency(self.core.now().saturating_sub(started));
        }
    }

    /// Keeps what goes by, as far as it may; says why not, the first time.
    fn keep<D: Buf + 'static>(&self, tape: &mut Tape, prepaid: &mut u64, data: &D) -> Option<PairBucket> {
        if !tape.is_open() {
            return None;
        }
        let len = data.remaining() as u64;
        let refused = if !tape.fits(data.remaining(), self.core.body_cap) {
            Extent::TooLarge
        } else {
            let is_paid = len.min(*prepaid);
            *prepaid -= is_paid;
            if len > is_paid && !self.charge(len - is_paid) {
                self.discharge(is_paid);
                Extent::NoRoom
            } else if !tape.push(data) {
                self.discharge(len);
                Extent::TooLarge
            } else {
                return None;
            }
        };
        self.discharge(tape.len() as u64 + std::mem::take(prepaid));
        tape.refuse(refused);
        Some(if refused == Extent::NoRoom { PairBucket::NoPermit } else { PairBucket::BodyTooLarge })
    }

    /// The permits, and the gates that they are of.
    fn accounts(&self) -> impl Iterator<Item = (&Account, &crate::gate::Gate)> {
        let of_cases =
            self.cases.iter().filter_map(|case| Some((case.account.as_ref()?, &self.standing(case).gate)));
        of_cases.chain(self.bystander.iter().map(|account| (account, &self.core.bystanders)))
    }

    /// Has each permit hold so much more; tells whether one of them does.
    fn charge(&self, bytes: u64) -> bool {
        self.accounts().fold(false, |any, (account, gate)| account.grow(gate, bytes) || any)
    }

    fn discharge(&self, bytes: u64) {
        self.accounts().for_each(|(account, gate)| account.shrink(gate, bytes));
    }

    /// No challenger gets the request. Before it has been sent to one.
    fn refuse(&self, bucket: PairBucket) {
        for case in self.cases.iter().filter(|case| is_unsettled(case)) {
            self.settle(case, bucket.into());
        }
    }

    /// Settles a case of which the challenger has not been asked.
    fn settle(&self, case: &Case, outcome: Outcome) {
        if case.outcome.set(outcome).is_ok()
            && let (Some(breaker), Some(pass)) = (&self.standing(case).breaker, case.pass)
        {
            breaker.give_back(pass);
        }
    }

    fn standing(&self, case: &Case) -> &Standing {
        &self.core.standings[case.place]
    }

    /// The last holder has gone.
    fn complete(&mut self) {
        let is_over = self.core.is_over();
        let progress = self.progress.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !progress.has_ended {
            // each holder of the response's side sets an end when it goes: only a panic in one could have kept it from that
            progress.champion.error = progress.champion.error.or(Some(ErrorType::Cancelled));
        }
        let loss = match progress.response.extent() {
            Extent::TooLarge => Some(PairBucket::BodyTooLarge),
            Extent::NoRoom => Some(PairBucket::NoPermit),
            _ if progress.is_unobserved => Some(PairBucket::RequestIncomplete),
            Extent::Open | Extent::Whole | Extent::Part => None,
        };
        // the clock is the user's, and the permits have to go back
        let take = AssertUnwindSafe(|| progress.take(&self.core));
        let mut parts = if is_over { None } else { catch_unwind(take).ok() };
        for case in &mut self.cases {
            let standing = &self.core.standings[case.place];
            // a handle settles its case when it goes, and what there is no handle of was settled before
            let Outcome { bucket, answer } =
                case.outcome.take().unwrap_or_else(|| PairBucket::ShuttingDown.into());
            let bucket = match bucket {
                PairBucket::Paired => loss.unwrap_or(bucket),
                // its answer alone is above the cap: that is the challenger's doing
                PairBucket::BodyTooLarge if answer.is_some() && loss != Some(bucket) => {
                    PairBucket::ChallengerError
                }
                bucket => bucket,
            };
            let is_taken = parts.as_mut().is_some_and(|parts| {
                let pair = parts.pair(standing, bucket, case.probability, answer);
                catch_unwind(AssertUnwindSafe(|| self.core.recorder.record(pair))).unwrap_or(false)
            });
            if let Some(account) = &case.account {
                let bucket = match bucket {
                    _ if is_over => PairBucket::ShuttingDown,
                    PairBucket::Paired if !is_taken => PairBucket::LogDropped,
                    bucket => bucket,
                };
                // before the permit goes back: who waits for that reads the books then
                standing.books.ended(bucket);
                account.leave(&standing.gate);
            }
        }
        if let Some(account) = &self.bystander {
            account.leave(&self.core.bystanders);
        }
        // what takes its place is freed at once, and was allocated here
        self.core.spares.give_back(std::mem::take(progress));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.complete();
    }
}

/// Whoever drops it completes it.
impl Queued for Exchange {
    fn give_up(self, _: NotTaken) {
        drop(self);
    }
}

fn is_unsettled(case: &Case) -> bool {
    case.outcome.get().is_none()
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("cases", &self.cases.len()).finish_non_exhaustive()
    }
}
