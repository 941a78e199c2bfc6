//! What all that has to do with one shadow shares.

use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst};
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_log::Clock;
use tiltmeter_record::{ModelName, PairBucket};
use tiltmeter_sample::{SampleKey, SampleRate};

use crate::books::{Books, books_of};
use crate::breaker::Breaker;
use crate::budget::CpuAccount;
use crate::case::{Account, Case, Cases};
use crate::closing::{Closing, are_drained};
use crate::exchange::{Exchange, Spares};
use crate::gate::{Gate, Refusal};
use crate::pair::Recorder;
use crate::queue::Queue;
use crate::shedding::Latencies;

/// A challenger, as the request path knows it.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) name: ModelName,
    pub(crate) rate: SampleRate,
    pub(crate) gate: Gate,
    pub(crate) breaker: Option<Breaker>,
    pub(crate) books: Books,
    pub(crate) timeout: Duration,
}

/// What does not change while a shadow runs, or has an order of its own.
pub(crate) struct Settings {
    /// In the metrics.
    pub(crate) name: ModelName,
    pub(crate) started_at: Timestamp,
    /// The permits of requests that no challenger gets, but whose champion's answer is recorded.
    pub(crate) bystanders: Gate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) recorder: Box<dyn Recorder>,
    pub(crate) key: SampleKey,
    pub(crate) body_cap: usize,
    /// Of the champion; `None` if the shadow does not yield to it.
    pub(crate) latencies: Option<Latencies>,
    pub(crate) cpu: CpuAccount,
    /// Exchanges that the challengers' threads are to complete. They hold the core, but stay there no longer than those run.
    pub(crate) finished: Arc<Queue<Exchange>>,
    pub(crate) spares: Spares,
}

pub(crate) struct Core {
    pub(crate) standings: Vec<Standing>,
    settings: Settings,
    closing: Closing,
    /// Whether the last report has been made: what ends now is in it, as given up.
    is_over: AtomicBool,
}

impl Deref for Core {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

/// What becomes of a request.
pub(crate) struct Admission {
    /// The challengers that the sample shows it to; none: it is not watched.
    pub(crate) cases: Cases,
    pub(crate) bystander: Option<Account>,
    /// When that was decided (monotonic): when the request arrived.
    pub(crate) started: Duration,
}

impl Core {
    pub(crate) fn new(settings: Settings, standings: Vec<Standing>) -> Self {
        Self { standings, settings, closing: Closing::new(), is_over: AtomicBool::new(false) }
    }

    /// The time (monotonic); zero where the clock, which is the user's, panics: that must reach no champion, and may be in a
    /// `Drop`.
    pub(crate) fn now(&self) -> Duration {
        catch_unwind(AssertUnwindSafe(|| self.clock.monotonic())).unwrap_or_default()
    }

    /// The time of day, or the beginning of 1970 where the clock panics.
    pub(crate) fn wall(&self) -> Timestamp {
        catch_unwind(AssertUnwindSafe(|| self.clock.wall())).unwrap_or_default()
    }

    /// Decides for each challenger whether it gets the request called `id`, whose body announces so many bytes. Whoever does
    /// not is counted.
    pub(crate) fn admit(&self, id: &[u8], announced: u64) -> Admission {
        // drawn, and the clock read, for the first challenger that it matters for
        let mut draw = None;
        let mut cases = Cases::new();
        let mut now = None;
        for (place, standing) in self.standings.iter().enumerate() {
            let is_shown = standing.rate == SampleRate::ALL
                || standing.rate.keeps(*draw.get_or_insert_with(|| self.key.draw(id)));
            if !is_shown {
                standing.books.refused(PairBucket::SampledOut);
                continue;
            }
            let now = *now.get_or_insert_with(|| self.now());
            let case = self.case(place, standing, announced, now);
            if let Some(bucket) = case.refusal() {
                standing.books.refused(bucket);
                if bucket == PairBucket::ShuttingDown {
                    continue;
                }
            }
            if cases.is_empty() {
                cases.reserve_exact(self.standings.len() - place);
            }
            cases.push(case);
        }
        let is_bystander = !cases.is_empty() && cases.iter().all(|case| case.refusal().is_some());
        let bystander = is_bystander && self.bystanders.enter(announced).is_ok();
        let bystander = bystander.then(|| Account::new(announced));
        Admission { cases, bystander, started: now.unwrap_or_default() }
    }

    fn case(&self, place: usize, standing: &Standing, announced: u64, now: Duration) -> Case {
        let probability = standing.rate.as_f64();
        if standing.gate.is_closed() {
            return Case::refused(place, probability, PairBucket::ShuttingDown);
        }
        if self.is_shedding(now) {
            return Case::refused(place, probability, PairBucket::Shed);
        }
        let pass = match &standing.breaker {
            Some(breaker) => match breaker.admit(now) {
                None => return Case::refused(place, probability, PairBucket::BreakerOpen),
                pass => pass,
            },
            None => None,
        };
        match standing.gate.enter(announced) {
            Ok(()) => {
                standing.books.begun();
                Case::admitted(place, probability, pass, announced)
            }
            Err(refusal) => {
                if let (Some(breaker), Some(pass)) = (&standing.breaker, pass) {
                    breaker.give_back(pass);
                }
                let bucket = match refusal {
                    Refusal::Full => PairBucket::NoPermit,
                    Refusal::Closed => PairBucket::ShuttingDown,
                };
                Case::refused(place, probability, bucket)
            }
        }
    }

    /// Whether the challengers get nothing, as the champion has become slower, or they have used up their CPU time.
    pub(crate) fn is_shedding(&self, now: Duration) -> bool {
        self.cpu.is_spent() || self.latencies.as_ref().is_some_and(|latencies| latencies.is_shedding(now))
    }

    /// The champion has begun to answer, or was given up, after `latency`.
    pub(crate) fn note_latency(&self, latency: Duration) {
        if let Some(latencies) = &self.latencies {
            latencies.note(latency);
        }
    }

    /// Tells the recorder how it stands with each challenger; `is_last`: nothing comes after it.
    pub(crate) fn tell_books(&self, is_last: bool) {
        // a thread that a challenger has blocked until after the end has nothing to tell any more
        if self.is_over() && !is_last {
            return;
        }
        let at = self.wall();
        for standing in &self.standings {
            let books = books_of(self, standing, at, is_last);
            // the recorder is the user's
            let told = catch_unwind(AssertUnwindSafe(|| self.recorder.keep_books(books)));
            if told.is_err() {
                tracing::error!("the recorder of the shadow has panicked over its books");
            }
        }
    }

    /// Lets nobody in any more, and sets the deadline, the first time.
    pub(crate) fn close(&self, deadline: Duration) {
        self.closing.close(self.gates(), deadline);
    }

    pub(crate) fn gates(&self) -> impl Iterator<Item = &Gate> {
        self.standings.iter().map(|standing| &standing.gate).chain([&self.bystanders])
    }

    /// By when the shadow is to end, if it has been told to.
    pub(crate) fn closing(&self) -> Option<Duration> {
        self.closing.deadline()
    }

    /// Whether nobody holds a permit, and nobody will.
    pub(crate) fn is_drained(&self) -> bool {
        are_drained(self.gates())
    }

    /// The last report is about to be made.
    pub(crate) fn end(&self) {
        // a thread that is blocked takes nothing
        self.finished.end();
        self.is_over.store(true, SeqCst);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Relaxed)
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("name", &self.name)
            .field("standings", &self.standings)
            .finish_non_exhaustive()
    }
}
