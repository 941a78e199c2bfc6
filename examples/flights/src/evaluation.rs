//! What the log was kept for: reads it back, and looks at drift, labels and performance.
//!
//! [`Evaluation::of`] is the whole of it: predictions, reference and labels are read, a baseline is made and stored,
//! everything is compared, and the report is written. What is missing or damaged is said in the report, and the rest
//! goes on.

mod baseline;
mod figures;
mod material;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use tiltmeter::{ModelSpec, record::Ledgers};
use tiltmeter_monitor::{Analysis, Inputs, Policy, analyse};
use tiltmeter_report::{ReadBooks, Report, TerminalStyle};

pub use figures::EvaluationFigures;
use material::Material;

use crate::{
    console::Style,
    figures as human,
    output::{REPORT, write_whole},
};

/// What to evaluate.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The folder of a run, with the predictions that it logged.
    pub out: &'a Path,
    /// What the log was told about the model.
    pub spec: &'a ModelSpec,
    /// The file of the spec; the paths in it are relative to its folder.
    pub spec_path: &'a Path,
    /// The books of the run, if they are known.
    pub books: Option<&'a Ledgers>,
    /// Why the run is not a whole one, if it is not.
    pub partial: Option<&'a str>,
    /// Instants for which to tell what was known then.
    pub as_of: &'a [Timestamp],
}

/// What was found, and where it can be read.
#[derive(Clone, Debug)]
pub struct Evaluation {
    analysis: Analysis,
    books: Option<Ledgers>,
    read: ReadBooks,
    problems: Vec<String>,
    report: PathBuf,
    unwritten: Option<String>,
    took: Duration,
}

impl Evaluation {
    /// Evaluates a run, stores its baseline, and writes its report. A report that cannot be written is told by
    /// [`unwritten`](Self::unwritten): what was found is there all the same.
    ///
    /// # Errors
    /// When the predictions cannot be listed.
    #[expect(clippy::disallowed_methods, reason = "a person waits for it, and is told how long it took")]
    pub async fn of(task: Task<'_>) -> Result<Self> {
        let started = Instant::now();
        let material = Material::read(&task).await?;
        let baseline = baseline::of_run(&task, material.reference.as_ref());
        let lost = task.books.and_then(|books| lost(books.predictions.written, &material.read));
        let partial = task.partial.map(str::to_owned);
        let problems =
            partial.into_iter().chain(lost).chain(material.problems).chain(baseline.problems).collect();
        let inputs = Inputs {
            baseline: baseline.baseline.as_ref(),
            labels: material.labels.as_ref(),
            as_of: task.as_of,
            ..Inputs::new(task.spec, &material.predictions)
        };
        let analysis = analyse(&inputs, &Policy::default());
        let mut evaluation = Self {
            analysis,
            books: task.books.copied(),
            read: material.read,
            problems,
            report: task.out.join(REPORT),
            unwritten: None,
            took: Duration::ZERO,
        };
        evaluation.unwritten = evaluation.write_report().err().map(|error| format!("{error:#}"));
        evaluation.took = started.elapsed();
        Ok(evaluation)
    }

    fn write_report(&self) -> Result<()> {
        let html = self.rendering().html()?;
        write_whole(&self.report, html.as_bytes())
            .with_context(|| format!("cannot write {}", self.report.display()))
    }

    fn rendering(&self) -> Report<'_> {
        let report = Report::new(&self.analysis).with_problems(&self.problems).with_read(&self.read);
        match &self.books {
            Some(books) => report.with_books(books),
            None => report,
        }
    }

    /// What was found.
    #[must_use]
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// What could not be read, a sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Why there is no report, if it could not be written.
    #[must_use]
    pub fn unwritten(&self) -> Option<&str> {
        self.unwritten.as_deref()
    }

    /// The figures, for programs.
    #[must_use]
    pub fn figures(&self) -> EvaluationFigures<'_> {
        EvaluationFigures::of(&self.analysis, &self.problems)
    }

    /// What was found, for a terminal, with paths relative to `here`.
    #[must_use]
    pub fn render(&self, style: Style, here: &Path) -> String {
        let mut text = self.rendering().terminal(TerminalStyle { colour: style.has_colour(), width: 80 });
        if self.unwritten.is_none() {
            let report = self.report.strip_prefix(here).unwrap_or(&self.report).display().to_string();
            let took = style.dim(&format!("made in {}", human::waited(self.took)));
            text.push_str(&format!("\n  {} {took}\n", style.bold(&report)));
        }
        text
    }
}

/// Predictions that the log has written, and that were not found.
fn lost(written: u64, read: &ReadBooks) -> Option<String> {
    let lost = written.checked_sub(read.predictions()).filter(|lost| *lost > 0)?;
    let (lost, written) = (human::count(lost), human::counted(written, "prediction"));
    Some(format!("{lost} of {written} that the log has written are not among what could be read"))
}
