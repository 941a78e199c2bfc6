//! Why nothing could be read.

use std::error::Error as StdError;
use std::fmt;

use tiltmeter_record::privacy::MaskerError;

/// Why a table, labels or reference data could not be read at all. One file that cannot be read is a
/// [`FileProblem`](crate::FileProblem) instead.
///
/// Its display is one clause; the cause, where there is one, is its [`source`](StdError::source).
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotFound,
    Storage,
    Policy,
    Fault,
}

impl Error {
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { kind: Kind::NotFound, message: message.into(), source: None }
    }

    pub(crate) fn storage(
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind: Kind::Storage, message: message.into(), source: Some(source.into()) }
    }

    pub(crate) fn policy(source: MaskerError) -> Self {
        let message =
            "nothing of what was asked can be shown, since the privacy policy cannot be applied".to_owned();
        Self { kind: Kind::Policy, message, source: Some(source.into()) }
    }

    pub(crate) fn fault(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let message =
            "rows were put together wrongly, which is a fault of tiltmeter: please report it".to_owned();
        Self { kind: Kind::Fault, message, source: Some(source.into()) }
    }

    /// Whether there is no such file, or a folder without Parquet files: check the path, or wait for the first file.
    /// A prediction table without files is not an error.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// Whether the storage did not list its files: check the place and its permissions, then try again.
    #[must_use]
    pub fn is_storage(&self) -> bool {
        self.kind == Kind::Storage
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
