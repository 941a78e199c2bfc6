//! The page on disk.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use example_flights::{advice::Advice, output::write_whole};

/// Writes the page, whole or not at all; its folder is made when it is not there.
///
/// # Errors
/// When it cannot be written; an earlier one is then as it was.
pub fn write(path: &Path, html: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| write_whole(path, html.as_bytes())).with_context(|| {
        Advice::new(
            format!("cannot write the page {}", path.display()),
            "pass another file with --html, in a folder that can be written",
        )
    })
}
