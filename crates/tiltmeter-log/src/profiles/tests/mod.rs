//! What the tests of profiles share: predictions of a model, its baseline, and deltas put together again.

mod baseline;
mod bounds;
mod laws;
mod pairs;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tiltmeter_record::{
    CellCounts, CellKey, ModelSpec, Observer as _, Prediction, PredictionBatch, ProfileDelta, Value, Window,
    WindowWidth,
};
use tiltmeter_stats::{
    Baseline, BaselineColumn, ColumnSummary, DayProfile, Ecdf, Moments, NumericProfile, Profile, QuantileBins,
};

use super::{Profiler, ProfilerBuilder};
use crate::conformance::writer;

fn spec() -> Arc<ModelSpec> {
    crate::testing::spec(
        "{spec_version: 1, name: flights, type: binary, owner: ops, tier: 2, endpoint: {path: /predict},
          response: {score: /score}, features: {delay: float, hour: integer, carrier: string, wet: boolean},
          segments: [carrier, hour]}",
    )
}

const START: &str = "2026-03-01T12:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

/// A prediction so many milliseconds after the start, of a request of its own.
fn row(millis: i64, score: f64, features: [Value; 4]) -> Prediction {
    let mut row = crate::conformance::row(0);
    row.observed_at = start() + SignedDuration::from_millis(millis);
    row.event_time = row.observed_at;
    row.score = Some(score);
    row.features = features.into();
    row
}

fn plain(millis: i64) -> Prediction {
    row(millis, 0.5, [1.0.into(), 7_i64.into(), "UA".into(), true.into()])
}

fn batch(rows: Vec<Prediction>) -> PredictionBatch {
    let mut batch = PredictionBatch::new(spec(), writer(), "node".into());
    batch.rows = rows;
    batch
}

fn profiler(builder: ProfilerBuilder) -> Profiler {
    builder.build().unwrap()
}

/// The deltas of those rows.
fn deltas(builder: ProfilerBuilder, rows: Vec<Prediction>) -> Vec<ProfileDelta> {
    let mut profiler = profiler(builder);
    profiler.observe(&batch(rows));
    profiler.take_profiles(true)
}

/// What is kept of a window and a cell.
#[derive(Debug, PartialEq)]
struct Kept {
    counts: CellCounts,
    columns: BTreeMap<Arc<str>, Profile>,
}

type Key = (Window, Option<Arc<str>>, CellKey);

/// As a reader does it, which merges what is of one window, baseline and cell.
fn merged(deltas: &[ProfileDelta]) -> BTreeMap<Key, Kept> {
    let mut merged: BTreeMap<Key, Kept> = BTreeMap::new();
    for delta in deltas {
        for cell in &delta.cells {
            let key = (delta.window, delta.baseline_id.clone(), cell.key.clone());
            let kept = merged
                .entry(key)
                .or_insert_with(|| Kept { counts: CellCounts::default(), columns: BTreeMap::new() });
            kept.counts = kept.counts.and(cell.counts);
            for column in &cell.columns {
                let profile = Profile::decode(&column.encoded).unwrap();
                assert_eq!((column.present, column.missing), (profile.count(), profile.missing()));
                match kept.columns.get_mut(&column.column) {
                    Some(mine) => mine.merge(&profile).unwrap(),
                    None => _ = kept.columns.insert(Arc::clone(&column.column), profile),
                }
            }
        }
    }
    merged
}

fn champion(segment: Option<(&str, &str)>) -> CellKey {
    CellKey {
        role: CellKey::CHAMPION.into(),
        model_version: None,
        segment: segment.map(|(name, value)| (name.into(), value.into())),
    }
}

/// The cell of all of the champion's predictions in the window of that width that has the start, without a baseline.
fn whole(width: WindowWidth) -> Key {
    (Window::of(start(), width), None, champion(None))
}

fn numbers<'a>(kept: &'a Kept, column: &str) -> &'a NumericProfile {
    kept.columns[column].numeric().unwrap()
}

fn baseline_column(name: &str, values: &[f64]) -> BaselineColumn {
    let bins = QuantileBins::of(values, 10).unwrap();
    let counts = bins.count(values).counts;
    let day = DayProfile { day: 0, missing: 0.0, counts, moments: Moments::of(values) };
    let summary = ColumnSummary::Numeric { bins, ecdf: Ecdf::of(values).unwrap() };
    BaselineColumn::new(name, summary, vec![day]).unwrap()
}

fn carriers(names: &[&str]) -> BaselineColumn {
    let mut counts = vec![1.0; names.len() + 1];
    counts[names.len()] = 0.0;
    let day = DayProfile { day: 0, missing: 0.0, counts, moments: Moments::empty() };
    let categories = names.iter().map(|&name| name.to_owned()).collect();
    BaselineColumn::new("carrier", ColumnSummary::Categorical { categories }, vec![day]).unwrap()
}

fn baseline_of(delays: &[f64]) -> Baseline {
    let columns = vec![baseline_column("delay", delays), carriers(&["AA", "UA"])];
    Baseline::new("flights", columns, None).unwrap()
}
