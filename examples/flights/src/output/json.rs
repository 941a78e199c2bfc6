//! A JSON file that is there whole or not at all.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::whole::{can_be_written, write_whole};
use crate::advice::Advice;

/// A file that can be written: its folder exists, is writable, and no folder has its name.
#[derive(Clone, Debug)]
pub struct JsonFile {
    path: PathBuf,
}

impl JsonFile {
    /// Checks that `path` can be written, before there is anything to write.
    ///
    /// # Errors
    /// When it cannot.
    pub fn at(path: &Path) -> Result<Self> {
        can_be_written(path).with_context(|| {
            Advice::new(
                format!("cannot write {}", path.display()),
                "name a file in a folder that exists and can be written",
            )
        })?;
        Ok(Self { path: path.to_owned() })
    }

    /// Writes `value` to a temporary file beside it, which then takes its place.
    ///
    /// # Errors
    /// When the file cannot be written; an earlier one is then as it was.
    pub fn write(&self, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        write_whole(&self.path, text.as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}
