//! The page: what stands where on it, from above.

mod agreement;
mod cost;
mod coverage;
mod criteria;
mod disagreements;
mod failures;
mod groups;
mod labels;
mod latency;
mod noise;
mod scores;

use tiltmeter_monitor::shadow::Comparison;

pub(super) use self::cost::sentences as cost_sentences;
use super::ComparisonReport;
use super::names::Names;
use super::stories::stories;
use crate::page::head::Fact;
use crate::page::{Page, STYLE, notes};
use crate::{Error, calendar, figures, outside};

/// The whole page.
pub(super) fn html(report: &ComparisonReport<'_>) -> Result<String, Error> {
    let comparison = report.comparison;
    let names = Names::of(comparison);
    let sections = vec![
        criteria::section(report.verdict)?,
        agreement::section(comparison, &names)?,
        scores::section(comparison, &names)?,
        latency::section(comparison, &names)?,
        failures::section(comparison, &names),
        labels::section(comparison, &names)?,
        groups::section(comparison)?,
        disagreements::section(&comparison.disagreements, &names),
        coverage::section(&comparison.coverage),
        noise::section(comparison),
        cost::section(report.cost, &names),
        notes::section(&comparison.notes, report.problems),
    ];
    let page = Page {
        style: STYLE,
        kind: "champion and challenger",
        model: outside::shown(&comparison.model),
        facts: facts(comparison, &names),
        stories: stories(comparison, report.verdict, &names),
        problems: report.problems.len(),
        sections,
        made: report.made_at.map(calendar::instant),
    };
    page.html()
}

fn facts(comparison: &Comparison, names: &Names) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: "Champion", value: names.champion.clone() },
        Fact { name: "Challenger", value: names.challenger.clone() },
        Fact { name: "Period", value: period(comparison) },
        Fact { name: "Requests", value: figures::count(comparison.coverage.eligible) },
        Fact { name: "With a pair", value: paired(comparison) },
    ];
    if let Some(labelled) = &comparison.labelled {
        facts.push(Fact { name: "Pairs with a label", value: figures::count(labelled.labelled) });
    }
    facts
}

/// `149,268 (99.5 %)`: of the requests that were chosen.
pub(super) fn paired(comparison: &Comparison) -> String {
    let pairs = figures::count(comparison.pairs);
    match comparison.coverage.coverage.value() {
        Some(share) => format!("{pairs} ({})", figures::percent(share)),
        None => pairs,
    }
}

/// The first and the last day.
pub(super) fn period(comparison: &Comparison) -> String {
    comparison.seen.map_or_else(
        || "period not known".to_owned(),
        |(first, last)| calendar::range((calendar::date_of(first), calendar::date_of(last))),
    )
}
