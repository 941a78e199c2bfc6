//! What is evaluated: the logged predictions, the reference, and the labels.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tiltmeter::record::columns::{LabelColumns, PredictionColumns};
use tiltmeter_report::ReadBooks;
use tiltmeter_store::{FileProblem, Location, PredictionTable, ReferenceRead, read_labels, read_reference};

use super::Task;

/// What could be read, and what could not.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) predictions: PredictionColumns,
    pub(super) reference: Option<ReferenceRead>,
    pub(super) labels: Option<LabelColumns>,
    /// What was read of the predictions.
    pub(super) read: ReadBooks,
    pub(super) problems: Vec<String>,
}

impl Material {
    /// # Errors
    /// When the predictions cannot be listed.
    pub(super) async fn read(task: &Task<'_>) -> Result<Self> {
        let mut problems = Vec::new();
        let read = PredictionTable::local(task.out)
            .read(task.spec)
            .await
            .with_context(|| format!("cannot read the predictions in {}", task.out.display()))?;
        add(&mut problems, &read.problems);
        if read.files == 0 {
            problems.push(format!("there are no files of predictions in {}", task.out.display()));
        }
        if read.misplaced > 0 {
            problems.push(format!("{} rows lie in the folder of another date than theirs", read.misplaced));
        }
        let books = ReadBooks {
            files: read.files.saturating_sub(read.problems.len() as u64),
            unreadable_files: read.problems.len() as u64,
            rows: read.rows,
            copies: read.copies,
        };
        Ok(Self {
            read: books,
            predictions: read.predictions,
            reference: reference(task, &mut problems).await,
            labels: labels(task, &mut problems).await,
            problems,
        })
    }
}

async fn reference(task: &Task<'_>, problems: &mut Vec<String>) -> Option<ReferenceRead> {
    let path = beside(task.spec_path, &task.spec.baseline.as_ref()?.path);
    match read_reference(&Location::local(path), task.spec).await {
        Ok(read) => {
            add(problems, &read.problems);
            if read.rows == 0 {
                problems
                    .push("the reference has no rows that could be used: there is no baseline".to_owned());
                return None;
            }
            for feature in &read.missing_features {
                problems.push(format!("the reference has no feature {feature}"));
            }
            if !read.has_score {
                problems.push("the reference has no scores".to_owned());
            }
            if !read.has_event_time {
                problems
                    .push("the reference has no event times: how its days differ is not known".to_owned());
            }
            Some(read)
        }
        Err(error) => {
            problems.push(error.to_string());
            None
        }
    }
}

async fn labels(task: &Task<'_>, problems: &mut Vec<String>) -> Option<LabelColumns> {
    let rule = task.spec.labels.as_ref()?;
    let path = beside(task.spec_path, &rule.path);
    match read_labels(&Location::local(path), rule).await {
        Ok(read) => {
            add(problems, &read.problems);
            if read.rows_without_time > 0 {
                problems.push(format!("{} labels without a time are left out", read.rows_without_time));
            }
            Some(read.labels)
        }
        Err(error) => {
            problems.push(error.to_string());
            None
        }
    }
}

fn add(problems: &mut Vec<String>, files: &[FileProblem]) {
    problems.extend(files.iter().map(ToString::to_string));
}

/// A path of the spec, which is relative to the spec's own folder.
fn beside(spec: &Path, path: &Path) -> PathBuf {
    spec.parent().unwrap_or(Path::new("")).join(path)
}
