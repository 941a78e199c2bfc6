//! The files of a local folder.
//!
//! The listing of `object_store` ends at the first name or folder that it cannot take. Here each of them is a problem
//! of its own, and the others are found.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path as FsPath, PathBuf};

use object_store::path::Path;

use crate::listing::Entry;
use crate::problem::Reason;

/// Folders in one another, at most: they are read by recursion.
const MAX_DEPTH: usize = 64;

/// Whether a file or folder is not finished, or not data.
pub(crate) fn is_left_alone(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

/// Whether a file is a data file.
pub(crate) fn is_data(name: &str) -> bool {
    name.ends_with(".parquet")
}

pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Of a pipe or device: reading it may never end.
pub(crate) fn not_a_file() -> Reason {
    Reason::new("is no file, but a pipe, socket or device")
}

/// The key of a file in the store of a folder, by its path from there.
pub(crate) fn object(path: &FsPath) -> Result<Path, Reason> {
    let mut names = Vec::new();
    for name in path {
        names.push(name.to_str().ok_or_else(|| Reason::new("has a name that is not UTF-8"))?);
    }
    Path::parse(names.join("/")).map_err(|_| Reason::new("has a name with control characters"))
}

/// The data files below a folder, in no order, and what cannot be listed.
///
/// # Errors
/// When the folder itself cannot be listed.
pub(crate) fn files(root: &FsPath) -> io::Result<Vec<Entry>> {
    let mut walk = Walk { root, above: vec![fs::canonicalize(root)?], found: Vec::new() };
    walk.list(&PathBuf::new())?;
    Ok(walk.found)
}

struct Walk<'r> {
    root: &'r FsPath,
    /// The real paths of the folders on the way to the one that is listed.
    above: Vec<PathBuf>,
    found: Vec<Entry>,
}

impl Walk<'_> {
    /// Lists a folder, by its path from the root.
    fn list(&mut self, folder: &FsPath) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join(folder))? {
            match entry {
                Ok(entry) => self.visit(&folder.join(entry.file_name()), &entry),
                Err(error) => self.problem(folder, Reason::io("cannot be listed to its end", &error)),
            }
        }
        Ok(())
    }

    fn visit(&mut self, path: &FsPath, entry: &DirEntry) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if is_left_alone(&name) {
            return;
        }
        let kind = match entry.file_type() {
            // the metadata are those of what a link leads to
            Ok(kind) if kind.is_symlink() => fs::metadata(entry.path()).map(|metadata| metadata.file_type()),
            kind => kind,
        };
        match kind {
            Ok(kind) if kind.is_dir() => self.visit_folder(path, is_data(&name)),
            Ok(_) if !is_data(&name) => {}
            Ok(kind) if kind.is_file() => self.add(path, object(path)),
            Ok(_) => self.problem(path, not_a_file()),
            Err(error) if is_absent(&error) => {
                // without a link it was removed while it was looked at
                if fs::symlink_metadata(entry.path()).is_ok() {
                    self.problem(path, Reason::new("is a link that leads nowhere"));
                }
            }
            Err(error) => self.problem(path, Reason::io("cannot be looked at", &error)),
        }
    }

    fn visit_folder(&mut self, path: &FsPath, is_called_data: bool) {
        let before = self.found.len();
        if self.above.len() > MAX_DEPTH {
            return self.problem(path, Reason::new("lies in too many folders, and is not looked into"));
        }
        // the names of its files would be wrong as well
        if let Err(reason) = object(path) {
            return self.problem(path, reason);
        }
        match fs::canonicalize(self.root.join(path)) {
            Ok(real) if self.above.iter().any(|above| above.starts_with(&real)) => {
                return self.problem(path, Reason::new("is a link to a folder that it lies in"));
            }
            Ok(real) => self.above.push(real),
            Err(error) => return self.problem(path, Reason::io("cannot be looked at", &error)),
        }
        if let Err(error) = self.list(path) {
            self.problem(path, Reason::io("cannot be listed, so that files of it may be missing", &error));
        }
        self.above.pop();
        if is_called_data && self.found.len() == before {
            self.problem(path, Reason::new("is a folder without parquet files, and not a file"));
        }
    }

    fn problem(&mut self, path: &FsPath, reason: Reason) {
        let first = path.iter().next().and_then(OsStr::to_str).map(str::to_owned);
        let shown = self.root.join(path).display().to_string();
        self.found.push(Entry { object: Err(reason), shown, first_folder: first });
    }

    fn add(&mut self, path: &FsPath, object: Result<Path, Reason>) {
        let first = path.parent().and_then(|folder| folder.iter().next());
        let first_folder = first.and_then(OsStr::to_str).map(str::to_owned);
        self.found.push(Entry { object, shown: self.root.join(path).display().to_string(), first_folder });
    }
}
