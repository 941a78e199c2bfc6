//! What the log costs a real service: the flights example over HTTP, each variant in a process of its own, under an
//! open loop at low load and at half of the saturating load, and under a closed loop for the greatest rate.
//!
//! Each round runs all contenders in random order, and compares within the round.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use example_flights::console;
use fastrand::Rng;
use tiltmeter_benches::over_http::{Load, Reading, Schedule, ServerProcess, Variant, serve};
use tiltmeter_benches::statistics::{Spread, quantile};
use tiltmeter_benches::{Contender, table};

const BARE: usize = 0;
const PASS_THROUGH: usize = 2;

/// The bare service takes part twice: how far it differs from itself is the yardstick.
const CONTENDERS: [Contender<Variant>; 10] = [
    Contender::new("bare", Variant::Bare),
    Contender::new("bare again", Variant::Bare),
    Contender::new("pass-through", Variant::PassThrough),
    Contender::new("log", Variant::Log),
    Contender::new("log, handler-filled", Variant::Handler),
    Contender::new("log, slow sink", Variant::SlowSink),
    Contender::new("log, dead sink", Variant::DeadSink),
    Contender::new("log, flapping sink", Variant::FlappingSink),
    Contender::new("tracing-appender, JSON lines", Variant::TracingAppender),
    Contender::new("OpenTelemetry log bridge", Variant::OpenTelemetry),
];

/// Requests per second.
const LOW_LOAD: f64 = 500.0;

#[derive(Debug, Parser)]
struct Cli {
    /// How often each contender is measured.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Keep-alive connections, each with a thread of its own.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Seeds the arrivals and the order of the contenders.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Shorter and fewer rounds, for trying.
    #[arg(long)]
    quick: bool,
    /// A few requests to each contender, and no figures.
    #[arg(long)]
    test: bool,
    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server, and not the benchmark.
    #[arg(long, hide = true, value_enum)]
    serve: Option<Variant>,
}

/// How long each part of a round takes.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    warm_up: Duration,
    low: Duration,
    half: Duration,
    saturated: Duration,
}

/// What one server did under one open loop.
#[derive(Debug)]
struct UnderLoad {
    cpu_us: f64,
    log_cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
    dropped: u64,
}

/// What one server did in one round.
#[derive(Debug)]
struct Round {
    low: UnderLoad,
    half: UnderLoad,
    saturated_per_second: f64,
    saturated_dropped: u64,
    /// CPU time to end the log, per request of the round.
    ending_cpu_us: f64,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let Some(variant) = cli.serve {
        return serve(variant);
    }
    let load = Load::new(cli.connections)?;
    let seconds = Duration::from_secs_f64;
    let (rounds, lengths) = if cli.test {
        let short = seconds(0.05);
        (1, Lengths { warm_up: short, low: short, half: short, saturated: short })
    } else if cli.quick {
        let short = seconds(0.5);
        (2, Lengths { warm_up: seconds(0.2), low: short, half: short, saturated: short })
    } else {
        let low = seconds(2.0);
        (cli.rounds, Lengths { warm_up: seconds(0.3), low, half: low, saturated: seconds(0.6) })
    };

    // one load for all, so that they can be compared: half of what the slowest of them takes
    let saturating = CONTENDERS
        .iter()
        .map(|contender| saturating_load(contender.variant, &load, lengths))
        .collect::<Result<Vec<f64>>>()?;
    let half_load = saturating.into_iter().fold(f64::INFINITY, f64::min) / 2.0;

    let mut rng = Rng::with_seed(cli.seed);
    let mut measured: [Vec<Round>; CONTENDERS.len()] = Default::default();
    for round in 0..rounds {
        let schedules = [(LOW_LOAD, lengths.low), (half_load, lengths.half)]
            .map(|(rate, length)| Schedule::poisson(rate, length, rng.u64(..)));
        let mut order: [usize; CONTENDERS.len()] = std::array::from_fn(|place| place);
        rng.shuffle(&mut order);
        for place in order {
            let contender = CONTENDERS[place];
            let figures = run_round(contender.variant, &load, &schedules, lengths)
                .with_context(|| format!("round {round} of {}", contender.name))?;
            measured[place].push(figures);
        }
        console::note(&format!("round {} of {rounds} done", round + 1));
    }
    if cli.test {
        return Ok(());
    }
    print_load(&format!("Low load: {LOW_LOAD:.0} requests/s"), &measured, |round| &round.low)?;
    print_load(&format!("Half of the saturating load: {half_load:.0} requests/s"), &measured, |round| {
        &round.half
    })?;
    print_saturated(&measured)
}

/// Requests per second, in a closed loop on a warm server.
fn saturating_load(variant: Variant, load: &Load, lengths: Lengths) -> Result<f64> {
    let server = ServerProcess::start(variant)?;
    load.closed_loop(server.address(), lengths.warm_up)?;
    let answered = load.closed_loop(server.address(), lengths.saturated)?;
    server.finish()?;
    Ok(per(count(answered), lengths.saturated.as_secs_f64()))
}

fn run_round(variant: Variant, load: &Load, schedules: &[Schedule; 2], lengths: Lengths) -> Result<Round> {
    let mut server = ServerProcess::start(variant)?;
    let mut answered = load.closed_loop(server.address(), lengths.warm_up)?;
    let [low, half] = schedules;
    let low = under_load(&mut server, load, low)?;
    let half = under_load(&mut server, load, half)?;
    let before = server.reading()?;
    let saturated = load.closed_loop(server.address(), lengths.saturated)?;
    // so that what is queued is not counted as the end's
    std::thread::sleep(Duration::from_millis(200));
    let after = server.reading()?;
    let end = server.finish()?.reading;
    answered += schedules.iter().map(Schedule::len).sum::<usize>() + saturated;
    Ok(Round {
        low,
        half,
        saturated_per_second: per(count(saturated), lengths.saturated.as_secs_f64()),
        saturated_dropped: after.dropped - before.dropped,
        ending_cpu_us: per(micros(end.cpu.saturating_sub(after.cpu)), count(answered)),
    })
}

fn under_load(server: &mut ServerProcess, load: &Load, schedule: &Schedule) -> Result<UnderLoad> {
    let before = server.reading()?;
    let mut latencies = load.open_loop(server.address(), schedule)?;
    let after = server.reading()?;
    let used = |cpu: fn(&Reading) -> Duration| {
        per(micros(cpu(&after).saturating_sub(cpu(&before))), count(schedule.len()))
    };
    Ok(UnderLoad {
        cpu_us: used(|reading| reading.cpu),
        log_cpu_us: used(|reading| reading.log_cpu),
        p50_us: quantile(&mut latencies, 0.5) * 1e6,
        p99_us: quantile(&mut latencies, 0.99) * 1e6,
        dropped: after.dropped - before.dropped,
    })
}

fn print_load(title: &str, measured: &[Vec<Round>], of_round: fn(&Round) -> &UnderLoad) -> Result<()> {
    let over_rounds = |place: usize, figure: fn(&UnderLoad) -> f64| {
        Spread::of(measured[place].iter().map(|round| figure(of_round(round))))
    };
    let beyond = |place: usize, base: usize, figure: fn(&UnderLoad) -> f64| {
        let pairs = measured[place].iter().zip(&measured[base]);
        Spread::of(pairs.map(|(round, base)| figure(of_round(round)) - figure(of_round(base))))
    };
    table::print(
        &format!("{title}: CPU of the server in µs per request"),
        ["", "CPU", "beyond pass-through", "of it the log's threads", "to end the log", "dropped"],
        CONTENDERS.iter().enumerate().map(|(place, contender)| {
            [
                contender.name.to_owned(),
                format!("{:.1}", over_rounds(place, |load| load.cpu_us)),
                format!("{:+.1}", beyond(place, PASS_THROUGH, |load| load.cpu_us)),
                format!("{:.1}", over_rounds(place, |load| load.log_cpu_us).median),
                format!("{:.1}", Spread::of(measured[place].iter().map(|round| round.ending_cpu_us)).median),
                measured[place].iter().map(|round| of_round(round).dropped).sum::<u64>().to_string(),
            ]
        }),
    )?;
    table::print(
        &format!("{title}: latency in µs, from when a request was due"),
        ["", "p50", "p99", "p99 beyond bare"],
        CONTENDERS.iter().enumerate().map(|(place, contender)| {
            [
                contender.name.to_owned(),
                format!("{:.0}", over_rounds(place, |load| load.p50_us)),
                format!("{:.0}", over_rounds(place, |load| load.p99_us)),
                format!("{:+.0}", beyond(place, BARE, |load| load.p99_us)),
            ]
        }),
    )
}

fn print_saturated(measured: &[Vec<Round>]) -> Result<()> {
    table::print(
        "Saturated: requests per second",
        ["", "requests/s", "of bare, in %", "dropped"],
        CONTENDERS.iter().enumerate().map(|(place, contender)| {
            let rounds = &measured[place];
            let shares = rounds
                .iter()
                .zip(&measured[BARE])
                .map(|(round, bare)| 100.0 * round.saturated_per_second / bare.saturated_per_second);
            [
                contender.name.to_owned(),
                format!("{:.0}", Spread::of(rounds.iter().map(|round| round.saturated_per_second))),
                format!("{:.1}", Spread::of(shares)),
                rounds.iter().map(|round| round.saturated_dropped).sum::<u64>().to_string(),
            ]
        }),
    )
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// NaN when there was nothing.
fn per(sum: f64, count: f64) -> f64 {
    if count > 0.0 { sum / count } else { f64::NAN }
}

fn count(items: usize) -> f64 {
    u32::try_from(items).map_or(f64::INFINITY, f64::from)
}
