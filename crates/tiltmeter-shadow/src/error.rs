//! What can keep a shadow from starting.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// A shadow that cannot be started: all that is wrong with its settings, or a thread that the operating system refuses.
#[derive(Debug)]
pub struct ShadowError {
    faults: Vec<String>,
    source: Option<io::Error>,
}

impl ShadowError {
    pub(crate) fn settings(faults: Vec<String>) -> Self {
        Self { faults, source: None }
    }

    pub(crate) fn thread(source: io::Error) -> Self {
        let faults = vec!["a thread of the shadow cannot be started".to_owned()];
        Self { faults, source: Some(source) }
    }

    /// Each thing that is wrong.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().map(String::as_str)
    }

    /// Whether it is the settings that are wrong, so that trying again does not help.
    #[must_use]
    pub fn is_settings(&self) -> bool {
        self.source.is_none()
    }
}

impl fmt::Display for ShadowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("; "))
    }
}

impl StdError for ShadowError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|error| error as &(dyn StdError + 'static))
    }
}
