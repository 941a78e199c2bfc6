//! Whether the challenger answers.

use tiltmeter_record::spec::FailureCriterion;

use super::criterion::{Criterion, CriterionName};
use super::record::{Record, is_paired, is_wanted};
use super::seen::Seen;
use super::tally::{Tally, Vote};
use super::watch::{Better, Errors, Found, Watch};
use super::words::{between, percent, sentence};

/// The share of requests that end in an error or a timeout, or while the breaker is open, by itself or beyond the
/// champion's. Others for which it was not asked have not failed: coverage tells of them.
pub(super) struct Failures {
    watch: Watch,
    beyond_champion: bool,
    /// Of the first requests, so many.
    tally: Tally,
    seen: usize,
    champion_failed: Vec<bool>,
}

impl Failures {
    pub(super) fn new(
        asked: FailureCriterion,
        errors: Errors,
        record: &Record<'_>,
    ) -> tiltmeter_stats::Result<Self> {
        let (threshold, beyond_champion) = match asked {
            FailureCriterion::Share(share) => (share, false),
            FailureCriterion::AboveChampion(margin) => (margin, true),
        };
        // bounds are closest at some twenty failures that are allowed
        let tuned_for = (20.0 / threshold).clamp(1e3, 1e7);
        let status = record.material.table.champion().status();
        Ok(Self {
            watch: Watch::new(threshold, Better::Below, errors, tuned_for)?,
            beyond_champion,
            tally: Tally::default(),
            seen: 0,
            // a champion whose status is not known has answered: that is the stricter way
            champion_failed: record.by_place(|row| status[row].is_some_and(|status| status >= 500)),
        })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let record = seen.record;
        let end = seen.pair_weight.len();
        for place in self.seen..end {
            if is_wanted(record.bucket[place]) {
                let failed = !is_paired(record.bucket[place]);
                let champion_failed = self.beyond_champion && self.champion_failed[place];
                self.tally.add(Vote::between(failed, champion_failed), record.weight[place]);
            }
        }
        self.seen = end;
        let threshold = self.watch.threshold;
        let found = Found {
            look: self.tally.look(threshold * (1.0 - threshold)),
            rows: self.tally.rows,
            days: seen.days,
        };
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
