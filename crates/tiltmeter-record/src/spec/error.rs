//! A file that is not a model spec.

use std::error::Error as StdError;
use std::{fmt, io};

use super::problem::Problem;

/// Why a model spec could not be read: the file could not be opened, or it has mistakes.
///
/// Its `Display` lists every mistake, one a line, as `model.yaml:14: features.dep_delay.type: found …`.
#[derive(Debug)]
pub struct SpecError {
    source_name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Unreadable { clause: String, source: Option<io::Error> },
    Problems(Vec<Problem>),
}

impl SpecError {
    /// Sorts the problems by their place.
    pub(super) fn from_problems(source_name: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        Self { source_name: source_name.to_owned(), kind: Kind::Problems(problems) }
    }

    pub(super) fn unreadable(source_name: &str, clause: impl Into<String>) -> Self {
        let kind = Kind::Unreadable { clause: clause.into(), source: None };
        Self { source_name: source_name.to_owned(), kind }
    }

    pub(super) fn io(source_name: &str, source: io::Error) -> Self {
        let clause = match source.kind() {
            io::ErrorKind::NotFound => "there is no such file",
            io::ErrorKind::PermissionDenied => "the file may not be read by this user",
            _ => "the file cannot be read",
        };
        let kind = Kind::Unreadable { clause: clause.to_owned(), source: Some(source) };
        Self { source_name: source_name.to_owned(), kind }
    }

    /// The name of the file, as it was given.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.source_name
    }

    /// The mistakes in the file, in the order of their places; empty if the file could not be read at all.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match &self.kind {
            Kind::Problems(problems) => problems,
            Kind::Unreadable { .. } => &[],
        }
    }

    /// Whether there was no text to look for mistakes in: the file is absent, too large, or not text.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self.kind, Kind::Unreadable { .. })
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.source_name;
        let problems = match &self.kind {
            Kind::Unreadable { clause, .. } => return write!(f, "{name}: {clause}"),
            Kind::Problems(problems) => problems,
        };
        let plural = if problems.len() == 1 { "" } else { "s" };
        write!(f, "{name}: {} problem{plural}", problems.len())?;
        problems.iter().try_for_each(|problem| write!(f, "\n{name}:{}: {problem}", problem.line))
    }
}

impl StdError for SpecError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Unreadable { source: Some(source), .. } => Some(source),
            _ => None,
        }
    }
}
