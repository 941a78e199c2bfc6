//! The report as text for a terminal.

pub(crate) mod columns;
mod sections;
pub(crate) mod style;

pub use style::TerminalStyle;

use crate::Report;
use sections::Sections;

/// The whole report.
pub(crate) fn text(report: &Report<'_>, style: TerminalStyle) -> String {
    let mut sections = Sections::new(style);
    sections.head(report.analysis);
    sections.unread(report.problems.len());
    sections.headlines(report.analysis);
    sections.problems(report.problems);
    sections.months(report.analysis);
    sections.drift(report.analysis);
    sections.versions(report.analysis);
    sections.segments(report.analysis);
    sections.labels(report.analysis);
    sections.books(report.books, report.read);
    sections.notes(report.analysis);
    sections.finish()
}
