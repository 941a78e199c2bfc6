//! The data folder: which files the example needs, and what to say when they are not there.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::advice::Advice;

/// The files of the example, all of which exist.
#[derive(Clone, Debug)]
pub struct DataFolder {
    /// The recorded flights and what the models said of them.
    pub predictions: PathBuf,
    /// The model that served first.
    pub gbm_1: PathBuf,
    /// The model that replaced it.
    pub gbm_2: PathBuf,
}

impl DataFolder {
    /// Looks for the files in `folder`.
    ///
    /// # Errors
    /// When one is missing; the message names each of them.
    pub fn locate(folder: &Path) -> Result<Self> {
        let found = Self {
            predictions: folder.join("predictions.parquet"),
            gbm_1: folder.join("gbm-1.json"),
            gbm_2: folder.join("gbm-2.json"),
        };
        let missing: Vec<String> = [&found.predictions, &found.gbm_1, &found.gbm_2]
            .into_iter()
            .filter(|path| !path.is_file())
            .map(|path| path.display().to_string())
            .collect();
        if !missing.is_empty() {
            bail!(Advice::new(
                format!("cannot find {}", missing.join(", ")),
                "pass the folder that holds predictions.parquet, gbm-1.json and gbm-2.json with --data",
            ));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_files_are_all_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("gbm-1.json"), "{}").unwrap();
        let message = DataFolder::locate(folder.path()).unwrap_err().to_string();
        assert!(message.contains("predictions.parquet") && message.contains("gbm-2.json"), "{message}");
        assert!(!message.contains("gbm-1.json"), "{message}");
    }
}
