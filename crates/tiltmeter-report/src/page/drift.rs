//! How the columns differ from the baseline.

use tiltmeter_monitor::drift::{DriftFinding, peak};
use tiltmeter_monitor::{Analysis, PeriodKind, Verdict};

use super::block::{Key, Section};
use crate::svg::DriftMap;
use crate::{Error, absent, figures, tables};

/// More rows than this are no picture any more.
const MAX_ROWS: usize = 40;

const LEGEND: [Key; 10] = [
    Key { class: "k-stable", sign: "", meaning: "stable" },
    Key { class: "k-negligible", sign: "·", meaning: "negligible: real, too small to matter" },
    Key { class: "k-unproven-cell", sign: "?", meaning: "unproven: no more than the baseline varies" },
    Key { class: "k-drift1", sign: "*", meaning: "drift, PSI below 0.25" },
    Key { class: "k-drift2", sign: "*", meaning: "0.25–0.5" },
    Key { class: "k-drift3", sign: "*", meaning: "0.5–1" },
    Key { class: "k-drift4", sign: "*", meaning: "1–4" },
    Key { class: "k-drift5", sign: "*", meaning: "4 and more" },
    Key { class: "k-missing", sign: "", meaning: "the missing values drift" },
    Key { class: "k-undefined", sign: "×", meaning: "no verdict: too few values, or none" },
];

pub(super) fn section(analysis: &Analysis) -> Result<Section, Error> {
    let lead = "How each column differs from the baseline. Only what is large and more than the baseline itself varies has a strong colour; whether it matters shows in the performance above the map.";
    let mut section = Section::new("drift", "Drift", lead);
    if let Some(reason) = absent::drift(analysis) {
        section.absent(reason);
        return Ok(section);
    }
    let weeks: Vec<&DriftFinding> =
        analysis.drift.iter().filter(|finding| finding.period.kind() == PeriodKind::Week).collect();
    let all = tables::columns_in_order(&analysis.drift);
    let columns = rows(&all, &weeks);
    if weeks.is_empty() {
        section.absent("No week was looked at, so there is no map of weeks.");
    } else {
        let chart = DriftMap {
            columns: &columns,
            weeks: &weeks,
            months: &analysis.months,
            deployments: &analysis.deployments,
            peak: peak(&analysis.drift),
        };
        let caption = format!("{}{}", caption(columns.len(), all.len()), chart.stretches().remark());
        section.figure(&chart, &LEGEND, caption)?;
        section.folded_on_screen("The figures of the map", tables::drift_by_week(&analysis.drift));
    }
    section.heading("By month");
    section.prose(
        "PSI against the baseline. * drift, ▨ the missing values drift, ? unproven, · negligible, × no verdict; the colours are those of the map.",
    );
    section.table(tables::drift_by_month(&analysis.drift, figures::psi));
    let findings = tables::findings_by_month(&analysis.drift);
    section.folded_on_screen("All that is found of each column by month", findings);
    if let Some(table) = tables::days_with_drift(&analysis.drift) {
        section.folded("By day: how many days of each month had drift", table);
    }
    section.heading("Missing and unseen values");
    match tables::other_changes(&analysis.drift) {
        Some(table) => section.table(table),
        None => {
            section.absent("No column has missing values, or categories that the baseline does not have.");
        }
    }
    Ok(section)
}

/// The rows of the map: all columns, or those that drift most.
fn rows<'a>(all: &[&'a str], weeks: &[&DriftFinding]) -> Vec<&'a str> {
    if all.len() <= MAX_ROWS {
        return all.to_vec();
    }
    let weeks_of = |name: &str| {
        weeks.iter().filter(|finding| finding.column == name && finding.verdict == Verdict::Drift).count()
    };
    let mut ranked: Vec<(usize, usize)> =
        all.iter().enumerate().skip(1).map(|(place, name)| (weeks_of(name), place)).collect();
    ranked.sort_by_key(|(weeks, place)| (std::cmp::Reverse(*weeks), *place));
    let mut places: Vec<usize> = ranked.into_iter().take(MAX_ROWS - 1).map(|(_, place)| place).collect();
    places.push(0);
    places.sort_unstable();
    places.into_iter().filter_map(|place| all.get(place).copied()).collect()
}

fn caption(shown: usize, all: usize) -> String {
    let mut text = String::from(
        "A cell is a week. Above: the ROC AUC of the same months, and the PSI of the column that drifts most, by week. A month can be drift while its weeks are unproven: weeks vary more than months, so that a week needs a larger PSI.",
    );
    if shown < all {
        let all = figures::count(u64::try_from(all).unwrap_or(u64::MAX));
        text.push_str(&format!(" Of {all} columns the score and those with the most weeks of drift are drawn; the tables have all."));
    }
    text
}
