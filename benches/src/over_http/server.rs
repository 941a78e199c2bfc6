//! The server's side: what a child process does.
//!
//! It says its port, then what it has used so far each time a line comes, and in the end, when its stdin closes, what
//! became of everything. Each is one line of JSON.

use std::fs;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use example_flights::data::DataFolder;
use example_flights::deployments::Deployments;
use example_flights::server::{Server, bind};
use example_flights::service::router;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tiltmeter::{LogBuilder, LogGuard, LogHandle, ModelSpec, ParquetSink};

use crate::pass_through::PassThroughLayer;
use crate::sink::DeadSink;
use crate::{Variant, flights_example};

/// How long the log may take to write what it holds.
const DRAIN: Duration = Duration::from_secs(30);

/// What a server has used and dropped since it started.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Reading {
    /// CPU time of the process, in user and kernel mode, all threads.
    pub cpu: Duration,
    /// What the worker's thread used of it.
    pub worker_cpu: Duration,
    /// Exchanges that the log has dropped.
    pub dropped: u64,
}

/// What a server says when it has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Farewell {
    /// Everything, with what the log needed to write the rest. The worker's thread is gone and shows none.
    pub reading: Reading,
    /// Whether the ledgers balance.
    pub balanced: bool,
    /// The ledgers, for reading.
    pub ledgers: String,
}

/// Where the child says its port.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) port: u16,
}

struct Log {
    handle: LogHandle,
    guard: LogGuard,
    /// Where it writes; goes with the log.
    folder: TempDir,
}

/// Serves until stdin closes.
///
/// # Errors
/// When the service or the log cannot be started or ended.
pub fn serve(variant: Variant) -> Result<()> {
    let models = Deployments::read(&DataFolder::locate(&flights_example("data"))?)?;
    let (service, log) = wrapped(router(models), variant)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(async { Server::start(bind(0).await?, service) })?;

    say(&Hello { port: server.address().port() })?;
    for line in io::stdin().lines() {
        line?;
        say(&Reading::now(log.as_ref())?)?;
    }

    runtime.block_on(server.stop())?;
    let Some(Log { handle, guard, folder }) = log else {
        return say(&Farewell { reading: Reading::now(None)?, balanced: true, ledgers: String::new() });
    };
    let report = guard.shutdown_blocking(if variant == Variant::DeadSink { Duration::ZERO } else { DRAIN });
    let cpu = process_cpu();
    let dropped = handle.ledgers().exchanges.dropped.total();
    folder.close()?;
    say(&Farewell {
        reading: Reading { cpu, worker_cpu: Duration::ZERO, dropped },
        balanced: report.ledgers.balance(),
        ledgers: format!("{:?}", report.ledgers),
    })
}

fn wrapped(router: Router, variant: Variant) -> Result<(Router, Option<Log>)> {
    let builder = match variant {
        Variant::Bare => return Ok((router, None)),
        Variant::PassThrough => return Ok((router.layer(PassThroughLayer), None)),
        // full after a few exchanges, and not only after thousands
        Variant::DeadSink => LogBuilder::new().with_queue_items(1),
        Variant::Log => LogBuilder::new(),
    };
    let folder = tempfile::tempdir()?;
    let mut spec = ModelSpec::read_file(flights_example("model.yaml"))?;
    // a live service, whose events happen now: the flights' own times would open and close a file for each of the dozens
    // of days that pass by in a second
    spec.request.event_time = None;
    let builder = builder.with_model(spec);
    let (handle, guard) = match variant {
        Variant::DeadSink => builder.with_sink(DeadSink).build()?,
        _ => builder.with_sink(ParquetSink::local(folder.path()).build()?).build()?,
    };
    Ok((router.layer(handle.layer()), Some(Log { handle, guard, folder })))
}

impl Reading {
    fn now(log: Option<&Log>) -> Result<Self> {
        Ok(match log {
            None => Self { cpu: process_cpu(), ..Self::default() },
            Some(log) => Self {
                cpu: process_cpu(),
                worker_cpu: thread_cpu("tiltmeter-log")?,
                dropped: log.handle.ledgers().exchanges.dropped.total(),
            },
        })
    }
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// CPU time of the threads of that name.
fn thread_cpu(name: &str) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir("/proc/self/task")? {
        let thread = thread?.path();
        // a thread may end while this looks at it
        let Ok(thread_name) = fs::read_to_string(thread.join("comm")) else { continue };
        if thread_name.trim_end() == name {
            let figures = fs::read_to_string(thread.join("schedstat"))?;
            let nanos = figures.split(' ').next().context("schedstat is empty")?;
            sum += Duration::from_nanos(nanos.parse()?);
        }
    }
    Ok(sum)
}

fn say(message: &impl Serialize) -> Result<()> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, message)?;
    stdout.write_all(b"\n")?;
    Ok(stdout.flush()?)
}
