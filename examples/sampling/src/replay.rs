//! All flights through the log, sampled.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use example_flights::advice::Advice;
use jiff::Timestamp;
use tiltmeter::log::{BaselineHandle, LogBuilder, Profiler};
use tiltmeter_record::WindowWidth;
use tiltmeter_stats::Baseline;

use crate::flights::Flights;
use crate::policies::{INTERVAL, PolicyKind, key};
use crate::served::Served;

/// What a replay came to.
#[derive(Clone, Copy, Debug)]
pub struct Replayed {
    /// Requests, each of one prediction.
    pub requests: u64,
    /// Rows that were kept.
    pub kept: u64,
}

/// Replays all flights under a policy: leaves the rows that are kept in `out/predictions`, the profiles of all in
/// `out/profiles`, and the log's books beside them. The clock of the log is that of the flights.
///
/// # Errors
/// When something is there already, or something is lost on the way.
pub async fn replay(
    flights: &Flights,
    baseline: &Arc<Baseline>,
    kind: PolicyKind,
    (rate, seed): (f64, u64),
    out: &Path,
) -> Result<Replayed> {
    let first = flights.requests.first().context("there are no flights")?.at;
    let model = flights.spec.name.clone();
    let handle = BaselineHandle::new();
    handle.set(Arc::clone(baseline));
    // a day of flights is what an hour is elsewhere; and the worker notes when it sees a request, by a clock that runs so
    // fast that it may have been yesterday
    let profiles =
        Profiler::builder().without_minutes().with_feature_window(WindowWidth::Day).with_event_time();
    let builder = LogBuilder::new()
        .with_model(flights.spec.clone())
        .with_baseline(model.clone(), handle)
        .with_sampling(model, kind.policy(rate)?)
        .with_sample_key(key(seed))
        .with_profiles(profiles)
        .with_journal_interval(INTERVAL);
    let mut served = Served::start(builder, out, first)?;
    let interval = |at: Timestamp| (at.as_second() - first.as_second()) / INTERVAL.as_secs().cast_signed();
    let mut current = 0;
    for request in &flights.requests {
        // all of an interval is decided by the rates of that interval
        if interval(request.at) > current {
            served.settle().await?;
            current = interval(request.at);
        }
        served.ask(&request.id, request.at, request.body.clone(), &request.answer).await?;
    }
    let report = served.end().await?;
    let predictions = report.ledgers.predictions;
    Ok(Replayed { requests: report.ledgers.exchanges.observed, kept: predictions.written })
}

/// Makes sure that nothing is below `out` that a replay would be mixed up with.
///
/// # Errors
/// When there is.
pub fn check_is_free(out: &Path) -> Result<()> {
    let found = ["predictions", "profiles", "heartbeats", "gaps", "rates"].map(|name| out.join(name));
    let found: Vec<String> =
        found.iter().filter(|path| path.exists()).map(|path| path.display().to_string()).collect();
    if !found.is_empty() {
        bail!(Advice::new(
            format!("there is something already: {}", found.join(", ")),
            "remove it, or name another folder with --out",
        ));
    }
    Ok(())
}

/// Removes what an earlier replay has left below `out`, which is this example's own folder.
///
/// # Errors
/// When it cannot be removed.
pub fn clear(out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("cannot remove {}", out.display()))?;
    }
    Ok(())
}

/// How many bytes the files below a folder have; 0 if there is none.
///
/// # Errors
/// When it cannot be read.
pub fn bytes_below(folder: &Path) -> Result<u64> {
    if !folder.exists() {
        return Ok(0);
    }
    let mut bytes = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
