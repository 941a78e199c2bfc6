//! How long it takes to offer a record, from one thread and from several at once.
//!
//! All threads begin together, and offer fewer records than a queue holds; then whoever takes them catches up. Each offer is
//! timed by itself, with the readings of the clock in it, which stand in the table as well. What is offered is made beforehand.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use crossbeam_channel::{Sender, TryRecvError, bounded};
use fastrand::Rng;
use tiltmeter::{LogBuilder, LogGuard, LogHandle, ModelLog, Observation, WhenFull};
use tiltmeter_benches::models::{fifty_floats, observation_of_fifty};
use tiltmeter_benches::sink::{DeadSink, NullSink};
use tiltmeter_benches::statistics::quantile;
use tiltmeter_benches::table;
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};

/// Offers of all threads together.
const BURST: usize = 2_048;

const THREADS: [usize; 3] = [1, 4, 16];

/// For the log, from 16 threads, ns.
const GOAL: f64 = 1_000.0;

#[derive(Debug, Parser)]
struct Cli {
    /// How many bursts
    #[arg(long, value_name = "N", default_value_t = 100)]
    rounds: usize,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// One round, to see that it runs
    #[arg(long)]
    test: bool,
}

/// What takes records.
trait Taker: Sync {
    type Item: Send;

    fn make(&self) -> Self::Item;

    fn offer(&self, item: Self::Item);

    /// Waits until what was offered has been taken.
    fn settle(&self) {}
}

struct Nothing;

impl Taker for Nothing {
    type Item = ();

    fn make(&self) {}

    fn offer(&self, (): ()) {}
}

struct Log {
    model: ModelLog,
    handle: LogHandle,
    is_full: bool,
    _guard: LogGuard,
}

impl Log {
    fn start(builder: LogBuilder, is_full: bool) -> Result<Self> {
        let (handle, guard) = builder.with_model(fifty_floats()?).build()?;
        Ok(Self { model: handle.model("fifty")?, handle, is_full, _guard: guard })
    }
}

impl Taker for Log {
    type Item = Observation;

    fn make(&self) -> Observation {
        observation_of_fifty()
    }

    fn offer(&self, item: Observation) {
        self.model.record(item);
    }

    fn settle(&self) {
        while !self.is_full && self.handle.queue_depth().bytes > 0 {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A channel of the queue's length, whose receiver polls as the worker does.
struct Channel(Sender<Observation>);

impl Channel {
    fn start() -> Self {
        let (sender, receiver) = bounded(8_192);
        // ends with the channel
        thread::spawn(move || {
            loop {
                match receiver.try_recv() {
                    Ok(item) => drop(black_box(item)),
                    Err(TryRecvError::Empty) => thread::sleep(Duration::from_millis(1)),
                    Err(TryRecvError::Disconnected) => break,
                }
            }
        });
        Self(sender)
    }
}

impl Taker for Channel {
    type Item = Observation;

    fn make(&self) -> Observation {
        observation_of_fifty()
    }

    fn offer(&self, item: Observation) {
        let _ = black_box(self.0.try_send(item));
    }

    fn settle(&self) {
        while !self.0.is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A line of JSON that is formatted already, to a writer that forgets it.
struct Appender {
    writer: NonBlocking,
    _guard: WorkerGuard,
}

impl Appender {
    fn start() -> Self {
        let (writer, guard) = tracing_appender::non_blocking(io::sink());
        Self { writer, _guard: guard }
    }
}

impl Taker for Appender {
    type Item = ();

    fn make(&self) {}

    fn offer(&self, (): ()) {
        // as a subscriber does for each event
        let _ = black_box(self.writer.clone().write(&[b'x'; 800]));
    }

    fn settle(&self) {
        thread::sleep(Duration::from_millis(5));
    }
}

/// One burst from `threads` threads; adds the time of each offer, in ns.
fn burst<T: Taker>(taker: &T, threads: usize, times: &mut Vec<f64>) {
    let each = BURST / threads;
    let made: Vec<Vec<T::Item>> =
        (0..threads).map(|_| std::iter::repeat_with(|| taker.make()).take(each).collect()).collect();
    let ready = Barrier::new(threads);
    let ready = &ready;
    thread::scope(|scope| {
        let running: Vec<_> = made
            .into_iter()
            .map(|items| {
                scope.spawn(move || {
                    let mut times = Vec::with_capacity(items.len());
                    ready.wait();
                    for item in items {
                        let start = now();
                        taker.offer(item);
                        times.push(start.elapsed().as_secs_f64() * 1e9);
                    }
                    times
                })
            })
            .collect();
        for thread in running {
            times.extend(thread.join().unwrap_or_default());
        }
    });
    taker.settle();
}

type Burst<'a> = Box<dyn Fn(usize, &mut Vec<f64>) + 'a>;

fn main() -> Result<()> {
    let cli = Cli::parse();
    let rounds = if cli.test { 1 } else { cli.rounds };
    let healthy = Log::start(LogBuilder::new().with_sink(NullSink), false)?;
    let dead = Log::start(LogBuilder::new().with_sink(DeadSink).with_sink_queue_bytes(1), false)?;
    let full = LogBuilder::new().with_sink(DeadSink).with_sink_queue_bytes(1).with_queue_items(1);
    let full = Log::start(full.with_when_full(WhenFull::Wait(Duration::MAX)), true)?;
    let (channel, appender) = (Channel::start(), Appender::start());
    let cases: [(&str, Burst<'_>); 6] = [
        ("clock alone", Box::new(|threads, times| burst(&Nothing, threads, times))),
        ("log", Box::new(|threads, times| burst(&healthy, threads, times))),
        ("log, dead sink", Box::new(|threads, times| burst(&dead, threads, times))),
        ("log, full queue", Box::new(|threads, times| burst(&full, threads, times))),
        ("crossbeam try_send", Box::new(|threads, times| burst(&channel, threads, times))),
        ("tracing-appender, 800 bytes", Box::new(|threads, times| burst(&appender, threads, times))),
    ];
    let mut rng = Rng::with_seed(1);
    for threads in THREADS {
        let mut times: [Vec<f64>; 6] = Default::default();
        for round in 0..rounds + 1 {
            let mut order = [0, 1, 2, 3, 4, 5];
            rng.shuffle(&mut order);
            for place in order {
                // the first round warms up
                if round == 1 && times[place].len() == BURST / threads * threads {
                    times[place].clear();
                }
                cases[place].1(threads, &mut times[place]);
            }
        }
        table::print(
            &format!("{threads} threads, {rounds} bursts of {BURST}: ns per offer"),
            ["", "p50", "p99", "p99.9", "goal for p99"],
            cases.iter().zip(&mut times).map(|((name, _), times)| {
                let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|q| quantile(times, q));
                let is_bound = threads == 16 && name.starts_with("log");
                let verdict = if p99 <= GOAL { "met" } else { "missed" };
                [
                    (*name).to_owned(),
                    format!("{p50:.0}"),
                    format!("{p99:.0}"),
                    format!("{p999:.0}"),
                    if is_bound { format!("{GOAL}: {verdict}") } else { String::new() },
                ]
            }),
        )?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the time that passes")]
fn now() -> Instant {
    Instant::now()
}
