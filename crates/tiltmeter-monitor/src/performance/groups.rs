//! Performance by month, version and segment.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tiltmeter_record::columns::{Categories, PredictionColumns};
use tiltmeter_stats::BaselineQuality;

use super::{
    MonthPerformance, PerformanceVerdict, SegmentPerformance, SegmentValue, VersionPerformance, change,
    quality,
};
use crate::columns::{Values, column_of, columns};
use crate::days::Days;
use crate::labels::is_mature;
use crate::{PeriodKind, Policy};

/// Values of a segment's feature that are looked at on their own, at most.
const MAX_VALUES: usize = 20;

/// By UTC month of event time, from the first to the last with predictions; months without any are there too.
pub(crate) fn months(
    predictions: &PredictionColumns,
    labels: &[f64],
    days: &Days,
    baseline: Option<&BaselineQuality>,
    maturity: Option<(std::time::Duration, i64)>,
    policy: &Policy,
) -> Vec<MonthPerformance> {
    let mut months: Vec<MonthPerformance> = Vec::new();
    for (period, places) in days.periods(PeriodKind::Month) {
        let mut empty = months.last().map(|last| last.period.next());
        while let Some(hole) = empty.filter(|hole| *hole < period && months.len() < MAX_MONTHS) {
            months.push(month(hole, quality(&[], &[], []), maturity));
            empty = Some(hole.next());
        }
        months.push(month(period, quality(predictions.score(), labels, days.rows(places)), maturity));
    }
    if let Some(baseline) = baseline {
        change::compare(&mut months, baseline, policy);
    }
    months
}

/// More empty months than a person looks at; a single event time that is centuries off must not cost memory.
const MAX_MONTHS: usize = 600;

fn month(
    period: crate::Period,
    quality: super::Quality,
    maturity: Option<(std::time::Duration, i64)>,
) -> MonthPerformance {
    let mature = maturity.is_none_or(|(maturity, horizon)| is_mature(period, maturity, horizon));
    MonthPerformance { period, quality, change: None, verdict: PerformanceVerdict::Unknown, mature }
}

/// By version, in the order of their first event.
pub(crate) fn versions(predictions: &PredictionColumns, labels: &[f64]) -> Vec<VersionPerformance> {
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, &code) in predictions.model_version().codes().iter().enumerate() {
        rows.entry(code).or_default().push(row);
    }
    let mut versions: Vec<(i64, VersionPerformance)> = rows
        .into_iter()
        .filter_map(|(code, rows)| {
            let times = || rows.iter().map(|&row| predictions.event_time()[row]);
            let (first, last) = (times().min()?, times().max()?);
            let version = predictions.model_version().name(code).map(str::to_owned);
            let seen = (instant(first), instant(last));
            let quality = quality(predictions.score(), labels, rows.iter().copied());
            Some((first, VersionPerformance { version, seen, quality }))
        })
        .collect();
    versions.sort_by(|left, right| (left.0, &left.1.version).cmp(&(right.0, &right.1.version)));
    versions.into_iter().map(|(_, version)| version).collect()
}

/// The time, or the nearest one that a calendar knows.
pub(crate) fn instant(micros: i64) -> Timestamp {
    let limit = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(micros).unwrap_or(limit)
}

/// By segment: for each feature that the spec slices by, its values by their number of rows. Values with few labelled
/// rows, and those after the twentieth, are taken together.
pub(crate) fn segments(
    features: &[tiltmeter_record::FeatureName],
    predictions: &PredictionColumns,
    labels: &[f64],
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
        segments.extend(of_feature(feature.as_str(), values, predictions.score(), labels, policy));
    }
    segments
}

fn of_feature(
    feature: &str,
    values: &Categories,
    scores: &[f64],
    labels: &[f64],
    policy: &Policy,
) -> Vec<SegmentPerformance> {
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, &code) in values.codes().iter().enumerate() {
        rows.entry(code).or_default().push(row);
    }
    let labelled = |rows: &[usize]| {
        rows.iter().filter(|&&row| !labels[row].is_nan() && !scores[row].is_nan()).count() as u64
    };
    let segment = |value, rows: &[usize]| SegmentPerformance {
        feature: feature.to_owned(),
        value,
        quality: quality(scores, labels, rows.iter().copied()),
    };
    let missing = rows.remove(&Categories::MISSING);
    let mut groups: Vec<(&str, Vec<usize>)> =
        rows.into_iter().filter_map(|(code, rows)| Some((values.name(code)?, rows))).collect();
    groups.sort_by(|left, right| right.1.len().cmp(&left.1.len()).then(left.0.cmp(right.0)));
    let mut others = (0, Vec::new());
    let mut segments = Vec::new();
    for (place, (value, rows)) in groups.into_iter().enumerate() {
        if place < MAX_VALUES && labelled(&rows) >= policy.min_rows {
            segments.push(segment(SegmentValue::Is(value.to_owned()), &rows));
        } else {
            others.0 += 1;
            others.1.extend(rows);
        }
    }
    if others.0 > 0 {
        segments.push(segment(SegmentValue::Others(others.0), &others.1));
    }
    if let Some(missing) = missing {
        segments.push(segment(SegmentValue::Missing, &missing));
    }
    segments
}
