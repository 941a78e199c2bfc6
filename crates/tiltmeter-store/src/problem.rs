//! Files that could not be read, and why.

use std::error::Error as StdError;
use std::fmt;

use arrow_schema::DataType;

/// A file that could not be read. None of its rows are used.
///
/// Its display is the path and the reason: `/data/a.parquet: has no column score`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileProblem {
    /// The file: its path on a local disk, or its key in an object store.
    pub path: String,
    /// What is wrong, as a clause of which the file is the subject: `has no column score`.
    pub reason: String,
}

impl FileProblem {
    pub(crate) fn new(path: &str, reason: Reason) -> Self {
        Self { path: path.to_owned(), reason: reason.0 }
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// Why a file cannot be used.
#[derive(Debug)]
pub(crate) struct Reason(String);

impl Reason {
    pub(crate) fn new(clause: impl Into<String>) -> Self {
        Self(clause.into())
    }

    pub(crate) fn fetch(error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::new("was removed before it could be read"),
            error => Self(format!("cannot be fetched: {}", clause(&error.to_string()))),
        }
    }

    pub(crate) fn damaged(error: &dyn StdError) -> Self {
        Self(format!("is damaged: {}", clause(&error.to_string())))
    }

    pub(crate) fn panicked(said: &str) -> Self {
        Self(format!("is damaged: the decoder panicked: {}", clause(said)))
    }

    pub(crate) fn missing(column: &str) -> Self {
        Self(format!("has no column {column}"))
    }

    pub(crate) fn wrong_type(column: &str, found: &DataType, allowed: &str) -> Self {
        Self(format!("has a column {column} of type {found}, allowed: {allowed}"))
    }

    pub(crate) fn without_value(column: &str, rows: usize) -> Self {
        Self(format!("has rows without a value in column {column}: {rows}"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a dependency said, as the end of a clause: one line, not long.
fn clause(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let cut: String = line.chars().take(MAX_CHARS).collect();
    let cut = cut.trim_end_matches('.');
    if cut.len() < line.trim_end_matches('.').len() { format!("{cut}…") } else { cut.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_becomes_the_end_of_a_clause() {
        assert_eq!(clause("EOF: no more\n  bytes."), "EOF: no more bytes");
        assert_eq!(clause(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(clause(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
