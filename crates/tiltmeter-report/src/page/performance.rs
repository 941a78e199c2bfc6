//! How good the scores are, month by month.

use tiltmeter_monitor::Analysis;

use super::block::{CUT, Key, Section};
use crate::svg::AreaByMonth;
use crate::{Error, absent, tables};

const LEGEND: [Key; 5] = [
    Key { class: "k-fell", sign: "▼", meaning: "fell against the baseline" },
    Key { class: "k-unproven", sign: "▽", meaning: "lower, may be chance" },
    Key { class: "k-held", sign: "●", meaning: "held" },
    Key { class: "k-unknown", sign: "○", meaning: "cannot be told" },
    Key { class: "k-immature", sign: "", meaning: "labels may still come" },
];

pub(super) fn section(analysis: &Analysis) -> Result<Section, Error> {
    let lead = "ROC AUC of each month with its 95 % interval, over the predictions whose labels are known.";
    let mut section = Section::new("performance", "Performance", lead);
    let chart = AreaByMonth {
        months: &analysis.months,
        baseline: analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref()),
        deployments: &analysis.deployments,
    };
    if let Some(reason) = absent::performance(analysis) {
        section.absent(reason);
    }
    if chart.has_figures() {
        let caption = match chart.baseline {
            Some(_) => "The dashed line is the baseline, the band its interval.",
            None => "There is no labelled baseline to compare with.",
        };
        let mut legend = LEGEND.to_vec();
        legend.extend(chart.has_cut().then_some(CUT));
        section.figure(&chart, &legend, format!("{caption}{}", chart.stretches().remark()))?;
        if let Some(reasons) = absent::months(analysis) {
            section.absent(reasons);
        }
    }
    if !analysis.months.is_empty() {
        let table = tables::months(&analysis.months);
        if chart.has_figures() {
            section.folded("The figures of the chart, with Brier score and log loss", table);
        } else {
            section.table(table);
        }
        if analysis.months.iter().any(|month| !month.mature) {
            section.prose("† Not all labels of the month can be expected to be there yet.");
        }
    }
    if !analysis.versions.is_empty() {
        section.table(tables::versions(&analysis.versions));
    }
    if !analysis.as_of.is_empty() {
        section.heading("As it was known then");
        section.prose(
            "Over the predictions and labels up to each instant: what a report of that time would have said.",
        );
        section.table(tables::as_of(&analysis.as_of));
    }
    Ok(section)
}
