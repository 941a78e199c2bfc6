//! Whether the challenger is fast enough.

use tiltmeter_record::spec::LatencyCriterion;
use tiltmeter_stats::{Ecdf, Undefined};

use super::criterion::{Criterion, CriterionName};
use super::seen::Seen;
use super::watch::{Better, Errors, Found, Watch, mean_look};
use super::words::{between, percent, sentence};
use crate::shadow::rows::Rows;

/// The share of requests that may be above a 99th percentile.
const ALLOWED: f64 = 0.01;
/// Bounds are closest where a challenger that is well within the promise is told: at some twenty allowed ones.
const TUNED_FOR: f64 = 20.0 / ALLOWED;

/// The share of requests above the bound; a timeout is above it.
pub(super) struct Latency {
    watch: Watch,
    bound: Bound,
}

enum Bound {
    Milliseconds(f64),
    /// The champion's 99th percentile of all days before, times the ratio, so that no request has a part in its own
    /// bound.
    OfChampion {
        ratio: f64,
        /// The last day of each look, and the bound of requests since the look before.
        of_days: Vec<(i64, Option<f64>)>,
    },
}

impl Latency {
    pub(super) fn new(asked: LatencyCriterion, errors: Errors) -> tiltmeter_stats::Result<Self> {
        let bound = match asked {
            LatencyCriterion::Milliseconds(bound) => Bound::Milliseconds(bound),
            LatencyCriterion::OfChampion(ratio) => Bound::OfChampion { ratio, of_days: Vec::new() },
        };
        Ok(Self { watch: Watch::new(ALLOWED, Better::Below, errors, TUNED_FOR)?, bound })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        self.bound.extend(seen);
        let latencies = seen.record.material.latencies();
        let bound = |row: usize| self.bound.of(seen.record.day[row]);
        let rows = seen.timed.filtered(|row| bound(row).is_some());
        // who was given up after less than the bound is not known to be within it
        let is_above = |row: usize| {
            latencies.is_timeout[row] || bound(row).is_some_and(|bound| latencies.challenger[row] > bound)
        };
        let above: Vec<f64> =
            rows.iter().map(|weighted| f64::from(u8::from(is_above(weighted.row)))).collect();
        let look = if rows.len() == 0 {
            Err(Undefined::Empty.into())
        } else {
            mean_look(&rows, &above, ALLOWED * (1.0 - ALLOWED))
        };
        let found = Found { look, rows: rows.len() as u64, days: seen.days };
        let criterion = self.watch.criterion(CriterionName::Latency, found);
        let words = format!(
            "{} of the requests take longer than {}{}, {} may",
            percent(criterion.value.value().unwrap_or_default()),
            self.bound.words(),
            between(criterion.bounds.as_ref(), percent),
            percent(ALLOWED)
        );
        let sentence = sentence(&words, &criterion, "requests");
        Criterion { sentence, ..criterion }
    }
}

impl Bound {
    fn extend(&mut self, seen: &Seen<'_>) {
        if let Self::OfChampion { ratio, of_days } = self {
            let before = of_days.last().map(|(day, _)| *day);
            let rows = before.map(|before| seen.timed.filtered(|row| seen.record.day[row] <= before));
            let p99 = rows.and_then(|rows| champions_p99(&rows, seen));
            of_days.push((seen.day, p99.map(|p99| p99 * *ratio)));
        }
    }

    fn of(&self, day: i64) -> Option<f64> {
        match self {
            Self::Milliseconds(bound) => Some(*bound),
            Self::OfChampion { of_days, .. } => {
                let place = of_days.partition_point(|(last, _)| *last < day);
                of_days.get(place).and_then(|(_, bound)| *bound)
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Milliseconds(bound) => format!("{bound} ms"),
            Self::OfChampion { ratio, of_days } => {
                let latest = of_days.last().and_then(|(_, bound)| *bound);
                let latest = latest.map(|bound| format!(", now {bound:.1} ms")).unwrap_or_default();
                format!("{ratio} times the champion's p99{latest}")
            }
        }
    }
}

fn champions_p99(rows: &Rows, seen: &Seen<'_>) -> Option<f64> {
    let latencies = rows.gather(seen.record.material.latencies().champion);
    rows.sample(&latencies).and_then(Ecdf::of).and_then(|ecdf| ecdf.quantile(0.99)).ok()
}
