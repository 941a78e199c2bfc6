//! Drift from profiles, beside drift from all rows: sampling does not touch it.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use tiltmeter_monitor::{SCORE, column_of};
use tiltmeter_record::columns::{Categories, ColumnValues, PredictionColumns};
use tiltmeter_record::{CellKey, WindowWidth};
use tiltmeter_stats::{
    Baseline, BaselineColumn, ColumnSummary, Ecdf, KsBounds, KsTest, NumericProfile, NumericSpec, Profile,
    psi_from_counts,
};
use tiltmeter_store::{Location, ProfileQuery, read_profiles};

use crate::flights::Flights;
use crate::kept::Kept;

/// The size of the profiler's sketches.
const SKETCH: u16 = 128;

/// What was compared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drift {
    /// Columns times months.
    pub cells: usize,
    /// The largest difference of an index of profiles from that of all rows.
    pub largest_psi_difference: f64,
    /// Columns of numbers times months of which D was compared.
    pub ks_cells: usize,
    /// Of these, how often D of all rows lies within the bounds of the profiles.
    pub ks_held: usize,
    /// The mean distance of the bounds.
    pub ks_width: f64,
    /// The index of the score by month.
    pub score: Vec<ScoreDrift>,
}

/// The population stability index of the score in a month.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreDrift {
    /// The month, such as `2013-07`.
    pub month: String,
    /// Of all rows.
    pub all: f64,
    /// Of the profiles.
    pub profiles: f64,
    /// Of the rows that were kept, with their weights.
    pub weighted: f64,
    /// Of the rows that were kept, without weights.
    pub unweighted: f64,
}

/// A column of all rows of a month.
enum MonthColumn {
    Numbers(Vec<f64>),
    Categories(Vec<Option<String>>),
}

/// Compares the profiles below `out` with all flights, by column and month.
///
/// # Errors
/// When profiles cannot be read, or say something of other predictions.
pub async fn compare(
    flights: &Flights,
    reference: &PredictionColumns,
    baseline: &Baseline,
    kept: &Kept,
    out: &Path,
) -> Result<Drift> {
    let location = Location::local(out.join("profiles"));
    let query = ProfileQuery::new(flights.spec.name.clone(), WindowWidth::Day);
    let read = read_profiles(&location, &query).await?;
    let mut drift = Drift::default();
    let mut ks_width = 0.0;
    for (place, first) in flights.months.iter().enumerate() {
        for column in baseline.columns() {
            let Some(all) =
                month_column(&flights.columns, column.name(), |row| flights.month[row] == Some(place))
            else {
                continue;
            };
            let profile = merged(&read.windows, column.name(), |window| {
                let date = jiff::tz::Offset::UTC.to_datetime(window.window.start()).date();
                date.first_of_month() == *first
            })
            .with_context(|| format!("there is no profile of {} in {first}", column.name()))?;
            let of_all = psi(column, &all)?;
            let of_profile = psi_from_counts(&column.counts(), &bin_counts(&profile)?)?.value;
            let difference = (of_all - of_profile).abs();
            drift.cells += 1;
            drift.largest_psi_difference = drift.largest_psi_difference.max(difference);
            if let (Profile::Numeric(profile), MonthColumn::Numbers(values)) = (&profile, &all)
                && let Some((bounds, exact)) = ks(reference, column, profile, values)?
            {
                drift.ks_cells += 1;
                drift.ks_held += usize::from(bounds.lower <= exact && exact <= bounds.upper);
                ks_width += bounds.upper - bounds.lower;
            }
            if column.name() == SCORE {
                drift.score.push(ScoreDrift {
                    month: first.strftime("%Y-%m").to_string(),
                    all: of_all,
                    profiles: of_profile,
                    weighted: score_psi(column, flights, kept, place, true)?,
                    unweighted: score_psi(column, flights, kept, place, false)?,
                });
            }
        }
    }
    drift.ks_width = ks_width / drift.ks_cells.max(1) as f64;
    Ok(drift)
}

fn merged(
    windows: &[tiltmeter_store::ProfileWindow],
    column: &str,
    is_wanted: impl Fn(&tiltmeter_store::ProfileWindow) -> bool,
) -> Result<Profile> {
    let mut merged: Option<Profile> = None;
    for window in windows.iter().filter(|window| is_wanted(window)) {
        let all = |key: &CellKey| &*key.role == CellKey::CHAMPION && key.segment.is_none();
        for cell in window.cells.iter().filter(|cell| all(&cell.key)) {
            let Some(profile) = cell.column(column) else { continue };
            match &mut merged {
                Some(merged) => merged.merge(profile)?,
                None => merged = Some(profile.clone()),
            }
        }
    }
    merged.context("no window has it")
}

fn bin_counts(profile: &Profile) -> Result<Vec<f64>> {
    let counts = match profile {
        Profile::Numeric(profile) => profile.bin_counts().map(|counts| counts.counts.clone()),
        Profile::Categorical(profile) => profile.bin_counts().map(|counts| counts.counts),
        _ => None,
    };
    counts.context("a profile has no bins")
}

fn month_column(
    columns: &PredictionColumns,
    name: &str,
    is_in_month: impl Fn(usize) -> bool,
) -> Option<MonthColumn> {
    let rows = || (0..columns.len()).filter(|row| is_in_month(*row));
    let numbers = |values: &[f64]| MonthColumn::Numbers(rows().map(|row| values[row]).collect());
    if name == SCORE {
        return Some(numbers(columns.score()));
    }
    let feature = columns.features().iter().find(|feature| column_of(&feature.name) == name)?;
    Some(match &feature.values {
        ColumnValues::Numbers(values) => numbers(values),
        ColumnValues::Categories(values) => {
            MonthColumn::Categories(rows().map(|row| category(values, row)).collect())
        }
    })
}

fn category(values: &Categories, row: usize) -> Option<String> {
    let code = usize::try_from(*values.codes().get(row)?).ok()?;
    values.names().get(code).map(ToString::to_string)
}

/// The index of all rows: the baseline's bins, counted anew.
fn psi(column: &BaselineColumn, values: &MonthColumn) -> Result<f64> {
    let counts = match (column.summary(), values) {
        (ColumnSummary::Numeric { bins, .. }, MonthColumn::Numbers(values)) => bins.count(values).counts,
        (ColumnSummary::Categorical { categories }, MonthColumn::Categories(values)) => {
            let mut counts = vec![0.0; categories.len() + 1];
            for value in values.iter().flatten() {
                let place = categories.binary_search(value).unwrap_or(categories.len());
                counts[place] += 1.0;
            }
            counts
        }
        _ => anyhow::bail!("the column {} has another type in the baseline", column.name()),
    };
    Ok(psi_from_counts(&column.counts(), &counts)?.value)
}

fn score_psi(
    column: &BaselineColumn,
    flights: &Flights,
    kept: &Kept,
    month: usize,
    has_weights: bool,
) -> Result<f64> {
    let ColumnSummary::Numeric { bins, .. } = column.summary() else {
        anyhow::bail!("scores are numbers");
    };
    let mut counts = vec![0.0; bins.len()];
    for (&row, &probability) in kept.rows.iter().zip(&kept.probabilities) {
        if flights.month[row] == Some(month)
            && let Some(bin) = bins.bin_of(flights.columns.score()[row])
        {
            counts[bin] += if has_weights { 1.0 / probability } else { 1.0 };
        }
    }
    Ok(psi_from_counts(&column.counts(), &counts)?.value)
}

/// The bounds that the profiles give for D, and D of all rows.
fn ks(
    reference: &PredictionColumns,
    column: &BaselineColumn,
    profile: &NumericProfile,
    values: &[f64],
) -> Result<Option<(KsBounds, f64)>> {
    let ColumnSummary::Numeric { bins, .. } = column.summary() else { return Ok(None) };
    let Some(MonthColumn::Numbers(then)) = month_column(reference, column.name(), |_| true) else {
        return Ok(None);
    };
    let mut of_reference = NumericSpec::new().with_bins(bins.clone()).with_sketch(SKETCH)?.profile();
    of_reference.update(&then)?;
    let bounds = KsBounds::between(&of_reference, profile)?;
    let exact = KsTest::between(&Ecdf::of(&then)?, &Ecdf::of(values)?).statistic;
    Ok(Some((bounds, exact)))
}
