//! The parts of the text, from above.

use std::fmt::Write as _;

use tiltmeter_monitor::{Analysis, Severity};
use tiltmeter_record::Ledgers;

use super::columns;
use super::style::{TerminalStyle, lines_of};
use crate::page::{self, by_feature, period};
use crate::read_books::ReadBooks;
use crate::table::Table;
use crate::{absent, calendar, figures, marks, outside, tables};

/// The worst segments of a feature that are listed.
const SHORT: usize = 5;

/// The text as it grows.
#[derive(Debug)]
pub(super) struct Sections {
    style: TerminalStyle,
    text: String,
}

impl Sections {
    pub(super) fn new(style: TerminalStyle) -> Self {
        Self { style, text: String::new() }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    pub(super) fn head(&mut self, analysis: &Analysis) {
        let _ = writeln!(self.text, "\n{}", self.style.bold(&outside::shown(&analysis.model)));
        let predictions = match &analysis.sampled {
            Some(_) => page::predictions(analysis),
            None => figures::counted(analysis.predictions, "prediction"),
        };
        let all = if analysis.seen.is_some() {
            format!("{predictions}, {}", period(analysis))
        } else {
            period(analysis)
        };
        self.dim(&all, 0);
        let baseline = analysis.baseline.as_ref().map_or_else(
            || "no baseline".to_owned(),
            |baseline| {
                let days = baseline.days.map(|days| format!(", {}", calendar::range(days)));
                format!(
                    "baseline {}: {} rows{}",
                    outside::label(&baseline.id, 13),
                    figures::count(baseline.rows),
                    days.unwrap_or_default()
                )
            },
        );
        self.dim(&baseline, 0);
    }

    /// What qualifies all that follows; what it is stands below the headlines.
    pub(super) fn unread(&mut self, problems: usize) {
        let (things, them) = match problems {
            0 => return,
            1 => ("one thing".to_owned(), "it"),
            several => (format!("{several} things"), "them"),
        };
        let text = format!("▲ {things} could not be read: what follows is without {them}");
        let _ = writeln!(self.text, "{}", self.style.red(&text));
    }

    pub(super) fn headlines(&mut self, analysis: &Analysis) {
        for headline in &analysis.headlines {
            let mark = marks::of_headline(headline);
            let lines = lines_of(&outside::sentence(&headline.title), self.style.prose_width(14));
            let word = format!("{} {:<11}", mark.sign, mark.word);
            let word = match headline.severity {
                Severity::Bad => self.style.red(&word),
                Severity::Good => self.style.green(&word),
                Severity::Unknown | Severity::Notice => self.style.dim(&word),
            };
            self.text.push('\n');
            for (place, line) in lines.iter().enumerate() {
                let before = if place == 0 { word.as_str() } else { "             " };
                let _ = writeln!(self.text, "{before} {}", self.style.bold(line));
            }
            self.prose(&headline.detail, 14);
            if let Some(step) = &headline.next_step {
                self.prose(&format!("Next: {step}"), 14);
            }
        }
    }

    pub(super) fn problems(&mut self, problems: &[String]) {
        if problems.is_empty() {
            return;
        }
        self.title("could not be read");
        for problem in problems {
            for line in lines_of(&outside::sentence(problem), self.style.prose_width(2)) {
                let _ = writeln!(self.text, "  {}", self.style.red(&line));
            }
        }
    }

    pub(super) fn months(&mut self, analysis: &Analysis) {
        self.title("performance by month");
        if let Some(reason) = absent::performance(analysis) {
            self.prose(&reason, 2);
        }
        if analysis.months.is_empty() {
            return;
        }
        self.table(&tables::months(&analysis.months));
        if analysis.months.iter().any(|month| !month.mature) {
            self.dim("† more labels may come", 2);
        }
        for each in analysis.deployments.iter().skip(1) {
            let (version, since) = (outside::shown(&each.version), calendar::instant(each.since));
            self.dim(&format!("{version} was deployed on {since}"), 2);
        }
    }

    pub(super) fn drift(&mut self, analysis: &Analysis) {
        self.title("drift by month: PSI against the baseline");
        if let Some(reason) = absent::drift(analysis) {
            return self.prose(&reason, 2);
        }
        let table = tables::drift_by_month(&analysis.drift, figures::short_psi);
        for part in in_parts(&table, self.style.width) {
            self.table(&part);
        }
        self.dim(
            "* drift; ▨ the missing values drift; ? unproven, the baseline varies as much; · too small to matter; × no verdict",
            2,
        );
    }

    pub(super) fn versions(&mut self, analysis: &Analysis) {
        self.title("performance by version");
        if analysis.versions.is_empty() {
            return self.prose(
                &absent::performance(analysis).unwrap_or_else(|| "No version was looked at.".to_owned()),
                2,
            );
        }
        self.table(&tables::versions(&analysis.versions));
        if !analysis.as_of.is_empty() {
            self.title("as it was known then");
            self.table(&tables::as_of(&analysis.as_of));
        }
    }

    pub(super) fn segments(&mut self, analysis: &Analysis) {
        self.title("segments: the lowest ROC AUC of each feature");
        if analysis.segments.is_empty() {
            return self.prose(absent::segments(analysis), 2);
        }
        for (place, (feature, mut segments)) in by_feature(&analysis.segments).into_iter().enumerate() {
            let all = segments.len();
            segments.retain(|segment| segment.quality.roc_auc.value().is_some());
            let area = |value: Option<f64>| value.unwrap_or(f64::INFINITY);
            segments
                .sort_by(|a, b| area(a.quality.roc_auc.value()).total_cmp(&area(b.quality.roc_auc.value())));
            segments.truncate(SHORT);
            if segments.is_empty() {
                self.prose(&format!("{}: no value of it has an area.", outside::shown(feature)), 2);
                continue;
            }
            if place > 0 {
                self.text.push('\n');
            }
            self.table(&tables::segments(feature, &segments));
            if all > segments.len() {
                self.dim(&format!("{} of {all} values", segments.len()), 2);
            }
        }
    }

    pub(super) fn labels(&mut self, analysis: &Analysis) {
        self.title("labels");
        let Some(books) = &analysis.labels else { return self.prose(absent::NO_LABELS, 2) };
        self.table(&tables::label_books(books));
        self.verdict(books.balance());
    }

    pub(super) fn books(&mut self, books: Option<&Ledgers>, read: Option<&ReadBooks>) {
        self.title("the books of the log");
        let written = books.map(|books| books.predictions.written);
        let reading = read.zip(written).map(|(read, written)| tables::reading(read, written));
        match books {
            Some(books) => {
                self.table(&tables::exchanges(&books.exchanges));
                self.verdict(books.exchanges.balances());
                self.table(&tables::predictions(&books.predictions));
                let is_read = reading.as_ref().is_none_or(|(is_read, _)| *is_read);
                if books.predictions.balances() && !is_read {
                    self.dim("balanced as far as the log knows", 4);
                } else {
                    self.verdict(books.predictions.balances());
                }
            }
            None => self.prose(absent::NO_BOOKS, 2),
        }
        let Some(read) = read else { return };
        self.table(&tables::read(read, written));
        if let Some((is_read, text)) = reading {
            let text = if is_read { text } else { format!("▲ {text}") };
            for line in lines_of(&text, self.style.prose_width(4)) {
                let line = if is_read { self.style.green(&line) } else { self.style.red(&line) };
                let _ = writeln!(self.text, "    {line}");
            }
        }
    }

    pub(super) fn notes(&mut self, analysis: &Analysis) {
        if analysis.notes.is_empty() {
            return;
        }
        self.title("notes");
        for note in &analysis.notes {
            for (place, line) in
                lines_of(&outside::sentence(note), self.style.prose_width(4)).iter().enumerate()
            {
                let before = if place == 0 { "  - " } else { "    " };
                let _ = writeln!(self.text, "{before}{line}");
            }
        }
    }

    fn title(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{}", self.style.bold(text));
    }

    fn table(&mut self, table: &Table) {
        for line in columns::lines(table, self.style, "  ") {
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn prose(&mut self, text: &str, indent: usize) {
        for line in lines_of(&outside::sentence(text), self.style.prose_width(indent)) {
            let _ = writeln!(self.text, "{:indent$}{line}", "");
        }
    }

    fn dim(&mut self, text: &str, indent: usize) {
        for line in lines_of(text, self.style.prose_width(indent)) {
            let _ = writeln!(self.text, "{:indent$}{}", "", self.style.dim(&line));
        }
    }

    fn verdict(&mut self, balances: bool) {
        let text = if balances { self.style.green("balanced") } else { self.style.red("does not add up") };
        let _ = writeln!(self.text, "    {text}");
    }
}

/// A table of months in parts that fit a line, each with the first column.
fn in_parts(table: &Table, width: usize) -> Vec<Table> {
    const CELL: usize = 6;
    let name =
        table.rows.iter().filter_map(|row| row.first()).map(|cell| cell.text.chars().count().min(16)).max();
    let room = width.saturating_sub(3 + name.unwrap_or(0));
    let mut parts = table.parts(room / CELL);
    for part in &mut parts {
        for (place, column) in part.columns.iter_mut().enumerate() {
            // the year in two digits: `13-04`
            let name =
                if place == 0 { String::new() } else { column.name.get(2..).unwrap_or_default().to_owned() };
            column.name = name;
        }
        for cell in part.rows.iter_mut().filter_map(|row| row.first_mut()) {
            cell.text = outside::label(&cell.text, 16);
        }
    }
    parts
}
