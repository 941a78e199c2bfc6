//! What it costs to evaluate a year of predictions: read, baseline, drift, labels, performance, report.
//!
//! It reads what a run of the flights example has left, `target/flights` or the folder after `--data`. Each stage is timed
//! in each round; the limits that were set for the whole stand beside it.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use tiltmeter::ModelSpec;
use tiltmeter_benches::statistics::Spread;
use tiltmeter_benches::{flights_example, table};
use tiltmeter_monitor::{Inputs, Policy, analyse, build_baseline};
use tiltmeter_report::{Report, TerminalStyle};
use tiltmeter_stats::Baseline;
use tiltmeter_store::{Location, PredictionTable, read_labels, read_reference};

const LIMIT_MS: f64 = 5_000.0;
const LIMIT_MB: f64 = 500.0;

#[derive(Debug, Parser)]
struct Cli {
    /// Folder of a run of the flights example
    #[arg(long, value_name = "DIR", default_value_os_t = flights_example("../../target/flights"))]
    data: PathBuf,

    /// How often everything is done
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: usize,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// One round only, to see that it runs
    #[arg(long)]
    test: bool,
}

const STAGES: [&str; 7] = [
    "read predictions",
    "read reference and labels",
    "build the baseline",
    "encode and decode it",
    "drift, labels, performance",
    "report.html",
    "terminal",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let rounds = if cli.test { 1 } else { cli.rounds };
    let before = peak_megabytes();
    let mut rounds_ms: Vec<[f64; STAGES.len()]> = Vec::new();
    let mut shape = (0, 0, 0);
    for _ in 0..rounds {
        let (ms, of_round) = round(&cli.data).await?;
        rounds_ms.push(ms);
        shape = of_round;
    }
    let (rows, columns, days) = shape;
    let ms = |stage: usize| Spread::of(rounds_ms.iter().map(|round| round[stage]));
    let all = Spread::of(rounds_ms.iter().map(|round| round.iter().sum::<f64>()));
    let mut lines: Vec<[String; 3]> = STAGES
        .iter()
        .enumerate()
        .map(|(stage, name)| [(*name).to_owned(), format!("{:.0}", ms(stage)), String::new()])
        .collect();
    lines.push(["all".to_owned(), format!("{all:.0}"), format!("{LIMIT_MS:.0}")]);
    let title = format!(
        "Evaluation of {rows} rows × {columns} columns × {days} days, ms, median (least to greatest) of {rounds}"
    );
    table::print(&title, ["", "ms", "limit"], lines)?;
    ensure!(all.median <= LIMIT_MS, "the evaluation takes longer than its limit");
    if let (Some(before), Some(after)) = (before, peak_megabytes()) {
        let line = [format!("{after:.0}"), format!("{before:.0}"), format!("{LIMIT_MB:.0}")];
        table::print("Peak resident memory of the process, MB", ["after", "before", "limit"], [line])?;
        ensure!(after <= LIMIT_MB, "the evaluation takes more memory than its limit");
    }
    Ok(())
}

/// Milliseconds of each stage, and how many rows, columns and days there were.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
async fn round(data: &std::path::Path) -> Result<([f64; STAGES.len()], (usize, usize, usize))> {
    let spec_path = flights_example("model.yaml");
    let spec = ModelSpec::read_file(&spec_path)?;
    let rule = spec.labels.as_ref().context("the example has labels")?;
    let reference = spec.baseline.as_ref().context("the example has a baseline")?;
    let beside = |path: &std::path::Path| Location::local(spec_path.with_file_name("").join(path));
    let mut at = vec![Instant::now()];

    let read = PredictionTable::local(data).read(&spec).await?;
    ensure!(
        !read.predictions.is_empty(),
        "there are no predictions in {}: first run `cargo run --release -p example-flights`",
        data.display()
    );
    at.push(Instant::now());
    let reference = read_reference(&beside(&reference.path), &spec).await?;
    let labels = read_labels(&beside(&rule.path), rule).await?;
    at.push(Instant::now());
    let baseline = build_baseline(spec.kind, &reference.predictions, reference.labels.as_deref())?;
    at.push(Instant::now());
    let baseline = Baseline::decode(&baseline.encode())?;
    at.push(Instant::now());
    let inputs = Inputs {
        baseline: Some(&baseline),
        labels: Some(&labels.labels),
        ..Inputs::new(&spec, &read.predictions)
    };
    let analysis = analyse(&inputs, &Policy::default());
    at.push(Instant::now());
    let report = Report::new(&analysis);
    let html = report.html()?;
    at.push(Instant::now());
    let text = report.terminal(TerminalStyle { colour: false, width: 80 });
    at.push(Instant::now());
    ensure!(!html.is_empty() && !text.is_empty(), "the report is empty");

    let mut ms = [0.0; STAGES.len()];
    for (ms, pair) in ms.iter_mut().zip(at.windows(2)) {
        *ms = pair[1].duration_since(pair[0]).as_secs_f64() * 1e3;
    }
    let days = analysis.drift.iter().filter(|finding| finding.column == tiltmeter_monitor::SCORE);
    let days = days.filter(|finding| finding.period.kind() == tiltmeter_monitor::PeriodKind::Day).count();
    Ok((ms, (read.predictions.len(), baseline.columns().len(), days)))
}

/// The most memory that the process has had, where the system tells.
fn peak_megabytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
