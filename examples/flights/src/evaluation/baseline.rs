//! The baseline of a run: made from the reference, and stored beside the predictions.
//!
//! It is frozen with the first evaluation. Later ones of the same run compare with the stored one, so that their
//! figures can be compared with the first ones, even if the reference has changed since.

use std::{fs, io, path::Path};

use tiltmeter_monitor::build_baseline;
use tiltmeter_stats::Baseline;
use tiltmeter_store::ReferenceRead;

use super::Task;
use crate::output::{BASELINE, write_whole};

/// A baseline is some hundred kilobytes; a file larger than this is none.
const MAX_BYTES: u64 = 1 << 28;

/// The baseline, if there is one, and what went wrong.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) baseline: Option<Baseline>,
    pub(super) problems: Vec<String>,
}

/// The stored baseline of the run, or a new one that is made from the reference and stored.
pub(super) fn of_run(task: &Task<'_>, reference: Option<&ReferenceRead>) -> Found {
    let path = task.out.join(BASELINE);
    let mut found = Found::default();
    let stored = read(&path).unwrap_or_else(|problem| {
        found.problems.push(format!("{}: {problem}; it is made anew", path.display()));
        None
    });
    let made = reference.and_then(|reference| made(task, reference, &mut found.problems));
    if let (Some(stored), Some(made)) = (&stored, &made)
        && stored.subject() == made.subject()
        && stored.id() != made.id()
    {
        found.problems.push(format!(
            "the reference has changed since the first evaluation of this run, whose baseline is used; remove {} to use \
             the new one",
            path.display()
        ));
    }
    if let (None, Some(made)) = (&stored, &made)
        && let Err(error) = write_whole(&path, &made.encode())
    {
        found.problems.push(format!("cannot store the baseline in {}: {error}", path.display()));
    }
    found.baseline = stored.or(made);
    found
}

/// A baseline of the reference, if it is one of this model.
fn made(task: &Task<'_>, reference: &ReferenceRead, problems: &mut Vec<String>) -> Option<Baseline> {
    if let Some(other) = reference.model_names.iter().find(|name| *name != task.spec.name.as_str()) {
        let model = &task.spec.name;
        problems.push(format!("the reference is one of the model {other}, not of {model}: it is not used"));
        return None;
    }
    build_baseline(task.spec.kind, &reference.predictions, reference.labels.as_deref())
        .map_err(|error| problems.push(format!("no baseline can be made of the reference: {error}")))
        .ok()
}

fn read(path: &Path) -> Result<Option<Baseline>, String> {
    let size = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if size > MAX_BYTES {
        return Err(format!("has {size} bytes, more than a baseline can have"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    Baseline::decode(&bytes).map(Some).map_err(|error| error.to_string())
}
