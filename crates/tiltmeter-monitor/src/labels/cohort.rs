//! How many predictions of a week have their labels.

use std::collections::BTreeMap;
use std::time::Duration;

use tiltmeter_record::columns::PredictionColumns;

use super::Joined;
use crate::period::{date_of, end_of};
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

/// The predictions of each week of event times, from the first to the last, weeks without predictions included.
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
    let mut last_day = None;
    for (row, &time) in predictions.event_time().iter().enumerate() {
        let week = Period::containing(PeriodKind::Week, date_of(time));
        let (count, delays) = weeks.entry(week).or_default();
        *count += 1;
        if !joined.label()[row].is_nan() {
            delays.push(joined.arrival_time()[row].saturating_sub(time));
        }
        last_day = last_day.max(Some(week));
    }
    let (Some(first), Some(last)) = (weeks.keys().next().copied(), last_day) else { return Vec::new() };
    let mut cohorts = Vec::new();
    let mut week = first;
    while week <= last && cohorts.len() < MAX_COHORTS {
        let (predictions, mut delays) = weeks.remove(&week).unwrap_or_default();
        cohorts.push(Cohort {
            period: week,
            predictions,
            matched: delays.len() as u64,
            median_delay: median(&mut delays),
            mature: is_mature(week, maturity, horizon),
        });
        week = week.next();
    }
    cohorts
}

/// More weeks than a person looks at; a single event time that is centuries off must not cost memory.
const MAX_COHORTS: usize = 1_000;

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
