//! What became of the labels, and when they came.

use tiltmeter_monitor::Analysis;

use super::block::{Key, Section};
use crate::svg::Arrivals;
use crate::{Error, absent, tables};

pub(super) fn section(analysis: &Analysis) -> Result<Section, Error> {
    let lead = "Which predictions have their labels, how long those took, and what became of every row of the label table.";
    let mut section = Section::new("labels", "Labels", lead);
    let Some(books) = &analysis.labels else {
        section.absent(absent::NO_LABELS);
        return Ok(section);
    };
    if analysis.cohorts.is_empty() {
        section.absent("There is no week of predictions to count the labels of.");
    } else {
        let legend = [
            Key { class: "k-bar", sign: "", meaning: "old enough to have all labels" },
            Key { class: "k-immature", sign: "", meaning: "labels may still come" },
        ];
        let chart = Arrivals(&analysis.cohorts);
        section.figure(&chart, &legend, format!("By week of prediction.{}", chart.stretches().remark()))?;
        section.folded("The figures of the chart", tables::cohorts(&analysis.cohorts));
    }
    section.heading("The books of the labels");
    section.table(tables::label_books(books));
    if books.balance() {
        section.prose("✓ The parts add up to all label rows.");
    } else {
        section.alarm("The parts do not add up to all label rows: please report this.");
    }
    Ok(section)
}
