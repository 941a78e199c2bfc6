//! Tables in columns.

use comfy_table::{CellAlignment, ContentArrangement, presets};

use super::style::TerminalStyle;
use crate::outside;
use crate::table::{Cell, Column, Table};

/// What is longer is cut: names from outside would push the figures off the screen.
const MAX_NAME: usize = 30;

/// The lines of a table, without those columns for which only a page has room. Columns stand closer where they would
/// not fit otherwise.
pub(super) fn lines(table: &Table, style: TerminalStyle, indent: &str) -> Vec<String> {
    let drawn = drawing(table, 2);
    let is_wide = drawn.lines().any(|line| line.trim_end().chars().count() + indent.len() > style.width);
    let text = if is_wide { drawing(table, 1) } else { drawn };
    let mut lines = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim_end();
        // coloured as a whole, and after it was laid out: escapes take no room on the screen
        let painted = match place.checked_sub(1).and_then(|row| table.rows.get(row)) {
            None => style.dim(line),
            Some(row) => paint(row, line, style),
        };
        lines.push(format!("{indent}{painted}"));
    }
    for (letter, note) in table.lettered_notes() {
        lines.push(format!("{indent}{}", style.dim(&format!("{letter} {note}"))));
    }
    lines
}

fn drawing(table: &Table, gap: u16) -> String {
    let shown: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(_, column)| !column.page_only).collect();
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    drawn.set_header(shown.iter().map(|(_, column)| column.short.unwrap_or(&column.name)));
    for row in &table.rows {
        drawn.add_row(shown.iter().map(|(place, _)| row.get(*place).map(text).unwrap_or_default()));
    }
    for (index, (_, column)) in shown.iter().enumerate() {
        let alignment = if column.is_number { CellAlignment::Right } else { CellAlignment::Left };
        if let Some(drawn) = drawn.column_mut(index) {
            drawn.set_padding((0, if index + 1 == shown.len() { 0 } else { gap }));
            drawn.set_cell_alignment(alignment);
        }
    }
    drawn.to_string()
}

fn text(cell: &Cell) -> String {
    let text = outside::label(&cell.text, MAX_NAME);
    // figures stand below one another, whether a sign follows or not
    let sign = cell.sign.map(|sign| if sign.is_empty() { " " } else { sign }).unwrap_or_default();
    let note = cell.letter().map(String::from).unwrap_or_default();
    match &cell.aside {
        Some(aside) => format!("{text}{sign}{note} {aside}"),
        None => format!("{text}{sign}{note}"),
    }
}

fn paint(row: &[Cell], line: &str, style: TerminalStyle) -> String {
    if row.iter().any(|cell| cell.class == "fell") {
        style.red(line)
    } else if row.first().is_some_and(|cell| cell.class == "total") {
        style.bold(line)
    } else {
        line.to_owned()
    }
}
