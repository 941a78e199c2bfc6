//! What the log was kept for: reads it back, and looks at drift, labels and performance.
//!
//! [`Evaluation::of`] is the whole of it: predictions, reference and labels are read, a baseline is made and stored,
//! everything is compared, and the report is written. What is missing or damaged is said in the report, and the rest
//! goes on.

mod baseline;
mod figures;
mod material;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use tiltmeter::{ModelSpec, record::Ledgers};
use tiltmeter_monitor::{Analysis, Inputs, Policy, analyse};
use tiltmeter_report::{Report, TerminalStyle};

pub use figures::EvaluationFigures;
use material::Material;

use crate::{advice::Advice, console::Style, figures as human, output::REPORT};

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
    /// Instants for which to tell what was known then.
    pub as_of: &'a [Timestamp],
}

/// What was found, and where it can be read.
#[derive(Clone, Debug)]
pub struct Evaluation {
    analysis: Analysis,
    books: Option<Ledgers>,
    problems: Vec<String>,
    report: PathBuf,
    took: Duration,
}

impl Evaluation {
    /// Evaluates a run, stores its baseline, and writes its report.
    ///
    /// # Errors
    /// When the folder cannot be listed, or the report cannot be written.
    #[expect(clippy::disallowed_methods, reason = "a person waits for it, and is told how long it took")]
    pub async fn of(task: Task<'_>) -> Result<Self> {
        let started = Instant::now();
        let material = Material::read(&task).await?;
        let baseline = baseline::of_run(&task, &material.reference);
        let mut problems = material.problems;
        problems.extend(baseline.problems);
        let inputs = Inputs {
            spec: task.spec,
            predictions: &material.predictions,
            baseline: baseline.baseline.as_ref(),
            labels: material.labels.as_ref(),
            as_of: task.as_of,
        };
        let analysis = analyse(&inputs, &Policy::default());
        let mut evaluation = Self {
            analysis,
            books: task.books.copied(),
            problems,
            report: task.out.join(REPORT),
            took: Duration::ZERO,
        };
        evaluation.write_report()?;
        evaluation.took = started.elapsed();
        Ok(evaluation)
    }

    fn write_report(&self) -> Result<()> {
        let html = self.rendering().html()?;
        let temporary = self.report.with_extension(format!("html.{}.part", std::process::id()));
        let written = fs::write(&temporary, html).and_then(|()| fs::rename(&temporary, &self.report));
        written.with_context(|| {
            let _ = fs::remove_file(&temporary);
            Advice::new(
                format!("cannot write {}", self.report.display()),
                "make the folder writable, or pass another one with --out",
            )
        })
    }

    fn rendering(&self) -> Report<'_> {
        let report = Report::new(&self.analysis).with_problems(&self.problems);
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

    /// The figures, for programs.
    #[must_use]
    pub fn figures(&self) -> EvaluationFigures<'_> {
        EvaluationFigures::of(&self.analysis)
    }

    /// What was found, for a terminal, with paths relative to `here`.
    #[must_use]
    pub fn render(&self, style: Style, here: &Path) -> String {
        let mut text = self.rendering().terminal(TerminalStyle { colour: style.has_colour(), width: 80 });
        let report = self.report.strip_prefix(here).unwrap_or(&self.report).display().to_string();
        let took = human::waited(self.took);
        text.push_str(&format!("\n  {} {}\n", style.bold(&report), style.dim(&format!("made in {took}"))));
        text
    }
}
