//! A baseline in a file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::SystemTime;

use super::MAX_LEN;
use super::watch::{Source, Stop};

pub(super) struct FileSource {
    path: PathBuf,
    /// What the file was like when it was read.
    read: Option<Stamp>,
}

#[derive(Clone, Copy, PartialEq)]
struct Stamp {
    len: u64,
    /// `None` on systems that do not tell.
    modified: Option<SystemTime>,
}

impl FileSource {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, read: None }
    }

    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        // before it is read: a write that comes meanwhile makes another stamp
        let stamp = Stamp { len: metadata.len(), modified: metadata.modified().ok() };
        if self.read == Some(stamp) && stamp.modified.is_some() {
            return Ok(None);
        }
        if stamp.len > MAX_LEN {
            self.read = Some(stamp);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 256 MiB"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_LEN).read_to_end(&mut bytes)?;
        self.read = Some(stamp);
        Ok(Some(bytes))
    }
}

impl Source for FileSource {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn look(&mut self, _: &Stop) -> Result<Option<Vec<u8>>, String> {
        self.read().map_err(|error| {
            // what comes back is read again, also where its time is the old one
            if error.kind() != io::ErrorKind::FileTooLarge {
                self.read = None;
            }
            format!("cannot read the baseline: {error}")
        })
    }
}
