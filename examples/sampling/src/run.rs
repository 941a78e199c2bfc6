//! The example, from the first line to the last.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use example_flights::console;
use example_flights::output::write_whole;
use serde::Serialize;
use tiltmeter_monitor::build_baseline;
use tiltmeter_record::ModelSpec;
use tiltmeter_store::{Location, PredictionTable, read_reference};

use crate::cli::{self, Cli};
use crate::drift::{self, Drift};
use crate::flights::Flights;
use crate::kept::Kept;
use crate::policies::{PolicyKind, key};
use crate::study::{Study, study};
use crate::volume::{Volume, volume};
use crate::{picture, replay, tables};

/// The rates of the picture.
const RATES: [f64; 7] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

/// What is written as JSON.
#[derive(Debug, Serialize)]
struct Found {
    requests: u64,
    kept: u64,
    studies: Vec<Study>,
    by_rate: Vec<Study>,
    drift: Drift,
    volume: Volume,
}

/// Does what the command line asks for.
///
/// # Errors
/// When something cannot be read or written, or is lost on the way.
pub async fn run(cli: &Cli) -> Result<()> {
    let out = cli.out.clone().unwrap_or_else(cli::work);
    if cli.out.is_some() {
        replay::check_is_free(&out)?;
    } else {
        replay::clear(&out)?;
    }
    let spec = ModelSpec::read_file(&cli.spec)?;
    let flights = Flights::read(&cli.data, spec, cli.limit).await?;
    let reference = Location::local(cli.data.join("reference.parquet"));
    let reference = read_reference(&reference, &flights.spec).await?;
    let baseline = build_baseline(flights.spec.kind, &reference.predictions, reference.labels.as_deref())?;
    let baseline = Arc::new(baseline);

    let replayed = replay::replay(&flights, &baseline, cli.policy, (cli.rate, cli.seed), &out).await?;
    let share = 100.0 * replayed.kept as f64 / replayed.requests.max(1) as f64;
    console::print(&format!(
        "{} flights, policy {}, rate {}, seed {}: {} rows are kept, {share:.1} %\n  rows      {}\n  profiles  {}\n",
        replayed.requests,
        cli.policy,
        cli.rate,
        cli.seed,
        replayed.kept,
        out.join("predictions").display(),
        out.join("profiles").display(),
    ))?;
    let kept = Kept::by(cli.policy.policy(cli.rate)?, key(cli.seed), &flights);
    check_rows(&flights, &kept, &out).await?;
    if cli.out.is_some() {
        return Ok(());
    }
    console::print(&tables::months(&flights, &kept)?)?;

    let mut studies = Vec::new();
    for kind in PolicyKind::ALL {
        let found = study(&flights, kind, cli.rate, cli.seeds)?;
        console::print(&tables::study(&found))?;
        studies.push(found);
    }
    let drift = drift::compare(&flights, &reference.predictions, &baseline, &kept, &out).await?;
    console::print(&tables::drift(&drift))?;
    let volume = volume(&flights, &baseline, cli.per_day).await?;
    console::print(&tables::volume(&volume))?;

    let by_rate: Result<Vec<Study>> =
        RATES.iter().map(|rate| study(&flights, cli.policy, *rate, cli.seeds.div_ceil(4))).collect();
    let by_rate = by_rate?;
    write_whole(&cli.picture, picture::draw(&by_rate)?.as_bytes())
        .with_context(|| format!("cannot write {}", cli.picture.display()))?;
    console::print(&format!("\nThe picture: {}\n", cli.picture.display()))?;
    if let Some(path) = &cli.json {
        let found =
            Found { requests: replayed.requests, kept: replayed.kept, studies, by_rate, drift, volume };
        write_whole(path, &serde_json::to_vec_pretty(&found)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What the log has kept is what the policy alone decides, with the probabilities that stand in the rows.
async fn check_rows(flights: &Flights, kept: &Kept, out: &std::path::Path) -> Result<()> {
    let read = PredictionTable::local(out).read(&flights.spec).await?;
    ensure!(read.problems.is_empty(), "what the log has written cannot be read: {:?}", read.problems);
    let inclusion = read.predictions.inclusion().context("the rows have no probabilities")?;
    let by_entity = |ids: Vec<Option<&str>>, probabilities: Vec<f64>| {
        let mut rows: Vec<(Option<String>, u64)> = ids
            .into_iter()
            .map(|id| id.map(str::to_owned))
            .zip(probabilities.into_iter().map(f64::to_bits))
            .collect();
        rows.sort();
        rows
    };
    let logged = by_entity(read.predictions.entity_id().iter().collect(), inclusion.probability().to_vec());
    let ids = kept.rows.iter().map(|&row| flights.columns.entity_id().get(row)).collect();
    let decided = by_entity(ids, kept.probabilities.clone());
    ensure!(
        logged == decided,
        "the log has kept {} rows, and the policy {}: not the same",
        logged.len(),
        decided.len()
    );
    Ok(())
}
