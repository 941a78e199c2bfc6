//! How many predictions of a week have their labels.

use std::collections::BTreeMap;
use std::time::Duration;

use tiltmeter_record::columns::PredictionColumns;

use super::Joined;
use crate::period::{date_of, end_of, hole};
use crate::{Period, PeriodKind};

/// Predictions of one week of event times, and how many of them have a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The week.
    pub period: Period,
    /// Its predictions.
    pub predictions: u64,
    /// Those with a label.
    pub matched: u64,
    /// The median time from prediction to the arrival of the label that counts; `None` when nothing is matched.
    pub median_delay: Option<Duration>,
    /// Whether every label of it can be expected to be there.
    pub mature: bool,
}

impl Cohort {
    /// The share with a label.
    #[must_use]
    pub fn match_rate(&self) -> Option<f64> {
        (self.predictions > 0).then(|| self.matched as f64 / self.predictions as f64)
    }
}

/// The predictions of each week of event times. Weeks without predictions are there, too, unless more than [`MAX_HOLE`] of
/// them follow each other.
///
/// A cohort is mature when its last moment lies `maturity` before `horizon`, the last time of which anything is known.
#[must_use]
pub fn cohorts(
    predictions: &PredictionColumns,
    joined: &Joined,
    maturity: Duration,
    horizon: i64,
) -> Vec<Cohort> {
    let mut weeks: BTreeMap<Period, (u64, Vec<i64>)> = BTreeMap::new();
    for (row, &time) in predictions.event_time().iter().enumerate() {
        let week = Period::containing(PeriodKind::Week, date_of(time));
        let (count, delays) = weeks.entry(week).or_default();
        *count += 1;
        if !joined.label()[row].is_nan() {
            delays.push(joined.arrival_time()[row].saturating_sub(time));
        }
    }
    let mut cohorts: Vec<Cohort> = Vec::new();
    let cohort = |period, predictions, delays: &mut [i64]| Cohort {
        period,
        predictions,
        matched: delays.len() as u64,
        median_delay: median(delays),
        mature: is_mature(period, maturity, horizon),
    };
    for (week, (predictions, mut delays)) in weeks {
        let empty = cohorts.last().map(|last| hole(last.period, week, MAX_HOLE)).unwrap_or_default();
        cohorts.extend(empty.into_iter().map(|week| cohort(week, 0, &mut [])));
        cohorts.push(cohort(week, predictions, &mut delays));
    }
    cohorts
}

/// How many weeks without predictions are shown one by one.
const MAX_HOLE: usize = 26;

fn median(delays: &mut [i64]) -> Option<Duration> {
    if delays.is_empty() {
        return None;
    }
    let middle = delays.len() / 2;
    let (_, median, _) = delays.select_nth_unstable(middle);
    u64::try_from(*median).ok().map(Duration::from_micros)
}

/// Whether a period ended a maturity before the horizon.
pub(crate) fn is_mature(period: Period, maturity: Duration, horizon: i64) -> bool {
    let maturity = i64::try_from(maturity.as_micros()).unwrap_or(i64::MAX);
    end_of(period).saturating_add(maturity) <= horizon
}
