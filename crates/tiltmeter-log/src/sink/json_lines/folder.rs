//! The folder of the files: what they are called, and which of them are too many.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::WriterId;

use super::files::Appendable;
use crate::clock::Clock;

/// How long a file that grows must have stood still, beyond the age at which it would have been completed, to be
/// nobody's: a log writes a heartbeat every minute.
const ABANDONED_AFTER: Duration = Duration::from_secs(86_400);

/// How many names are tried until one is free.
const SPARE_NAMES: u32 = 100;

pub(super) type Opener = fn(&Path) -> io::Result<Box<dyn Appendable>>;

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) max_file_bytes: u64,
    pub(super) max_file_age: Duration,
    /// How many complete files stay.
    pub(super) max_files: Option<usize>,
    /// How many bytes of complete files stay.
    pub(super) max_total_bytes: Option<u64>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) opener: Opener,
    pub(super) removed: AtomicU64,
}

/// Creates a file that nobody has yet, and its folder where somebody has deleted that.
pub(super) fn create_new(path: &Path) -> io::Result<Box<dyn Appendable>> {
    let create = || OpenOptions::new().append(true).create_new(true).open(path);
    let file = match (create(), path.parent()) {
        (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            create()?
        }
        (created, _) => created?,
    };
    Ok(Box::new(file))
}

impl Folder {
    /// Creates the file that grows. Where one of that name is left, because it could not be renamed or because another sink
    /// of this process writes to this folder, it gets a number.
    pub(super) fn create(&self, writer: &WriterId) -> Result<(Box<dyn Appendable>, PathBuf), String> {
        let mut path = self.path.join(format!("{writer}.jsonl"));
        for number in 1..=SPARE_NAMES {
            match (self.opener)(&path) {
                Ok(file) => return Ok((file, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    path = self.path.join(format!("{writer}.{number}.jsonl"));
                }
                Err(error) => return Err(format!("cannot create {}: {error}", path.display())),
            }
        }
        Err(format!("cannot create {}: too many files of its name are there", path.display()))
    }

    /// Claims the name of the next complete file of `writer`, after its file `number`, by an empty file: another sink of this
    /// process may count as this one does, and a rename would replace its file.
    pub(super) fn claim(&self, writer: &WriterId, number: &mut u64) -> io::Result<PathBuf> {
        let time = self.clock.wall().strftime("%Y%m%dT%H%M%SZ").to_string();
        for _ in 0..SPARE_NAMES {
            *number += 1;
            let path = self.path.join(format!("{writer}-{time}-{number:06}.jsonl"));
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Waits until the disk has the names of the files.
    pub(super) fn sync(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    /// Removes the complete files that are too many, the oldest first, whoever wrote them.
    pub(super) fn remove_old(&self) {
        if self.max_files.is_none() && self.max_total_bytes.is_none() {
            return;
        }
        let mut complete = self.complete_files();
        complete.sort_unstable_by(|one, other| other.cmp(one));
        let mut total = 0_u64;
        for (place, (_, name, bytes)) in complete.iter().enumerate() {
            total = total.saturating_add(*bytes);
            let is_over = self.max_files.is_some_and(|most| place >= most)
                || self.max_total_bytes.is_some_and(|most| total > most);
            if is_over {
                self.remove(name, *bytes);
            }
        }
    }

    fn remove(&self, name: &str, bytes: u64) {
        match fs::remove_file(self.path.join(name)) {
            Ok(()) => {
                let removed = self.removed.fetch_add(1, Relaxed) + 1;
                tracing::info!(file = name, bytes, removed, "an old file of the prediction log was deleted");
            }
            // another process has the same idea
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(file = name, %error, "an old file of the prediction log cannot be deleted");
            }
        }
    }

    /// The files that nobody writes to any more: when they were written last, their names and sizes.
    fn complete_files(&self) -> Vec<(Timestamp, String, u64)> {
        let now = self.clock.wall();
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let complete = entries.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let state = State::of(&name)?;
            let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let written = Timestamp::try_from(metadata.modified().ok()?).ok()?;
            let stood_still = Duration::try_from(now.duration_since(written)).unwrap_or_default();
            let is_complete = match state {
                State::Complete => true,
                State::Growing => stood_still > self.max_file_age.saturating_add(ABANDONED_AFTER),
            };
            is_complete.then_some((written, name, metadata.len()))
        });
        complete.collect()
    }
}

/// What the name of a file says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Growing,
    Complete,
}

impl State {
    /// `None` for a name that is none of ours: others may have files in the folder.
    fn of(name: &str) -> Option<Self> {
        const INCARNATION: usize = 32;
        let (instance, rest) = name.strip_suffix(".jsonl")?.split_once('.')?;
        let is_instance = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let (incarnation, rest) = rest.split_at_checked(INCARNATION)?;
        let is_ours = !instance.is_empty()
            && instance.chars().all(is_instance)
            && incarnation.chars().all(|c| c.is_ascii_hexdigit());
        if !is_ours {
            return None;
        }
        let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        if rest.is_empty() || rest.strip_prefix('.').is_some_and(is_number) {
            return Some(Self::Growing);
        }
        let (time, number) = rest.strip_prefix('-')?.split_once('-')?;
        let digits = time.strip_suffix('Z')?.split_once('T').map(|(day, second)| (day.len(), second.len()));
        (digits == Some((8, 6)) && is_number(number)).then_some(Self::Complete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_known() {
        const WRITER: &str = "pod-7_a.0123456789abcdef0123456789abcdef";
        let of = |rest: &str| State::of(&format!("{WRITER}{rest}"));
        assert_eq!(of(".jsonl"), Some(State::Growing));
        assert_eq!(of(".12.jsonl"), Some(State::Growing));
        assert_eq!(of("-20260301T120000Z-000001.jsonl"), Some(State::Complete));
        for other in
            ["", ".json", ".x.jsonl", "-20260301-000001.jsonl", "-20260301T120000Z-.jsonl", "-a.jsonl"]
        {
            assert_eq!(of(other), None, "{other}");
        }
        for other in ["predictions.jsonl", ".jsonl", "a.b.jsonl", ".0123456789abcdef0123456789abcdef.jsonl"] {
            assert_eq!(State::of(other), None, "{other}");
        }
        assert_eq!(State::of("a.0123456789abcdef0123456789abcde\u{e9}.jsonl"), None);
    }
}
