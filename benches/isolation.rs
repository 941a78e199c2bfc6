//! What a challenger in the shadow costs the champion: the flights service over HTTP, alone and with challengers that are
//! well, slow, hang, refuse connections, or fail; each in a process of its own.
//!
//! All contenders run at the same time, and are asked in turn: in each round each of them once, in random order and for a
//! fraction of a second. First under an open loop at half of the champion's saturating load, then under a closed loop for
//! the greatest rate. What is compared is of the same round, so that what slows the machine for longer than a round slows
//! all of them.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::{Parser, ValueEnum};
use example_flights::console;
use fastrand::Rng;
use tiltmeter::shadow::ShadowLedger;
use tiltmeter_benches::isolation::{
    BYTES, Contest, FEW_BYTES, PERMITS, Placement, Reading, TIMEOUT, Variant, challenge, champion,
};
use tiltmeter_benches::over_http::{Load, Schedule};
use tiltmeter_benches::statistics::{MedianInterval, quantile};
use tiltmeter_benches::{Contender, table};

const ALONE: usize = 0;

/// The champion alone takes part twice: how far it differs from itself is the yardstick.
const CONTENDERS: [Contender<Variant>; 9] = [
    Contender::new("alone", Variant::Alone),
    Contender::new("alone again", Variant::Alone),
    Contender::new("pass-through", Variant::PassThrough),
    Contender::new("healthy, 4 ms", Variant::Healthy),
    Contender::new("10 times slower", Variant::Slow),
    Contender::new("hanging", Variant::Hanging),
    Contender::new("hanging, no breaker", Variant::HangingUnrested),
    Contender::new("refusing", Variant::Refusing),
    Contender::new("erroring", Variant::Erroring),
];

/// Between two turns, so that what a challenger still answers is not in the next one's.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Parser)]
struct Cli {
    /// How often each contender has its turn under each load.
    #[arg(long, default_value_t = 55)]
    rounds: usize,
    /// Keep-alive connections, each with a thread of its own.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Which processors the parts have.
    #[arg(long, value_enum, default_value = "apart")]
    placement: Placement,
    /// How often the champion scores each flight: with one scoring the load takes as long as the champion, and how much both
    /// do is bounded by the load's processors.
    #[arg(long, default_value_t = 20)]
    scorings: u32,
    /// Requests per second of the open loop; without, half of what the champion alone takes at the beginning.
    #[arg(long)]
    rate: Option<f64>,
    /// Seeds the arrivals and the order of the contenders.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fewer rounds, for trying.
    #[arg(long)]
    quick: bool,
    /// A few requests to each contender, and no figures.
    #[arg(long)]
    test: bool,
    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be a server, and not the benchmark.
    #[arg(long, hide = true, value_enum, requires = "variant")]
    serve: Option<Role>,
    /// Of which contender.
    #[arg(long, hide = true, value_enum)]
    variant: Option<Variant>,
    /// Where its challenger is, for the champion.
    #[arg(long, hide = true)]
    challenger: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    Champion,
    Challenger,
}

/// How long a turn takes.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    warm_up: Duration,
    half: Duration,
    saturated: Duration,
}

/// What a contender did under one load.
#[derive(Debug, Default)]
struct UnderLoad {
    turns: Vec<Turn>,
    /// Between the first turn and the end of the last; CPU in µs per request.
    shadow_cpu_us: f64,
    challenger_cpu_us: f64,
    books: ShadowLedger,
    /// At the end.
    resident: u64,
    permits: u64,
    bytes: u64,
}

/// What a contender did in one round.
#[derive(Clone, Copy, Debug)]
struct Turn {
    /// NaN under a closed loop.
    p50_us: f64,
    p99_us: f64,
    /// NaN under an open loop.
    per_second: f64,
    /// Of the champion's threads, per request.
    cpu_us: f64,
}

type Measured = [UnderLoad; CONTENDERS.len()];

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let (Some(role), Some(variant)) = (cli.serve, cli.variant) {
        return match role {
            Role::Champion => champion(variant, cli.challenger.as_deref(), cli.placement, cli.scorings),
            Role::Challenger => challenge(variant, cli.placement),
        };
    }
    let millis = Duration::from_millis;
    let lengths = if cli.test {
        Lengths { warm_up: millis(50), half: millis(50), saturated: millis(50) }
    } else {
        Lengths { warm_up: millis(400), half: millis(250), saturated: millis(200) }
    };
    let rounds = match cli {
        Cli { test: true, .. } => 1,
        Cli { quick: true, .. } => 5,
        Cli { rounds, .. } => rounds,
    };
    let start =
        |contender: &Contender<Variant>| Contest::start(contender.variant, cli.placement, cli.scorings);
    let contests = CONTENDERS.iter().map(start).collect::<Result<Vec<_>>>()?;
    let mut arena = Arena {
        sent: vec![0; contests.len()],
        contests,
        load: Load::new(cli.connections)?,
        placement: cli.placement,
        rng: Rng::with_seed(cli.seed),
    };
    for place in 0..CONTENDERS.len() {
        arena.closed_loop(place, lengths.warm_up)?;
    }

    // one load for all, so that they can be compared
    let half_load = match cli.rate {
        Some(rate) => rate,
        None => arena.saturating_load(rounds.min(9), lengths.saturated)? / 2.0,
    };
    let half = arena.take_turns(rounds, "half load", |arena, place, seed| {
        arena.open_loop(place, &Schedule::poisson(half_load, lengths.half, seed))
    })?;
    let saturated = arena
        .take_turns(rounds, "saturated", |arena, place, _| arena.closed_loop(place, lengths.saturated))?;
    arena.finish()?;
    if cli.test {
        return Ok(());
    }
    print_half(&format!("Open loop, {half_load:.0} requests/s"), &half)?;
    print_saturated(&saturated)?;
    print_memory(&half, &saturated)?;
    print_books(&half, &saturated)
}

/// The contenders, and what loads them.
#[derive(Debug)]
struct Arena {
    contests: Vec<Contest>,
    /// Requests to each of them.
    sent: Vec<usize>,
    load: Load,
    placement: Placement,
    rng: Rng,
}

impl Arena {
    /// Requests per second that the champion alone takes: the median of so many turns.
    fn saturating_load(&mut self, turns: usize, length: Duration) -> Result<f64> {
        let mut found = (0..turns)
            .map(|_| Ok(self.closed_loop(ALONE, length)?.per_second))
            .collect::<Result<Vec<f64>>>()?;
        Ok(quantile(&mut found, 0.5))
    }

    /// Each contender has its turn in each round. A turn gets the round's seed.
    fn take_turns(
        &mut self,
        rounds: usize,
        name: &str,
        turn: impl Fn(&mut Self, usize, u64) -> Result<Turn>,
    ) -> Result<Measured> {
        let before = (self.sent.clone(), self.settled()?);
        let mut measured = Measured::default();
        for _ in 0..rounds {
            let seed = self.rng.u64(..);
            let mut order: [usize; CONTENDERS.len()] = std::array::from_fn(|place| place);
            self.rng.shuffle(&mut order);
            for place in order {
                let figures =
                    turn(self, place, seed).with_context(|| format!("{name}: {}", CONTENDERS[place].name))?;
                measured[place].turns.push(figures);
                thread::sleep(PAUSE);
            }
        }
        let after = self.settled()?;
        for (place, under_load) in measured.iter_mut().enumerate() {
            let requests = self.sent[place] - before.0[place];
            under_load.account(requests, &before.1[place], &after[place]);
        }
        console::note(&format!("{name}: done"));
        Ok(measured)
    }

    fn settled(&mut self) -> Result<Vec<Reading>> {
        self.contests.iter_mut().map(Contest::settled).collect()
    }

    fn open_loop(&mut self, place: usize, schedule: &Schedule) -> Result<Turn> {
        let address = self.contests[place].address();
        let before = self.contests[place].standing()?.cpu;
        let mut latencies = self.placed(|load| load.open_loop(address, schedule))?;
        let used = self.contests[place].standing()?.cpu.saturating_sub(before);
        self.sent[place] += latencies.len();
        Ok(Turn {
            p50_us: quantile(&mut latencies, 0.5) * 1e6,
            p99_us: quantile(&mut latencies, 0.99) * 1e6,
            per_second: f64::NAN,
            cpu_us: per(micros(used), count(latencies.len())),
        })
    }

    fn closed_loop(&mut self, place: usize, length: Duration) -> Result<Turn> {
        let address = self.contests[place].address();
        let before = self.contests[place].standing()?.cpu;
        let answered = self.placed(|load| load.closed_loop(address, length))?;
        let used = self.contests[place].standing()?.cpu.saturating_sub(before);
        self.sent[place] += answered;
        Ok(Turn {
            p50_us: f64::NAN,
            p99_us: f64::NAN,
            per_second: per(count(answered), length.as_secs_f64()),
            cpu_us: per(micros(used), count(answered)),
        })
    }

    /// Runs a load on the processors that are the load's.
    fn placed<T: Send>(&self, run: impl FnOnce(&Load) -> Result<T> + Send) -> Result<T> {
        thread::scope(|scope| {
            let running = scope.spawn(|| {
                self.placement.load()?;
                run(&self.load)
            });
            running.join().map_err(|_| anyhow!("the load panicked"))?
        })
    }

    fn finish(self) -> Result<()> {
        for ((contest, sent), contender) in self.contests.into_iter().zip(self.sent).zip(&CONTENDERS) {
            contest.finish(sent).context(contender.name)?;
        }
        Ok(())
    }
}

impl UnderLoad {
    fn account(&mut self, requests: usize, before: &Reading, after: &Reading) {
        let used =
            |of: fn(&Reading) -> Duration| per(micros(of(after).saturating_sub(of(before))), count(requests));
        self.shadow_cpu_us = used(|reading| reading.champion.shadow_cpu);
        self.challenger_cpu_us = used(|reading| reading.challenger_cpu);
        self.books = after.champion.books.since(&before.champion.books);
        self.resident = after.champion.resident;
        self.permits = after.champion.permits;
        self.bytes = after.champion.bytes;
    }

    fn median(&self, figure: fn(&Turn) -> f64) -> MedianInterval {
        MedianInterval::of(self.turns.iter().map(figure))
    }

    /// The figure, divided by that of the champion alone in the same round.
    fn of_alone(&self, alone: &Self, figure: fn(&Turn) -> f64) -> MedianInterval {
        let pairs = self.turns.iter().zip(&alone.turns);
        MedianInterval::of(pairs.map(|(turn, alone)| figure(turn) / figure(alone)))
    }

    /// The same, subtracted.
    fn beyond_alone(&self, alone: &Self, figure: fn(&Turn) -> f64) -> MedianInterval {
        let pairs = self.turns.iter().zip(&alone.turns);
        MedianInterval::of(pairs.map(|(turn, alone)| figure(turn) - figure(alone)))
    }
}

fn rows<const COLUMNS: usize>(
    measured: &Measured,
    row: impl Fn(&UnderLoad, &UnderLoad) -> [String; COLUMNS],
) -> impl Iterator<Item = [String; COLUMNS]> {
    CONTENDERS.iter().zip(measured).map(move |(contender, under_load)| {
        let mut cells = row(under_load, &measured[ALONE]);
        cells[0] = contender.name.to_owned();
        cells
    })
}

fn print_half(title: &str, half: &Measured) -> Result<()> {
    table::print(
        &format!("{title}: latency in µs, from when a request was due"),
        ["", "p50", "of alone", "p99", "of alone"],
        rows(half, |load, alone| {
            [
                String::new(),
                format!("{:.0}", load.median(|turn| turn.p50_us)),
                format!("{:.3}", load.of_alone(alone, |turn| turn.p50_us)),
                format!("{:.0}", load.median(|turn| turn.p99_us)),
                format!("{:.3}", load.of_alone(alone, |turn| turn.p99_us)),
            ]
        }),
    )?;
    print_cpu(title, half)
}

fn print_saturated(saturated: &Measured) -> Result<()> {
    table::print(
        "Saturated",
        ["", "requests/s", "of alone", "processors that the champion uses"],
        rows(saturated, |load, alone| {
            [
                String::new(),
                format!("{:.0}", load.median(|turn| turn.per_second)),
                format!("{:.3}", load.of_alone(alone, |turn| turn.per_second)),
                format!("{:.2}", load.median(|turn| turn.cpu_us * turn.per_second / 1e6)),
            ]
        }),
    )?;
    print_cpu("Saturated", saturated)
}

fn print_cpu(title: &str, measured: &Measured) -> Result<()> {
    table::print(
        &format!("{title}: CPU in µs per request"),
        ["", "champion's threads", "beyond alone", "of alone", "shadow's thread", "challenger"],
        rows(measured, |load, alone| {
            [
                String::new(),
                format!("{:.1}", load.median(|turn| turn.cpu_us)),
                format!("{:+.1}", load.beyond_alone(alone, |turn| turn.cpu_us)),
                format!("{:.3}", load.of_alone(alone, |turn| turn.cpu_us)),
                format!("{:.1}", load.shadow_cpu_us),
                format!("{:.1}", load.challenger_cpu_us),
            ]
        }),
    )
}

fn print_memory(half: &Measured, saturated: &Measured) -> Result<()> {
    let kib = |bytes: u64| bytes >> 10;
    table::print(
        &format!(
            "What the champion's process holds (bounds: {PERMITS} permits and {} KiB, or {} KiB without a breaker)",
            kib(BYTES),
            kib(FEW_BYTES)
        ),
        [
            "",
            "KiB resident after the open loop",
            "after saturation",
            "most permits",
            "most bytes of the pairs",
        ],
        CONTENDERS.iter().zip(half.iter().zip(saturated)).map(|(contender, (half, saturated))| {
            [
                contender.name.to_owned(),
                kib(half.resident).to_string(),
                kib(saturated.resident).to_string(),
                saturated.permits.to_string(),
                saturated.bytes.to_string(),
            ]
        }),
    )
}

/// The shares of the buckets that are not empty, in percent.
#[expect(clippy::cast_precision_loss, reason = "shares of some thousands")]
fn shares(books: &ShadowLedger) -> String {
    let buckets = books.iter().filter(|&(_, count)| count > 0);
    let shares = buckets
        .map(|(bucket, count)| format!("{bucket} {:.2} %", 100.0 * per(count as f64, books.eligible as f64)));
    shares.collect::<Vec<_>>().join(", ")
}

fn print_books(half: &Measured, saturated: &Measured) -> Result<()> {
    table::print(
        &format!("What became of the requests (a challenger may take {} ms)", TIMEOUT.as_millis()),
        ["", "open loop", "saturated"],
        CONTENDERS.iter().zip(half.iter().zip(saturated)).map(|(contender, (half, saturated))| {
            [contender.name.to_owned(), shares(&half.books), shares(&saturated.books)]
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
