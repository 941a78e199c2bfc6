//! The settings of a Parquet sink, checked before anything is logged.

use std::fs;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

use super::publish::{Publisher, STAGING};
use super::{Limits, ParquetSink};
use crate::error::BuildError;

#[derive(Debug)]
enum Place {
    Local(PathBuf),
    Store { store: Arc<dyn ObjectStore>, prefix: Path },
}

/// Builds a [`ParquetSink`].
///
/// | setting | default |
/// | --- | --- |
/// | rows of a file, at most | 1,000,000 |
/// | bytes of a file, at most, as held in memory | 64 MiB |
/// | age of a file, at most | 5 minutes |
/// | bytes of all open files, at most | 256 MiB |
/// | partitions open at once, at most | 32 |
///
/// A partition is a model and a date of `event_time`: around midnight a model has two, and one whose events come late
/// has more. At most four files are on their way to the store at the same time, so that about 512 MiB are held at most.
#[derive(Debug)]
#[must_use]
pub struct ParquetSinkBuilder {
    place: Place,
    limits: Limits,
}

impl ParquetSinkBuilder {
    fn new(place: Place) -> Self {
        let limits = Limits {
            file_rows: 1_000_000,
            file_bytes: 64 << 20,
            file_age: Duration::from_secs(300),
            open_bytes: 256 << 20,
            open_files: 32,
            uploads: 4,
        };
        Self { place, limits }
    }

    pub(super) fn local(root: PathBuf) -> Self {
        Self::new(Place::Local(root))
    }

    pub(super) fn object_store(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self::new(Place::Store { store, prefix })
    }

    /// Publishes a file when it has `rows` rows.
    pub fn with_max_file_rows(mut self, rows: usize) -> Self {
        self.limits.file_rows = rows;
        self
    }

    /// Publishes a file when it holds about `bytes` bytes of memory: several times its size on disk.
    pub fn with_max_file_bytes(mut self, bytes: usize) -> Self {
        self.limits.file_bytes = bytes;
        self
    }

    /// Publishes a file when its first row is `age` old. It bounds what a crash loses, and how late readers are.
    pub fn with_max_file_age(mut self, age: Duration) -> Self {
        self.limits.file_age = age;
        self
    }

    /// Holds at most about `bytes` bytes of open files in memory: beyond that the largest one is published.
    pub fn with_max_open_bytes(mut self, bytes: usize) -> Self {
        self.limits.open_bytes = bytes;
        self
    }

    /// Keeps at most `partitions` files open, one per model and date of `event_time`.
    pub fn with_max_open_partitions(mut self, partitions: usize) -> Self {
        self.limits.open_files = partitions;
        self
    }

    /// Checks the settings, and that a local folder can be written to.
    ///
    /// # Errors
    /// When a limit is 0, or when the folder cannot be created or written.
    pub fn build(self) -> Result<ParquetSink, BuildError> {
        let Self { place, limits } = self;
        for (name, is_zero) in [
            ("max_file_rows", limits.file_rows == 0),
            ("max_file_bytes", limits.file_bytes == 0),
            ("max_file_age", limits.file_age.is_zero()),
            ("max_open_bytes", limits.open_bytes == 0),
            ("max_open_partitions", limits.open_files == 0),
        ] {
            if is_zero {
                return Err(BuildError::configuration(format!(
                    "the Parquet sink's {name} is 0, and must be more"
                )));
            }
        }
        let publisher = match place {
            Place::Store { store, prefix } => Publisher { store, prefix, staging: None },
            Place::Local(root) => local(&root)?,
        };
        Ok(ParquetSink::new(limits, publisher))
    }
}

fn local(root: &FsPath) -> Result<Publisher, BuildError> {
    let staging = root.join(STAGING);
    let cannot = |what: &str| format!("cannot {what} in {}", root.display());
    fs::create_dir_all(&staging)
        .map_err(|error| BuildError::storage(cannot("create the log's folders"), error))?;
    remove_leftovers(&staging);
    let probe = staging.join(format!("probe-{:016x}", fastrand::u64(..)));
    fs::write(&probe, b"tiltmeter")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| BuildError::storage(cannot("write files"), error))?;
    let store = LocalFileSystem::new_with_prefix(root)
        .map_err(|error| BuildError::storage(cannot("open the log's folder"), error))?;
    Ok(Publisher { store: Arc::new(store), prefix: Path::default(), staging: Some(staging) })
}

/// Removes what processes that were killed have left in the staging folder. A file that is a day old is nobody's: writing
/// one takes seconds.
fn remove_leftovers(staging: &FsPath) {
    const ABANDONED_AFTER: Duration = Duration::from_secs(86_400);
    for entry in fs::read_dir(staging).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > ABANDONED_AFTER));
        if is_old {
            // what cannot be removed stays where no reader looks
            let _ = fs::remove_file(entry.path());
        }
    }
}
