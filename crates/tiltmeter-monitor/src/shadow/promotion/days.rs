//! From day to day: what all criteria are computed of.

use std::collections::BTreeSet;

use tiltmeter_record::PairBucket;
use tiltmeter_stats::Ranks;

use super::cells_by_day::CellsByDay;
use super::record::{NEVER, Record, is_paired, is_wanted};
use super::seen::Seen;

/// Goes through the days. Orders are found once and sums go on, so that a day costs O(requests until then).
pub(super) struct Days<'r> {
    record: &'r Record<'r>,
    cells: CellsByDay,
    champion_score: Vec<f64>,
    /// Of the champion's scores; `None` of more requests than can be ranked.
    ranks: Option<Ranks>,
    is_paired: Vec<bool>,
    is_timed: Vec<bool>,
    pair_weight: Vec<f64>,
    timed_weight: Vec<f64>,
    /// How many requests were seen, and what was summed over them.
    end: usize,
    chosen_weight: f64,
    paired_weight: f64,
    pairs: u64,
    days_with_pairs: BTreeSet<i64>,
    /// Places by the day of their label, how many of them were seen, and the days of these requests.
    by_label_day: Vec<usize>,
    labels: usize,
    labelled_days: BTreeSet<i64>,
}

impl<'r> Days<'r> {
    pub(super) fn of(record: &'r Record<'r>) -> Self {
        let (material, places) = (&record.material, record.day.len());
        let (scores, latencies) = (material.table.champion().score(), material.latencies());
        let champion_score = record.by_place(|row| scores[row]);
        let is_finite = record.by_place(|row| latencies.challenger[row].is_finite());
        // what was not answered was not answered in time
        let is_timed = |(is_finite, &bucket): (bool, &PairBucket)| {
            is_wanted(bucket) && (is_finite || !is_paired(bucket))
        };
        let mut by_label_day: Vec<usize> =
            (0..places).filter(|&place| record.label_day[place] != NEVER).collect();
        by_label_day.sort_by_key(|&place| record.label_day[place]);
        Self {
            cells: CellsByDay::of(record),
            ranks: Ranks::of(&champion_score).ok(),
            champion_score,
            is_paired: record.bucket.iter().map(|&bucket| is_paired(bucket)).collect(),
            is_timed: is_finite.into_iter().zip(&record.bucket).map(is_timed).collect(),
            pair_weight: Vec::with_capacity(places),
            timed_weight: Vec::with_capacity(places),
            end: 0,
            chosen_weight: 0.0,
            paired_weight: 0.0,
            pairs: 0,
            days_with_pairs: BTreeSet::new(),
            by_label_day,
            labels: 0,
            labelled_days: BTreeSet::new(),
            record,
        }
    }

    /// What was known at the end of a day that is not before the one of the last call.
    pub(super) fn until(&mut self, day: i64) -> Seen<'_> {
        let record = self.record;
        let end = record.end(day);
        for place in self.end..end {
            let weight = record.weight[place];
            self.chosen_weight += weight;
            if self.is_paired[place] {
                self.paired_weight += weight;
                self.pairs += 1;
                self.days_with_pairs.insert(record.day[place]);
            }
        }
        self.end = end;
        let labels = self.by_label_day[self.labels..].iter();
        for &place in labels.take_while(|&&place| record.label_day[place] <= day) {
            self.labels += 1;
            self.labelled_days.insert(record.day[place]);
        }
        self.weigh(end);
        let (first, last) = (record.day.first().copied().unwrap_or(NEVER), end.checked_sub(1));
        let last = last.map_or(first, |last| record.day[last]);
        Seen {
            record,
            day,
            days: u64::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1),
            days_with_pairs: self.days_with_pairs.len() as u64,
            pairs: self.pairs,
            chosen_weight: self.chosen_weight,
            paired_weight: self.paired_weight,
            pair_weight: &self.pair_weight,
            timed_weight: &self.timed_weight,
            labelled_days: self.labelled_days.len() as u64,
        }
    }

    /// Pairs stand for the requests of their cells, with the strata of the day.
    fn weigh(&mut self, end: usize) {
        let (weight, policy) = (&self.record.weight[..end], self.record.policy);
        let strata = self.ranks.as_ref().and_then(|ranks| {
            // without scores there is one stratum
            ranks.quantile_bins(weight, policy.score_strata.max(1)).ok()
        });
        let fewest = policy.min_cell_pairs;
        self.cells.divide(&self.champion_score[..end], strata.as_ref());
        self.cells.weigh(weight, &self.is_paired, fewest, &mut self.pair_weight);
        self.cells.weigh(weight, &self.is_timed, fewest, &mut self.timed_weight);
    }
}
