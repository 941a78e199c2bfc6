//! Records per second of one processor, from the queue to the sink, beside limits that are measured in the same run.
//!
//! Also with what the worker does before it hands rows on: profiles of all predictions, and sampling of the rows.
//!
//! What counts is the CPU time of all threads but the one that offers the records: the worker, the sink, and those on which
//! the sink writes files. So a rate is what one processor would do that has nothing else to do.

use std::convert::Infallible;
use std::hint::black_box;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use arrow_array::RecordBatch;
use bytes::Bytes;
use clap::Parser;
use fastrand::Rng;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tiltmeter::log::{BaselineHandle, Profiler};
use tiltmeter::{Keyring, LogBuilder, LogGuard, LogHandle, ParquetSink};
use tiltmeter_benches::in_process::exchange;
use tiltmeter_benches::models::{
    answer_of_twenty, baseline_of_twenty, observation_of_twenty, request_of_twenty, twenty,
};
use tiltmeter_benches::samples::scored;
use tiltmeter_benches::sink::NullSink;
use tiltmeter_benches::statistics::{Spread, quantile};
use tiltmeter_benches::{cpu, table};
use tiltmeter_sample::{Policy, VolumeTiers};
use tower_layer::Layer as _;

/// Records that are offered before the worker is waited for.
const BURST: usize = 4_096;

const SEED: u64 = 1;

/// Of the rows that no rule keeps, where they are sampled.
const RATE: f64 = 0.1;

#[derive(Debug, Parser)]
struct Cli {
    /// How many records a turn has
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    records: usize,

    /// How often everything is timed
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: usize,

    /// Only what has this in its name, for a profiler
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// A few records and one round, to see that it runs
    #[arg(long)]
    test: bool,
}

/// CPU time of a turn, and of the worker's thread in it.
#[derive(Clone, Copy, Debug)]
struct Used {
    all: Duration,
    worker: Duration,
}

type Turn<'a> = Box<dyn FnMut() -> Result<Used> + 'a>;

/// What a log does with the records.
#[derive(Clone, Copy, Debug, Default)]
struct Stages {
    masks: bool,
    profiles: bool,
    samples: bool,
    writes: bool,
}

impl Stages {
    /// From a text of their first letters.
    fn of(letters: &str) -> Self {
        let has = |letter| letters.contains(letter);
        Self { masks: has('m'), profiles: has('p'), samples: has('s'), writes: has('w') }
    }
}

/// What comes to the service, and what it answers.
struct Made {
    ids: Vec<HeaderValue>,
    bodies: Vec<Bytes>,
    /// A quarter of them lies outside of [0.05, 0.95].
    scores: Vec<f64>,
    answers: Vec<Bytes>,
    baseline: BaselineHandle,
}

impl Made {
    fn new(records: usize, rng: &mut Rng) -> Result<Self> {
        let bodies = std::iter::repeat_with(|| request_of_twenty(rng)).take(records).collect();
        let (scores, _) = scored(records, rng);
        let answers = scores.iter().copied().map(answer_of_twenty).collect();
        // as long as UUIDs are
        let ids = (0..records).map(|_| HeaderValue::from_str(&format!("{:036x}", rng.u128(..))));
        let ids = ids.collect::<Result<_, _>>()?;
        Ok(Self { ids, bodies, scores, answers, baseline: BaselineHandle::from(baseline_of_twenty(rng)?) })
    }
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (records, rounds) = if cli.test { (2 * BURST, 1) } else { (cli.records, cli.rounds) };
    let mut rng = Rng::with_seed(SEED);
    let made = Made::new(records, &mut rng)?;
    let lines = made.bodies.join(&b'\n');
    let batches = read_arrow(&lines)?;

    let json = |stages: &str| -> Turn<'_> {
        let (made, stages) = (&made, Stages::of(stages));
        Box::new(move || from_json(made, stages))
    };
    let filled = |stages: &str| -> Turn<'_> {
        let (made, stages) = (&made, Stages::of(stages));
        Box::new(move || said(made, stages))
    };
    let cases: Vec<(&str, Option<f64>, Turn<'_>)> = vec![
        ("JSON, masked, Parquet", Some(500.0), json("mw")),
        ("JSON, masked, profiles, Parquet", None, json("mpw")),
        ("JSON, masked, sampled, Parquet", None, json("msw")),
        ("JSON, masked, profiles, sampled, Parquet", Some(400.0), json("mpsw")),
        ("JSON, Parquet", None, json("w")),
        ("JSON, masked, no sink", None, json("m")),
        ("JSON, masked, profiles, no sink", None, json("mp")),
        ("JSON, masked, sampled, no sink", None, json("ms")),
        ("JSON, masked, profiles, sampled, no sink", None, json("mps")),
        ("handler-filled, Parquet", Some(1_000.0), filled("w")),
        ("handler-filled, masked, Parquet", None, filled("mw")),
        ("handler-filled, masked, profiles, sampled, Parquet", None, filled("mpsw")),
        ("handler-filled, no sink", None, filled("")),
        ("limit: serde_json to a value", None, Box::new(|| alone(|| parse(&made.bodies)))),
        ("limit: arrow-json to columns", None, Box::new(|| alone(|| read_arrow(&lines).map(drop)))),
        ("limit: columns to Parquet", None, Box::new(|| alone(|| write_parquet(&batches)))),
    ];
    let (names, mut turns): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .filter(|(name, ..)| name.contains(&cli.only))
        .map(|(name, goal, turn)| ((name, goal), turn))
        .unzip();
    let mut used: Vec<Vec<Used>> = vec![Vec::new(); turns.len()];
    let mut order: Vec<usize> = (0..turns.len()).collect();
    for _ in 0..rounds {
        rng.shuffle(&mut order);
        for &place in &order {
            used[place].push(turns[place]().with_context(|| names[place].0)?);
        }
    }

    let count = records as f64;
    table::print(
        &format!("{records} records of 20 features, medians of {rounds} (least to greatest)"),
        ["", "thousand records/s of CPU", "µs per record", "of it the worker's thread", "goal"],
        names.iter().zip(&used).map(|((name, goal), used)| {
            let thousands = Spread::of(used.iter().map(|used| count / used.all.as_secs_f64() / 1e3));
            let micros = |of: fn(&Used) -> Duration| {
                let mut each: Vec<f64> =
                    used.iter().map(|used| of(used).as_secs_f64() * 1e6 / count).collect();
                quantile(&mut each, 0.5)
            };
            let verdict = goal.map_or(String::new(), |goal| {
                format!("{goal}: {}", if thousands.median >= goal { "met" } else { "missed" })
            });
            [
                (*name).to_owned(),
                format!("{thousands:.0}"),
                format!("{:.2}", micros(|used| used.all)),
                format!("{:.2}", micros(|used| used.worker)),
                verdict,
            ]
        }),
    )
}

/// What `work` uses on this thread.
fn alone(work: impl FnOnce() -> Result<()>) -> Result<Used> {
    let before = cpu::of_thread();
    work()?;
    Ok(Used { all: cpu::of_thread().saturating_sub(before), worker: Duration::ZERO })
}

/// What a log uses beside this thread, which `offer`s it the records from one place to another.
fn logged(
    made: &Made,
    stages: Stages,
    mut offer: impl FnMut(&LogHandle, std::ops::Range<usize>) -> Result<()>,
) -> Result<Used> {
    let records = made.bodies.len();
    let folder = tempfile::tempdir()?;
    let spec = twenty(stages.masks)?;
    let name = spec.name.clone();
    let mut builder = LogBuilder::new()
        .with_model(spec)
        .with_keyring(Keyring::from_text("bench:6c1f0a9d2e7b48c35a90d1e6f2837b4c")?);
    if stages.profiles {
        let profiler = Profiler::builder().with_baseline(name.clone(), made.baseline.clone());
        builder = builder.with_observer(profiler.build()?);
    }
    if stages.samples {
        let policy = Policy::tails()
            .with_tiers(VolumeTiers::constant(RATE))
            .with_segment("f00")
            // the first one does not know the strata yet
            .with_interval(Duration::from_secs(1))
            .build(&["f00"])?;
        builder = builder.with_baseline(name.clone(), made.baseline.clone()).with_sampling(name, policy);
    }
    let (log, guard): (LogHandle, LogGuard) = if stages.writes {
        builder.with_sink(ParquetSink::local(folder.path()).build()?).build()?
    } else {
        builder.with_sink(NullSink).build()?
    };
    let before = cpu::of_process().saturating_sub(cpu::of_thread());
    for first in (0..records).step_by(BURST) {
        offer(&log, first..records.min(first + BURST))?;
        while log.queue_depth().bytes > 0 {
            thread::sleep(Duration::from_millis(1));
        }
    }
    let worker = cpu::of_threads("tiltmeter-log")?;
    // with the last file; the threads that are gone by then count in what the process has used
    let report = guard.shutdown_blocking(Duration::from_secs(60));
    let all = cpu::of_process().saturating_sub(cpu::of_thread()).saturating_sub(before);
    let books = &report.ledgers.predictions;
    let settled = books.written + books.sampled_out;
    ensure!(settled == records as u64, "{settled} of {records} records were settled: {report:?}");
    ensure!(
        !stages.samples || (records / 5..records / 2).contains(&usize::try_from(books.written)?),
        "{} of {records} records are no sample as it was meant: {report:?}",
        books.written
    );
    Ok(Used { all, worker })
}

/// A service that reads the request, and says this.
async fn answer<B: Body<Data = Bytes>>(
    request: Request<B>,
    answer: Bytes,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = pin!(request.into_body());
    while let Some(Ok(frame)) = body.frame().await {
        black_box(frame);
    }
    let mut response = Response::new(Full::new(answer));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn from_json(made: &Made, stages: Stages) -> Result<Used> {
    let mut service = None;
    logged(made, stages, |log, range| {
        let service = service.get_or_insert_with(|| {
            let mut answers = made.answers.clone().into_iter();
            log.layer()
                .layer(tower::service_fn(move |request| answer(request, answers.next().unwrap_or_default())))
        });
        for place in range {
            let request = Request::post("/predict")
                .header(header::CONTENT_TYPE, "application/json")
                .header("x-request-id", made.ids[place].clone())
                .body(Full::new(made.bodies[place].clone()))?;
            exchange(service, request);
        }
        Ok(())
    })
}

fn said(made: &Made, stages: Stages) -> Result<Used> {
    let mut rng = Rng::with_seed(SEED);
    logged(made, stages, |log, range| {
        let log = log.model("twenty")?;
        range.for_each(|place| {
            let observation = observation_of_twenty(&mut rng).with_score(made.scores[place]);
            log.record(observation);
        });
        Ok(())
    })
}

fn parse(bodies: &[Bytes]) -> Result<()> {
    for body in bodies {
        black_box(serde_json::from_slice::<serde_json::Value>(body)?);
    }
    Ok(())
}

fn read_arrow(lines: &[u8]) -> Result<Vec<RecordBatch>> {
    use arrow_schema::{DataType, Field, Schema};
    let mut fields = vec![Field::new("entity_id", DataType::Utf8, true)];
    fields.extend((0..20).map(|place| {
        let kind = match place {
            0..3 => DataType::Utf8,
            3..6 => DataType::Int64,
            _ => DataType::Float64,
        };
        Field::new(format!("f{place:02}"), kind, true)
    }));
    let reader =
        arrow_json::ReaderBuilder::new(Schema::new(fields).into()).with_batch_size(4_096).build(lines)?;
    Ok(reader.collect::<Result<_, _>>()?)
}

fn write_parquet(batches: &[RecordBatch]) -> Result<()> {
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .build();
    let schema = batches.first().context("there are no rows")?.schema();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))?;
    for batch in batches {
        writer.write(batch)?;
    }
    black_box(writer.into_inner()?);
    Ok(())
}
