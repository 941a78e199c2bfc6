//! A JSON file that is there whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::advice::Advice;

/// A file that can be written: its folder exists, is writable, and no folder has its name.
#[derive(Clone, Debug)]
pub struct JsonFile {
    path: PathBuf,
    temporary: PathBuf,
}

impl JsonFile {
    /// Checks that `path` can be written, before there is anything to write.
    ///
    /// # Errors
    /// When it cannot.
    pub fn at(path: &Path) -> Result<Self> {
        let unusable = || {
            Advice::new(
                format!("cannot write {}", path.display()),
                "name a file in a folder that exists and can be written",
            )
        };
        let name = path.file_name().filter(|_| !path.is_dir()).with_context(unusable)?;
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = path.with_file_name(temporary);
        File::create(&temporary).and_then(|_| fs::remove_file(&temporary)).with_context(unusable)?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Writes `value` to a temporary file beside it, which then takes its place.
    ///
    /// # Errors
    /// When the file cannot be written; an earlier one is then as it was.
    pub fn write(&self, value: &impl Serialize) -> Result<()> {
        self.write_and_rename(value).with_context(|| {
            let _ = fs::remove_file(&self.temporary);
            format!("cannot write {}", self.path.display())
        })
    }

    fn write_and_rename(&self, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        let mut file = File::create(&self.temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        Ok(())
    }
}
