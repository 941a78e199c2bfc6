//! What can be wrong with a key or a rate.

use std::error::Error as StdError;
use std::fmt;

/// A key or a rate that cannot be used. It shows nothing of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleError {
    source: Option<String>,
    fault: &'static str,
}

impl SampleError {
    pub(crate) const fn new(fault: &'static str) -> Self {
        Self { source: None, fault }
    }

    pub(crate) fn of(mut self, source: String) -> Self {
        self.source = Some(source);
        self
    }
}

impl fmt::Display for SampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{source}: ")?;
        }
        f.write_str(self.fault)
    }
}

impl StdError for SampleError {}
