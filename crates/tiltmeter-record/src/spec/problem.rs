//! One mistake in a model spec.

use std::fmt;

use super::document::Position;

/// One mistake in a model spec: where it is, what was found there and what is allowed.
///
/// Its `Display` is one line without the name of the file: `features.dep_delay.type: found "flot", allowed: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The line in the file, from 1.
    pub line: usize,
    /// The column in the line, in characters from 1.
    pub column: usize,
    /// The field, such as `features.dep_delay.type` or `segments[1]`; empty for the whole file.
    pub path: String,
    /// What was found. Values from the file stand in double quotes.
    pub found: String,
    /// What is allowed there; `None` for a text that is not YAML at all.
    pub allowed: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Problem {
    pub(super) fn new(at: Position, path: impl Into<String>, found: impl Into<String>) -> Self {
        let (path, found) = (path.into(), found.into());
        Self { line: at.line, column: at.column, path, found, allowed: None, suggestion: None }
    }

    pub(super) fn allow(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    pub(super) fn suggest(mut self, suggestion: Option<&str>) -> Self {
        self.suggestion = suggestion.map(str::to_owned);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "found {}", self.found)?;
        if let Some(allowed) = &self.allowed {
            write!(f, ", allowed: {allowed}")?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean \"{suggestion}\"?")?;
        }
        Ok(())
    }
}
