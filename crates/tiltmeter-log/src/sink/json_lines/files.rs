//! The file that grows, and its turns.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tiltmeter_record::WriterId;

use super::{Folder, Fsync};

/// What the disk is to do.
#[derive(Debug)]
pub(super) struct Task {
    /// Whole lines.
    pub(super) lines: Vec<u8>,
    /// Whether they go to a new file.
    pub(super) rotate: bool,
    /// Whether to sync after they are written.
    pub(super) sync: bool,
}

/// What became of a task.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The lines, which are done with.
    pub(super) room: Vec<u8>,
    /// Whether a sync of what was written earlier succeeded, if there was one before these lines.
    pub(super) before: Option<Result<(), String>>,
    /// How many of the lines have been written.
    pub(super) written: u64,
    /// Why not all.
    pub(super) failure: Option<String>,
    /// Whether a sync of all that has been written succeeded, if there was one after these lines.
    pub(super) after: Option<Result<(), String>>,
    /// Whether these lines are the first ones of the file that grows.
    pub(super) began: bool,
}

/// A file that lines are appended to. A trait, so that tests can have a disk that is full.
pub(super) trait Appendable: Send {
    /// Appends as much of `bytes` as there is room for.
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Cuts the file to its first `len` bytes.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Waits until the disk has what was appended.
    fn sync(&mut self) -> io::Result<()>;
    /// Whether those who look for `path` find this file: it may have been deleted, or moved.
    fn is_at(&self, path: &Path) -> bool;
}

impl Appendable for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes)
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    #[cfg(unix)]
    fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let Ok(mine) = self.metadata() else { return false };
        match fs::metadata(path) {
            Ok(there) => (there.dev(), there.ino()) == (mine.dev(), mine.ino()),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                false
            }
            // a folder that cannot be looked into may still have it
            Err(_) => mine.nlink() > 0,
        }
    }

    /// A file that is open can be neither deleted nor moved.
    #[cfg(not(unix))]
    fn is_at(&self, path: &Path) -> bool {
        path.exists()
    }
}

struct Growing {
    file: Box<dyn Appendable>,
    path: PathBuf,
    /// Of whole lines.
    len: u64,
    /// Whether something was appended since the last sync.
    is_dirty: bool,
    /// Whether the folder is known to have the file's name on disk.
    is_named: bool,
    /// Whether it ends in the middle of a line.
    is_torn: bool,
}

/// The files of one writer, which are written by blocking calls.
pub(super) struct Files {
    folder: Arc<Folder>,
    fsync: Fsync,
    writer: Option<WriterId>,
    growing: Option<Growing>,
    /// How many files are complete.
    completed: u64,
}

impl Files {
    pub(super) fn new(folder: Arc<Folder>, fsync: Fsync) -> Self {
        Self { folder, fsync, writer: None, growing: None, completed: 0 }
    }

    /// Says whose files they are, at the latest before the first line.
    pub(super) fn name(&mut self, writer: Option<&WriterId>) {
        if self.writer.is_none() {
            self.writer = writer.cloned();
        }
    }

    /// Whether no file is growing.
    pub(super) fn is_empty(&self) -> bool {
        self.growing.as_ref().is_none_or(|growing| growing.len == 0)
    }

    pub(super) fn run(&mut self, task: Task) -> Outcome {
        let Task { lines, rotate, sync } = task;
        let mut outcome = Outcome { before: self.leave_one_that_is_gone(), ..Outcome::default() };
        let len = self.growing.as_ref().map_or(0, |growing| growing.len);
        if len > 0 && (rotate || len.saturating_add(lines.len() as u64) > self.folder.max_file_bytes) {
            outcome.before = self.complete();
        }
        if !lines.is_empty() {
            outcome.began = self.is_empty();
            let (whole, failure) = self.append(&lines);
            outcome.written = count_lines(lines.get(..whole).unwrap_or_default());
            outcome.began &= outcome.written > 0;
            if failure.is_some() {
                outcome.failure = failure;
                outcome.after = self.complete();
            }
        }
        if sync && outcome.after.is_none() {
            outcome.after = Some(self.sync());
        }
        outcome.room = lines;
        outcome
    }

    /// Appends `lines`; returns how many bytes of whole lines the file has then, and why not all.
    fn append(&mut self, lines: &[u8]) -> (usize, Option<String>) {
        let growing = match self.open() {
            Ok(growing) => growing,
            Err(why) => return (0, Some(why)),
        };
        let mut done = 0;
        let error = loop {
            match growing.file.append(lines.get(done..).unwrap_or_default()) {
                Ok(0) => break io::Error::from(io::ErrorKind::WriteZero),
                Ok(bytes) => done += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break error,
            }
            growing.is_dirty = true;
            if done >= lines.len() {
                growing.len += lines.len() as u64;
                return (lines.len(), None);
            }
        };
        let whole = lines.iter().take(done).rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1);
        growing.len += whole as u64;
        growing.is_torn = done > whole && growing.file.cut(growing.len).is_err();
        (whole, Some(format!("cannot write {}: {error}", growing.path.display())))
    }

    /// Leaves the file that grows if nobody finds it any more: what is appended to it would be written to nowhere. Tells what
    /// became of the lines in it that wait for a sync.
    fn leave_one_that_is_gone(&mut self) -> Option<Result<(), String>> {
        let Growing { path, .. } = self.growing.take_if(|growing| !growing.file.is_at(&growing.path))?;
        let why = format!("somebody has deleted or moved {}", path.display());
        tracing::warn!(path = %path.display(), "somebody has deleted or moved a file that the prediction log writes to: it goes on in another");
        (self.fsync != Fsync::Never).then_some(Err(why))
    }

    fn open(&mut self) -> Result<&mut Growing, String> {
        let growing = match self.growing.take() {
            Some(growing) => growing,
            None => {
                let writer = self.writer.as_ref().ok_or_else(|| "the writer has no name".to_owned())?;
                let (file, path) = self.folder.create(writer)?;
                Growing { file, path, len: 0, is_dirty: false, is_named: false, is_torn: false }
            }
        };
        Ok(self.growing.insert(growing))
    }

    /// Ends the file that grows, unless it is empty, and gives it the name of a complete one; tells how its last sync went,
    /// if there is to be one.
    ///
    /// A file in which a write failed is left as well: a program that follows it may have read the line that was cut off,
    /// and would take the next one for its end.
    fn complete(&mut self) -> Option<Result<(), String>> {
        if self.growing.as_ref().is_none_or(|growing| growing.len == 0 && !growing.is_torn) {
            return None;
        }
        let synced = (self.fsync != Fsync::Never).then(|| self.sync());
        if let Some(Growing { path, .. }) = self.growing.take() {
            self.rename(&path);
        }
        self.folder.remove_old();
        synced
    }

    fn rename(&mut self, path: &Path) {
        let Some(writer) = &self.writer else { return };
        let renamed = self.folder.claim(writer, &mut self.completed).and_then(|free| {
            // nobody else claims what is there, and what is there is empty
            fs::rename(path, &free).inspect_err(|_| drop(fs::remove_file(&free)))
        });
        if let Err(error) = renamed {
            tracing::warn!(path = %path.display(), %error, "a complete file of the prediction log keeps its first name");
        }
    }

    /// Waits until the disk has all lines. A file whose sync fails is left: a second sync of it would succeed without
    /// writing what the first could not.
    fn sync(&mut self) -> Result<(), String> {
        let Some(growing) = self.growing.as_mut().filter(|growing| growing.is_dirty) else { return Ok(()) };
        let mut synced = growing.file.sync();
        if synced.is_ok() && !growing.is_named {
            synced = self.folder.sync();
            growing.is_named = synced.is_ok();
        }
        growing.is_dirty = false;
        let Err(error) = synced else { return Ok(()) };
        let path = growing.path.clone();
        self.growing = None;
        self.rename(&path);
        Err(format!("cannot sync {}: {error}", path.display()))
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}
