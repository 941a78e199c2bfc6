//! Tables in columns.

use comfy_table::{CellAlignment, ContentArrangement, presets};

use super::style::{TerminalStyle, lines_of};
use crate::outside;
use crate::table::{Cell, Column, Room, Table};

/// What is longer is cut: names from outside would push the figures off the screen.
const MAX_NAME: usize = 30;

/// The lines of a table, without those columns for which only a page has room. Columns stand closer where they would
/// not fit otherwise, then those go that can be missed, and remarks are cut.
pub(crate) fn lines(table: &Table, style: TerminalStyle, indent: &str) -> Vec<String> {
    let room = style.width.saturating_sub(indent.len());
    let text = fitting(table, room);
    let mut lines = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let row = place.checked_sub(1).and_then(|row| table.rows.get(row));
        let has_remark = row.and_then(|row| row.last()).is_some_and(is_remark);
        let line = line.trim_end();
        let cut;
        let line = if has_remark && line.chars().count() > room {
            cut = format!("{}…", line.chars().take(room.saturating_sub(1)).collect::<String>());
            cut.as_str()
        } else {
            line
        };
        // coloured as a whole, and after it was laid out: escapes take no room on the screen
        let painted = match row {
            None => style.dim(line),
            Some(row) => paint(row, line, style),
        };
        lines.push(format!("{indent}{painted}"));
    }
    for (letter, note) in table.lettered_notes() {
        for line in lines_of(&format!("{letter} {note}"), style.prose_width(indent.len())) {
            lines.push(format!("{indent}{}", style.dim(&line)));
        }
    }
    lines
}

/// The widest drawing that fits, or the narrowest one.
fn fitting(table: &Table, room: usize) -> String {
    let mut shown: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(_, column)| column.room != Room::PageOnly).collect();
    let fits = |drawn: &String| drawn.lines().all(|line| line.trim_end().chars().count() <= room);
    let wide = drawing(table, &shown, 2);
    if fits(&wide) {
        return wide;
    }
    loop {
        let close = drawing(table, &shown, 1);
        let dispensable = shown.iter().rposition(|(_, column)| column.room == Room::IfItFits);
        match dispensable {
            Some(place) if !fits(&close) => shown.remove(place),
            _ => return close,
        };
    }
}

fn drawing(table: &Table, shown: &[(usize, &Column)], gap: u16) -> String {
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

/// Whether a cell holds a sentence, for which there is room to the end of the line.
fn is_remark(cell: &Cell) -> bool {
    matches!(cell.class, "aside" | "long")
}

fn text(cell: &Cell) -> String {
    let text =
        if is_remark(cell) { outside::shown(&cell.text) } else { outside::label(&cell.text, MAX_NAME) };
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
