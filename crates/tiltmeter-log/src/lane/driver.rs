//! The thread of a sink.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tiltmeter_record::ModelSpec;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::{Cargo, FREIGHT, Freight, Lane, LaneBounds};
use crate::books::SinkBooks;
use crate::clock::Clock;
use crate::error::BuildError;
use crate::sink::Sink;

/// How often a sink has its turn when nothing comes.
const TICK: Duration = Duration::from_millis(100);

/// How long a sink may take to look at what is written already, before the log starts without its word.
const START: Duration = Duration::from_secs(10);

/// What a sink's thread is told, past all that waits in its queue.
#[derive(Debug)]
pub(crate) enum LaneCommand {
    /// Settle everything, but leave when `deadline` (monotonic) has passed.
    Shutdown { deadline: Duration },
}

/// How a sink's thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LaneEnd {
    Complete,
    DeadlinePassed,
    Panicked,
}

/// Starts the thread of `sink`, and waits until the sink has looked at what is written already. `ended` is called on the
/// thread when the sink and all that it held are gone.
pub(crate) fn open(
    sink: Box<dyn Sink>,
    models: Vec<Arc<ModelSpec>>,
    bounds: LaneBounds,
    books: Arc<SinkBooks>,
    clock: Arc<dyn Clock>,
    ended: impl FnOnce(LaneEnd) + Send + 'static,
) -> Result<(Lane, mpsc::Sender<LaneCommand>), BuildError> {
    // the name is that of the threads on which blocking calls of the sink run
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_name("tiltmeter-io")
        .enable_all()
        .build()
        .map_err(BuildError::thread)?;
    let (send_freight, freight) = mpsc::channel(FREIGHT);
    let (send_command, commands) = mpsc::channel(1);
    let (send_started, started) = sync_channel(1);
    let driver = Driver { sink, freight, commands, books: Arc::clone(&books), clock: Arc::clone(&clock) };
    thread::Builder::new()
        .name(format!("tiltmeter-{}", books.name()))
        .spawn(move || {
            let work = async move {
                let mut driver = driver;
                let start = driver.sink.start(&models).await;
                let is_refused = start.is_err();
                // the log may have started without waiting for it
                if let Err(std::sync::mpsc::SendError(Err(error))) = send_started.send(start) {
                    tracing::error!(%error, sink = %driver.books.name(), "a sink of the prediction log has refused to start");
                }
                if is_refused { LaneEnd::DeadlinePassed } else { driver.run().await }
            };
            ended(work_off(work, runtime));
        })
        .map_err(BuildError::thread)?;
    match started.recv_timeout(START) {
        Ok(start) => start?,
        Err(RecvTimeoutError::Timeout) => {
            tracing::warn!(sink = %books.name(), "a sink of the prediction log takes long to start: going on without its word");
        }
        // it has panicked: that is told when the log ends, and in its health
        Err(RecvTimeoutError::Disconnected) => {}
    }
    let lane = Lane {
        freight: send_freight,
        held: Arc::new(AtomicU64::new(0)),
        bounds,
        books,
        clock,
        has_given_up: AtomicBool::new(false),
    };
    Ok((lane, send_command))
}

fn work_off(work: impl Future<Output = LaneEnd>, runtime: Runtime) -> LaneEnd {
    let end = catch_unwind(AssertUnwindSafe(|| runtime.block_on(work))).unwrap_or_else(|_| {
        tracing::error!("a sink of the prediction log has panicked: nothing is written to it any more");
        LaneEnd::Panicked
    });
    // drops the tasks that are left, and with them their deliveries, but does not wait for a file system that hangs
    runtime.shutdown_background();
    end
}

struct Driver {
    sink: Box<dyn Sink>,
    freight: mpsc::Receiver<Freight>,
    commands: mpsc::Receiver<LaneCommand>,
    books: Arc<SinkBooks>,
    clock: Arc<dyn Clock>,
}

impl Driver {
    /// Works until it is told to shut down, and then until everything is settled or the deadline has passed. What the sink
    /// still holds is abandoned when it is dropped.
    async fn run(mut self) -> LaneEnd {
        let Told { deadline, has_cut_off } = self.work().await;
        let left = deadline.saturating_sub(self.clock.monotonic());
        // most of the time for what the worker still sends; a worker that is stuck must not keep the sink from settling
        let patience = left / 4 * 3;
        match timeout(left, self.finish(patience)).await {
            Ok(true) if !has_cut_off => LaneEnd::Complete,
            Ok(_) | Err(_) => LaneEnd::DeadlinePassed,
        }
    }

    async fn work(&mut self) -> Told {
        loop {
            match self.work_once().await {
                Heard::Done(false) => {}
                Heard::Done(true) => break,
                Heard::Told(told) => return told,
            }
        }
        // the worker has gone, of a panic or because the guard's word is on its way: what the sink holds is settled now,
        // since the word may come much later
        let mut heard = self.flush_once().await;
        loop {
            match heard {
                Heard::Done(()) => heard = self.tick_once().await,
                Heard::Told(told) => return told,
            }
        }
    }

    /// Gives the sink its turn, and what comes next; tells whether nothing comes any more.
    async fn work_once(&mut self) -> Heard<bool> {
        let Self { sink, freight, commands, books, clock } = self;
        let step = pin!(async {
            let next = timeout(TICK, freight.recv()).await;
            let is_over = matches!(next, Ok(None));
            books.busy_since(Some(clock.monotonic()));
            sink.tick(clock.monotonic()).await;
            if let Ok(Some(freight)) = next {
                take(sink.as_mut(), freight).await;
            }
            books.busy_since(None);
            is_over
        });
        unless_told(commands, &**clock, step).await
    }

    async fn flush_once(&mut self) -> Heard<()> {
        let Self { sink, commands, books, clock, .. } = self;
        let step = pin!(async {
            books.busy_since(Some(clock.monotonic()));
            sink.flush().await;
            books.busy_since(None);
        });
        unless_told(commands, &**clock, step).await
    }

    async fn tick_once(&mut self) -> Heard<()> {
        let Self { sink, commands, books, clock, .. } = self;
        let step = pin!(async {
            sleep(TICK).await;
            books.busy_since(Some(clock.monotonic()));
            sink.tick(clock.monotonic()).await;
            books.busy_since(None);
        });
        unless_told(commands, &**clock, step).await
    }

    /// Takes what still comes, for `patience` at most, and settles what the sink holds. Tells whether all has come.
    async fn finish(&mut self, patience: Duration) -> bool {
        let until = self.clock.monotonic().saturating_add(patience);
        let is_whole = loop {
            let left = until.saturating_sub(self.clock.monotonic());
            match timeout(left, self.freight.recv()).await {
                Ok(Some(freight)) => take(self.sink.as_mut(), freight).await,
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        self.sink.flush().await;
        is_whole
    }
}

async fn take(sink: &mut dyn Sink, freight: Freight) {
    match freight {
        Freight::Cargo { cargo, delivery, load } => {
            match cargo {
                Cargo::Predictions(batch) => sink.write(batch, delivery).await,
                Cargo::Pairs(batch) => sink.write_pairs(batch, delivery).await,
            }
            drop(load);
        }
        Freight::Journal(journal, receipt) => sink.write_journal(journal, receipt).await,
        Freight::Flush(done) => {
            sink.flush().await;
            // who asked may have given up
            let _ = done.try_send(());
        }
    }
}

enum Heard<T> {
    Done(T),
    Told(Told),
}

/// The word to shut down.
struct Told {
    deadline: Duration,
    /// Whether the sink was in the middle of something, and has not come to its end by the deadline.
    has_cut_off: bool,
}

/// Waits for `work`, or for the word to shut down, whichever comes first. Neither a sink that hangs nor one that is always
/// ready keeps the thread from hearing it.
async fn unless_told<T>(
    commands: &mut mpsc::Receiver<LaneCommand>,
    clock: &dyn Clock,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> Heard<T> {
    let told = poll_fn(|cx| match commands.poll_recv(cx) {
        Poll::Ready(command) => Poll::Ready(Err(command)),
        Poll::Pending => work.as_mut().poll(cx).map(Ok),
    });
    match told.await {
        Ok(done) => Heard::Done(done),
        Err(Some(LaneCommand::Shutdown { deadline })) => {
            // what the sink has begun goes on, up to the deadline
            let ended = timeout(deadline.saturating_sub(clock.monotonic()), work).await;
            Heard::Told(Told { deadline, has_cut_off: ended.is_err() })
        }
        // the guard always says something before it goes
        Err(None) => Heard::Told(Told { deadline: Duration::ZERO, has_cut_off: true }),
    }
}
