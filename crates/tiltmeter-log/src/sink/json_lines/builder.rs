//! The settings of a sink of JSON lines, checked before anything is logged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::folder::{self, Folder};
use super::{JsonLinesSink, Rhythm};
use crate::clock::{Clock, SystemClock};
use crate::error::BuildError;

/// When a file is synced: when the sink waits until its lines are on disk, and would survive a power failure.
///
/// Under a policy that syncs, a prediction counts as written only after the sync that covers its line; until then it is
/// under way. A log that ends, or is flushed, syncs in each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// Never: a line counts as written when the operating system has it. It survives the end of the process, and is lost
    /// with the power within half a minute or so.
    #[default]
    Never,
    /// When a file is complete.
    OnRotate,
    /// When the oldest line that has not been synced was written so long ago; and when a file is complete.
    Interval(Duration),
    /// After each write of the buffer.
    EveryWrite,
}

/// Builds a [`JsonLinesSink`].
///
/// | setting | default |
/// | --- | --- |
/// | bytes of a file, at most | 128 MiB |
/// | age of a file, at most | 1 hour |
/// | time that lines wait in memory, at most | 1 second |
/// | bytes that wait in memory before they are written | 256 KiB |
/// | sync | never |
/// | complete files that are kept | all |
///
/// Memory holds two buffers at most, each up to one line larger than it should be. A file is larger than its limit when a
/// single line is.
///
/// Files get the permissions that the process gives to new files. They hold what the privacy policy has left.
#[derive(Debug)]
#[must_use]
pub struct JsonLinesSinkBuilder {
    folder: PathBuf,
    rhythm: Rhythm,
    max_file_bytes: u64,
    max_files: Option<usize>,
    max_total_bytes: Option<u64>,
    clock: Arc<dyn Clock>,
    pub(super) opener: folder::Opener,
}

impl JsonLinesSinkBuilder {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            rhythm: Rhythm {
                buffer_bytes: 256 << 10,
                flush_interval: Duration::from_secs(1),
                file_age: Duration::from_secs(3_600),
                fsync: Fsync::default(),
            },
            max_file_bytes: 128 << 20,
            max_files: None,
            max_total_bytes: None,
            clock: Arc::new(SystemClock::new()),
            opener: folder::create_new,
        }
    }

    /// Begins a new file before one would have more than `bytes` bytes.
    pub fn with_max_file_bytes(mut self, bytes: u64) -> Self {
        self.max_file_bytes = bytes;
        self
    }

    /// Begins a new file when the first line of the old one is `age` old.
    pub fn with_max_file_age(mut self, age: Duration) -> Self {
        self.rhythm.file_age = age;
        self
    }

    /// Writes lines when the first of them has waited for `interval`. It bounds what a crash loses, and how late those are
    /// who follow the file. The log looks several times a second: a shorter interval is that.
    pub fn with_flush_interval(mut self, interval: Duration) -> Self {
        self.rhythm.flush_interval = interval;
        self
    }

    /// Writes lines when `bytes` bytes of them have come together.
    pub fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.rhythm.buffer_bytes = bytes;
        self
    }

    /// Syncs as `fsync` says.
    pub fn with_fsync(mut self, fsync: Fsync) -> Self {
        self.rhythm.fsync = fsync;
        self
    }

    /// Keeps at most `files` complete files and deletes the oldest, whoever wrote them: also those of earlier processes, and
    /// of others that write to this folder. Each deletion is logged.
    ///
    /// A file that somebody may still write to is not deleted; one that has not been completed, because its process was
    /// killed or has ended, is nobody's when it has stood still for a day longer than the age of a file. What is deleted has
    /// been counted as written: whoever follows the files must be faster.
    pub fn with_max_files(mut self, files: usize) -> Self {
        self.max_files = Some(files);
        self
    }

    /// Keeps at most `bytes` bytes of complete files; otherwise as [`with_max_files`](Self::with_max_files).
    pub fn with_max_total_bytes(mut self, bytes: u64) -> Self {
        self.max_total_bytes = Some(bytes);
        self
    }

    /// Takes the time in the names of complete files from `clock`.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings, and that the folder can be written to.
    ///
    /// # Errors
    /// When a limit is 0, or when the folder cannot be created or written.
    pub fn build(self) -> Result<JsonLinesSink, BuildError> {
        let Self { folder: path, mut rhythm, max_file_bytes, max_files, max_total_bytes, clock, opener } =
            self;
        for (name, is_zero) in [
            ("max_file_bytes", max_file_bytes == 0),
            ("max_file_age", rhythm.file_age.is_zero()),
            ("buffer_bytes", rhythm.buffer_bytes == 0),
            ("max_files", max_files == Some(0)),
            ("max_total_bytes", max_total_bytes == Some(0)),
            ("fsync interval", rhythm.fsync == Fsync::Interval(Duration::ZERO)),
        ] {
            if is_zero {
                return Err(BuildError::configuration(format!(
                    "the {name} of the sink of JSON lines is 0, and must be more"
                )));
            }
        }
        check(&path)?;
        // a buffer goes into one file
        rhythm.buffer_bytes = rhythm.buffer_bytes.min(usize::try_from(max_file_bytes).unwrap_or(usize::MAX));
        let folder = Folder {
            path,
            max_file_bytes,
            max_file_age: rhythm.file_age,
            max_files,
            max_total_bytes,
            clock,
            opener,
            removed: AtomicU64::new(0),
        };
        Ok(JsonLinesSink::new(rhythm, folder))
    }
}

fn check(folder: &Path) -> Result<(), BuildError> {
    let cannot = |what: &str| format!("cannot {what} {}", folder.display());
    fs::create_dir_all(folder).map_err(|error| BuildError::storage(cannot("create the folder"), error))?;
    // no name that those look for who follow the files
    let probe = folder.join(format!(".probe-{:016x}", fastrand::u64(..)));
    fs::write(&probe, b"tiltmeter")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| BuildError::storage(cannot("write files in"), error))
}
