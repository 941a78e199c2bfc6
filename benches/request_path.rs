//! Nanoseconds per exchange, in process.
//!
//! Criterion times each variant on its own, for comparing one version of the code with another
//! (`--save-baseline`, `--baseline`). For comparing the variants with each other they are then measured interleaved:
//! in bursts, and at 5,000 exchanges per second, where the worker sleeps between them.

use std::hint::{black_box, spin_loop};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Result;
use criterion::{Criterion, SamplingMode};
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use fastrand::Rng;
use rustix::thread::{CpuSet, sched_setaffinity};
use tiltmeter_benches::in_process::{BURST, Requests, Subject, Variant};
use tiltmeter_benches::statistics::{Spread, quantile};
use tiltmeter_benches::{Contender, table};

#[expect(clippy::cast_precision_loss, reason = "a small number")]
const PER_BURST: f64 = BURST as f64;

/// Pass-through takes part twice: how far it differs from itself is the yardstick.
const CONTENDERS: [Contender<Variant>; 15] = [
    Contender::new("bare", Variant::Bare),
    Contender::new("pass-through", Variant::PassThrough),
    Contender::new("pass-through again", Variant::PassThrough),
    Contender::new("log", Variant::Log),
    Contender::new("log, dead sink", Variant::DeadSink),
    Contender::new("log, full queue", Variant::FullQueue),
    Contender::new("shadow", Variant::Shadow),
    Contender::new("shadow, no permit", Variant::ShadowNoPermit),
    Contender::new("shadow, resting", Variant::ShadowResting),
    Contender::new("pass-through, handler keeps", Variant::HandlerKeeps),
    Contender::new("log, handler-filled", Variant::Handler),
    Contender::new("service of values keeps", Variant::ServiceKeeps),
    Contender::new("typed", Variant::Typed),
    Contender::new("keep", Variant::Keep),
    Contender::new("direct", Variant::Direct),
];

/// The place of what `contender` is compared with.
fn base_of(contender: &Contender<Variant>) -> usize {
    let base = contender.variant.base();
    CONTENDERS.iter().position(|other| other.variant == base).unwrap_or_default()
}

/// The time between two exchanges at low load: 5,000 per second.
const PACE: Duration = Duration::from_micros(200);

/// Exchanges of one contender before it is the next one's turn, at low load.
const PACED: usize = 250;

/// Seeds the orders in which the contenders take turns.
const SEED: u64 = 1;

fn main() -> Result<()> {
    let is_quick = std::env::args().any(|arg| arg == "--quick");
    let is_test = std::env::args().any(|arg| arg == "--test");

    let mut criterion = Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(30))
        .measurement_time(Duration::from_millis(150))
        .configure_from_args();
    each_on_its_own(&mut criterion)?;
    criterion.final_summary();
    if is_test {
        return Ok(());
    }

    let (bursts, turns) = if is_quick { (40, 4) } else { (400, 40) };
    let mut rng = Rng::with_seed(SEED);
    in_bursts("In bursts, the client names its requests", Requests::USUAL, bursts, &mut rng)?;
    in_bursts("In bursts, the layer names the requests", UNNAMED, bursts, &mut rng)?;
    at_low_load(turns, &mut rng)?;
    at_low_load_without_a_log(turns, &mut rng)
}

const UNNAMED: Requests = Requests { named: false, extended: true };

fn each_on_its_own(criterion: &mut Criterion) -> Result<()> {
    for (requests, name) in [(Requests::USUAL, "client id"), (UNNAMED, "made id")] {
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat);
        for contender in CONTENDERS.iter().filter(|contender| !contender.name.ends_with("again")) {
            let mut subject = Subject::new(contender.variant)?;
            group.bench_function(contender.name, |bencher| {
                bencher.iter_custom(|iterations| {
                    let mut left = usize::try_from(iterations).unwrap_or(usize::MAX);
                    let mut sum = Duration::ZERO;
                    while left > 0 {
                        let exchanges = left.min(BURST);
                        sum += burst(&mut subject, exchanges, requests);
                        left -= exchanges;
                    }
                    sum
                });
            });
            subject.finish()?;
        }
        group.finish();
    }
    Ok(())
}

/// Times `exchanges` without a pause; then the worker may catch up, untimed.
fn burst(subject: &mut Subject, exchanges: usize, requests: Requests) -> Duration {
    subject.prepare(exchanges, requests);
    let start = now();
    for _ in 0..exchanges {
        subject.exchange();
    }
    let time = start.elapsed();
    subject.settle();
    time
}

fn in_bursts(title: &str, requests: Requests, rounds: usize, rng: &mut Rng) -> Result<()> {
    let mut subjects = subjects()?;
    let mut times: [Vec<f64>; CONTENDERS.len()] = Default::default();
    for round in 0..rounds + 1 {
        for place in shuffled::<{ CONTENDERS.len() }>(rng) {
            let nanos = nanos(burst(&mut subjects[place], BURST, requests)) / PER_BURST;
            // the first round warms up
            if round > 0 {
                times[place].push(nanos);
            }
        }
    }
    for subject in subjects {
        subject.finish()?;
    }

    table::print(
        &format!("{title}: ns per exchange, {rounds} bursts of {BURST}"),
        ["", "median", "beyond the same without", "middle half of the differences"],
        CONTENDERS.iter().zip(&times).map(|(contender, of_contender)| {
            // of the same round, so that what slows the whole machine cancels out
            let base = &times[base_of(contender)];
            let mut beyond: Vec<f64> =
                of_contender.iter().zip(base).map(|(time, base)| time - base).collect();
            let [low, median, high] = [0.25, 0.5, 0.75].map(|q| quantile(&mut beyond, q));
            [
                contender.name.to_owned(),
                format!("{:.0}", Spread::of(of_contender.iter().copied()).median),
                format!("{median:+.0}"),
                format!("{low:+.0} to {high:+.0}"),
            ]
        }),
    )
}

fn at_low_load(turns: usize, rng: &mut Rng) -> Result<()> {
    let mut subjects = subjects()?;
    let mut times: [Vec<f64>; CONTENDERS.len()] = Default::default();
    for _ in 0..turns {
        for place in shuffled::<{ CONTENDERS.len() }>(rng) {
            let subject = &mut subjects[place];
            subject.prepare(PACED, Requests::USUAL);
            paced(0..PACED, &mut times[place], |_| subject.exchange());
            subject.settle();
        }
    }
    for subject in subjects {
        subject.finish()?;
    }
    let names = CONTENDERS.map(|contender| contender.name);
    let bases = CONTENDERS.each_ref().map(base_of);
    print_paced("One exchange every 200 µs: ns per exchange", names, times, bases)
}

/// What the log would cost at low load if its worker waited in `recv`: a bare channel, and nothing else.
fn at_low_load_without_a_log(turns: usize, rng: &mut Rng) -> Result<()> {
    let receivers: [fn(&Receiver<u64>); 2] = [
        |receiver| {
            for item in receiver {
                black_box(item);
            }
        },
        |receiver| {
            loop {
                match receiver.try_recv() {
                    Ok(item) => {
                        black_box(item);
                    }
                    Err(TryRecvError::Empty) => thread::sleep(Duration::from_millis(1)),
                    Err(TryRecvError::Disconnected) => break,
                }
            }
        },
    ];
    let channels = receivers.map(|receive| -> (Sender<u64>, JoinHandle<()>) {
        let (sender, receiver) = bounded(8_192);
        let receiving = thread::spawn(move || {
            let _ = pin_to(1);
            receive(&receiver);
        });
        (sender, receiving)
    });
    // else the woken thread may be put behind this one, which spins, and is then not parked when the next item comes
    pin_to(0)?;
    let mut times: [Vec<f64>; 2] = Default::default();
    for _ in 0..turns {
        for place in shuffled::<2>(rng) {
            let (sender, _) = &channels[place];
            paced(0..PACED as u64, &mut times[place], |item| {
                let _ = black_box(sender.try_send(item));
            });
        }
    }
    for (sender, thread) in channels {
        drop(sender);
        let _ = thread.join();
    }
    let names = ["receiver is parked in recv", "receiver polls"];
    print_paced("One try_send every 200 µs on a bare channel: ns per try_send", names, times, [1, 1])
}

/// Keeps this thread on a processor, if there is one of that number.
fn pin_to(processor: usize) -> rustix::io::Result<()> {
    if thread::available_parallelism().is_ok_and(|processors| processors.get() <= processor) {
        return Ok(());
    }
    let mut set = CpuSet::new();
    set.set(processor);
    sched_setaffinity(None, &set)
}

/// Times each of `items` on its own, at the pace of low load, and spins in between.
fn paced<T>(items: impl IntoIterator<Item = T>, times: &mut Vec<f64>, mut exchange: impl FnMut(T)) {
    let mut due = now();
    for item in items {
        due += PACE;
        while now() < due {
            spin_loop();
        }
        let start = now();
        exchange(item);
        times.push(nanos(start.elapsed()));
    }
}

fn print_paced<const N: usize>(
    title: &str,
    names: [&str; N],
    mut times: [Vec<f64>; N],
    bases: [usize; N],
) -> Result<()> {
    let medians = times.each_mut().map(|times| quantile(times, 0.5));
    table::print(
        title,
        ["", "median", "difference of medians", "mean", "p99"],
        names.into_iter().zip(&mut times).enumerate().map(|(place, (name, times))| {
            let (median, base) = (medians[place], medians[bases[place]]);
            [
                name.to_owned(),
                format!("{median:.0}"),
                format!("{:+.0}", median - base),
                format!("{:.0}", mean(times)),
                format!("{:.0}", quantile(times, 0.99)),
            ]
        }),
    )
}

fn subjects() -> Result<Vec<Subject>> {
    CONTENDERS.iter().map(|contender| Subject::new(contender.variant)).collect()
}

fn shuffled<const N: usize>(rng: &mut Rng) -> [usize; N] {
    let mut places = std::array::from_fn(|place| place);
    rng.shuffle(&mut places);
    places
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn nanos(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the time that passes")]
fn now() -> Instant {
    Instant::now()
}
