//! Errors that a person can act on: what went wrong, and what to do about it.

use std::fmt;

/// A context for [`anyhow::Error`] that carries advice besides its message.
///
/// `error.downcast_ref::<Advice>()` finds it again wherever it sits in the chain.
#[derive(Debug)]
pub struct Advice {
    problem: String,
    what_to_do: String,
}

impl Advice {
    /// `problem` is one lower-case clause; `what_to_do` is an imperative, shown on a line of its own.
    #[must_use]
    pub fn new(problem: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { problem: problem.into(), what_to_do: what_to_do.into() }
    }

    /// The imperative.
    #[must_use]
    pub fn what_to_do(&self) -> &str {
        &self.what_to_do
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Advice {}
