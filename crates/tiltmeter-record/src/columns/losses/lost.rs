//! Gaps by class.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::{LossReport, LossyMinute};
use crate::columns::{Categories, LossClassColumns};
use crate::{Gap, GapUnit, ModelName};

const MINUTE: i64 = 60_000_000;

/// Within what losses are taken to be random. The texts are those of the rows, as codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Class {
    /// Since 1970.
    pub(super) minute: i64,
    pub(super) endpoint: u32,
    pub(super) size_class: u32,
    pub(super) priority: u32,
}

impl Class {
    pub(super) fn place(&self) -> Place {
        (self.minute, self.endpoint)
    }
}

/// A minute since 1970, and an endpoint.
pub(super) type Place = (i64, u32);

/// An hour since 1970, and an endpoint.
pub(super) type Hour = (i64, u32);

/// What was lost of a model on the way to a sink.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Before they were decoded.
    pub(super) exchanges: HashMap<Class, u64>,
    /// After they were sampled, by minute and endpoint.
    pub(super) rows: HashMap<Place, u64>,
    by_minute: BTreeMap<i64, Counts>,
    lossy: HashSet<i64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    exchanges: u64,
    rows: u64,
}

/// What there is of a minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// Exchanges that were decoded, estimated.
    pub(super) exchanges: f64,
    pub(super) rows: u64,
}

pub(super) fn minute_of(micros: i64) -> i64 {
    micros.div_euclid(MINUTE)
}

pub(super) fn hour_of((minute, endpoint): Place) -> Hour {
    (minute.div_euclid(60), endpoint)
}

/// The beginning of an hour.
pub(super) fn beginning_of(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(3600)).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Lost {
    /// Sums the gaps by class. What has none goes into the report.
    pub(super) fn of<'g>(
        gaps: impl IntoIterator<Item = &'g Gap>,
        model: &ModelName,
        sink: &str,
        classes: Option<&LossClassColumns>,
        report: &mut LossReport,
    ) -> Self {
        let mut lost = Self::default();
        for gap in gaps {
            let is_of_rows = match gap.unit {
                GapUnit::Exchange => false,
                GapUnit::Prediction if gap.sink.as_deref() == Some(sink) => true,
                _ => continue,
            };
            match gap.model_name.as_deref() {
                Some(name) if name != model.as_str() => continue,
                Some(_) if gap.held_nothing() => add(&mut report.held_nothing, gap.count),
                None if gap.held_nothing() => {}
                None if is_of_rows => add(&mut report.rows_of_unknown_model, gap.count),
                None => add(&mut report.exchanges_of_unknown_model, gap.count),
                Some(_) if is_of_rows => lost.add_rows(gap, classes, report),
                Some(_) => lost.add_exchanges(gap, classes, report),
            }
        }
        lost.lossy = lost.by_minute.keys().copied().collect();
        lost
    }

    fn add_rows(&mut self, gap: &Gap, classes: Option<&LossClassColumns>, report: &mut LossReport) {
        let minute = minute_of(gap.minute.as_microsecond());
        add(&mut self.by_minute.entry(minute).or_default().rows, gap.count);
        let Some(endpoint) = gap.endpoint.as_deref() else {
            return add(&mut report.rows.unattributed, gap.count);
        };
        let endpoint = code(classes.map(|classes| &classes.endpoint), endpoint);
        add(self.rows.entry((minute, endpoint)).or_default(), gap.count);
    }

    fn add_exchanges(&mut self, gap: &Gap, classes: Option<&LossClassColumns>, report: &mut LossReport) {
        let minute = minute_of(gap.minute.as_microsecond());
        add(&mut self.by_minute.entry(minute).or_default().exchanges, gap.count);
        let (Some(endpoint), Some(size_class), Some(priority)) =
            (gap.endpoint.as_deref(), gap.size_class, gap.priority)
        else {
            return add(&mut report.exchanges.unattributed, gap.count);
        };
        let class = Class {
            minute,
            endpoint: code(classes.map(|classes| &classes.endpoint), endpoint),
            size_class: code(classes.map(|classes| &classes.size_class), size_class.as_str()),
            priority: code(classes.map(|classes| &classes.priority), priority.as_str()),
        };
        add(self.exchanges.entry(class).or_default(), gap.count);
    }

    pub(super) fn is_lossy(&self, minute: i64) -> bool {
        self.lossy.contains(&minute)
    }

    /// The minutes with losses, beside what there is of them.
    pub(super) fn minutes(&self, kept: &BTreeMap<i64, Kept>) -> Vec<LossyMinute> {
        let minute = |(&minute, lost): (&i64, &Counts)| {
            let kept = kept.get(&minute).copied().unwrap_or_default();
            let of_exchanges = share_lost(kept.exchanges, lost.exchanges);
            let of_rows = share_lost(kept.rows as f64, lost.rows);
            let start = minute.saturating_mul(MINUTE);
            LossyMinute {
                minute: Timestamp::from_microsecond(start).unwrap_or(Timestamp::UNIX_EPOCH),
                exchanges: lost.exchanges,
                rows: lost.rows,
                share: 1.0 - (1.0 - of_exchanges) * (1.0 - of_rows),
            }
        };
        self.by_minute.iter().map(minute).collect()
    }
}

/// The share that was lost, from 0 to 1.
fn share_lost(kept: f64, lost: u64) -> f64 {
    if lost == 0 || kept.is_infinite() { 0.0 } else { lost as f64 / (kept + lost as f64) }
}

/// A text that no row has gets the code that none has: not [`Categories::MISSING`], which rows without one have.
fn code(column: Option<&Categories>, text: &str) -> u32 {
    const OF_NO_ROW: u32 = u32::MAX - 1;
    column.and_then(|column| column.code(text)).unwrap_or(OF_NO_ROW)
}

fn add(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count);
}
