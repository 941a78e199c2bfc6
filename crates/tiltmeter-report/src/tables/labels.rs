//! What became of the labels.

use tiltmeter_monitor::labels::{Cohort, LabelBooks};

use crate::table::{Cell, Column, Table};
use crate::{calendar, figures};

/// Every row of the label table and every prediction, by what became of it.
pub(crate) fn label_books(books: &LabelBooks) -> Table {
    let columns = vec![Column::text("what"), Column::number("rows"), Column::text("remark")];
    let mut table = Table::new("The books of the labels", columns);
    let unmatched = books.predictions.saturating_sub(books.matched);
    let unknown = format!(
        "{}, no prediction has them",
        figures::counted_as(books.unknown_entities, "entity", "entities")
    );
    let lines: [(&str, u64, &str); 13] = [
        ("Label rows", books.rows, ""),
        ("  counted", books.counted, "belong to a prediction"),
        ("  superseded", books.superseded, "a later revision replaces them"),
        ("  of unknown entities", books.of_unknown_entities, unknown.as_str()),
        ("  unused", books.unused, "another is nearer, or came too early"),
        ("    before prediction", books.before_prediction, "arrived before it: part of the unused"),
        ("  incomplete", books.incomplete, "without an entity or a label"),
        ("  not yet arrived", books.not_yet_arrived, "after the instant that is looked at"),
        ("Predictions", books.predictions, ""),
        ("  with a label", books.matched, ""),
        ("  without", unmatched, ""),
        ("Revised entities", books.revised_entities, "more than one row for a label event"),
        ("  that changed", books.changed_entities, "a revision said something else"),
    ];
    for (name, count, remark) in lines {
        let class = if name.starts_with(' ') { "" } else { "total" };
        table.row(vec![
            Cell::text(name).with_class(class),
            Cell::text(figures::count(count)).with_class(if count == 0 { "zero" } else { class }),
            Cell::text(remark).with_class("aside"),
        ]);
    }
    if books.without_entity > 0 {
        table.row(vec![
            Cell::text("    without an entity"),
            Cell::text(figures::count(books.without_entity)),
            Cell::text("can have no label: part of those without").with_class("aside"),
        ]);
    }
    table
}

/// Match rates by week.
pub(crate) fn cohorts(cohorts: &[Cohort]) -> Table {
    let columns = vec![
        Column::text("week"),
        Column::text("days"),
        Column::number("predictions"),
        Column::number("with a label"),
        Column::number("share"),
        Column::number("median time to label"),
        Column::text("old enough"),
    ];
    let mut table = Table::new("Labels by week of prediction", columns);
    for cohort in cohorts {
        table.row(vec![
            Cell::text(cohort.period.to_string()),
            Cell::text(calendar::period(cohort.period)),
            Cell::text(figures::count(cohort.predictions)),
            Cell::text(figures::count(cohort.matched)),
            Cell::text(figures::or_none(cohort.match_rate(), figures::percent)),
            Cell::text(cohort.median_delay.map_or_else(|| figures::NONE.to_owned(), figures::delay)),
            Cell::text(if cohort.mature { "yes" } else { "not yet: more labels may come" }),
        ]);
    }
    table
}
