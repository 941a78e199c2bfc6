//! A shadow that runs: its threads, and their ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use tiltmeter_record::ShadowUsage;
use tokio::sync::oneshot;

use crate::books::usage;
use crate::core::Core;
use crate::dispatch::Dispatcher;
use crate::guard::{ChallengerReport, ShadowEnd, ShadowReport};

/// How much longer than the deadline a thread may take that is busy and has to notice it.
const GRACE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) core: Arc<Core>,
    ends: Ends,
}

/// How the threads went.
#[derive(Debug)]
pub(crate) struct Ends {
    state: Mutex<Ended>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    left: usize,
    worst: ShadowEnd,
}

impl Ends {
    pub(crate) fn new(threads: usize) -> Self {
        let ended = Ended { left: threads, worst: ShadowEnd::Complete };
        Self { state: Mutex::new(ended), changed: Condvar::new() }
    }

    fn note(&self, end: ShadowEnd) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.left = state.left.saturating_sub(1);
        state.worst = state.worst.max(end);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until all threads have ended, for `patience` at most.
    fn wait(&self, patience: Duration) -> ShadowEnd {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .changed
            .wait_timeout_while(state, patience, |state| state.left > 0)
            .unwrap_or_else(PoisonError::into_inner);
        if state.left > 0 { state.worst.max(ShadowEnd::DeadlinePassed) } else { state.worst }
    }
}

impl Running {
    pub(crate) fn new(core: Arc<Core>, ends: Ends) -> Self {
        Self { core, ends }
    }

    /// So many of the threads could not be started.
    pub(crate) fn never_had(&self, threads: usize) {
        (0..threads).for_each(|_| self.ends.note(ShadowEnd::Complete));
    }

    /// Ends the shadow. It blocks the thread.
    pub(crate) fn end(&self, patience: Duration) -> ShadowReport {
        self.core.close(self.core.clock.monotonic().saturating_add(patience));
        let end = self.ends.wait(patience.saturating_add(GRACE));
        self.core.end();
        let report = ShadowReport::read(&self.core, end);
        self.core.tell_books(true);
        #[cfg(feature = "metrics")]
        crate::metrics::publish_last(&self.core, &report);
        report
    }
}

impl ShadowReport {
    /// The books as they stand, with what is under way given up.
    pub(crate) fn read(core: &Core, end: ShadowEnd) -> Self {
        let challengers = core.standings.iter().map(|standing| {
            let ShadowUsage { request_bytes, answer_bytes, .. } = usage(core, standing);
            let ledger = standing.books.read().closed();
            ChallengerReport { name: standing.name.clone(), ledger, request_bytes, answer_bytes }
        });
        Self { challengers: challengers.collect(), cpu: core.cpu.used(), end }
    }
}

/// Starts the thread of a dispatcher, with a runtime of its own.
pub(crate) fn start<R: Send + 'static>(dispatcher: Dispatcher<R>, running: &Arc<Running>) -> io::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().thread_name("tiltmeter-io").build()?;
    let running = Arc::clone(running);
    let work = move || {
        let end = match catch_unwind(AssertUnwindSafe(|| runtime.block_on(dispatcher.run()))) {
            Ok(true) => ShadowEnd::Complete,
            Ok(false) => ShadowEnd::DeadlinePassed,
            Err(_) => {
                tracing::error!("a thread of the shadow has panicked: nothing is copied any more");
                // the others end as well
                running.core.close(running.core.clock.monotonic());
                ShadowEnd::ThreadPanicked
            }
        };
        // what a challenger has spawned, or does on a thread for blocking calls, is not waited for
        runtime.shutdown_background();
        running.ends.note(end);
    };
    thread::Builder::new().name("tiltmeter-shadow".to_owned()).spawn(work)?;
    Ok(())
}

/// Does `work`, which blocks, on a thread of its own, so that the caller's runtime goes on. Where no thread is to be had,
/// it blocks the caller: better that than to lose what is under way.
pub(crate) async fn off_thread<T: Send + 'static>(
    running: &Arc<Running>,
    work: impl Fn(&Running) -> T + Clone + Send + 'static,
) -> T {
    let (reply, answer) = oneshot::channel();
    let (on_thread, its) = (work.clone(), Arc::clone(running));
    let waiting = thread::Builder::new().name("tiltmeter-shutdown".to_owned()).spawn(move || {
        let _ = reply.send(on_thread(&its));
    });
    if waiting.is_ok()
        && let Ok(answer) = answer.await
    {
        return answer;
    }
    work(running)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use tower_layer::Layer;
    use tower_service::Service;

    use super::*;
    use crate::budget::CpuClock;
    use crate::testing::{Mock, Scripted, drain, poll};
    use crate::{Challenger, CopiedRequest, PairBucket, ShadowBody, ShadowBuilder, ShadowLayer};

    #[derive(Debug)]
    struct Broken;

    impl CpuClock for Broken {
        fn used(&self) -> Duration {
            panic!("a fault of the shadow's own")
        }
    }

    #[test]
    fn a_thread_that_panics_is_told_of_and_closes_the_shadow() {
        let challenger = Challenger::http("next", Mock::answering(b"0.4"));
        let builder = ShadowBuilder::http().with_route(Method::POST, "/predict").with_challenger(challenger);
        let (shared, mut dispatcher) = builder.unstarted();
        dispatcher.cpu = Box::new(Broken);
        let running = Arc::new(Running::new(Arc::clone(&shared.core), Ends::new(1)));
        start(dispatcher, &running).unwrap();
        running.ends.wait(Duration::from_secs(60));
        assert!(shared.core.closing().is_some(), "nobody would take what is queued");
        assert!(shared.core.admit(b"r1", 0).cases.is_empty());
        let report = running.end(Duration::from_secs(60));
        assert_eq!((report.end, report.balances()), (ShadowEnd::ThreadPanicked, true));
        assert_eq!(report.challengers[0].ledger.by(PairBucket::ShuttingDown), 1);
    }

    #[test]
    fn a_thread_that_panics_leaves_no_request_behind() {
        let challenger = Challenger::http("next", Mock::answering(b"0.4")).with_permits(100);
        let builder = ShadowBuilder::http().with_route(Method::POST, "/predict").with_challenger(challenger);
        let (shared, mut dispatcher) = builder.unstarted();
        let core = Arc::clone(&shared.core);
        for _ in 0..150 {
            send_one(&shared);
        }
        assert_eq!((core.standings[0].gate.items(), core.standings[0].books.read().under_way()), (100, 100));
        assert_eq!(core.bystanders.items(), 50, "they wait to be recorded");
        dispatcher.cpu = Box::new(Broken);
        let running = Arc::new(Running::new(Arc::clone(&core), Ends::new(1)));
        start(dispatcher, &running).unwrap();
        assert_eq!(running.ends.wait(Duration::from_secs(60)), ShadowEnd::ThreadPanicked);
        let ledger = core.standings[0].books.read();
        assert_eq!((ledger.balances(), ledger.by(PairBucket::ShuttingDown)), (true, 100), "{ledger:?}");
        assert!(core.gates().all(|gate| (gate.items(), gate.bytes()) == (0, 0)));
        // of the books, of the thread's end, and nobody else
        drop(shared);
        assert_eq!(Arc::strong_count(&core), 2, "what is queued keeps the queue");
    }

    /// A request that a champion answers at once.
    fn send_one(shared: &Arc<crate::dispatch::Shared<CopiedRequest>>) {
        let champion = |_: http::Request<ShadowBody<Scripted>>| {
            std::future::ready(Ok::<_, Broken>(http::Response::new(Scripted::data(b"0.5"))))
        };
        let mut champion = ShadowLayer::new(Arc::clone(shared)).layer(tower::service_fn(champion));
        let request = http::Request::post("/predict").body(Scripted::new([])).unwrap();
        let std::task::Poll::Ready(Ok(response)) = poll(&mut champion.call(request)) else {
            panic!("the champion is ready")
        };
        drain(&mut response.into_body()).unwrap();
    }
}
