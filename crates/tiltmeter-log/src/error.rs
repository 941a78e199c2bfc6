//! Why a log could not be started.

use std::error::Error as StdError;
use std::fmt;

use tiltmeter_record::ModelSpec;

/// Why a log or a sink could not be set up. Nothing has been started or written then.
///
/// Its display is one clause; the cause, where there is one, is its [`source`](StdError::source).
#[derive(Debug)]
pub struct BuildError {
    kind: Kind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Configuration,
    Route,
    Storage,
    #[cfg(feature = "parquet")]
    Schema,
    Thread,
}

impl BuildError {
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self { kind: Kind::Configuration, message: message.into(), source: None }
    }

    pub(crate) fn route(spec: &ModelSpec, problem: &str) -> Self {
        let message = format!(
            "cannot watch the endpoint {} {} of model {}: {problem}",
            spec.endpoint.method, spec.endpoint.path, spec.name
        );
        Self { kind: Kind::Route, message, source: None }
    }

    pub(crate) fn storage(
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind: Kind::Storage, message: message.into(), source: Some(source.into()) }
    }

    #[cfg(feature = "parquet")]
    pub(crate) fn schema(message: impl Into<String>) -> Self {
        Self { kind: Kind::Schema, message: message.into(), source: None }
    }

    pub(crate) fn thread(source: std::io::Error) -> Self {
        let message = "cannot start a thread of the log".to_owned();
        Self { kind: Kind::Thread, message, source: Some(source.into()) }
    }

    /// Whether a setting is out of its range or missing: change the call.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.kind == Kind::Configuration
    }

    /// Whether a model's endpoint cannot be watched: change its spec.
    #[must_use]
    pub fn is_route(&self) -> bool {
        self.kind == Kind::Route
    }

    /// Whether the sink's storage cannot be written: check the place and its permissions.
    #[must_use]
    pub fn is_storage(&self) -> bool {
        self.kind == Kind::Storage
    }

    /// Whether a model's spec gives a column another type than earlier predictions have: change the spec.
    #[cfg(feature = "parquet")]
    #[must_use]
    pub fn is_schema(&self) -> bool {
        self.kind == Kind::Schema
    }
}

/// A log has no model of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownModel {
    name: String,
}

impl UnknownModel {
    pub(crate) fn new(name: &str) -> Self {
        // a name from outside must not make an endless message
        Self { name: name.chars().take(64).collect() }
    }
}

impl fmt::Display for UnknownModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the log has no model {:?}: give its spec to `LogBuilder::with_model`", self.name)
    }
}

impl StdError for UnknownModel {}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
