//! Whether the challenger may take over, criterion by criterion.

use tiltmeter_monitor::shadow::PromotionVerdict;

use crate::page::block::{Key, Section};
use crate::shadow::stories::capitalised;
use crate::shadow::svg::CriteriaByDay;
use crate::shadow::tables;
use crate::{Error, calendar, figures, outside};

const LEGEND: [Key; 3] = [
    Key { class: "k-met", sign: "", meaning: "met" },
    Key { class: "k-open", sign: "", meaning: "not yet" },
    Key { class: "k-failed", sign: "", meaning: "failed" },
];

pub(super) fn section(verdict: Option<&PromotionVerdict>) -> Result<Section, Error> {
    let Some(verdict) = verdict else {
        let mut section =
            Section::new("criteria", "Criteria", "Whether the challenger may take the champion's place.");
        section.absent(
            "The challenger was not judged: no verdict was given with the comparison, which only describes.",
        );
        return Ok(section);
    };
    let as_of = verdict.as_of.map(|day| format!(" By what was known at the end of {}.", calendar::day(day)));
    let lead = format!("{}.{}", capitalised(&outside::sentence(&verdict.summary)), as_of.unwrap_or_default());
    let mut section = Section::new("criteria", "Criteria", lead);
    section.table(tables::criteria(verdict));
    section.prose(format!(
        "Bounds hold however often one looks: a verdict may be acted on the day it says so, and the probability that it is ever wrong is at most {}.",
        figures::percent(verdict.error).replace(".0 %", " %")
    ));
    let chart = CriteriaByDay { criteria: &verdict.criteria };
    if chart.has_days() {
        section.heading("How it came to that");
        let caption = format!(
            "Each criterion at the end of each day, by what was known then.{}",
            chart.stretches().remark()
        );
        section.figure(&chart, &LEGEND, caption)?;
        if let Some(first) = &verdict.first_decision {
            section.prose(format!(
                "The first decision was on {}: {}.",
                calendar::day(first.day),
                first.decision
            ));
        }
    }
    if !verdict.notes.is_empty() {
        let notes = verdict.notes.iter().map(|note| outside::sentence(note)).collect();
        section.blocks.push(crate::page::block::Block::Items(notes));
    }
    Ok(section)
}
