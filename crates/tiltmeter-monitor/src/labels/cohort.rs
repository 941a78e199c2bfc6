//! How many predictions of a week have their labels.

use std::collections::BTreeMap;
use std::time::Duration;

use tiltmeter_record::columns::PredictionColumns;
use tiltmeter_stats::{Sample, quantile_inverted_cdf};

use super::Joined;
use crate::period::{date_of, end_of, hole};
use crate::sampled_rows::weights;
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
    /// What its rows stand for; `None` where these are all there were.
    pub sampled: Option<SampledCohort>,
}

/// How many predictions of a week the rows stand for that were sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampledCohort {
    /// How many predictions there were, estimated.
    pub predictions: f64,
    /// How many of them have a label, estimated.
    pub matched: f64,
}

impl Cohort {
    /// The share with a label.
    #[must_use]
    pub fn match_rate(&self) -> Option<f64> {
        let (matched, predictions) = match self.sampled {
            Some(sampled) => (sampled.matched, sampled.predictions),
            None => (self.matched as f64, self.predictions as f64),
        };
        (predictions > 0.0).then(|| matched / predictions)
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
    let weights = weights(predictions);
    let mut weeks: BTreeMap<Period, Week> = BTreeMap::new();
    for (row, &time) in predictions.event_time().iter().enumerate() {
        let week = weeks.entry(Period::containing(PeriodKind::Week, date_of(time))).or_default();
        let weight = weights.as_ref().map(|weights| weights[row]);
        week.predictions += 1;
        week.weight += weight.unwrap_or(0.0);
        if !joined.label()[row].is_nan() {
            week.delays.push(joined.arrival_time()[row].saturating_sub(time));
            week.weights.extend(weight);
        }
    }
    let mut cohorts: Vec<Cohort> = Vec::new();
    let cohort = |period, mut week: Week| Cohort {
        period,
        predictions: week.predictions,
        matched: week.delays.len() as u64,
        sampled: weights
            .is_some()
            .then(|| SampledCohort { predictions: week.weight, matched: week.weights.iter().sum() }),
        median_delay: if weights.is_some() {
            weighted_median(&week.delays, &week.weights)
        } else {
            median(&mut week.delays)
        },
        mature: is_mature(period, maturity, horizon),
    };
    for (period, week) in weeks {
        let empty = cohorts.last().map(|last| hole(last.period, period, MAX_HOLE)).unwrap_or_default();
        cohorts.extend(empty.into_iter().map(|period| cohort(period, Week::default())));
        cohorts.push(cohort(period, week));
    }
    cohorts
}

/// The rows of a week.
#[derive(Default)]
struct Week {
    predictions: u64,
    /// Of all of them, where rows have weights.
    weight: f64,
    delays: Vec<i64>,
    /// Of those with a delay.
    weights: Vec<f64>,
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

fn weighted_median(delays: &[i64], weights: &[f64]) -> Option<Duration> {
    let seconds: Vec<f64> = delays.iter().map(|delay| *delay as f64 / 1e6).collect();
    let median = quantile_inverted_cdf(Sample::weighted(&seconds, weights).ok()?, &[0.5]).ok()?;
    Duration::try_from_secs_f64(median.first().copied()?).ok()
}

/// Whether a period ended a maturity before the horizon.
pub(crate) fn is_mature(period: Period, maturity: Duration, horizon: i64) -> bool {
    let maturity = i64::try_from(maturity.as_micros()).unwrap_or(i64::MAX);
    end_of(period).saturating_add(maturity) <= horizon
}
