//! What sections are made of.

use askama::Template;

use crate::Error;
use crate::svg::{Chart, Width};
use crate::table::{Cell, Table};

/// A part of the page with a heading.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What there is to see, in a sentence or two.
    pub(crate) lead: String,
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug)]
pub(crate) enum Block {
    /// A heading within the section.
    Heading(String),
    /// A paragraph.
    Prose(String),
    /// A paragraph that says that something is wrong.
    Alarm(String),
    /// Why there is nothing to see.
    Absent(String),
    /// A drawing, for wide pages and for phones.
    Figure { wide: String, narrow: String, legend: Vec<Key>, caption: String },
    /// A table.
    Table(Vec<Grid>),
    /// A table that is folded away until somebody asks.
    Folded { summary: String, class: &'static str, grids: Vec<Grid> },
    /// Sentences.
    Items(Vec<String>),
}

/// An entry of a legend: what looks so means this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The class of the swatch.
    pub(crate) class: &'static str,
    /// A sign in it.
    pub(crate) sign: &'static str,
    pub(crate) meaning: &'static str,
}

/// The legend of an interval that is cut at the edge of a chart.
pub(crate) const CUT: Key =
    Key { class: "k-cut", sign: "", meaning: "interval from few labels, longer than what is drawn" };

/// A table as the page shows it, or a part of it.
#[derive(Debug, Template)]
#[template(path = "table.html", whitespace = "minimize")]
pub(crate) struct Grid {
    table: Table,
    /// Where it is shown, when that is not everywhere.
    class: &'static str,
}

/// Columns beside the first one that fit a sheet of paper.
const ON_PAPER: usize = 12;

impl Section {
    pub(crate) fn new(id: &'static str, title: &'static str, lead: impl Into<String>) -> Self {
        Self { id, title, lead: lead.into(), blocks: Vec::new() }
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(crate) fn prose(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Prose(text.into()));
    }

    /// What is wrong, in a sentence; its sign stands before it.
    pub(crate) fn alarm(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Alarm(text.into()));
    }

    pub(crate) fn absent(&mut self, reason: impl Into<String>) {
        self.blocks.push(Block::Absent(reason.into()));
    }

    pub(crate) fn figure(
        &mut self,
        chart: &impl Chart,
        legend: &[Key],
        caption: impl Into<String>,
    ) -> Result<(), Error> {
        let (wide, narrow) = (chart.draw(Width::Wide).svg()?, chart.draw(Width::Narrow).svg()?);
        let (legend, caption) = (legend.to_vec(), caption.into());
        self.blocks.push(Block::Figure { wide, narrow, legend, caption });
        Ok(())
    }

    pub(crate) fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(grids(table)));
    }

    /// A table that is folded away: the figures of a chart, or details.
    pub(crate) fn folded(&mut self, summary: impl Into<String>, table: Table) {
        self.blocks.push(Block::Folded { summary: summary.into(), class: "", grids: grids(table) });
    }

    /// The same for one that is too wide, or too long, for paper.
    pub(crate) fn folded_on_screen(&mut self, summary: impl Into<String>, table: Table) {
        let grids = vec![Grid { table, class: "" }];
        self.blocks.push(Block::Folded { summary: summary.into(), class: "on-screen", grids });
    }
}

/// The table, and what stands in its place on paper when it is too wide: a browser would shrink the whole page to fit it.
fn grids(table: Table) -> Vec<Grid> {
    if !table.has_parts || table.columns.len() <= ON_PAPER + 1 {
        return vec![Grid { table, class: "" }];
    }
    let parts = table.parts(ON_PAPER).into_iter().map(|table| Grid { table, class: "on-paper" });
    let mut grids: Vec<Grid> = parts.collect();
    grids.insert(0, Grid { table, class: "on-screen" });
    grids
}

impl Grid {
    /// The cell of a row that names it, and the others.
    fn split<'a>(&self, row: &'a [Cell]) -> (Option<&'a Cell>, &'a [Cell]) {
        match row.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, &[]),
        }
    }

    /// What stands below a row.
    fn below(&self, place: usize) -> &[(String, String)] {
        self.table.below.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The classes of a cell.
    fn class_of(&self, cell: &Cell, place: usize) -> String {
        let is_number = self.table.columns.get(place + 1).is_some_and(|column| column.is_number);
        self.classes(cell, is_number)
    }

    fn classes(&self, cell: &Cell, is_number: bool) -> String {
        /// What is longer may be broken on paper.
        const WORDY: usize = 24;
        let kind = if is_number { "n" } else { "" };
        let length = if cell.text.chars().count() > WORDY { "wordy" } else { "" };
        let classes = [kind, cell.class, length].into_iter().filter(|class| !class.is_empty());
        classes.collect::<Vec<_>>().join(" ")
    }
}
