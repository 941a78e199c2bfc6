//! What was known at the end of a day.

use tiltmeter_record::PairBucket;

use super::record::{NEVER, Record};
use crate::shadow::coverage::Cells;
use crate::shadow::grouping::Grouping;
use crate::shadow::rows::{Rows, Weighted};

/// What was known at the end of a day, and nothing that came later.
pub(super) struct Seen<'r> {
    pub(super) record: &'r Record<'r>,
    pub(super) day: i64,
    /// Days until then on which the challenger could have been asked, the first one and the last among them.
    pub(super) days: u64,
    /// Days with a pair.
    pub(super) days_with_pairs: u64,
    /// The weight of the chosen requests, and of those with a pair.
    pub(super) chosen_weight: f64,
    pub(super) paired_weight: f64,
    /// Pairs, each standing for the chosen requests of its cell as well.
    pub(super) pairs: Rows,
    /// Requests whose two latencies are known, likewise.
    pub(super) timed: Rows,
    /// Requests whose challenger was asked, with the weight of their inclusion probability.
    pub(super) asked: Rows,
    /// Those of the pairs whose label counts.
    pub(super) labelled: Rows,
    /// Days of requests whose labels count.
    pub(super) labelled_days: u64,
}

impl<'r> Seen<'r> {
    pub(super) fn until(record: &'r Record<'r>, day: i64) -> Self {
        let end = record.chosen.partition_point(|weighted| record.day[weighted.row] <= day);
        let chosen = &record.chosen[..end];
        let material = &record.material;
        let table = material.table;
        let bucket = &table.requests().bucket;
        let (latencies, fewest) = (material.latencies(), record.policy.min_cell_pairs);
        let strata = Grouping::by_score(table, chosen, record.policy.score_strata);
        let cells = Cells::of(table, strata.of_row(), strata.groups().len());
        let is_paired = |row: usize| bucket[row] == PairBucket::Paired;
        let pairs = Rows::of(cells.adjust(chosen, is_paired, fewest).rows);
        let is_timed = |row: usize| bucket[row].was_asked() && latencies.known(row);
        let timed = Rows::of(cells.adjust(chosen, is_timed, fewest).rows);
        let asked = Rows::of(chosen.iter().copied().filter(|weighted| bucket[weighted.row].was_asked()));
        let labelled = pairs.filtered(|row| record.label_day[row] <= day);
        let weight = |rows: &mut dyn Iterator<Item = &Weighted>| rows.map(|weighted| weighted.weight).sum();
        let first = chosen.first().map_or(NEVER, |weighted| record.day[weighted.row]);
        let last = chosen.last().map_or(NEVER, |weighted| record.day[weighted.row]);
        // rows are in the order of days
        let days = |rows: &Rows| {
            let mut days: Vec<i64> = rows.iter().map(|weighted| record.day[weighted.row]).collect();
            days.dedup();
            days.len() as u64
        };
        Self {
            record,
            day,
            days: u64::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1),
            days_with_pairs: days(&pairs),
            chosen_weight: weight(&mut chosen.iter()),
            paired_weight: weight(&mut chosen.iter().filter(|weighted| is_paired(weighted.row))),
            labelled_days: days(&labelled),
            pairs,
            timed,
            asked,
            labelled,
        }
    }
}
