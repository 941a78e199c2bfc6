//! Performance by month, version and segment.

use std::collections::BTreeMap;

use tiltmeter_record::columns::{Categories, PredictionColumns};
use tiltmeter_stats::BaselineQuality;

use super::{
    Known, MonthPerformance, PerformanceVerdict, SegmentPerformance, SegmentValue, VersionPerformance,
    change, quality,
};
use crate::columns::{Values, column_of, columns};
use crate::days::Days;
use crate::labels::is_mature;
use crate::period::{hole, instant};
use crate::sampled_rows::{effective_size, weights};
use crate::{PeriodKind, Policy, SampledRows};

/// Values of a segment's feature that are looked at on their own, at most.
const MAX_VALUES: usize = 20;

/// By UTC month of event time. Months without predictions are there, too, unless more than [`MAX_HOLE`] of them follow each
/// other: a single event time that is years off must not drown the others.
pub(crate) fn months(
    predictions: &PredictionColumns,
    known: Known<'_>,
    days: &Days,
    baseline: Option<&BaselineQuality>,
    maturity: Option<(std::time::Duration, i64)>,
    policy: &Policy,
) -> Vec<MonthPerformance> {
    let mut months: Vec<MonthPerformance> = Vec::new();
    let mut days_of_months = Vec::new();
    for (period, places) in days.periods(PeriodKind::Month) {
        let empty = months.last().map(|last| hole(last.period, period, MAX_HOLE)).unwrap_or_default();
        days_of_months.extend(empty.iter().map(|_| 0).chain([places.len()]));
        months.extend(empty.into_iter().map(|hole| month(hole, quality(&[], &[], []), maturity)));
        let rows = SampledRows::of(predictions, days.rows(places));
        months.push(month(period, known.quality(&rows), maturity));
    }
    if let Some(baseline) = baseline {
        change::compare(&mut months, &days_of_months, baseline, policy);
    }
    months
}

/// How many months without predictions are shown one by one.
const MAX_HOLE: usize = 6;

fn month(
    period: crate::Period,
    quality: super::Quality,
    maturity: Option<(std::time::Duration, i64)>,
) -> MonthPerformance {
    let mature = maturity.is_none_or(|(maturity, horizon)| is_mature(period, maturity, horizon));
    MonthPerformance { period, quality, change: None, verdict: PerformanceVerdict::Unknown, mature }
}

/// Versions that are looked at, at most.
pub(crate) const MAX_VERSIONS: usize = 50;

/// How many predictions rows stand for.
fn weight_of(rows: &[usize], weights: Option<&[f64]>) -> f64 {
    weights.map_or(rows.len() as f64, |weights| rows.iter().map(|&row| weights[row]).sum())
}

/// By version, in the order of their first event: those with the most predictions.
pub(crate) fn versions(predictions: &PredictionColumns, known: Known<'_>) -> Vec<VersionPerformance> {
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, &code) in predictions.model_version().codes().iter().enumerate() {
        rows.entry(code).or_default().push(row);
    }
    let mut rows: Vec<(u32, Vec<usize>)> = rows.into_iter().collect();
    let weights = weights(predictions);
    rows.sort_by(|left, right| {
        weight_of(&right.1, weights.as_deref()).total_cmp(&weight_of(&left.1, weights.as_deref()))
    });
    rows.truncate(MAX_VERSIONS);
    let mut versions: Vec<(i64, VersionPerformance)> = rows
        .into_iter()
        .filter_map(|(code, rows)| {
            let times = || rows.iter().map(|&row| predictions.event_time()[row]);
            let (first, last) = (times().min()?, times().max()?);
            let version = predictions.model_version().name(code).map(str::to_owned);
            let seen = (instant(first), instant(last));
            let quality = known.quality(&SampledRows::of(predictions, rows));
            Some((first, VersionPerformance { version, seen, quality }))
        })
        .collect();
    versions.sort_by(|left, right| (left.0, &left.1.version).cmp(&(right.0, &right.1.version)));
    versions.into_iter().map(|(_, version)| version).collect()
}

/// By segment: for each feature that the spec slices by, its values by their number of predictions. Values with few
/// labelled rows, or with rows that tell as little as few, and those after the twentieth, are taken together; with few labelled rows even so they have no figures.
pub(crate) fn segments(
    features: &[tiltmeter_record::FeatureName],
    predictions: &PredictionColumns,
    known: Known<'_>,
    policy: &Policy,
) -> Vec<SegmentPerformance> {
    let mut segments = Vec::new();
    for feature in features {
        let name = column_of(feature);
        let Some((_, values)) = columns(predictions).find(|(column, _)| *column == name) else { continue };
        let numbers;
        let values = match values {
            Values::Categories(values) => values,
            Values::Numbers(values) => {
                numbers = values.iter().map(|value| (!value.is_nan()).then(|| value.to_string())).fold(
                    Categories::new(),
                    |mut column, value| {
                        column.push(value.as_deref());
                        column
                    },
                );
                &numbers
            }
        };
        segments.extend(of_feature(feature.as_str(), values, predictions, known, policy));
    }
    segments
}

fn of_feature(
    feature: &str,
    values: &Categories,
    predictions: &PredictionColumns,
    known: Known<'_>,
    policy: &Policy,
) -> Vec<SegmentPerformance> {
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, &code) in values.codes().iter().enumerate() {
        rows.entry(code).or_default().push(row);
    }
    let scores = predictions.score();
    let weights = weights(predictions);
    let labelled = |rows: &[usize]| {
        let labelled = rows.iter().filter(|&&row| !known.labels[row].is_nan() && !scores[row].is_nan());
        match &weights {
            Some(weights) => effective_size(labelled.map(|&row| weights[row])),
            None => labelled.count() as f64,
        }
    };
    let least = policy.min_rows as f64;
    let segment = |value, rows: &[usize]| SegmentPerformance {
        feature: feature.to_owned(),
        value,
        quality: known.quality(&SampledRows::of(predictions, rows.iter().copied())),
    };
    let missing = rows.remove(&Categories::MISSING);
    let mut groups: Vec<(&str, Vec<usize>)> =
        rows.into_iter().filter_map(|(code, rows)| Some((values.name(code)?, rows))).collect();
    let weight = |rows: &[usize]| weight_of(rows, weights.as_deref());
    groups.sort_by(|left, right| weight(&right.1).total_cmp(&weight(&left.1)).then(left.0.cmp(right.0)));
    let mut others: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut segments = Vec::new();
    for (place, (value, rows)) in groups.into_iter().enumerate() {
        if place < MAX_VALUES && labelled(&rows) >= least {
            segments.push(segment(SegmentValue::Is(value.to_owned()), &rows));
        } else {
            others.push((value, rows));
        }
    }
    let few = |mut segment: SegmentPerformance| {
        if segment.quality.effective_labelled() < least {
            let few = format!("fewer than {} labelled predictions", policy.min_rows);
            let reason = match &segment.quality.sampled {
                Some(sampled) => format!("{few}: they tell as much as {:.0}", sampled.effective_labelled),
                None => few,
            };
            segment.quality = segment.quality.without_figures(&reason);
        }
        segment
    };
    match others.as_slice() {
        [] => {}
        [(value, rows)] => segments.push(few(segment(SegmentValue::Is((*value).to_owned()), rows))),
        several => {
            let rows: Vec<usize> = several.iter().flat_map(|(_, rows)| rows).copied().collect();
            segments.push(few(segment(SegmentValue::Others(several.len()), &rows)));
        }
    }
    if let Some(missing) = missing {
        segments.push(few(segment(SegmentValue::Missing, &missing)));
    }
    segments
}
