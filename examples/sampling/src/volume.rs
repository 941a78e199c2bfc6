//! What profiles take beside rows, for a million predictions a day.

use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, civil::date, tz::Offset};
use serde::Serialize;
use tiltmeter::log::{BaselineHandle, LogBuilder, Profiler, ShutdownReport};
use tiltmeter_stats::Baseline;
use tiltmeter_store::{Location, merge_profiles_of_day};

use crate::flights::Flights;
use crate::replay::bytes_below;
use crate::served::Served;

/// Bytes of a day.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Volume {
    /// Predictions.
    pub predictions: u64,
    /// All rows, with features and raw input.
    pub rows: u64,
    /// The profiles as the log wrote them: minutes and hours.
    pub profiles: u64,
    /// The profiles of the day, merged.
    pub merged: u64,
}

impl Volume {
    /// Profiles as the log wrote them, as a share of all rows.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.profiles as f64 / self.rows.max(1) as f64
    }

    /// Merged profiles, as a share of all rows.
    #[must_use]
    pub fn merged_share(&self) -> f64 {
        self.merged as f64 / self.rows.max(1) as f64
    }
}

/// Logs a day of so many predictions, the flights again and again at a steady pace, with all rows and their raw input, and
/// with profiles as they are by default.
///
/// # Errors
/// When something is lost on the way.
pub async fn volume(flights: &Flights, baseline: &Arc<Baseline>, predictions: u64) -> Result<Volume> {
    let folder = tempfile::tempdir()?;
    let mut spec = flights.spec.clone();
    spec.request.raw_input = true;
    // the time of the day that is made up, not that of the flights
    spec.request.event_time = None;
    let model = spec.name.clone();
    let handle = BaselineHandle::new();
    handle.set(Arc::clone(baseline));
    let day = date(2026, 3, 2);
    let start = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0))?;
    let builder = LogBuilder::new()
        .with_model(spec)
        .with_baseline(model.clone(), handle)
        .with_profiles(Profiler::builder());
    let mut served = Served::start(builder, folder.path(), start)?;
    let mut minute = 0;
    for (number, request) in (0..predictions).zip(flights.requests.iter().cycle()) {
        let at = time_of(start, number, predictions)?;
        let passed = at.duration_since(start).as_mins();
        if passed > minute {
            served.catch_up().await?;
            minute = passed;
        }
        let id = format!("{}-{number}", request.id);
        served.ask(&id, at, request.body.clone(), &request.answer).await?;
    }
    let _: ShutdownReport = served.end().await?;
    let rows = bytes_below(&folder.path().join("predictions"))?;
    let profiles = bytes_below(&folder.path().join("profiles"))?;
    let location = Location::local(folder.path().join("profiles"));
    let merged = merge_profiles_of_day(&location, &model, day).await?.bytes;
    Ok(Volume { predictions, rows, profiles, merged })
}

fn time_of(start: Timestamp, number: u64, predictions: u64) -> Result<Timestamp> {
    const DAY: u128 = 86_400_000_000;
    let micros = DAY * u128::from(number) / u128::from(predictions.max(1));
    let passed = SignedDuration::from_micros(i64::try_from(micros).context("a time of the day")?);
    Ok(start.checked_add(passed)?)
}
