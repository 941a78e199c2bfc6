//! What a challenger in the shadow costs the champion: the flights service over HTTP, alone and with challengers that are
//! well, slow, hang, refuse connections, or fail; each in a process of its own.
//!
//! Each round runs all contenders in random order, under an open loop at half of the champion's saturating load and under
//! a closed loop for the greatest rate, and compares within the round.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Parser, ValueEnum};
use example_flights::console;
use fastrand::Rng;
use tiltmeter_benches::isolation::{
    BYTES, Books, Challenging, Ended, FEW_BYTES, PERMITS, Placement, Standing, TIMEOUT, Variant, challenge,
    champion,
};
use tiltmeter_benches::over_http::{Child, Load, Schedule};
use tiltmeter_benches::statistics::{Spread, quantile};
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

#[derive(Debug, Parser)]
struct Cli {
    /// How often each contender is measured.
    #[arg(long, default_value_t = 11)]
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

/// How long each part of a round takes.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    warm_up: Duration,
    half: Duration,
    saturated: Duration,
}

/// What is the same for all rounds.
#[derive(Debug)]
struct Setting {
    load: Load,
    placement: Placement,
    scorings: u32,
    lengths: Lengths,
}

/// What champion and challenger did under one load; CPU time in µs per request.
#[derive(Debug)]
struct UnderLoad {
    cpu_us: f64,
    shadow_cpu_us: f64,
    challenger_cpu_us: f64,
    resident: u64,
    permits: u64,
    bytes: u64,
    books: Books,
}

/// What one contender did in one round.
#[derive(Debug)]
struct Round {
    half: UnderLoad,
    p50_us: f64,
    p99_us: f64,
    saturated: UnderLoad,
    per_second: f64,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let (Some(role), Some(variant)) = (cli.serve, cli.variant) {
        return match role {
            Role::Champion => champion(variant, cli.challenger.as_deref(), cli.placement, cli.scorings),
            Role::Challenger => challenge(variant, cli.placement),
        };
    }
    let seconds = Duration::from_secs_f64;
    let (rounds, lengths) = if cli.test {
        let short = seconds(0.05);
        (1, Lengths { warm_up: short, half: short, saturated: short })
    } else if cli.quick {
        let short = seconds(0.5);
        (2, Lengths { warm_up: seconds(0.2), half: short, saturated: short })
    } else {
        (cli.rounds, Lengths { warm_up: seconds(0.3), half: seconds(1.5), saturated: seconds(0.8) })
    };
    let setting = Setting {
        load: Load::new(cli.connections)?,
        placement: cli.placement,
        scorings: cli.scorings,
        lengths,
    };

    // one load for all, so that they can be compared
    let saturating =
        (0..3).map(|_| setting.saturating_load()).collect::<Result<Vec<f64>>>().map(Spread::of)?.median;
    let half_load = saturating / 2.0;

    let mut rng = Rng::with_seed(cli.seed);
    let mut measured: [Vec<Round>; CONTENDERS.len()] = Default::default();
    for round in 0..rounds {
        let schedule = Schedule::poisson(half_load, lengths.half, rng.u64(..));
        let mut order: [usize; CONTENDERS.len()] = std::array::from_fn(|place| place);
        rng.shuffle(&mut order);
        for place in order {
            let contender = CONTENDERS[place];
            let figures = setting
                .run_round(contender.variant, &schedule)
                .with_context(|| format!("round {round} of {}", contender.name))?;
            measured[place].push(figures);
        }
        console::note(&format!("round {} of {rounds} done", round + 1));
    }
    if cli.test {
        return Ok(());
    }
    print_latency(&format!("Half of the champion's saturating load: {half_load:.0} requests/s"), &measured)?;
    print_saturated(&measured)?;
    print_memory(&measured)?;
    print_books(&measured)
}

impl Setting {
    /// Requests per second that the champion alone takes, in a closed loop.
    fn saturating_load(&self) -> Result<f64> {
        let contest = Contest::start(Variant::Alone, self.placement, self.scorings)?;
        self.closed_loop(&contest, self.lengths.warm_up)?;
        let answered = self.closed_loop(&contest, self.lengths.saturated)?;
        contest.finish(0)?;
        Ok(per(count(answered), self.lengths.saturated.as_secs_f64()))
    }

    fn run_round(&self, variant: Variant, schedule: &Schedule) -> Result<Round> {
        let mut contest = Contest::start(variant, self.placement, self.scorings)?;
        let warm_up = self.closed_loop(&contest, self.lengths.warm_up)?;
        let start = contest.settled()?;

        let mut latencies = self.placed(|load| load.open_loop(contest.address(), schedule))?;
        let between = contest.settled()?;

        let answered = self.closed_loop(&contest, self.lengths.saturated)?;
        let end = contest.settled()?;

        contest.finish(warm_up + latencies.len() + answered)?;
        Ok(Round {
            half: UnderLoad::between(&start, &between, latencies.len()),
            p50_us: quantile(&mut latencies, 0.5) * 1e6,
            p99_us: quantile(&mut latencies, 0.99) * 1e6,
            saturated: UnderLoad::between(&between, &end, answered),
            per_second: per(count(answered), self.lengths.saturated.as_secs_f64()),
        })
    }

    fn closed_loop(&self, contest: &Contest, length: Duration) -> Result<usize> {
        self.placed(|load| load.closed_loop(contest.address(), length))
    }

    /// Runs a load on the processors that are the load's. The main thread keeps all of them, for the processes that it
    /// starts.
    fn placed<T: Send>(&self, run: impl FnOnce(&Load) -> Result<T> + Send) -> Result<T> {
        thread::scope(|scope| {
            let running = scope.spawn(|| {
                self.placement.load()?;
                run(&self.load)
            });
            running.join().map_err(|_| anyhow!("the load panicked"))?
        })
    }
}

/// A champion, and its challenger if it has one.
#[derive(Debug)]
struct Contest {
    champion: Child<Standing, Ended>,
    challenger: Option<Child<Challenging, Challenging>>,
}

impl Contest {
    fn start(variant: Variant, placement: Placement, scorings: u32) -> Result<Self> {
        let (variant_name, placement) = (name(&variant)?, name(&placement)?);
        let common = ["--variant", &variant_name, "--placement", &placement];
        let scorings = scorings.to_string();
        let champion = ["--serve", "champion", "--scorings", &scorings];
        if !variant.has_challenger() {
            return Ok(Self {
                champion: Child::start(&[&champion[..], &common].concat())?,
                challenger: None,
            });
        }
        let challenger: Child<Challenging, Challenging> =
            Child::start(&[&["--serve", "challenger"][..], &common].concat())?;
        let address = challenger.address().to_string();
        let champion = Child::start(&[&champion[..], &common, &["--challenger", &address]].concat())?;
        Ok(Self { champion, challenger: Some(challenger) })
    }

    fn address(&self) -> SocketAddr {
        self.champion.address()
    }

    /// How both are doing once the challenger has done with what it was sent.
    fn settled(&mut self) -> Result<(Standing, Duration)> {
        let mut standing = self.champion.reading()?;
        let (mut permits, mut bytes) = (standing.permits, standing.bytes);
        for _ in 0..1_000 {
            if standing.books.under_way() == 0 {
                break;
            }
            thread::sleep(Duration::from_millis(5));
            standing = self.champion.reading()?;
            (permits, bytes) = (permits.max(standing.permits), bytes.max(standing.bytes));
        }
        ensure!(standing.books.under_way() == 0, "requests are under way for ever: {:?}", standing.books);
        let used = self.challenger.as_mut().map(Child::reading).transpose()?;
        Ok((Standing { permits, bytes, ..standing }, used.map_or(Duration::ZERO, |used| used.cpu)))
    }

    /// Ends both. So many requests were sent: all of them have to be in the books.
    fn finish(self, sent: usize) -> Result<()> {
        let Ended { books, is_complete } = self.champion.end()?;
        ensure!(is_complete && books.under_way() == 0, "the books do not balance: {books:?}");
        if let Some(challenger) = self.challenger {
            ensure!(u64::try_from(sent) == Ok(books.eligible), "{sent} requests were sent: {books:?}");
            let asked = challenger.end()?.requests;
            let paired = books.buckets.get("paired").copied().unwrap_or_default();
            ensure!(paired <= asked, "the challenger was asked {asked} times: {books:?}");
        }
        Ok(())
    }
}

impl UnderLoad {
    fn between(before: &(Standing, Duration), after: &(Standing, Duration), requests: usize) -> Self {
        let ((before, challenger_before), (after, challenger_after)) = (before, after);
        let used =
            |before: Duration, after: Duration| per(micros(after.saturating_sub(before)), count(requests));
        Self {
            cpu_us: used(before.cpu, after.cpu),
            shadow_cpu_us: used(before.shadow_cpu, after.shadow_cpu),
            challenger_cpu_us: used(*challenger_before, *challenger_after),
            resident: after.resident,
            permits: after.permits,
            bytes: after.bytes,
            books: after.books.since(&before.books),
        }
    }
}

type Measured = [Vec<Round>; CONTENDERS.len()];

fn over_rounds(measured: &Measured, place: usize, figure: fn(&Round) -> f64) -> Spread {
    Spread::of(measured[place].iter().map(figure))
}

/// The figure, divided by that of the champion alone in the same round.
fn of_alone(measured: &Measured, place: usize, figure: fn(&Round) -> f64) -> Spread {
    let pairs = measured[place].iter().zip(&measured[ALONE]);
    Spread::of(pairs.map(|(round, alone)| figure(round) / figure(alone)))
}

fn rows<const COLUMNS: usize>(
    row: impl Fn(usize, &'static str) -> [String; COLUMNS],
) -> impl Iterator<Item = [String; COLUMNS]> {
    CONTENDERS.iter().enumerate().map(move |(place, contender)| row(place, contender.name))
}

fn print_latency(title: &str, measured: &Measured) -> Result<()> {
    table::print(
        &format!("{title}: latency in µs, from when a request was due"),
        ["", "p50", "of alone", "p99", "of alone"],
        rows(|place, name| {
            [
                name.to_owned(),
                format!("{:.0}", over_rounds(measured, place, |round| round.p50_us)),
                format!("{:.3}", of_alone(measured, place, |round| round.p50_us)),
                format!("{:.0}", over_rounds(measured, place, |round| round.p99_us)),
                format!("{:.2}", of_alone(measured, place, |round| round.p99_us)),
            ]
        }),
    )?;
    table::print(
        &format!("{title}: CPU in µs per request"),
        ["", "champion's threads", "of alone", "shadow's thread", "challenger"],
        rows(|place, name| {
            [
                name.to_owned(),
                format!("{:.1}", over_rounds(measured, place, |round| round.half.cpu_us)),
                format!("{:.3}", of_alone(measured, place, |round| round.half.cpu_us)),
                format!("{:.1}", over_rounds(measured, place, |round| round.half.shadow_cpu_us).median),
                format!("{:.1}", over_rounds(measured, place, |round| round.half.challenger_cpu_us).median),
            ]
        }),
    )
}

fn print_saturated(measured: &Measured) -> Result<()> {
    table::print(
        "Saturated: requests per second, and CPU in µs per request",
        [
            "",
            "requests/s",
            "of alone",
            "processors of the champion",
            "champion's threads",
            "shadow's thread",
            "challenger",
        ],
        rows(|place, name| {
            let cpu = |figure| over_rounds(measured, place, figure).median;
            [
                name.to_owned(),
                format!("{:.0}", over_rounds(measured, place, |round| round.per_second)),
                format!("{:.3}", of_alone(measured, place, |round| round.per_second)),
                format!("{:.2}", cpu(|round| round.saturated.cpu_us * round.per_second / 1e6)),
                format!("{:.1}", over_rounds(measured, place, |round| round.saturated.cpu_us)),
                format!("{:.1}", cpu(|round| round.saturated.shadow_cpu_us)),
                format!("{:.1}", cpu(|round| round.saturated.challenger_cpu_us)),
            ]
        }),
    )
}

fn print_memory(measured: &Measured) -> Result<()> {
    let kib = |bytes: u64| bytes >> 10;
    let most = |place: usize, figure: fn(&UnderLoad) -> u64| {
        measured[place].iter().flat_map(|round| [&round.half, &round.saturated]).map(figure).max()
    };
    table::print(
        &format!(
            "What the champion's process holds, the most of all rounds (bounds: {PERMITS} permits, {} KiB; without a breaker {} \
             KiB)",
            kib(BYTES),
            kib(FEW_BYTES)
        ),
        ["", "resident after half load, KiB", "after saturation, KiB", "permits", "bytes of the pairs"],
        rows(|place, name| {
            let resident = |figure: fn(&Round) -> u64| measured[place].iter().map(figure).max();
            [
                name.to_owned(),
                kib(resident(|round| round.half.resident).unwrap_or_default()).to_string(),
                kib(resident(|round| round.saturated.resident).unwrap_or_default()).to_string(),
                most(place, |load| load.permits).unwrap_or_default().to_string(),
                most(place, |load| load.bytes).unwrap_or_default().to_string(),
            ]
        }),
    )
}

fn print_books(measured: &Measured) -> Result<()> {
    let books = |place: usize, of_round: fn(&Round) -> &Books| {
        let mut sum = Books::default();
        measured[place].iter().for_each(|round| sum.add(of_round(round)));
        sum.to_string()
    };
    table::print(
        &format!("What became of the requests (a challenger may take {} ms)", TIMEOUT.as_millis()),
        ["", "at half load", "saturated"],
        rows(|place, name| {
            [
                name.to_owned(),
                books(place, |round| &round.half.books),
                books(place, |round| &round.saturated.books),
            ]
        }),
    )
}

fn name(value: &impl ValueEnum) -> Result<String> {
    Ok(value.to_possible_value().context("a value without a name")?.get_name().to_owned())
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
