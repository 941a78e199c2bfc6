//! By what requests are told apart: score strata, segments, days.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use tiltmeter_record::columns::{Categories, PairColumns, SegmentColumn};
use tiltmeter_stats::{Ecdf, QuantileBins};

use super::rows::{Rows, Weighted};
use crate::days::Days;
use crate::performance::SegmentValue;

/// Requests that belong together.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Group {
    /// Those whose champion's score is in this stratum; `None` for those without a score.
    Score(Option<String>),
    /// Those with this value of a segment.
    Segment {
        /// The segment's name.
        name: String,
        /// Which rows of it.
        value: SegmentValue,
    },
    /// Those of this UTC day.
    Day(Date),
}

/// `score ≤ 0.1`, `carrier UA`, `2013-04-03`.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Score(Some(stratum)) => write!(f, "score {stratum}"),
            Self::Score(None) => f.write_str("without a score"),
            Self::Segment { name, value: SegmentValue::Is(value) } => write!(f, "{name} {value}"),
            Self::Segment { name, value: SegmentValue::Missing } => write!(f, "{name} missing"),
            Self::Segment { name, value: SegmentValue::Others(count) } => write!(f, "{name}: {count} others"),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// Its text.
impl Serialize for Group {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Values of a segment that are looked at on their own, at most.
const MAX_VALUES: usize = 20;
/// Days that are looked at, at most: the latest ones.
const MAX_DAYS: usize = 800;
const NONE: usize = usize::MAX;

/// Groups, and the one that each row is in.
#[derive(Clone, Debug)]
pub(super) struct Grouping {
    groups: Vec<Group>,
    /// By row; beyond the groups for a row that is in none.
    of_row: Vec<usize>,
}

impl Grouping {
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// By row, below the number of groups where it is in one.
    pub(super) fn of_row(&self) -> &[usize] {
        &self.of_row
    }

    /// The rows of each group.
    pub(super) fn split(&self, rows: impl Iterator<Item = Weighted>) -> Vec<Vec<Weighted>> {
        let mut split = vec![Vec::new(); self.groups.len()];
        for weighted in rows {
            if let Some(group) = split.get_mut(self.of_row[weighted.row]) {
                group.push(weighted);
            }
        }
        split
    }

    /// Strata of about the same weight by the champion's score, and one of those without.
    pub(super) fn by_score(pairs: &PairColumns, chosen: &[Weighted], strata: usize) -> Self {
        let scores = pairs.champion().score();
        let rows = Rows::of(chosen.iter().copied());
        let of_chosen = rows.gather(scores);
        let bins = rows
            .sample(&of_chosen)
            .and_then(Ecdf::of)
            .and_then(|ecdf| QuantileBins::of_ecdf(&ecdf, strata.max(1)));
        let names: Vec<String> = match &bins {
            Ok(bins) => bins.intervals().map(|interval| interval.to_string()).collect(),
            Err(_) => Vec::new(),
        };
        let place =
            |score: &f64| bins.as_ref().ok().and_then(|bins| bins.bin_of(*score)).unwrap_or(names.len());
        let of_row = scores.iter().map(place).collect();
        let groups = names.into_iter().map(|name| Group::Score(Some(name))).chain([Group::Score(None)]);
        Self { groups: groups.collect(), of_row }
    }

    /// By a segment: its values by their number of pairs. Those with few, and those after the twentieth, are taken
    /// together.
    pub(super) fn by_segment(segment: &SegmentColumn, pairs: &Rows, min_rows: u64) -> Self {
        let mut counts: BTreeMap<&str, u64> =
            segment.values.names().iter().map(|name| (&**name, 0)).collect();
        for weighted in pairs.iter() {
            if let Some(count) = segment.values.get(weighted.row).and_then(|name| counts.get_mut(name)) {
                *count += 1;
            }
        }
        let mut order: Vec<(&str, u64)> = counts.into_iter().collect();
        // stable: of two with as many the first by name
        order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let alone = order.iter().take(MAX_VALUES).take_while(|(_, count)| *count >= min_rows).count();
        // a single one among the others has its name
        let alone = if order.len() - alone == 1 { order.len() } else { alone };
        let mut values: Vec<SegmentValue> =
            order[..alone].iter().map(|(name, _)| SegmentValue::Is((*name).to_owned())).collect();
        let mut place_of_code = vec![NONE; segment.values.names().len()];
        for (place, (name, _)) in order.iter().enumerate() {
            if let Some(code) = segment.values.code(name).and_then(|code| usize::try_from(code).ok()) {
                place_of_code[code] = place.min(alone);
            }
        }
        if alone < order.len() {
            values.push(SegmentValue::Others(order.len() - alone));
        }
        let missing = values.len();
        let place = |&code: &u32| match code {
            Categories::MISSING => missing,
            code => {
                usize::try_from(code).ok().and_then(|code| place_of_code.get(code)).copied().unwrap_or(NONE)
            }
        };
        let of_row: Vec<usize> = segment.values.codes().iter().map(place).collect();
        if of_row.contains(&missing) {
            values.push(SegmentValue::Missing);
        }
        let name = segment.name.to_string();
        let groups = values.into_iter().map(|value| Group::Segment { name: name.clone(), value });
        Self { groups: groups.collect(), of_row }
    }

    /// By UTC day, the latest ones.
    pub(super) fn by_day(event_time: &[i64]) -> Self {
        let known: Vec<usize> =
            (0..event_time.len()).filter(|&row| event_time[row] != PairColumns::NO_TIME).collect();
        let times: Vec<i64> = known.iter().map(|&row| event_time[row]).collect();
        let days = Days::of(&times);
        let skipped = days.iter().count().saturating_sub(MAX_DAYS);
        let mut of_row = vec![NONE; event_time.len()];
        let mut groups = Vec::new();
        for day in days.iter().skip(skipped) {
            day.rows.iter().for_each(|&place| of_row[known[place]] = groups.len());
            groups.push(Group::Day(day.date));
        }
        Self { groups, of_row }
    }
}
