//! The server's side: what a child process does.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use example_flights::data::DataFolder;
use example_flights::deployments::Deployments;
use example_flights::server::{Server, bind};
use example_flights::service::router;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tiltmeter::log::faults::{Flapping, Slow};
use tiltmeter::{Capture, LogBuilder, LogGuard, LogHandle, ModelSpec, ParquetSink};

use super::child::{attend, say};
use super::variant::Variant;
use super::{handlers, peers};
use crate::cpu;
use crate::flights_example;
use crate::pass_through::PassThroughLayer;
use crate::sink::DeadSink;

/// How long the log may take to write what it holds.
const DRAIN: Duration = Duration::from_secs(30);

/// What a server has used and dropped since it started.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Reading {
    /// CPU time of the process, in user and kernel mode, all threads.
    pub cpu: Duration,
    /// What the threads of the log, or of what logs otherwise, used of it.
    pub log_cpu: Duration,
    /// Exchanges and predictions that the log has dropped.
    pub dropped: u64,
    /// Bytes of memory that are resident.
    pub resident: u64,
    /// Bytes that wait for the worker.
    pub queued: u64,
}

/// What a server says when it has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Farewell {
    /// Everything, with what the log needed to write the rest. The threads of the log are gone and show none.
    pub reading: Reading,
    /// Whether the ledgers balance.
    pub balanced: bool,
    /// The ledgers, for reading.
    pub ledgers: String,
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
    let folder = tempfile::tempdir()?;
    let peer = match variant {
        Variant::TracingAppender => Some(peers::tracing_appender(folder.path())?),
        Variant::OpenTelemetry => Some(peers::open_telemetry()?),
        _ => None,
    };
    let (service, log) = watched(models, variant, folder)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(async { Server::start(bind(0).await?, service) })?;

    attend(server.address().port(), || Reading::now(log.as_ref()))?;

    runtime.block_on(server.stop())?;
    drop(peer);
    let Some(Log { handle, guard, folder }) = log else {
        return say(&Farewell { reading: Reading::now(None)?, balanced: true, ledgers: String::new() });
    };
    let report = guard.shutdown_blocking(if variant.is_stuck() { Duration::ZERO } else { DRAIN });
    let reading = Reading {
        log_cpu: Duration::ZERO,
        cpu: cpu::of_process(),
        dropped: dropped(&handle),
        ..Reading::default()
    };
    folder.close()?;
    say(&Farewell { reading, balanced: report.balances(), ledgers: format!("{:?}", report.ledgers) })
}

fn watched(models: Deployments, variant: Variant, folder: TempDir) -> Result<(Router, Option<Log>)> {
    let mut spec = ModelSpec::read_file(flights_example("model.yaml"))?;
    // a live service, whose events happen now: the flights' own times would open and close a file for each of the dozens
    // of days that pass by in a second
    spec.request.event_time = None;
    let builder = LogBuilder::new().with_model(spec);
    let parquet = || ParquetSink::local(folder.path()).build();
    let (handle, guard) = match variant {
        Variant::Bare => return Ok((router(models), None)),
        Variant::PassThrough => return Ok((router(models).layer(PassThroughLayer), None)),
        Variant::TracingAppender | Variant::OpenTelemetry => {
            return Ok((handlers::emitting(models), None));
        }
        Variant::Log | Variant::Handler => builder.with_sink(parquet()?).build()?,
        Variant::SlowSink => builder
            .with_sink(Slow::by(Variant::SLOWNESS, parquet()?))
            .with_sink_queue_bytes(1 << 20)
            .build()?,
        Variant::FlappingSink => {
            let (sink, switch) = Flapping::new(parquet()?);
            // ends with the process
            thread::spawn(move || {
                loop {
                    thread::sleep(Variant::FLAPPING);
                    if switch.is_on() { switch.turn_off() } else { switch.turn_on() }
                }
            });
            builder.with_sink(sink).build()?
        }
        Variant::DeadSink => builder.with_sink(DeadSink).with_sink_queue_bytes(1).build()?,
        Variant::Outage => builder.with_sink(DeadSink).build()?,
    };
    let service = match variant {
        Variant::Handler => handlers::recording(models).layer(handle.layer().with_capture(Capture::Handler)),
        _ => router(models).layer(handle.layer()),
    };
    Ok((service, Some(Log { handle, guard, folder })))
}

impl Reading {
    fn now(log: Option<&Log>) -> Result<Self> {
        let log_cpu = ["tiltmeter", "tracing-append", "OpenTelemetry"]
            .into_iter()
            .map(cpu::of_threads)
            .sum::<Result<_>>()?;
        Ok(Self {
            cpu: cpu::of_process(),
            log_cpu,
            dropped: log.map_or(0, |log| dropped(&log.handle)),
            resident: cpu::resident_bytes()?,
            queued: log.map_or(0, |log| log.handle.queue_depth().bytes),
        })
    }
}

fn dropped(log: &LogHandle) -> u64 {
    let ledgers = log.ledgers();
    ledgers.exchanges.dropped.total() + ledgers.predictions.dropped.total()
}
