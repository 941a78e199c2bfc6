//! Lines of a label, a figure that is aligned to the right, and a remark.

use std::fmt::Write as _;

use crate::{console::Style, figures};

const LABEL_WIDTH: usize = 22;
const FIGURE_WIDTH: usize = 12;

#[derive(Debug)]
pub(super) struct Table {
    style: Style,
    text: String,
}

impl Table {
    pub(super) fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    pub(super) fn title(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{}\n", self.style.bold(text));
    }

    /// A figure that is not a count.
    pub(super) fn row(&mut self, label: &str, figure: &str, remark: &str) {
        self.write(&self.style.bold(&pad(label)), figure, remark);
    }

    /// A total, which the parts and losses below it add up to.
    pub(super) fn section(&mut self, label: &str, count: u64, remark: &str) {
        self.blank();
        self.row(label, &figures::count(count), remark);
    }

    pub(super) fn part(&mut self, label: &str, count: u64) {
        self.write(&pad(&format!("  {label}")), &figures::count(count), "");
    }

    /// A part that should be zero.
    pub(super) fn loss(&mut self, label: &str, count: u64) {
        let label = pad(&format!("  {label}"));
        if count == 0 {
            let figure = self.style.dim(&format!("{:>FIGURE_WIDTH$}", 0));
            self.write(&self.style.dim(&label), &figure, "");
        } else {
            let figure = self.style.red(&format!("{:>FIGURE_WIDTH$}", figures::count(count)));
            self.write(&label, &figure, "");
        }
    }

    /// Whether the parts add up.
    pub(super) fn verdict(&mut self, balances: bool) {
        let verdict = if balances {
            self.style.green("balanced")
        } else {
            self.style.red("does not add up: please report this")
        };
        let _ = writeln!(self.text, "    {verdict}");
    }

    pub(super) fn warning(&mut self, text: &str) {
        let _ = writeln!(self.text, "    {}", self.style.red(text));
    }

    pub(super) fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "  {text}");
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    pub(super) fn finish(mut self) -> String {
        self.blank();
        self.text
    }

    fn write(&mut self, label: &str, figure: &str, remark: &str) {
        let gap = if remark.is_empty() { "" } else { "   " };
        let _ = writeln!(self.text, "  {label}{figure:>FIGURE_WIDTH$}{gap}{}", self.style.dim(remark));
    }
}

/// Padded before it is coloured: escapes take no room on the screen.
fn pad(label: &str) -> String {
    format!("{label:<LABEL_WIDTH$}")
}
