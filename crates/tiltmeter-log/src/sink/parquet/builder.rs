//! The settings of a Parquet sink, checked before anything is logged.

use std::collections::HashSet;
use std::fs;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tokio::sync::Semaphore;

use super::cloud::{self, Opened};
use super::place::{Place, STAGING};
use super::publish::Publisher;
use super::{Limits, ParquetSink};
use crate::error::BuildError;
use crate::sink::retry::{Breaker, BreakerPolicy, RetryPolicy};

#[derive(Debug)]
pub(super) enum Target {
    Local(PathBuf),
    Url(String),
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
/// | files on their way to the store at a time, at most | 4 |
/// | one attempt to write a file, at most | 25 s |
/// | attempts | [`RetryPolicy::new`] |
/// | when the store is given a rest | [`BreakerPolicy::new`] |
/// | looking for the types of earlier predictions at the start, at most | 5 s |
/// | files and folders of a local disk are synced | no |
///
/// A partition is a model and a date of `event_time`: around midnight a model has two, and one whose events come late
/// has more.
///
/// Memory is bounded by the bytes of all open files, plus (files on their way + 1) × (bytes of a file): 576 MiB, which a
/// store that is out of reach for long fills, and a healthy one does not come near. A write to a local disk that hangs
/// keeps its part until it ends, also when its file has been given up. Comparing a file with what
/// the store has takes up to 4 MiB more for each that is on its way.
#[derive(Debug)]
#[must_use]
pub struct ParquetSinkBuilder {
    target: Target,
    limits: Limits,
    retry: RetryPolicy,
    breaker: BreakerPolicy,
    attempt: Duration,
    start: Duration,
    fsync: bool,
}

impl ParquetSinkBuilder {
    fn new(target: Target) -> Self {
        let limits = Limits {
            file_rows: 1_000_000,
            file_bytes: 64 << 20,
            file_age: Duration::from_secs(300),
            open_bytes: 256 << 20,
            open_files: 32,
            uploads: 4,
        };
        Self {
            target,
            limits,
            retry: RetryPolicy::new(),
            breaker: BreakerPolicy::new(),
            attempt: Duration::from_secs(25),
            start: Duration::from_secs(5),
            fsync: false,
        }
    }

    pub(super) fn local(root: PathBuf) -> Self {
        Self::new(Target::Local(root))
    }

    pub(super) fn url(url: String) -> Self {
        Self::new(Target::Url(url))
    }

    pub(super) fn object_store(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self::new(Target::Store { store, prefix })
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

    /// Keeps at most `partitions` files open, one per model, of pairs per challenger, and date of `event_time`.
    pub fn with_max_open_partitions(mut self, partitions: usize) -> Self {
        self.limits.open_files = partitions;
        self
    }

    /// Writes at most `files` files to the store at a time.
    pub fn with_max_uploads(mut self, files: usize) -> Self {
        self.limits.uploads = files;
        self
    }

    /// Tries to write a file as `retry` says.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Gives a store that fails a rest as `breaker` says.
    pub fn with_breaker(mut self, breaker: BreakerPolicy) -> Self {
        self.breaker = breaker;
        self
    }

    /// Waits for at most `time` until a file has been written, and as long until it has been read back where that is
    /// needed. A store of your own should wait longer: then it is known that a request had no answer.
    pub fn with_put_timeout(mut self, time: Duration) -> Self {
        self.attempt = time;
        self
    }

    /// Waits for at most `time` at the start for a look at the types of earlier predictions. Without it they are not
    /// compared.
    pub fn with_start_timeout(mut self, time: Duration) -> Self {
        self.start = time;
        self
    }

    /// Syncs each file of a local folder, and the folders above it, before its predictions count as written: they
    /// survive a power failure then. It costs milliseconds a file, and nothing on the request path. Without it a file that
    /// was published in the seconds before a power failure may be lost or empty. An object store does as it does.
    pub fn with_fsync(mut self, fsync: bool) -> Self {
        self.fsync = fsync;
        self
    }

    /// Checks the settings, and that a local folder can be written to.
    ///
    /// # Errors
    /// When a limit is 0 or a policy out of its range, when the folder cannot be created or written, or when the store of a
    /// URL is not known, lacks a setting, or needs a feature that is off.
    pub fn build(self) -> Result<ParquetSink, BuildError> {
        self.assemble(fastrand::Rng::new(), place)
    }

    /// As [`build`](Self::build), with what tests choose themselves.
    pub(super) fn assemble(
        self,
        mut rng: fastrand::Rng,
        place: impl FnOnce(Target, bool) -> Result<Place, BuildError>,
    ) -> Result<ParquetSink, BuildError> {
        let Self { target, limits, retry, breaker, attempt, start, fsync } = self;
        for (name, is_zero) in [
            ("max_file_rows", limits.file_rows == 0),
            ("max_file_bytes", limits.file_bytes == 0),
            ("max_file_age", limits.file_age.is_zero()),
            ("max_open_bytes", limits.open_bytes == 0),
            ("max_open_partitions", limits.open_files == 0),
            ("max_uploads", limits.uploads == 0),
            ("put_timeout", attempt.is_zero()),
            ("start_timeout", start.is_zero()),
        ] {
            if is_zero {
                return Err(BuildError::configuration(format!(
                    "the Parquet sink's {name} is 0, and must be more"
                )));
            }
        }
        retry.check()?;
        breaker.check()?;
        let place = place(target, fsync)?;
        let publisher = Publisher {
            place,
            retry,
            attempt,
            breaker: Breaker::new(breaker, rng.fork()),
            slots: Semaphore::new(limits.uploads.min(Semaphore::MAX_PERMITS)),
            rng: Mutex::new(rng),
            marked: Mutex::new(HashSet::new()),
        };
        Ok(ParquetSink::new(limits, publisher, start))
    }
}

pub(super) fn place(target: Target, fsync: bool) -> Result<Place, BuildError> {
    let opened = match target {
        Target::Local(root) => Opened::Folder(root),
        Target::Store { store, prefix } => Opened::Store { store, prefix },
        Target::Url(url) => {
            let settings = std::env::vars_os();
            let texts =
                settings.filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()));
            cloud::open(&url, texts)?
        }
    };
    match opened {
        Opened::Folder(root) => local(root, fsync),
        Opened::Store { store, prefix } => Ok(Place::cloud(store, prefix)),
    }
}

fn local(root: PathBuf, fsync: bool) -> Result<Place, BuildError> {
    let staging = root.join(STAGING);
    let cannot = |what: &str| format!("cannot {what} in {}", root.display());
    fs::create_dir_all(&staging)
        .map_err(|error| BuildError::storage(cannot("create the log's folders"), error))?;
    remove_leftovers(&staging);
    let probe = staging.join(format!("probe-{:016x}", fastrand::u64(..)));
    fs::write(&probe, b"tiltmeter")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| BuildError::storage(cannot("write files"), error))?;
    let store = LocalFileSystem::new_with_prefix(&root)
        .map_err(|error| BuildError::storage(cannot("open the log's folder"), error))?;
    Ok(Place::disk(Arc::new(store), root, fsync))
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
