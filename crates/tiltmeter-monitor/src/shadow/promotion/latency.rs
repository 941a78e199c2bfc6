//! Whether the challenger is fast enough.

use tiltmeter_record::spec::LatencyCriterion;
use tiltmeter_stats::Ranks;

use super::criterion::{Criterion, CriterionName};
use super::record::{Record, is_paired};
use super::seen::Seen;
use super::tally::{Tally, Vote};
use super::watch::{Better, Errors, Found, Watch};
use super::words::{between, percent, sentence};

/// The share of requests that may be beyond a 99th percentile.
const ALLOWED: f64 = 0.01;
/// Bounds are closest where a challenger that is well within the promise is told: at some twenty allowed ones.
const TUNED_FOR: f64 = 20.0 / ALLOWED;

/// The share of requests that are not answered within the bound: late, or with an error or a timeout however soon, or not
/// at all since the breaker was open.
pub(super) struct Latency {
    watch: Watch,
    bound: Bound,
    latency: Vec<f64>,
    /// Whether the first requests were late by the bound that there was when they were new.
    late: Vec<Option<Vote>>,
}

enum Bound {
    Milliseconds(f64),
    /// The champion's 99th percentile of all days before, times the ratio, so that no request has a part in its own
    /// bound.
    OfChampion {
        ratio: f64,
        champion: Ranks,
        /// The one of requests since the look before.
        latest: Option<f64>,
    },
}

impl Latency {
    pub(super) fn new(
        asked: LatencyCriterion,
        errors: Errors,
        record: &Record<'_>,
    ) -> tiltmeter_stats::Result<Self> {
        let latencies = record.material.latencies();
        let bound = match asked {
            LatencyCriterion::Milliseconds(bound) => Bound::Milliseconds(bound),
            LatencyCriterion::OfChampion(ratio) => Bound::OfChampion {
                ratio,
                champion: Ranks::of(&record.by_place(|row| latencies.champion[row]))?,
                latest: None,
            },
        };
        Ok(Self {
            watch: Watch::new(ALLOWED, Better::Below, errors, TUNED_FOR)?,
            bound,
            latency: record.by_place(|row| latencies.challenger[row]),
            late: Vec::new(),
        })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let before = self.late.len();
        self.bound.follow(&seen.timed_weight[..before]);
        let bound = self.bound.milliseconds();
        for place in before..seen.timed_weight.len() {
            let is_answered = is_paired(seen.record.bucket[place]);
            let is_late = |bound| Vote::from(!is_answered || self.latency[place] > bound);
            self.late.push(bound.map(is_late));
        }
        let tally = Tally::of(&self.late, seen.timed_weight.iter().copied());
        let found = Found { look: tally.look(ALLOWED * (1.0 - ALLOWED)), rows: tally.rows, days: seen.days };
        let criterion = self.watch.criterion(CriterionName::Latency, found);
        let words = format!(
            "{} of the requests are not answered within {}{}, {} may be",
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
    /// Takes the requests until the look before, and their weights of today.
    fn follow(&mut self, weights: &[f64]) {
        if let Self::OfChampion { ratio, champion, latest } = self {
            let p99 = champion.quantiles(weights, &[0.99]).ok().and_then(|found| found.first().copied());
            *latest = p99.map(|p99| p99 * *ratio);
        }
    }

    fn milliseconds(&self) -> Option<f64> {
        match self {
            Self::Milliseconds(bound) => Some(*bound),
            Self::OfChampion { latest, .. } => *latest,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Milliseconds(bound) => format!("{bound} ms"),
            Self::OfChampion { ratio, latest, .. } => {
                let latest = latest.map(|bound| format!(", now {bound:.1} ms")).unwrap_or_default();
                format!("{ratio} times the champion's p99{latest}")
            }
        }
    }
}
