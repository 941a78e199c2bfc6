//! The comparison as text for a terminal: a screen of it.

use std::fmt::Write as _;

use tiltmeter_monitor::Measured;

use super::names::Names;
use super::quantity::Quantity;
use super::stories::stories;
use super::{ComparisonReport, page, tables};
use crate::page::head::Story;
use crate::table::{Cell, Column, Table};
use crate::terminal::columns;
use crate::terminal::style::{TerminalStyle, lines_of};
use crate::{figures, outside};

/// The whole text.
pub(super) fn text(report: &ComparisonReport<'_>, style: TerminalStyle) -> String {
    let comparison = report.comparison;
    let names = Names::of(comparison);
    let mut screen = Screen { style, text: String::new() };
    let title =
        format!("{}: {} beside {}", outside::shown(&comparison.model), names.challenger, names.champion);
    screen.line(&style.bold(&title));
    let requests = figures::counted(comparison.coverage.eligible, "request");
    screen.dim(&format!(
        "{requests}, {}; {} with a pair",
        page::period(comparison),
        page::paired(comparison)
    ));
    if !report.problems.is_empty() {
        let things = figures::counted(report.problems.len() as u64, "thing");
        screen.line(&style.red(&format!("▲ {things} could not be read: what follows is without")));
    }
    let stories = stories(comparison, report.verdict, &names);
    let (first, others) = stories.split_at(usize::from(report.verdict.is_some()));
    first.iter().for_each(|story| screen.story(story));
    if let Some(verdict) = report.verdict {
        screen.table(&tables::criteria(verdict));
    }
    others.iter().for_each(|story| screen.story(story));
    screen.table(&tables::answers(&comparison.overall, &comparison.paired));
    screen.table(&tables::latency(
        "Latency, timeouts count as the time waited",
        &comparison.latency_ms,
        &names,
    ));
    screen.table(&tables::latency(
        "Latency of pairs alone: it describes",
        &comparison.paired_latency_ms,
        &names,
    ));
    if let Some(floor) = &comparison.noise_floor {
        screen.table(&tables::noise(floor));
    }
    match &comparison.labelled {
        Some(found) => screen.table(&tables::labelled(found, &names)),
        None => {
            screen.title("Who is right");
            screen.prose("Labels were not looked at: it is not known.", 2);
        }
    }
    screen.table(&coverage_and_failures(report));
    if let Some(cost) = report.cost {
        screen.table(&tables::cost(cost));
        page::cost_sentences(cost, &names).iter().for_each(|sentence| screen.prose(sentence, 2));
    }
    let verdict_notes = report.verdict.map_or(&[] as &[String], |verdict| &verdict.notes);
    for (place, note) in comparison.notes.iter().chain(verdict_notes).chain(report.problems).enumerate() {
        if place == 0 {
            screen.title("Notes");
        }
        screen.prose(&format!("- {}", outside::sentence(note)), 2);
    }
    screen.text
}

/// Buckets that are not empty, and failures.
fn coverage_and_failures(report: &ComparisonReport<'_>) -> Table {
    let comparison = report.comparison;
    let columns = vec![
        Column::text("requests"),
        Column::number("count"),
        Column::number("share"),
        Column::number("95 % interval"),
    ];
    let mut table = Table::new("Coverage and failures", columns);
    for count in comparison.coverage.buckets.iter().filter(|count| count.requests > 0) {
        table.row(vec![
            Cell::text(tables::bucket_name(count.bucket)),
            Cell::text(figures::count(count.requests)),
            Cell::text(figures::percent(count.requests as f64 / comparison.coverage.eligible.max(1) as f64)),
            Cell::default(),
        ]);
    }
    let failures = &comparison.failures;
    let shares: [(&str, &Measured); 3] = [
        ("with a pair, of the chosen", &comparison.coverage.coverage),
        ("challenger failed, of asked", &failures.failure_rate),
        ("champion failed, of asked", &failures.champion_error_rate),
    ];
    for (name, measured) in shares {
        let [share, interval] = Quantity::Share.cells(&mut table, measured);
        table.row(vec![Cell::text(name), Cell::default(), share, interval]);
    }
    table
}

/// The text as it grows.
struct Screen {
    style: TerminalStyle,
    text: String,
}

impl Screen {
    fn story(&mut self, story: &Story) {
        const INDENT: usize = 14;
        let word = format!("{} {:<11}", story.mark.sign, story.mark.word);
        let word = match story.mark.class {
            "bad" => self.style.red(&word),
            "good" => self.style.green(&word),
            _ => self.style.dim(&word),
        };
        self.text.push('\n');
        for (place, line) in lines_of(&story.title, self.style.prose_width(INDENT)).iter().enumerate() {
            let before = if place == 0 { word.as_str() } else { "             " };
            let line = format!("{before} {}", self.style.bold(line));
            self.line(&line);
        }
        self.prose(&story.detail, INDENT);
        if let Some(step) = &story.next_step {
            self.prose(&format!("Next: {step}"), INDENT);
        }
    }

    fn title(&mut self, text: &str) {
        let title = format!("\n{}", self.style.bold(text));
        self.line(&title);
    }

    fn table(&mut self, table: &Table) {
        self.title(&table.caption);
        for line in columns::lines(table, self.style, "  ") {
            self.line(&line);
        }
    }

    fn prose(&mut self, text: &str, indent: usize) {
        for line in lines_of(text, self.style.prose_width(indent)) {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    fn dim(&mut self, text: &str) {
        for line in lines_of(text, self.style.prose_width(0)) {
            let line = self.style.dim(&line);
            self.line(&line);
        }
    }

    fn line(&mut self, line: &str) {
        // writing to a text does not fail
        let _ = writeln!(self.text, "{line}");
    }
}
