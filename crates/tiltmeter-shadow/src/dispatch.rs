//! The challengers' side: it takes jobs from the queue, and has a task for each.
//!
//! It polls the queue: the champion never has to wake it. Between two looks it sleeps so long that some dozens of jobs
//! come together, from 1 ms under load to 16 ms when there is little to do. A challenger's latency is counted from when
//! it is sent the request, so none of that is in it.

use std::fmt;
use std::future::Future;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::PairBucket;
use tokio::task::JoinSet;

use crate::budget::CpuClock;
use crate::core::Core;
use crate::exchange::{CaseHandle, Exchange};
use crate::layer::HttpRules;
use crate::queue::{Job, Queue, Taker};
use crate::shedding::Shedder;

const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
const LONGEST_SLEEP: Duration = Duration::from_millis(16);

/// How many jobs are good to find after a sleep: with fewer the next one is longer, with more it is shorter.
const GOOD_CATCH: RangeInclusive<usize> = 4..=32;

/// Jobs that are begun before those under way get their turn.
const BATCH: usize = 64;

pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A challenger's service, of whatever type.
pub(crate) trait Challenge<R>: Send {
    /// Sends the request, awaits the answer until the deadline, and says what it came to.
    fn task(&self, job: Job<R>) -> Task;

    /// The same for another thread.
    fn fork(&self) -> Box<dyn Challenge<R>>;
}

/// What the layers of a shadow share.
pub(crate) struct Shared<R> {
    pub(crate) core: Arc<Core>,
    pub(crate) http: Arc<HttpRules>,
    queue: Arc<Queue<Job<R>>>,
}

impl<R> Shared<R> {
    pub(crate) fn new(core: Arc<Core>, http: HttpRules, queue: Arc<Queue<Job<R>>>) -> Self {
        Self { core, http: Arc::new(http), queue }
    }

    /// Has `request` sent to the challenger of `case`. Its permit keeps room for it.
    pub(crate) fn send(&self, case: CaseHandle, request: Box<R>) {
        self.queue.send(Job { case, request });
    }
}

pub(crate) struct Dispatcher<R> {
    pub(crate) core: Arc<Core>,
    pub(crate) intake: Taker<Job<R>>,
    /// Exchanges whose last holder was the champion.
    pub(crate) finished: Taker<Exchange>,
    /// In the order of the core's.
    pub(crate) challengers: Vec<Box<dyn Challenge<R>>>,
    pub(crate) cpu: Box<dyn CpuClock>,
    /// One of the threads watches the champion, and the books.
    pub(crate) watch: Option<Watch>,
}

/// What one of the threads does beside the others.
#[derive(Debug)]
pub(crate) struct Watch {
    shedder: Option<Shedder>,
    next_books: Duration,
}

impl<R> Dispatcher<R> {
    /// Works until it is told to end, and then until nobody holds a permit or the deadline has passed; tells whether it came
    /// to an end. Tasks that are under way then are dropped.
    pub(crate) async fn run(mut self) -> bool {
        let mut tasks = JoinSet::new();
        let mut sleep = SHORTEST_SLEEP;
        let mut used = self.cpu.used();
        let is_drained = loop {
            let now = self.core.clock.monotonic();
            let cpu = self.cpu.used();
            self.core.cpu.settle(cpu.saturating_sub(std::mem::replace(&mut used, cpu)), now);
            if let Some(watch) = &mut self.watch {
                watch.look(&self.core, now);
            }
            let found = self.complete_some() + self.begin_some(&mut tasks, now);
            // what they were is known from their cases
            while tasks.try_join_next().is_some() {}
            if let Some(deadline) = self.core.closing() {
                if self.core.is_drained() {
                    break true;
                }
                if now >= deadline {
                    break false;
                }
                sleep = SHORTEST_SLEEP;
            } else if found < *GOOD_CATCH.start() {
                sleep = (sleep * 2).min(LONGEST_SLEEP);
            } else if found > *GOOD_CATCH.end() {
                sleep = (sleep / 2).max(SHORTEST_SLEEP);
            }
            if found < BATCH {
                tokio::time::sleep(sleep).await;
            } else {
                tokio::task::yield_now().await;
            }
        };
        tasks.shutdown().await;
        is_drained
    }

    /// Completes exchanges that the champion was the last to have to do with, up to a batch.
    fn complete_some(&self) -> usize {
        let mut completed = 0;
        while completed < BATCH
            && let Some(exchange) = self.finished.take()
        {
            completed += 1;
            // what it holds may not like to be dropped
            let _ = catch_unwind(AssertUnwindSafe(|| drop(exchange)));
        }
        completed
    }

    /// Has a task for each of the jobs that wait, up to a batch.
    fn begin_some(&self, tasks: &mut JoinSet<()>, now: Duration) -> usize {
        let mut begun = 0;
        let is_shedding = self.core.is_shedding(now);
        while begun < BATCH
            && let Some(job) = self.intake.take()
        {
            begun += 1;
            let Some(challenger) = self.challengers.get(job.case.challenger()) else { continue };
            // what was let in before the champion had to be yielded to
            if is_shedding {
                job.case.refuse(PairBucket::Shed);
                continue;
            }
            // it clones the challenger, which may panic; the job's case is settled then, as the job is dropped
            if let Ok(task) = catch_unwind(AssertUnwindSafe(|| challenger.task(job))) {
                tasks.spawn(task);
            }
        }
        begun
    }
}

impl Watch {
    pub(crate) fn new(shedder: Option<Shedder>) -> Self {
        Self { shedder, next_books: Duration::ZERO }
    }

    fn look(&mut self, core: &Core, now: Duration) {
        if let (Some(shedder), Some(latencies)) = (&mut self.shedder, &core.latencies) {
            shedder.look(latencies, now);
        }
        if now >= self.next_books {
            self.next_books = now.saturating_add(Duration::from_secs(1));
            core.tell_books(false);
            #[cfg(feature = "metrics")]
            crate::metrics::publish(core);
        }
    }
}

impl<R> fmt::Debug for Shared<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("core", &self.core).finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Dispatcher<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("intake", &self.intake).finish_non_exhaustive()
    }
}
