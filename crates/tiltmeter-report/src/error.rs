//! Why a report could not be made.

use std::fmt;

/// Why a page could not be made.
///
/// All that can go wrong is that a template fails to write itself, which no input is known to cause.
#[derive(Debug)]
pub struct Error {
    template: &'static str,
    source: askama::Error,
}

impl Error {
    pub(crate) fn of(template: &'static str) -> impl FnOnce(askama::Error) -> Self {
        move |source| Self { template, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template `{}` cannot be written", self.template)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
