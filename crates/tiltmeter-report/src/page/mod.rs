//! The page: what stands where on it, from above.

mod baseline;
pub(crate) mod block;
mod books;
mod calibration;
mod drift;
pub(crate) mod head;
mod labels;
pub(crate) mod notes;
mod performance;
mod scores;
mod segments;

use askama::Template;

pub(crate) use head::{period, predictions};
pub(crate) use segments::by_feature;

use block::Section;
use head::{Fact, Story};

use crate::{Error, Report, outside};

/// The style sheet, which the page holds.
pub(crate) const STYLE: &str = include_str!("../../templates/page.css");

/// A page: what belongs to it, before it is written.
#[derive(Debug, Template)]
#[template(path = "page.html", whitespace = "minimize")]
pub(crate) struct Page {
    pub(crate) style: &'static str,
    /// What is reported of the model.
    pub(crate) kind: &'static str,
    pub(crate) model: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) stories: Vec<Story>,
    pub(crate) problems: usize,
    pub(crate) sections: Vec<Section>,
    pub(crate) made: Option<String>,
}

impl Page {
    pub(crate) fn html(&self) -> Result<String, Error> {
        self.render().map_err(Error::of("page.html"))
    }
}

/// The whole page.
pub(crate) fn html(report: &Report<'_>) -> Result<String, Error> {
    let analysis = report.analysis;
    let sections = vec![
        performance::section(analysis)?,
        drift::section(analysis)?,
        scores::section(analysis)?,
        calibration::section(analysis)?,
        segments::section(analysis)?,
        labels::section(analysis)?,
        books::section(report.books, report.read),
        baseline::section(analysis),
        notes::section(&analysis.notes, report.problems),
    ];
    let page = Page {
        style: STYLE,
        kind: "monitoring report",
        model: outside::shown(&analysis.model),
        facts: head::facts(analysis),
        stories: head::stories(analysis),
        problems: report.problems.len(),
        sections,
        made: report.made_at.map(crate::calendar::instant),
    };
    page.html()
}
