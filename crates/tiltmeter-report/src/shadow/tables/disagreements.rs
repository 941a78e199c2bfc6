//! Disagreements for a person to look at.

use tiltmeter_monitor::shadow::{Answer, Disagreement, Right};

use super::answers::weight;
use crate::shadow::names::{self, Names};
use crate::table::{Cell, Column, Table};
use crate::{calendar, figures, outside};

/// A request a row: both answers, what it stands for, and what is known of it; below it what was asked.
///
/// What no request has, has no column.
pub(in crate::shadow) fn disagreements(rows: &[Disagreement], names: &Names) -> Table {
    let (one, other) = (&names.champion, &names.challenger);
    let columns = [
        shown(Column::text("request"), true, |row, _| Cell::text(request(row))),
        shown(Column::text("event time, UTC"), has(rows, |row| row.event_time.is_some()), |row, _| {
            Cell::text(row.event_time.map(calendar::instant).unwrap_or_default().trim_end_matches(" UTC"))
        }),
        shown(Column::text("segments"), has(rows, has_other_segments), |row, _| {
            let named = row
                .segments
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or("(missing)")));
            Cell::text(listed(named)).with_class("long")
        }),
        shown(Column::text(one), true, |row, _| decision(&row.champion)),
        shown(Column::number("score"), true, |row, _| score(row.champion.score)),
        shown(Column::text(other), true, |row, _| decision(&row.challenger)),
        shown(Column::number("score"), true, |row, _| score(row.challenger.score)),
        shown(Column::number("distance"), true, |row, _| score(row.score_distance)),
        shown(Column::number("stands for"), true, |row, _| Cell::text(weight(row.weight))),
        shown(Column::number("label"), has(rows, |row| row.label.is_some()), |row, _| {
            Cell::text(row.label.map(short).unwrap_or_default())
        }),
        shown(Column::text("right"), has(rows, |row| row.right.is_some()), |row, names| {
            Cell::text(match row.right {
                Some(Right::Champion) => names.champion.as_str(),
                Some(Right::Challenger) => names.challenger.as_str(),
                Some(Right::Neither) => "neither",
                Some(Right::Both) => "both",
                None => "",
            })
        }),
        shown(Column::number(&format!("ms: {one} / {other}")), true, |row, _| {
            let ms = |answer: &Answer| figures::or_none(answer.latency_ms, short_ms);
            Cell::text(format!("{} / {}", ms(&row.champion), ms(&row.challenger)))
        }),
    ];
    let columns: Vec<(Column, Of)> = columns.into_iter().flatten().collect();
    let heads = columns.iter().map(|(column, _)| column.clone()).collect();
    let mut table = Table::new("Disagreements, the greatest distance of scores first", heads);
    for row in rows {
        table.row_with_below(columns.iter().map(|(_, of)| of(row, names)).collect(), asked(row));
    }
    table
}

type Of = fn(&Disagreement, &Names) -> Cell;

/// The column and what stands in it, if there is anything.
fn shown(column: Column, is_known: bool, of: Of) -> Option<(Column, Of)> {
    is_known.then_some((column, of))
}

fn has(rows: &[Disagreement], known: fn(&Disagreement) -> bool) -> bool {
    rows.iter().any(known)
}

/// What the request is called, and which of its instances it is.
fn request(row: &Disagreement) -> String {
    let id = row.request_id.as_deref().map_or_else(|| figures::NONE.to_owned(), outside::shown);
    match row.instance_index {
        0 => id,
        instance => format!("{id}, instance {instance}"),
    }
}

/// What was asked.
fn asked(row: &Disagreement) -> Vec<(String, String)> {
    /// A row is to be looked at, not to be read for minutes.
    const MOST: usize = 24;
    let shown =
        |(name, value): &(String, String)| (outside::label(name, 32), outside::label(&rounded(value), 40));
    let mut asked: Vec<(String, String)> = row.inputs.iter().take(MOST).map(shown).collect();
    if row.inputs.len() > MOST {
        asked.push((format!("and {} more", row.inputs.len() - MOST), String::new()));
    }
    asked
}

/// Whether a segment is more than what was asked says, too.
fn has_other_segments(row: &Disagreement) -> bool {
    row.segments.iter().any(|(name, value)| {
        let asked = row.inputs.iter().find(|(other, _)| other == name);
        asked.map(|(_, asked)| asked) != value.as_ref() || value.is_none()
    })
}

/// A number with a fraction in six digits, which are enough to look at; all else as it is.
fn rounded(value: &str) -> String {
    let is_long = value.len() > 8 && value.contains('.');
    let number = value.parse::<f64>().ok().filter(|number| is_long && number.is_finite());
    let short = number.and_then(|number| format!("{number:.5e}").parse::<f64>().ok());
    short.map_or_else(|| value.to_owned(), |short| short.to_string())
}

fn decision(answer: &Answer) -> Cell {
    Cell::text(answer.decision.as_deref().map_or_else(|| figures::NONE.to_owned(), names::decision))
}

fn score(score: Option<f64>) -> Cell {
    Cell::text(figures::or_none(score, short))
}

/// Three decimals, or an exponent.
fn short(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        if value > 0.0 { "∞" } else { "−∞" }.to_owned()
    } else if size >= 1e7 || (size > 0.0 && size < 5e-4) {
        format!("{value:.1e}").replace('-', "−")
    } else if value.fract().abs() < f64::EPSILON {
        figures::fixed(value, 0)
    } else {
        figures::fixed(value, 3)
    }
}

fn short_ms(ms: f64) -> String {
    if ms >= 1e7 { format!("{ms:.1e}") } else { figures::fixed(ms, 1) }
}

/// `carrier UA, origin EWR`.
fn listed<'a>(named: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    /// A cell is to be looked at, not to be read for minutes.
    const MOST: usize = 24;
    let mut listed: Vec<String> = named
        .take(MOST + 1)
        .map(|(name, value)| format!("{} {}", outside::label(name, 32), outside::label(value, 40)))
        .collect();
    if listed.len() > MOST {
        listed.truncate(MOST);
        listed.push("…".to_owned());
    }
    listed.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_short_and_nothing_else_is_touched() {
        for (value, shown) in [
            ("13.809359999999998", "13.8094"),
            ("-0.000123456789", "-0.000123457"),
            ("12.65858", "12.65858"),
            ("9007199254740993", "9007199254740993"),
            ("203.0.113.77", "203.0.113.77"),
            ("v1.2.3-beta", "v1.2.3-beta"),
        ] {
            assert_eq!(rounded(value), shown);
        }
    }
}
