//! What people look at, on disk.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use example_flights::{advice::Advice, output::write_whole};

/// Writes a file, whole or not at all; its folder is made when it is not there. `option` names it on the command line.
///
/// # Errors
/// When it cannot be written; an earlier one is then as it was.
pub fn write(path: &Path, text: &str, option: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| write_whole(path, text.as_bytes())).with_context(|| {
        Advice::new(
            format!("cannot write {}", path.display()),
            format!("pass another file with {option}, in a folder that can be written"),
        )
    })
}

/// How many bytes the files below `path` have, or the one that it is.
///
/// # Errors
/// When one of them cannot be looked at.
pub fn bytes_below(path: &Path) -> io::Result<u64> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    fs::read_dir(path)?.try_fold(0, |bytes, entry| Ok(bytes + bytes_below(&entry?.path())?))
}
