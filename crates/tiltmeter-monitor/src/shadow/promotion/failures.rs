//! Whether the challenger answers.

use tiltmeter_record::PairBucket;
use tiltmeter_record::spec::FailureCriterion;
use tiltmeter_stats::Undefined;

use super::criterion::{Criterion, CriterionName};
use super::seen::Seen;
use super::watch::{Better, Errors, Found, Watch, mean_look};
use super::words::{between, percent, sentence};

/// The share of asked requests that end in an error or a timeout, by itself or beyond the champion's. Requests for
/// which it was not asked, as while a breaker was open, have not failed: coverage tells of them.
pub(super) struct Failures {
    watch: Watch,
    beyond_champion: bool,
}

impl Failures {
    pub(super) fn new(asked: FailureCriterion, errors: Errors) -> tiltmeter_stats::Result<Self> {
        let (threshold, beyond_champion) = match asked {
            FailureCriterion::Share(share) => (share, false),
            FailureCriterion::AboveChampion(margin) => (margin, true),
        };
        // bounds are closest at some twenty failures that are allowed
        let tuned_for = (20.0 / threshold).clamp(1e3, 1e7);
        Ok(Self { watch: Watch::new(threshold, Better::Below, errors, tuned_for)?, beyond_champion })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let table = seen.record.material.table;
        let bucket = &table.requests().bucket;
        let status = table.champion().status();
        let one = |failed: bool| f64::from(u8::from(failed));
        // a champion whose status is not known has answered: that is the stricter way
        let of_champion = |row: usize| one(status[row].is_some_and(|status| status >= 500));
        let values: Vec<f64> = seen
            .asked
            .iter()
            .map(|weighted| {
                let failed = one(bucket[weighted.row] != PairBucket::Paired);
                if self.beyond_champion { failed - of_champion(weighted.row) } else { failed }
            })
            .collect();
        let threshold = self.watch.threshold;
        let look = if values.is_empty() {
            Err(Undefined::Empty.into())
        } else {
            mean_look(&seen.asked, &values, threshold * (1.0 - threshold))
        };
        let found = Found { look, rows: values.len() as u64, days: seen.days };
        let criterion = self.watch.criterion(CriterionName::Failures, found);
        let share = percent(criterion.value.value().unwrap_or_default());
        let (bounds, most) = (between(criterion.bounds.as_ref(), percent), percent(threshold));
        let words = if self.beyond_champion {
            format!("it fails {share} of the requests more than the champion{bounds}, {most} more may be")
        } else {
            format!("it fails {share} of the requests{bounds}, {most} may be")
        };
        let sentence = sentence(&words, &criterion, "requests");
        Criterion { sentence, ..criterion }
    }
}
