//! The folder that a run writes: `predictions/` with the logged rows, and `run.json`, which tells of the run and
//! marks the folder as this example's own.

mod files;
mod json;
mod whole;

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tiltmeter::record::Ledgers;

pub use files::Files;
pub use json::JsonFile;
pub use whole::write_whole;

use crate::advice::Advice;

/// The file of the baseline.
pub(crate) const BASELINE: &str = "baseline.tiltbase";
/// The file of the report.
pub(crate) const REPORT: &str = "report.html";

const MARKER: &str = "run.json";
const PREDICTIONS: &str = "predictions";
const LOCK: &str = "run.lock";
const EXAMPLE: &str = "example-flights";

/// What `run.json` begins with; only a folder whose marker says this is ever cleared.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    example: String,
}

/// What `run.json` holds.
#[derive(Debug, Serialize)]
struct RunFile<'a, R> {
    example: &'a str,
    finished: bool,
    #[serde(flatten)]
    figures: Option<&'a R>,
}

/// A folder that is writable, holds no predictions yet, and that no other run uses.
#[derive(Debug)]
pub struct OutFolder {
    folder: PathBuf,
    cleared: bool,
    marker: JsonFile,
    /// Held, not read: the lock ends with it.
    _lock: File,
}

impl OutFolder {
    /// Makes `folder` ready, removing the predictions of an earlier run of this example.
    ///
    /// # Errors
    /// When it is a file, cannot be written, is used by another run, or holds predictions that this example did
    /// not make. Nothing has been removed then.
    pub fn prepare(folder: &Path) -> Result<Self> {
        let unusable =
            || Advice::new(format!("cannot write to {}", folder.display()), "pass another folder with --out");
        fs::create_dir_all(folder).with_context(unusable)?;
        let lock = lock(folder, "pass another folder with --out")?;
        let marker = JsonFile::at(&folder.join(MARKER)).with_context(unusable)?;
        let cleared = clear(folder)?;
        // from here on the predictions are ours, even if the process is killed
        marker
            .write(&RunFile { example: EXAMPLE, finished: false, figures: None::<&()> })
            .with_context(unusable)?;
        Ok(Self { folder: folder.to_owned(), cleared, marker, _lock: lock })
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Where the predictions go. The folder does not exist yet.
    #[must_use]
    pub fn predictions(&self) -> PathBuf {
        self.folder.join(PREDICTIONS)
    }

    /// Whether predictions of an earlier run were removed.
    #[must_use]
    pub fn was_cleared(&self) -> bool {
        self.cleared
    }

    /// Writes `run.json`, and the same to `copy`, each at once or not at all. May be done again with more figures.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn finish(&self, figures: &impl Serialize, copy: Option<&JsonFile>) -> Result<()> {
        let file = RunFile { example: EXAMPLE, finished: true, figures: Some(figures) };
        self.marker.write(&file)?;
        copy.map_or(Ok(()), |copy| copy.write(&file))
    }
}

fn clear(folder: &Path) -> Result<bool> {
    let predictions = folder.join(PREDICTIONS);
    if predictions.symlink_metadata().is_err() {
        return Ok(false);
    }
    if !is_ours(&folder.join(MARKER)) {
        bail!(Advice::new(
            format!("{} holds predictions that this example did not make", folder.display()),
            "move them away, or pass another folder with --out",
        ));
    }
    fs::remove_dir_all(&predictions).with_context(|| {
        Advice::new(
            format!("cannot remove {} of an earlier run", predictions.display()),
            "remove it, or pass another folder with --out",
        )
    })?;
    for left in [BASELINE, REPORT] {
        match fs::remove_file(folder.join(left)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| {
                    Advice::new(
                        format!("cannot remove {left} of an earlier run"),
                        "remove it, or pass another folder with --out",
                    )
                });
            }
            _ => {}
        }
    }
    Ok(true)
}

/// The folder of a run that has ended, to be evaluated again.
#[derive(Debug)]
pub struct EarlierRun {
    folder: PathBuf,
    run_file: serde_json::Map<String, serde_json::Value>,
    /// Held, not read: nothing else writes to the folder meanwhile.
    _lock: File,
}

impl EarlierRun {
    /// Opens the folder of a run of this example.
    ///
    /// # Errors
    /// When it is not one, or a run is writing to it.
    pub fn open(folder: &Path) -> Result<Self> {
        let marker = folder.join(MARKER);
        if fs::read(&marker).is_ok_and(|text| serde_json::from_slice::<serde_json::Value>(&text).is_err()) {
            bail!(Advice::new(
                format!("{} is damaged: it is not JSON", marker.display()),
                "restore it, or replay the run again",
            ));
        }
        if !is_ours(&marker) {
            bail!(Advice::new(
                format!("{} is not the folder of a run of this example", folder.display()),
                "pass the folder that an earlier run was given with --out; the default is target/flights",
            ));
        }
        let lock = lock(folder, "make it writable, or copy it to where you may write")?;
        let text = fs::read(&marker).with_context(|| format!("cannot read {}", marker.display()))?;
        let run_file =
            serde_json::from_slice(&text).with_context(|| format!("cannot read {}", marker.display()))?;
        Ok(Self { folder: folder.to_owned(), run_file, _lock: lock })
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The books of the run; `None` when it did not end, or ended before there were any.
    #[must_use]
    pub fn books(&self) -> Option<Ledgers> {
        self.run_file.get("accounting").and_then(|books| Ledgers::deserialize(books).ok())
    }

    /// Why the run is not a whole one, if it is not.
    #[must_use]
    pub fn partial(&self) -> Option<&'static str> {
        let is_true =
            |value: Option<&serde_json::Value>| value.and_then(serde_json::Value::as_bool) == Some(true);
        if !is_true(self.run_file.get("finished")) {
            return Some("the run did not end by itself: this is what it had written by then");
        }
        let interrupted = self.run_file.get("http").and_then(|http| http.get("interrupted"));
        is_true(interrupted).then_some("the run was interrupted: this is what it had written by then")
    }

    /// What `run.json` tells, with other figures in place of those of the same name.
    ///
    /// # Errors
    /// When `figures` is not an object.
    pub fn with(&self, figures: &impl Serialize) -> Result<serde_json::Map<String, serde_json::Value>> {
        let mut all = self.run_file.clone();
        let serde_json::Value::Object(newer) = serde_json::to_value(figures)? else {
            bail!("figures have no names");
        };
        all.extend(newer);
        Ok(all)
    }
}

/// Keeps other runs away from `folder`, which exists.
fn lock(folder: &Path, what_to_do: &str) -> Result<File> {
    let unusable = || Advice::new(format!("cannot write to {}", folder.display()), what_to_do);
    let lock = File::create(folder.join(LOCK)).with_context(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!(Advice::new(
            format!("another run is writing to {}", folder.display()),
            "wait for it to end, or name another folder",
        )),
        Err(TryLockError::Error(error)) => Err(error).with_context(unusable),
    }
}

fn is_ours(marker: &Path) -> bool {
    let marker = fs::read(marker).ok().and_then(|text| serde_json::from_slice::<Marker>(&text).ok());
    marker.is_some_and(|marker| marker.example == EXAMPLE)
}

#[cfg(test)]
mod tests;
