//! What a drift report costs: all columns of a model against their reference, on one thread.
//!
//! For each column the test of Kolmogorov and Smirnov, PSI in frozen bins of the reference, the moments of both samples,
//! and what is missing. The ways to come to it take turns, and stand beside the limits that were set for them. Its parts,
//! each for all columns, follow: `peers/run.py` sets them beside other tools, and for this reads the seconds and the
//! results as JSON, and hands over the columns as files.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Parser;
use example_flights::console;
use fastrand::Rng;
use serde_json::json;
use tiltmeter_benches::samples::Log;
use tiltmeter_benches::statistics::Spread;
use tiltmeter_benches::table;
use tiltmeter_benches::turns::{Timed, take_turns};
use tiltmeter_stats::{
    Ecdf, KsBounds, KsTest, Moments, NumericProfile, NumericSpec, Psi, QuantileBins, RocAuc, ScoredLabels,
    ks_two_sample, psi_numeric, roc_auc,
};

const BINS: usize = 10;

const SEED: u64 = 1;

#[derive(Debug, Parser)]
struct Cli {
    /// How many rows either sample has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    rows: usize,

    /// How often everything is timed
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,

    /// Read the columns from the files of this folder, reference_00.f64 to current_19.f64, scores.f64 and labels.f64:
    /// numbers of eight bytes, little-endian
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["rows", "write_columns"])]
    columns: Option<PathBuf>,

    /// Write the columns as such files, and do nothing else
    #[arg(long, value_name = "FOLDER")]
    write_columns: Option<PathBuf>,

    /// Print seconds by round, and the results, as JSON
    #[arg(long)]
    json: bool,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// A few rows and one round, to see that it runs
    #[arg(long)]
    test: bool,
}

/// Limits in ms, for a million rows of 20 columns against as many.
const LIMITS: [(&str, f64); 3] = [(FROM_ROWS, 1_000.0), (FROM_PROFILES, 500.0), (FROM_KEPT_PROFILES, 5.0)];

const FROM_ROWS: &str = "drift report from rows";
const FROM_PROFILES: &str = "drift report from profiles, built in the run";
const FROM_KEPT_PROFILES: &str = "drift report from profiles that are kept";

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (rows, rounds) = if cli.test { (2_000, 1) } else { (cli.rows, cli.rounds) };
    let mut rng = Rng::with_seed(SEED);
    let log = match &cli.columns {
        Some(folder) => Log::read(folder)?,
        None => Log::draw(rows, &mut rng),
    };
    if let Some(folder) = &cli.write_columns {
        return log.write(folder);
    }

    let results = Results::of(&log)?;
    let kept = Kept::of(&log)?;
    let mut contenders = contenders(&log, &kept);
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name).collect();
    let seconds = take_turns(&mut contenders, rounds, &mut rng);
    if cli.json {
        let seconds: serde_json::Map<String, serde_json::Value> =
            names.iter().zip(&seconds).map(|(&name, seconds)| (name.to_owned(), json!(seconds))).collect();
        let all = json!({
            "rows": log.rows(),
            "columns": log.columns().len(),
            "seconds": seconds,
            "results": { "ks": results.ks, "psi": results.psi, "roc_auc": [results.area] },
        });
        return console::print(&format!("{all}\n"));
    }
    let lines = names.iter().zip(&seconds).map(|(&name, seconds)| {
        let limit = LIMITS.iter().find(|(limited, _)| *limited == name);
        let ms = Spread::of(seconds.iter().map(|seconds| seconds * 1e3));
        let verdict = limit.map_or(String::new(), |(_, limit)| {
            format!("{limit}: {}", if ms.median <= *limit { "met" } else { "missed" })
        });
        [name.to_owned(), format!("{ms:.2}"), verdict]
    });
    let title = format!(
        "{rows} rows × {columns} columns against as many, ms, median (least to greatest) of {rounds}",
        rows = log.rows(),
        columns = log.columns().len(),
    );
    table::print(&title, ["", "ms", "limit"], lines)
}

/// What is timed, by its name in the table and in the JSON.
fn contenders<'a>(log: &'a Log, kept: &'a Kept) -> Vec<Timed<'a>> {
    let one = || log.columns().next().unwrap_or_default();
    vec![
        Timed::new(FROM_ROWS, || each(log, report)),
        Timed::new("drift report by distribution functions", || each(log, report_by_distribution_functions)),
        Timed::new(FROM_PROFILES, || reports_from_profiles(&profiles(log, &kept.specs)?)),
        Timed::new(FROM_KEPT_PROFILES, || reports_from_profiles(&kept.profiles)),
        Timed::new("profiles with sketches and distinct values", || profiles(log, &kept.richest)),
        Timed::new("Kolmogorov–Smirnov", || {
            each(log, |reference, current| ks_two_sample(reference, current))
        }),
        Timed::new("Kolmogorov–Smirnov of one column", move || ks_two_sample(one().0, one().1)),
        Timed::new("PSI", || each(log, |reference, current| psi_numeric(reference, current))),
        Timed::new("moments", || each(log, |reference, current| Ok([reference, current].map(Moments::of)))),
        Timed::new("ROC AUC", || area(log)),
    ]
}

fn each<T>(
    log: &Log,
    of: impl Fn(&[f64], &[f64]) -> tiltmeter_stats::Result<T>,
) -> tiltmeter_stats::Result<Vec<T>> {
    log.columns().map(|(reference, current)| of(reference, current)).collect()
}

/// The drift of one column. What is missing is in the test, and in the moments.
#[derive(Debug)]
struct Report {
    test: KsTest,
    psi: Psi,
    moments: [Moments; 2],
}

/// As the functions are called that take rows.
fn report(reference: &[f64], current: &[f64]) -> tiltmeter_stats::Result<Report> {
    let bins = QuantileBins::of(reference, BINS)?;
    Ok(Report {
        test: ks_two_sample(reference, current)?,
        psi: Psi::between(&bins.count(reference), &bins.count(current))?,
        moments: [reference, current].map(Moments::of),
    })
}

/// With one sort of either sample: what also serves samples with weights, and days that are merged later.
fn report_by_distribution_functions(reference: &[f64], current: &[f64]) -> tiltmeter_stats::Result<Report> {
    let [f, g] = [Ecdf::of(reference)?, Ecdf::of(current)?];
    let bins = QuantileBins::of_ecdf(&f, BINS)?;
    Ok(Report {
        test: KsTest::between(&f, &g),
        psi: Psi::between(&bins.count_ecdf(&f), &bins.count_ecdf(&g))?,
        moments: [reference, current].map(Moments::of),
    })
}

/// What there is before the report is asked for, by column.
struct Kept {
    /// Bins of the reference.
    specs: Vec<NumericSpec>,
    /// The same with all that a profile can have.
    richest: Vec<NumericSpec>,
    /// Of both samples.
    profiles: Vec<[NumericProfile; 2]>,
}

impl Kept {
    fn of(log: &Log) -> tiltmeter_stats::Result<Self> {
        let spec = |bins| NumericSpec::new().with_bins(bins);
        let specs = each(log, |reference, _| QuantileBins::of(reference, BINS).map(spec))?;
        let richest = specs.iter().map(|spec| Ok(spec.clone().with_sketch(SKETCH)?.with_distinct()));
        let richest = richest.collect::<tiltmeter_stats::Result<_>>()?;
        let profiles = profiles(log, &specs)?;
        Ok(Self { specs, richest, profiles })
    }
}

/// The size of sketches.
const SKETCH: u16 = 200;

/// How many rows a profile is given at once.
const BATCH: usize = 1_024;

fn profiles(log: &Log, specs: &[NumericSpec]) -> tiltmeter_stats::Result<Vec<[NumericProfile; 2]>> {
    let profile = |spec: &NumericSpec, values: &[f64]| -> tiltmeter_stats::Result<NumericProfile> {
        let mut profile = spec.profile();
        values.chunks(BATCH).try_for_each(|batch| profile.update(batch))?;
        Ok(profile)
    };
    let columns = log.columns().zip(specs);
    columns
        .map(|((reference, current), spec)| Ok([profile(spec, reference)?, profile(spec, current)?]))
        .collect()
}

/// The drift of one column as two profiles tell it: the distance within bounds, the rest exactly.
#[derive(Debug)]
#[expect(dead_code, reason = "a report that is made, and not read")]
struct ProfileReport {
    distance: KsBounds,
    psi: Psi,
    means: [f64; 2],
    missing_rates: [f64; 2],
}

fn reports_from_profiles(columns: &[[NumericProfile; 2]]) -> tiltmeter_stats::Result<Vec<ProfileReport>> {
    let report = |[reference, current]: &[NumericProfile; 2]| {
        Ok(ProfileReport {
            distance: KsBounds::between(reference, current)?,
            psi: reference.psi(current)?,
            means: [reference.moments().mean()?, current.moments().mean()?],
            missing_rates: [reference.missing_rate()?, current.missing_rate()?],
        })
    };
    columns.iter().map(report).collect()
}

fn area(log: &Log) -> tiltmeter_stats::Result<RocAuc> {
    roc_auc(ScoredLabels::new(&log.labels, &log.scores)?)
}

/// What came out, for comparing it with what others find.
struct Results {
    ks: Vec<f64>,
    psi: Vec<f64>,
    area: f64,
}

impl Results {
    /// Of both ways, which have to agree.
    fn of(log: &Log) -> Result<Self> {
        let from_rows = each(log, report)?;
        let by_functions = each(log, report_by_distribution_functions)?;
        for (column, (one, other)) in from_rows.iter().zip(&by_functions).enumerate() {
            let apart = |one: f64, other: f64| (one - other).abs() > 1e-12;
            ensure!(
                !apart(one.test.statistic, other.test.statistic)
                    && !apart(one.psi.value, other.psi.value)
                    && one.moments == other.moments,
                "the reports of column {column} differ: {one:?} {other:?}"
            );
        }
        Ok(Self {
            ks: from_rows.iter().map(|report| report.test.statistic).collect(),
            psi: from_rows.iter().map(|report| report.psi.value).collect(),
            area: area(log)?.value,
        })
    }
}
