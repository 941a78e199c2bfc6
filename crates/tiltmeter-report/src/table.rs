//! Tables as the page and the terminal both show them.

use std::collections::BTreeMap;
use std::ops::Range;

use tiltmeter_monitor::Measured;

use crate::{figures, outside};

/// A table: what it says, without how it looks.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// What the page shows below a row, by its place: names and values.
    pub(crate) below: BTreeMap<usize, Vec<(String, String)>>,
    /// Why figures are not there; cells refer to them by letters.
    pub(crate) notes: Vec<String>,
    /// Whether all columns after the first are alike, so that it may be shown in parts.
    pub(crate) has_parts: bool,
}

/// A column, and where it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// What a terminal, which has less room, calls it.
    pub(crate) short: Option<&'static str>,
    pub(crate) is_number: bool,
    pub(crate) room: Room,
}

/// Where there is room for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// On the page and in every terminal.
    Always,
    /// On the page, and in a terminal that is wide enough.
    IfItFits,
    /// On the page alone.
    PageOnly,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// The sign of a verdict, which follows the text.
    pub(crate) sign: Option<&'static str>,
    /// What stands beside the text and matters less.
    pub(crate) aside: Option<String>,
    /// The class that gives it a colour.
    pub(crate) class: &'static str,
    /// The place of its note.
    pub(crate) note: Option<usize>,
}

impl Column {
    pub(crate) fn text(name: &str) -> Self {
        Self { name: name.to_owned(), short: None, is_number: false, room: Room::Always }
    }

    pub(crate) fn number(name: &str) -> Self {
        Self { is_number: true, ..Self::text(name) }
    }

    pub(crate) fn or_short(self, short: &'static str) -> Self {
        Self { short: Some(short), ..self }
    }

    pub(crate) fn page_only(self) -> Self {
        Self { room: Room::PageOnly, ..self }
    }

    pub(crate) fn if_it_fits(self) -> Self {
        Self { room: Room::IfItFits, ..self }
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn with_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    pub(crate) fn with_sign(self, sign: &'static str) -> Self {
        Self { sign: Some(sign), ..self }
    }

    pub(crate) fn with_aside(self, aside: String) -> Self {
        Self { aside: Some(aside), ..self }
    }

    /// The letter of its note.
    pub(crate) fn letter(&self) -> Option<char> {
        self.note.map(letter)
    }
}

impl Table {
    pub(crate) fn new(caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            caption: caption.into(),
            columns,
            rows: Vec::new(),
            below: BTreeMap::new(),
            notes: Vec::new(),
            has_parts: false,
        }
    }

    /// A table of which all columns after the first are alike, such as months.
    pub(crate) fn of_parts(caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { has_parts: true, ..Self::new(caption, columns) }
    }

    /// The table in parts of so many columns, each with the first one besides.
    pub(crate) fn parts(&self, columns: usize) -> Vec<Self> {
        let all = self.columns.len();
        (1..all)
            .step_by(columns.max(1))
            .map(|start| self.part(start..(start + columns.max(1)).min(all)))
            .collect()
    }

    fn part(&self, places: Range<usize>) -> Self {
        fn chosen<T: Clone>(all: &[T], places: Range<usize>) -> Vec<T> {
            all.first().into_iter().chain(all.get(places).unwrap_or_default()).cloned().collect()
        }
        Self {
            caption: self.caption.clone(),
            rows: self.rows.iter().map(|row| chosen(row, places.clone())).collect(),
            columns: chosen(&self.columns, places),
            below: self.below.clone(),
            notes: self.notes.clone(),
            has_parts: false,
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// A row, and what stands below it.
    pub(crate) fn row_with_below(&mut self, cells: Vec<Cell>, below: Vec<(String, String)>) {
        if !below.is_empty() {
            self.below.insert(self.rows.len(), below);
        }
        self.row(cells);
    }

    /// The figure, or the sign that there is none with a note that says why.
    pub(crate) fn measured(&mut self, measured: &Measured, show: fn(f64) -> String) -> Cell {
        match measured {
            Measured::Known(estimate) => Cell::text(show(estimate.value)),
            Measured::Undefined(reason) => self.none(reason),
        }
    }

    /// The interval of a figure; nothing where there is none.
    pub(crate) fn interval_of(measured: &Measured, show: fn((f64, f64)) -> String) -> Cell {
        let interval = measured.estimate().and_then(|estimate| estimate.interval);
        Cell::text(interval.map(show).unwrap_or_default())
    }

    /// The sign that there is no figure, with a note that says why.
    pub(crate) fn none(&mut self, reason: &str) -> Cell {
        let reason = outside::sentence(reason);
        let note = self.notes.iter().position(|other| *other == reason).unwrap_or_else(|| {
            self.notes.push(reason);
            self.notes.len() - 1
        });
        Cell { text: figures::NONE.to_owned(), note: Some(note), class: "none", ..Cell::default() }
    }

    /// The notes, each with its letter.
    pub(crate) fn lettered_notes(&self) -> impl Iterator<Item = (char, &str)> {
        self.notes.iter().enumerate().map(|(place, note)| (letter(place), note.as_str()))
    }
}

/// `a` to `z`; all further ones share the last.
fn letter(place: usize) -> char {
    ('a'..='z').nth(place).unwrap_or('z')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_first_column_each() {
        let mut table = Table::of_parts("t", ["name", "1", "2", "3"].map(Column::text).to_vec());
        table.row(["a", "b", "c", "d"].map(Cell::text).to_vec());
        let parts: Vec<Vec<String>> = table
            .parts(2)
            .into_iter()
            .map(|part| part.rows.concat().into_iter().map(|cell| cell.text).collect())
            .collect();
        assert_eq!(parts, [vec!["a", "b", "c"], vec!["a", "d"]]);
    }

    #[test]
    fn equal_reasons_share_a_note() {
        let mut table = Table::new("t", Vec::new());
        let unknown = |reason: &str| Measured::Undefined(reason.to_owned());
        assert_eq!(table.measured(&unknown("no labels"), figures::score).letter(), Some('a'));
        assert_eq!(table.measured(&unknown("one class"), figures::score).letter(), Some('b'));
        assert_eq!(table.measured(&unknown("no labels"), figures::score).letter(), Some('a'));
        assert_eq!(table.notes.len(), 2);
    }
}
