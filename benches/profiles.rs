//! What profiles of all predictions cost: nanoseconds of the worker for each, beside limits of the same run, and bytes of a day.
//!
//! The predictions of the first part are made, 50 numbers each; those of the second are flights of the example, as many as it
//! says over one day.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use arrow_array::RecordBatch;
use clap::Parser;
use fastrand::Rng;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tiltmeter::ModelSpec;
use tiltmeter::log::conformance::{row, writer};
use tiltmeter::log::{BaselineHandle, Profiler, ProfilerBuilder};
use tiltmeter::record::columns::{ColumnValues, PredictionColumns};
use tiltmeter::record::{
    Journal, Observer as _, Prediction, PredictionBatch, ProfileDelta, Value, WindowWidth, profiles_batch,
};
use tiltmeter_benches::models::{fifty_floats, twenty};
use tiltmeter_benches::samples::Shape;
use tiltmeter_benches::statistics::Spread;
use tiltmeter_benches::turns::{Timed, take_turns};
use tiltmeter_benches::{flights_example, table};
use tiltmeter_monitor::build_baseline;
use tiltmeter_stats::{
    Baseline, BaselineColumn, ColumnSummary, DayProfile, Ecdf, Moments, NumericSpec, Profile, QuantileBins,
    QuantileSketch,
};
use tiltmeter_store::{Location, read_reference};

/// Nanoseconds for a prediction of 50 numbers.
const GOAL: f64 = 1_200.0;

/// Bytes of the log for a prediction, features and raw input, in Parquet: what those of a million flights take, as example-sampling
/// prints it.
const LOGGED: f64 = 59.0;

const SEED: u64 = 1;

#[derive(Debug, Parser)]
struct Cli {
    /// How many predictions a turn has
    #[arg(long, value_name = "N", default_value_t = 65_536)]
    rows: usize,

    /// How often everything is timed
    #[arg(long, value_name = "N", default_value_t = 11)]
    rounds: usize,

    /// Predictions of the day whose bytes are counted
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    day: usize,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// A few rows and one round, to see that it runs
    #[arg(long)]
    test: bool,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (rows, rounds, day) = if cli.test { (8_192, 1, 20_000) } else { (cli.rows, cli.rounds, cli.day) };
    let mut rng = Rng::with_seed(SEED);
    speed(rows, rounds, &mut rng)?;
    bytes(day, &mut rng)
}

/// Predictions of `spec` with these numbers, one column a feature.
fn batches(
    spec: &Arc<ModelSpec>,
    columns: &[Vec<f64>],
    rows: usize,
    size: usize,
    texts: usize,
) -> Vec<PredictionBatch> {
    const TEXTS: [&str; 4] = ["EWR", "JFK", "LGA", "gold"];
    let mut batches = Vec::new();
    for first in (0..rows).step_by(size) {
        let mut batch = PredictionBatch::new(Arc::clone(spec), writer(), "bench".into());
        batch.rows = (first..rows.min(first + size))
            .map(|place| {
                let mut row = row(0);
                row.features = columns.iter().map(|column| Value::Float(column[place])).collect();
                for text in 0..texts {
                    row.features[text] = TEXTS[(place * (text + 7)) % TEXTS.len()].into();
                }
                row.score = Some(columns[columns.len() - 1][place].abs().fract());
                row
            })
            .collect();
        batches.push(batch);
    }
    batches
}

fn baseline(spec: &ModelSpec, columns: &[Vec<f64>]) -> Result<Baseline> {
    let of = |name: &str, values: &Vec<f64>| {
        let bins = QuantileBins::of(values, 10)?;
        let counts = bins.count(values).counts;
        let day = DayProfile { day: 0, missing: 0.0, counts, moments: Moments::of(values) };
        let ecdf = Ecdf::of(values)?.thinned(1_000);
        BaselineColumn::new(name, ColumnSummary::Numeric { bins, ecdf }, vec![day])
    };
    let features =
        spec.features.iter().zip(columns).map(|(feature, values)| of(feature.name.as_str(), values));
    Ok(Baseline::new(spec.name.as_str(), features.collect::<tiltmeter_stats::Result<_>>()?, None)?)
}

fn speed(rows: usize, rounds: usize, rng: &mut Rng) -> Result<()> {
    let spec = Arc::new(fifty_floats()?);
    let columns: Vec<Vec<f64>> = spec.features.iter().map(|_| Shape::Normal.draws(rows, rng)).collect();
    let handle = BaselineHandle::from(baseline(&spec, &columns)?);
    let [small, large] = [256, 4_096].map(|size| batches(&spec, &columns, rows, size, 0));
    let builder = || Profiler::builder().with_baseline(spec.name.clone(), handle.clone());
    let fold = |builder: ProfilerBuilder, batches: &[PredictionBatch]| {
        let mut profiler = builder.build()?;
        batches.iter().for_each(|batch| profiler.observe(batch));
        Ok::<_, tiltmeter::BuildError>((profiler.take_profiles(true), profiler))
    };
    // the window stays open, as it does for an hour
    let mut open = builder().build()?;
    large.iter().for_each(|batch| open.observe(batch));

    let twenty = Arc::new(twenty(false)?);
    let texts = batches(&twenty, &columns[..20], rows, 256, 3);
    let bins = columns.iter().map(|values| Ok(QuantileBins::of(values, 10)?)).collect::<Result<Vec<_>>>()?;
    let mut contenders = [
        Timed::new("50 numbers, batches of 256", || fold(builder(), &small)),
        Timed::new("50 numbers, batches of 4,096", || fold(builder(), &large)),
        Timed::new("… in an hour that is open", || large.iter().for_each(|batch| open.observe(batch))),
        Timed::new("… without a baseline", || fold(Profiler::builder(), &large)),
        Timed::new("17 numbers and 3 texts", || fold(Profiler::builder(), &texts)),
        Timed::new("limit: sum of the values of rows", || sum(&large)),
        Timed::new("limit: moments and bins of columns", || moments_and_bins(&columns, &bins)),
        Timed::new("limit: sketches of columns", || sketches(&columns)),
    ];
    let names = contenders.each_ref().map(|contender| contender.name);
    let seconds = take_turns(&mut contenders, rounds, rng);
    let goals = [Some(GOAL), Some(GOAL), Some(GOAL), None, None, None, None, None];
    table::print(
        &format!("profiles of {rows} predictions: ns for each, medians of {rounds} (least to greatest)"),
        ["", "ns", "goal"],
        names.iter().zip(&seconds).zip(goals).map(|((name, seconds), goal)| {
            let nanos = Spread::of(seconds.iter().map(|seconds| seconds * 1e9 / rows as f64));
            let met = |goal| if nanos.median <= goal { "met" } else { "missed" };
            let verdict = goal.map_or(String::new(), |goal| format!("{goal}: {}", met(goal)));
            [(*name).to_owned(), format!("{nanos:.0}"), verdict]
        }),
    )
}

fn sum(batches: &[PredictionBatch]) -> f64 {
    let rows = batches.iter().flat_map(|batch| &batch.rows);
    let number = |value: &Value| if let Value::Float(value) = value { *value } else { 0.0 };
    rows.map(|row| row.features.iter().map(number).sum::<f64>()).sum()
}

fn moments_and_bins(columns: &[Vec<f64>], bins: &[QuantileBins]) -> Result<()> {
    for (values, bins) in columns.iter().zip(bins) {
        let mut profile = NumericSpec::new().with_bins(bins.clone()).profile();
        values.chunks(4_096).try_for_each(|values| profile.update(values))?;
        black_box(profile);
    }
    Ok(())
}

fn sketches(columns: &[Vec<f64>]) -> Result<()> {
    for values in columns {
        let mut sketch = QuantileSketch::new(QuantileSketch::DEFAULT_K)?;
        values.chunks(4_096).try_for_each(|values| sketch.update(values))?;
        black_box(sketch);
    }
    Ok(())
}

/// A flight of the table as a prediction.
fn prediction(table: &PredictionColumns, place: usize, spec: &ModelSpec) -> Prediction {
    let mut row = row(0);
    row.score = Some(table.score()[place]);
    row.model_version = spec.version.clone();
    row.features = table
        .features()
        .iter()
        .map(|feature| match &feature.values {
            ColumnValues::Numbers(values) => Value::Float(values[place]),
            ColumnValues::Categories(values) => values.get(place).map_or(Value::Missing, Value::from),
        })
        .collect();
    row
}

/// A file, as the Parquet sink compresses it.
fn parquet(deltas: &[ProfileDelta]) -> Result<u64> {
    if deltas.is_empty() {
        return Ok(0);
    }
    let mut journal = Journal::new(writer(), "bench".into());
    journal.profiles = deltas.iter().cloned().map(Arc::new).collect();
    let batch: RecordBatch = profiles_batch(&[journal])?;
    let properties =
        WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?.len() as u64)
}

/// The deltas of a width, as one for each day.
fn merged(deltas: &[ProfileDelta]) -> Result<Vec<ProfileDelta>> {
    let mut days: Vec<ProfileDelta> = Vec::new();
    for delta in deltas.iter().filter(|delta| delta.window.width() == WindowWidth::Hour) {
        let window = delta.window.within(WindowWidth::Day);
        let place = days.iter().position(|day| day.window == window).unwrap_or_else(|| {
            days.push(ProfileDelta::new(delta.model_name.clone(), window, delta.baseline_id.clone()));
            days.len() - 1
        });
        for cell in &delta.cells {
            let day = &mut days[place];
            let Some(mine) = day.cells.iter_mut().find(|mine| mine.key == cell.key) else {
                day.cells.push(cell.clone());
                continue;
            };
            for column in &cell.columns {
                let mine = mine.columns.iter_mut().find(|mine| mine.column == column.column);
                let mine = mine.context("a column is in one hour and not in another")?;
                let mut profile = Profile::decode(&mine.encoded)?;
                profile.merge(&Profile::decode(&column.encoded)?)?;
                mine.encoded = profile.encode().into();
            }
        }
    }
    Ok(days)
}

fn bytes(day: usize, rng: &mut Rng) -> Result<()> {
    let spec = Arc::new(ModelSpec::read_file(flights_example("model.yaml"))?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let path = flights_example("data/reference.parquet");
    let reference = runtime.block_on(read_reference(&Location::local(path), &spec))?;
    let table = &reference.predictions;
    ensure!(!table.is_empty(), "there are no flights");
    let handle = BaselineHandle::from(build_baseline(spec.kind, table, None)?);
    let names =
        ["as it is by default", "sketches 8, 128, 8", "sketches 16, 128, 32", "no segments", "no minutes"];
    let sketches = |minute, whole, segment| Profiler::builder().with_sketches(minute, whole, segment);
    let builders = [
        Profiler::builder(),
        sketches(8, 128, 8),
        sketches(16, 128, 32),
        Profiler::builder().with_cells(0, 16),
        Profiler::builder().without_minutes(),
        Profiler::builder().with_hand_over_interval(Duration::ZERO),
    ];
    let start = row(0).observed_at;
    let mut lines = Vec::new();
    for (name, builder) in names.into_iter().zip(builders) {
        let mut profiler = builder.with_baseline(spec.name.clone(), handle.clone()).build()?;
        let (mut by_hand_over, mut of_hour, mut by_hour, mut all) = (0, Vec::new(), 0, Vec::new());
        let minutes = 24 * 60;
        for minute in 0..minutes {
            let rows = day * (minute + 1) / minutes - day * minute / minutes;
            let mut batch = PredictionBatch::new(Arc::clone(&spec), writer(), "bench".into());
            batch.rows = (0..rows)
                .map(|number| {
                    let mut row = prediction(table, rng.usize(..table.len()), &spec);
                    let millis = minute * 60_000 + number * 60_000 / rows.max(1);
                    row.observed_at = start + Duration::from_millis(millis as u64);
                    row
                })
                .collect();
            profiler.tick(Duration::from_secs(minute as u64 * 60));
            profiler.observe(&batch);
            let deltas = profiler.take_profiles(minute + 1 == minutes);
            by_hand_over += parquet(&deltas)?;
            of_hour.extend(deltas);
            if minute % 60 == 59 {
                by_hour += parquet(&of_hour)?;
                all.append(&mut of_hour);
            }
        }
        let merged = parquet(&merged(&all)?)?;
        let encoded = |width| {
            let deltas = all.iter().filter(|delta| delta.window.width() == width);
            let columns = deltas.flat_map(|delta| &delta.cells).flat_map(|cell| &cell.columns);
            columns.map(|column| column.encoded.len() as f64).sum::<f64>() / 1e6
        };
        let share = |bytes: u64| {
            format!("{:.2} MB, {:.2} %", bytes as f64 / 1e6, bytes as f64 / (day as f64 * LOGGED) * 100.0)
        };
        lines.push([
            name.to_owned(),
            format!("{:.2}", encoded(WindowWidth::Minute)),
            format!("{:.2}", encoded(WindowWidth::Hour)),
            share(by_hand_over),
            share(by_hour),
            share(merged),
        ]);
    }
    table::print(
        &format!("bytes of the profiles of {day} flights in a day, and the share of {LOGGED} B a prediction"),
        [
            "",
            "encoded minutes, MB",
            "encoded hours, MB",
            "a file for each hand-over",
            "a file an hour",
            "merged to a day",
        ],
        lines,
    )
}
