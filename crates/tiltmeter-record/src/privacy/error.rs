//! A policy that cannot be applied.

use std::error::Error as StdError;
use std::fmt;

/// Why a policy cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskerError(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    NoKeys,
    Pattern(String),
}

impl MaskerError {
    pub(super) fn no_keys() -> Self {
        Self(Kind::NoKeys)
    }

    pub(super) fn pattern(pattern: &str) -> Self {
        Self(Kind::Pattern(crate::quote::Quoted(pattern).to_string()))
    }

    /// Whether a rule hashes, and no keys were given.
    #[must_use]
    pub fn is_without_keys(&self) -> bool {
        self.0 == Kind::NoKeys
    }
}

impl fmt::Display for MaskerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::NoKeys => {
                f.write_str("the privacy policy hashes, but there are no keys: give it a keyring")
            }
            Kind::Pattern(pattern) => {
                write!(f, "the pattern {pattern} is not a regular expression that is read")
            }
        }
    }
}

impl StdError for MaskerError {}
