//! What was lost on the way to the log, by the rows that stand for it now.

use std::collections::HashMap;

use tiltmeter_record::columns::{InclusionColumns, LossReport, PredictionColumns};

use crate::performance::{MonthPerformance, Quality};
use crate::{SampledRows, grouped};

const MINUTE: i64 = 60_000_000;

/// The rows of a table that were observed in minutes with losses, and the share that was lost in the minute of each.
#[derive(Debug)]
pub(crate) struct LossyRows {
    /// `None` of a row in whose minute nothing was lost.
    share: Vec<Option<f64>>,
}

impl LossyRows {
    /// `None` when the report is not one of these rows.
    pub(crate) fn of(predictions: &PredictionColumns, report: &LossReport) -> Option<Self> {
        if report.is_lossy.len() != predictions.len() {
            return None;
        }
        let minute = |micros: i64| micros.div_euclid(MINUTE);
        let shares: HashMap<i64, f64> =
            report.minutes.iter().map(|lossy| (minute(lossy.minute.as_microsecond()), lossy.share)).collect();
        let observed_at = predictions
            .inclusion()
            .and_then(InclusionColumns::loss_classes)
            .map(|classes| &classes.observed_at);
        let share_of = |row: usize| {
            let observed_at = observed_at.and_then(|times| times.get(row));
            observed_at.and_then(|time| shares.get(&minute(*time)).copied()).unwrap_or(0.0)
        };
        let rows = report.is_lossy.iter().enumerate();
        Some(Self { share: rows.map(|(row, is_lossy)| is_lossy.then(|| share_of(row))).collect() })
    }

    /// The figures of some rows, with what was lost where they were made.
    pub(crate) fn marked(&self, rows: &SampledRows<'_>, quality: Quality) -> Quality {
        let (mut lossy_rows, mut lost, mut all) = (0, 0.0, 0.0);
        for (place, &row) in rows.rows().iter().enumerate() {
            let weight = rows.weights().and_then(|weights| weights.get(place)).copied().unwrap_or(1.0);
            all += weight;
            if let Some(share) = self.share.get(row).copied().flatten() {
                lossy_rows += 1;
                lost += weight * share;
            }
        }
        let lost_share = if all > 0.0 { (lost / all).clamp(0.0, 1.0) } else { 0.0 };
        Quality { lossy_rows, lost_share, ..quality }
    }
}

/// What was lost, in words: by month where rows stand for it, and in all where none do.
pub(crate) fn in_words(report: &LossReport, months: &[MonthPerformance]) -> Vec<String> {
    /// How many months are named.
    const MAX_NAMED: usize = 6;
    let mut notes = Vec::new();
    let lossy: Vec<&MonthPerformance> =
        months.iter().filter(|month| month.quality.lost_share > 0.0).collect();
    let named = lossy.iter().take(MAX_NAMED).map(|month| {
        let name = month.period.first_day().strftime("%B %Y");
        format!("{} of the requests of {name}", percent(month.quality.lost_share))
    });
    let named: Vec<String> = named.collect();
    if !named.is_empty() {
        let more = if lossy.len() > MAX_NAMED { ", …" } else { "" };
        notes.push(format!(
            "{}{more} were lost: figures are corrected, assuming that within a minute, an endpoint, a class of size and a \
             priority chance decided which",
            named.join(", ")
        ));
    }
    let [exchanges, rows] = [report.exchanges, report.rows];
    let nobody = (exchanges.total() - exchanges.represented).saturating_add(rows.total() - rows.represented);
    if nobody > 0 {
        notes.push(format!(
            "{} lost requests or rows that no row stands for: figures are without them",
            grouped(nobody)
        ));
    }
    let unknown = report.exchanges_of_unknown_model.saturating_add(report.rows_of_unknown_model);
    if unknown > 0 {
        notes.push(format!(
            "{} lost requests or rows of which the model is not known: none of them may be of this one, or all",
            grouped(unknown)
        ));
    }
    notes
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 0.05 { "less than 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}
