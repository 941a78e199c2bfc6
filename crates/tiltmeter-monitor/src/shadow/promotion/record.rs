//! All that is known, and on which days something new was.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::Date;
use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::PairColumns;

use super::PromotionInputs;
use crate::period::date_of;
use crate::shadow::coverage::CoverageByBooks;
use crate::shadow::material::{Material, chosen};
use crate::shadow::{ComparisonPolicy, PairInputs};

/// Looks at most: the latest ones.
const MAX_LOOKS: usize = 400;
const DAY: i64 = 86_400_000_000;

/// The day of a row that has none.
pub(super) const NEVER: i64 = i64::MAX;

/// The requests of all days that the sample took, in the order of days. What belongs to one of them is found by its place.
pub(super) struct Record<'a> {
    pub(super) material: Material<'a>,
    pub(super) policy: &'a ComparisonPolicy,
    /// The rows of the table.
    rows: Vec<usize>,
    /// One over the inclusion probability.
    pub(super) weight: Vec<f64>,
    /// In days since 1970-01-01.
    pub(super) day: Vec<i64>,
    /// The day from whose end on the label of a pair counts.
    pub(super) label_day: Vec<i64>,
    pub(super) bucket: Vec<PairBucket>,
    /// The days at whose end one looks, ascending.
    pub(super) looks: Vec<i64>,
    pub(super) has_labels: bool,
    /// The share of chosen requests that are paired, by the shadow's books.
    pub(super) paired_by_books: Option<f64>,
    pub(super) notes: Vec<String>,
}

impl<'a> Record<'a> {
    pub(super) fn of(inputs: &PromotionInputs<'a>, policy: &'a ComparisonPolicy) -> Self {
        let table = inputs.pairs;
        let labels = inputs.labels.map(|labels| labels.label);
        let pairs = PairInputs { labels, positive_class: inputs.positive_class, ..PairInputs::new(table) };
        let last = inputs.as_of.map_or(NEVER - 1, day_of_date);
        let day: Vec<i64> = table.requests().event_time.iter().map(|time| day_of(*time)).collect();
        let wait = inputs.promotion.labelled.as_ref().and_then(|labelled| labelled.wait);
        let wait = wait.map_or(0, whole_days);

        let (mut chosen, without_probability) = chosen(table);
        chosen.retain(|weighted| day[weighted.row] <= last);
        // stable: rows of one day stay in the order of the table
        chosen.sort_by_key(|weighted| day[weighted.row]);
        let rows: Vec<usize> = chosen.iter().map(|weighted| weighted.row).collect();
        let bucket: Vec<PairBucket> = rows.iter().map(|&row| table.requests().bucket[row]).collect();
        let label_day = rows.iter().map(|&row| label_day(inputs, &day, row, wait)).collect::<Vec<i64>>();
        let notes = notes(table, &day, without_probability);
        let day: Vec<i64> = rows.iter().map(|&row| day[row]).collect();
        let looks: BTreeSet<i64> = day.iter().chain(&label_day).copied().filter(|day| *day <= last).collect();
        let skipped = looks.len().saturating_sub(MAX_LOOKS);
        let of_pairs = label_day.iter().zip(&bucket);
        Self {
            material: Material::of(&pairs, policy),
            policy,
            weight: chosen.iter().map(|weighted| weighted.weight).collect(),
            label_day: of_pairs.map(|(&day, &bucket)| if is_paired(bucket) { day } else { NEVER }).collect(),
            looks: looks.into_iter().skip(skipped).collect(),
            has_labels: labels.is_some(),
            notes,
            paired_by_books: inputs.books.and_then(|books| CoverageByBooks::of(books).paired_of_chosen),
            day,
            bucket,
            rows,
        }
    }

    /// What is known of each row of the table, by place.
    pub(super) fn by_place<T>(&self, of_row: impl Fn(usize) -> T) -> Vec<T> {
        self.rows.iter().map(|&row| of_row(row)).collect()
    }

    /// The place after the last request until a day.
    pub(super) fn end(&self, day: i64) -> usize {
        self.day.partition_point(|of_request| *of_request <= day)
    }
}

pub(super) fn is_paired(bucket: PairBucket) -> bool {
    bucket == PairBucket::Paired
}

/// Whether the challenger was asked, or would have been if it had not failed just before: as the champion it would have
/// got these as well.
pub(super) fn is_wanted(bucket: PairBucket) -> bool {
    bucket.was_asked() || bucket == PairBucket::BreakerOpen
}

/// The latest of its arrival and the day until which labels of its day are waited for.
fn label_day(inputs: &PromotionInputs<'_>, day: &[i64], row: usize, wait: i64) -> i64 {
    let Some(labels) = inputs.labels else { return NEVER };
    match (labels.label.get(row), labels.arrival_time.get(row)) {
        (Some(label), Some(arrival)) if !label.is_nan() && day[row] != NEVER => {
            day_of_known(*arrival).max(day[row].saturating_add(wait))
        }
        _ => NEVER,
    }
}

fn notes(table: &PairColumns, day: &[i64], without_probability: u64) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            notes.push(format!("{} request{plural} {what}", crate::grouped(count)));
        }
    };
    let without_day = day.iter().filter(|day| **day == NEVER).count() as u64;
    note(without_day, "without an event time: they are of no day, and not looked at");
    note(without_probability, "without an inclusion probability from 1e-12 to 1: they are not looked at");
    let versions = table.challenger().version().names().len();
    if versions > 1 {
        notes.push(format!("{versions} versions of the challenger are judged as if they were one"));
    }
    notes
}

fn day_of(time: i64) -> i64 {
    if time == PairColumns::NO_TIME { NEVER } else { day_of_known(time) }
}

fn day_of_known(time: i64) -> i64 {
    time.div_euclid(DAY)
}

fn day_of_date(date: Date) -> i64 {
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0));
    midnight.map_or(NEVER - 1, |midnight| day_of_known(midnight.as_microsecond()))
}

pub(super) fn date(day: i64) -> Date {
    date_of(day.saturating_mul(DAY))
}

/// Days that are waited for a duration to have passed.
pub(super) fn whole_days(duration: Duration) -> i64 {
    let days = duration.as_nanos().div_ceil(u128::from(DAY.unsigned_abs()) * 1000);
    // no calendar has as many
    i64::try_from(days).unwrap_or(NEVER).min(10_000_000)
}
