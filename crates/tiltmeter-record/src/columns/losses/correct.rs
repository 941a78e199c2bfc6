//! What remains of the probabilities of rows.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use jiff::Timestamp;

use super::collapse::Collapsed;
use super::lost::{Class, Hour, Kept, Lost, Place, beginning_of, hour_of, minute_of};
use super::{LEAST, LossCount, LossReport, Ratios};
use crate::columns::{InclusionColumns, LossClassColumns};

/// A row in a minute or an hour with losses.
struct Row {
    class: Class,
    /// Rows with the same of both are of one exchange: a retry has the request of the first attempt, at another time.
    exchange: (u64, i64),
    row: usize,
    /// What sampling and the losses leave of it.
    probability: f64,
    /// What is multiplied by.
    ratio: f64,
}

impl Row {
    fn place(&self) -> Place {
        self.class.place()
    }

    fn hour(&self) -> Hour {
        hour_of(self.place())
    }

    fn correct(&mut self, share: f64) {
        self.ratio *= share;
        self.probability = (self.probability * share).max(LEAST);
    }
}

/// By what the probabilities of rows are multiplied.
pub(super) fn ratios(
    inclusion: &InclusionColumns,
    classes: &LossClassColumns,
    lost: &Lost,
    is_whole: impl Fn(Timestamp) -> bool,
    report: &mut LossReport,
) -> Ratios {
    let mut rows = rows_where(inclusion, classes, |place| lost.is_lossy(place.0));
    rows.iter().for_each(|row| report.is_lossy[row.row] = true);
    let rows_of = count(&rows, Row::place);
    let mut exchanges_of: HashMap<Class, u64> = HashMap::new();
    for exchange in exchanges(&rows) {
        *exchanges_of.entry(exchange[0].class).or_default() += 1;
    }
    let mut collapsed = Collapsed::of(lost, &exchanges_of, &rows_of);
    drop_others(&mut collapsed.rows_of_hour, &mut report.rows, &is_whole);
    drop_others(&mut collapsed.of_hour, &mut report.exchanges, &is_whole);
    let wide =
        rows_where(inclusion, classes, |place| !lost.is_lossy(place.0) && collapsed.is_wide(hour_of(place)));
    rows.extend(wide);
    sort(&mut rows);

    spread_rows(&mut rows, &collapsed.rows_of_place, Row::place);
    let of_hour = spread_rows(&mut rows, &collapsed.rows_of_hour, Row::hour);
    note(&mut report.rows, [sum(&collapsed.rows_of_place), 0, sum(&collapsed.rows_of_hour)], of_hour);

    let kept = kept(&rows, lost);
    let is_small = |row: &Row| collapsed.small.contains(&row.class);
    spread(&mut rows, &collapsed.of_class, |row| Some(row.class));
    spread(&mut rows, &collapsed.of_small, |row| is_small(row).then(|| row.place()));
    spread(&mut rows, &collapsed.of_place, |row| Some(row.place()));
    let of_hour = spread(&mut rows, &collapsed.of_hour, |row| Some(row.hour()));
    let of_minute = sum(&collapsed.of_small).saturating_add(sum(&collapsed.of_place));
    let counts = [sum(&collapsed.of_class), of_minute, sum(&collapsed.of_hour)];
    note(&mut report.exchanges, counts, of_hour);

    report.minutes = lost.minutes(&kept);
    for row in rows.iter().filter(|row| row.ratio < 1.0) {
        report.is_lossy[row.row] = true;
    }
    rows.into_iter().map(|row| (row.row, row.ratio)).collect()
}

/// The rows of some minutes and endpoints, those of an exchange beside one another.
fn rows_where(
    inclusion: &InclusionColumns,
    classes: &LossClassColumns,
    is_wanted: impl Fn(Place) -> bool,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for (row, &observed_at) in classes.observed_at.iter().enumerate() {
        let class = Class {
            minute: minute_of(observed_at),
            endpoint: classes.endpoint.codes()[row],
            size_class: classes.size_class.codes()[row],
            priority: classes.priority.codes()[row],
        };
        if is_wanted(class.place()) {
            let exchange = (inclusion.request()[row], observed_at);
            rows.push(Row { class, exchange, row, probability: inclusion.probability()[row], ratio: 1.0 });
        }
    }
    sort(&mut rows);
    rows
}

fn sort(rows: &mut [Row]) {
    rows.sort_unstable_by_key(|row| (row.class, row.exchange, row.row));
}

fn exchanges(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|one, next| (one.class, one.exchange) == (next.class, next.exchange))
}

fn count<K: Eq + Hash>(rows: &[Row], cell: impl Fn(&Row) -> K) -> HashMap<K, u64> {
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(cell(row)).or_default() += 1;
    }
    counts
}

/// What is lost in hours of which there may be some rows only has nothing that stands for it.
fn drop_others(lost: &mut HashMap<Hour, u64>, report: &mut LossCount, is_whole: impl Fn(Timestamp) -> bool) {
    lost.retain(|&(hour, _), count| {
        let is_whole = is_whole(beginning_of(hour));
        if !is_whole {
            report.unrepresented = report.unrepresented.saturating_add(*count);
        }
        is_whole
    });
}

/// Has the rows of each cell stand for its lost rows. How many lost ones had no rows in their cell.
fn spread_rows<K: Eq + Hash>(rows: &mut [Row], lost: &HashMap<K, u64>, cell: impl Fn(&Row) -> K) -> u64 {
    if lost.is_empty() {
        return 0;
    }
    let mut kept: HashMap<K, f64> = HashMap::new();
    for row in rows.iter().filter(|row| lost.contains_key(&cell(row))) {
        *kept.entry(cell(row)).or_default() += 1.0;
    }
    share_out(rows, lost, &kept, |row| Some(cell(row)))
}

/// The same of exchanges.
fn spread<K: Eq + Hash>(rows: &mut [Row], lost: &HashMap<K, u64>, cell: impl Fn(&Row) -> Option<K>) -> u64 {
    if lost.is_empty() {
        return 0;
    }
    let mut kept: HashMap<K, f64> = HashMap::new();
    for exchange in exchanges(rows) {
        if let Some(cell) = cell(&exchange[0]).filter(|cell| lost.contains_key(cell)) {
            *kept.entry(cell).or_default() += mean_weight(exchange);
        }
    }
    share_out(rows, lost, &kept, cell)
}

fn share_out<K: Eq + Hash>(
    rows: &mut [Row],
    lost: &HashMap<K, u64>,
    kept: &HashMap<K, f64>,
    cell: impl Fn(&Row) -> Option<K>,
) -> u64 {
    for row in rows {
        let Some(cell) = cell(row) else { continue };
        if let (Some(&kept), Some(&lost)) = (kept.get(&cell), lost.get(&cell)) {
            row.correct(share_kept(kept, lost));
        }
    }
    let without = lost.iter().filter(|(cell, _)| !kept.contains_key(cell));
    without.fold(0, |sum, (_, &count)| sum.saturating_add(count))
}

/// Adds what was lost of classes, what was collapsed to minutes and to hours, and how much of the last has no rows.
fn note(report: &mut LossCount, [of_class, of_minute, of_hour]: [u64; 3], without: u64) {
    let of_hour = of_hour.saturating_sub(without);
    report.collapsed_to_minute = of_minute;
    report.collapsed_to_hour = of_hour;
    report.represented = of_class.saturating_add(of_minute).saturating_add(of_hour);
    report.unrepresented = report.unrepresented.saturating_add(without);
}

/// What there is of the minutes with losses, once rows stand for what the sink lost.
fn kept(rows: &[Row], lost: &Lost) -> BTreeMap<i64, Kept> {
    let mut kept: BTreeMap<i64, Kept> = BTreeMap::new();
    for exchange in exchanges(rows) {
        let minute = exchange[0].class.minute;
        if lost.is_lossy(minute) {
            let kept = kept.entry(minute).or_default();
            kept.exchanges += mean_weight(exchange);
            kept.rows += exchange.len() as u64;
        }
    }
    kept
}

fn sum<K>(counts: &HashMap<K, u64>) -> u64 {
    counts.values().copied().fold(0, u64::saturating_add)
}

/// Rows of an exchange have one probability; the mean is the same for all orders where they have not.
fn mean_weight(rows: &[Row]) -> f64 {
    rows.iter().map(|row| 1.0 / row.probability).sum::<f64>() / rows.len() as f64
}

/// The share that was not lost, in (0, 1].
fn share_kept(kept: f64, lost: u64) -> f64 {
    let share = kept / (kept + lost as f64);
    // sums of weights beyond all numbers
    if share > 0.0 { share } else { 1.0 }
}
