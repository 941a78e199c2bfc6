//! Resident memory while a sink is dead, under a load as great as the service takes.
//!
//! The service of the flights example runs in a process of its own, with the default bounds, and a sink that never
//! finishes a write. The queue of the sink fills, and from then on nothing may grow.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;
use example_flights::console;
use tiltmeter_benches::over_http::{Load, ServerProcess, Variant, serve};
use tiltmeter_benches::statistics::{Spread, quantile};
use tiltmeter_benches::table;

#[derive(Debug, Parser)]
struct Cli {
    /// How long the outage lasts.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Keep-alive connections, each with a thread of its own.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// A second of it.
    #[arg(long)]
    test: bool,
    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server, and not the benchmark.
    #[arg(long, hide = true, value_enum)]
    serve: Option<Variant>,
}

/// The time between two looks at the memory.
const LOOK: Duration = Duration::from_secs(2);

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let Some(variant) = cli.serve {
        return serve(variant);
    }
    let load = Load::new(cli.connections)?;
    let length = Duration::from_secs(if cli.test { 1 } else { cli.seconds });
    // what the service takes by itself
    let bare = run(Variant::Bare, &load, (length / 20).max(Duration::from_secs(1)))?;
    let outage = run(Variant::Outage, &load, length)?;
    table::print(
        "Resident memory in MiB",
        [
            "",
            "requests",
            "predictions dropped",
            "at first",
            "after a tenth",
            "least since",
            "greatest since",
            "at last",
        ],
        [("bare", bare), ("log, dead sink", outage)].into_iter().map(|(name, run)| {
            let warm = run.resident.len() / 10;
            let since = Spread::of(run.resident.iter().skip(warm).copied());
            let at = |place: usize| run.resident.get(place).copied().unwrap_or(f64::NAN);
            [
                name.to_owned(),
                run.answered.to_string(),
                run.dropped.to_string(),
                format!("{:.1}", at(0)),
                format!("{:.1}", at(warm)),
                format!("{:.1}", since.min),
                format!("{:.1}", since.max),
                format!("{:.1}", at(run.resident.len().saturating_sub(1))),
            ]
        }),
    )
}

struct Run {
    answered: usize,
    dropped: u64,
    /// In MiB, one look after the other; the first before any request.
    resident: Vec<f64>,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the time that passes")]
fn run(variant: Variant, load: &Load, length: Duration) -> Result<Run> {
    let mut server = ServerProcess::start(variant)?;
    let mib = |bytes: u64| f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1_024.0;
    let mut resident = vec![mib(server.reading()?.resident)];
    let (mut answered, start) = (0, Instant::now());
    while start.elapsed() < length {
        answered += load.closed_loop(server.address(), LOOK.min(length))?;
        resident.push(mib(server.reading()?.resident));
        if resident.len() % 30 == 0 {
            let median = quantile(&mut resident.clone(), 0.5);
            console::note(&format!(
                "{} s: {answered} requests, median {median:.1} MiB",
                start.elapsed().as_secs()
            ));
        }
    }
    let dropped = server.reading()?.dropped;
    let farewell = server.finish()?;
    ensure!(farewell.balanced, "the books do not balance: {}", farewell.ledgers);
    Ok(Run { answered, dropped, resident })
}
