//! What can be wrong with a policy.

use std::error::Error as StdError;
use std::fmt;

/// A policy that cannot be used: all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    faults: Vec<String>,
}

impl PolicyError {
    pub(super) fn new(faults: Vec<String>) -> Self {
        Self { faults }
    }

    /// Each thing that is wrong.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().map(String::as_str)
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("; "))
    }
}

impl StdError for PolicyError {}
