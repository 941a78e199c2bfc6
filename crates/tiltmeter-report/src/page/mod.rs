//! The page: what stands where on it, from above.

mod baseline;
mod block;
mod books;
mod calibration;
mod drift;
mod head;
mod labels;
mod notes;
mod performance;
mod scores;
mod segments;

use askama::Template;

pub(crate) use head::period;
pub(crate) use segments::by_feature;

use block::Section;
use head::{Fact, Story};

use crate::{Error, Report, outside};

/// The style sheet, which the page holds.
const STYLE: &str = include_str!("../../templates/page.css");

#[derive(Debug, Template)]
#[template(path = "page.html", whitespace = "minimize")]
struct Page {
    style: &'static str,
    model: String,
    facts: Vec<Fact>,
    stories: Vec<Story>,
    problems: usize,
    sections: Vec<Section>,
    made: Option<String>,
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
        model: outside::shown(&analysis.model),
        facts: head::facts(analysis),
        stories: head::stories(analysis),
        problems: report.problems.len(),
        sections,
        made: report.made_at.map(crate::calendar::instant),
    };
    page.render().map_err(Error::of("page.html"))
}
