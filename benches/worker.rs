//! Records per second of one processor, from the queue to the sink, beside limits that are measured in the same run.
//!
//! What counts is the CPU time of all threads but the one that offers the records: the worker, the sink, and those on which
//! the sink writes files. So a rate is what one processor would do that has nothing else to do.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use arrow_array::RecordBatch;
use bytes::Bytes;
use clap::Parser;
use fastrand::Rng;
use http::{Request, header};
use http_body_util::Full;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tiltmeter::{Keyring, LogBuilder, LogGuard, LogHandle, ParquetSink};
use tiltmeter_benches::in_process::{exchange, predict};
use tiltmeter_benches::models::{observation_of_twenty, request_of_twenty, twenty};
use tiltmeter_benches::sink::NullSink;
use tiltmeter_benches::statistics::{Spread, quantile};
use tiltmeter_benches::{cpu, table};
use tower_layer::Layer as _;

/// Records that are offered before the worker is waited for.
const BURST: usize = 4_096;

const SEED: u64 = 1;

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

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (records, rounds) = if cli.test { (2 * BURST, 1) } else { (cli.records, cli.rounds) };
    let mut rng = Rng::with_seed(SEED);
    let bodies: Vec<Bytes> = std::iter::repeat_with(|| request_of_twenty(&mut rng)).take(records).collect();
    let lines = bodies.join(&b'\n');
    let batches = read_arrow(&lines)?;

    let cases: Vec<(&str, Option<f64>, Turn<'_>)> = vec![
        ("JSON, masked, Parquet", Some(500.0), Box::new(|| from_json(&bodies, true, true))),
        ("JSON, Parquet", None, Box::new(|| from_json(&bodies, false, true))),
        ("JSON, masked, no sink", None, Box::new(|| from_json(&bodies, true, false))),
        ("handler-filled, Parquet", Some(1_000.0), Box::new(|| said(records, false, true))),
        ("handler-filled, masked, Parquet", None, Box::new(|| said(records, true, true))),
        ("handler-filled, no sink", None, Box::new(|| said(records, false, false))),
        ("limit: serde_json to a value", None, Box::new(|| alone(|| parse(&bodies)))),
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
    records: usize,
    is_masked: bool,
    is_written: bool,
    mut offer: impl FnMut(&LogHandle, std::ops::Range<usize>) -> Result<()>,
) -> Result<Used> {
    let folder = tempfile::tempdir()?;
    let builder = LogBuilder::new()
        .with_model(twenty(is_masked)?)
        .with_keyring(Keyring::from_text("bench:6c1f0a9d2e7b48c35a90d1e6f2837b4c")?);
    let (log, guard): (LogHandle, LogGuard) = if is_written {
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
    let written = report.ledgers.predictions.written;
    ensure!(written == records as u64, "{written} of {records} records were written: {report:?}");
    Ok(Used { all, worker })
}

fn from_json(bodies: &[Bytes], is_masked: bool, is_written: bool) -> Result<Used> {
    let mut service = None;
    logged(bodies.len(), is_masked, is_written, |log, range| {
        let service = service.get_or_insert_with(|| log.layer().layer(tower::service_fn(predict)));
        for body in &bodies[range] {
            let request = Request::post("/predict")
                .header(header::CONTENT_TYPE, "application/json")
                .header("x-request-id", "r0000001")
                .body(Full::new(body.clone()))?;
            exchange(service, request);
        }
        Ok(())
    })
}

fn said(records: usize, is_masked: bool, is_written: bool) -> Result<Used> {
    let mut rng = Rng::with_seed(SEED);
    logged(records, is_masked, is_written, |log, range| {
        let log = log.model("twenty")?;
        range.for_each(|_| log.record(observation_of_twenty(&mut rng)));
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
