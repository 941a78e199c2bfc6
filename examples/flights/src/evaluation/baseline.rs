//! The baseline of a run: made from the reference, and stored beside the predictions.
//!
//! It is frozen with the first evaluation. Later ones of the same run compare with the stored one, so that their
//! figures can be compared with the first ones, even if the reference has changed since.

use std::{fs, io, path::Path};

use tiltmeter_monitor::build_baseline;
use tiltmeter_stats::Baseline;
use tiltmeter_store::ReferenceRead;

use super::Task;
use crate::output::BASELINE;

/// A baseline is some hundred kilobytes; a file larger than this is none.
const MAX_BYTES: u64 = 1 << 28;

/// The baseline, if there is one, and what went wrong.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) baseline: Option<Baseline>,
    pub(super) problems: Vec<String>,
}

/// The stored baseline of the run, or a new one that is made from the reference and stored.
pub(super) fn of_run(task: &Task<'_>, reference: &Option<ReferenceRead>) -> Found {
    let path = task.out.join(BASELINE);
    let mut found = Found::default();
    match read(&path) {
        Ok(stored) => {
            found.baseline = stored;
        }
        Err(problem) => found.problems.push(format!("{}: {problem}; it is made anew", path.display())),
    }
    if found.baseline.is_some() {
        return found;
    }
    let Some(reference) = reference.as_ref().filter(|reference| reference.rows > 0) else { return found };
    if let Some(other) = reference.model_names.iter().find(|name| *name != task.spec.name.as_str()) {
        found.problems.push(format!(
            "the reference is one of the model {other}, not of {}: it is not used",
            task.spec.name
        ));
        return found;
    }
    match build_baseline(task.spec.kind, &reference.predictions, reference.labels.as_deref()) {
        Ok(baseline) => {
            if let Err(error) = write(&path, &baseline) {
                found.problems.push(format!("cannot store the baseline in {}: {error}", path.display()));
            }
            found.baseline = Some(baseline);
        }
        Err(error) => found.problems.push(format!("no baseline can be made of the reference: {error}")),
    }
    found
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

fn write(path: &Path, baseline: &Baseline) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.part", std::process::id()));
    fs::write(&temporary, baseline.encode()).and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}
