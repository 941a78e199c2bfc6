//! What lies in the predictions folder after a run.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// How deep partitions are nested, at most: a symbolic link to a parent must not make the count endless.
const DEEPEST: usize = 8;

/// The Parquet files below a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Where they are, in the order of their paths.
    pub paths: Vec<PathBuf>,
    /// Their size.
    pub bytes: u64,
}

impl Files {
    /// Finds the files below `folder`; none when it does not exist.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn below(folder: &Path) -> Result<Self> {
        let mut files = Self::default();
        if folder.exists() {
            files.add(folder, DEEPEST)?;
        }
        files.paths.sort();
        Ok(files)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.paths.len() as u64
    }

    /// How many folders hold at least one.
    #[must_use]
    pub fn partitions(&self) -> u64 {
        self.paths.iter().filter_map(|path| path.parent()).collect::<BTreeSet<_>>().len() as u64
    }

    fn add(&mut self, folder: &Path, depth: usize) -> Result<()> {
        let unreadable = || format!("cannot read the folder {}", folder.display());
        let mut folders = Vec::new();
        for entry in fs::read_dir(folder).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let path = entry.path();
            let metadata = entry.metadata().with_context(unreadable)?;
            if metadata.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                self.bytes += metadata.len();
                self.paths.push(path);
            }
        }
        for inner in folders.iter().filter(|_| depth > 0) {
            self.add(inner, depth - 1)?;
        }
        Ok(())
    }
}
