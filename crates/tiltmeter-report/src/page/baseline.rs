//! What everything is compared with.

use tiltmeter_monitor::Analysis;

use super::block::Section;
use crate::table::{Cell, Column, Table};
use crate::{absent, calendar, figures, outside};

pub(super) fn section(analysis: &Analysis) -> Section {
    let mut section = Section::new("baseline", "Baseline", "What all of this is compared with.");
    let Some(baseline) = &analysis.baseline else {
        section.absent(absent::baseline(analysis));
        return section;
    };
    let mut table = Table::new("The baseline", vec![Column::text("what"), Column::text("value")]);
    let mut line =
        |name: &str, value: String| table.row(vec![Cell::text(name), Cell::text(value).with_class("long")]);
    line("Id", outside::shown(&baseline.id));
    line("Rows", figures::count(baseline.rows));
    if let Some(days) = baseline.days {
        line("Days", format!("{} ({})", baseline.day_count, calendar::range(days)));
    }
    match &baseline.quality {
        Some(quality) => {
            line("Labelled", figures::count(quality.labelled));
            line("Base rate", figures::or_none(quality.base_rate(), figures::percent));
            for (name, measured) in [
                ("ROC AUC", &quality.roc_auc),
                ("Brier score", &quality.brier),
                ("Log loss", &quality.log_loss),
            ] {
                let interval = measured.estimate().and_then(|estimate| estimate.interval);
                let interval =
                    interval.map(|ends| format!(" (95 % {})", figures::interval(ends))).unwrap_or_default();
                let value = match measured.reason() {
                    Some(reason) => format!("{}: {}", figures::NONE, outside::sentence(reason)),
                    None => format!("{}{interval}", figures::or_none(measured.value(), figures::score)),
                };
                line(name, value);
            }
        }
        None => line("Labels", "none: performance cannot be compared with it".to_owned()),
    }
    section.table(table);
    section
}
