//! The value of one feature or output.

use std::sync::Arc;

/// The value of one feature or output, as it stands in a record.
///
/// `Missing` covers both a field that is absent and one that is `null`: a service that distinguishes them
/// has two features.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Absent or null.
    #[default]
    Missing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number; JSON has no NaN and no infinities, other codecs may.
    Float(f64),
    /// Text, shared by the rows that have it in common.
    Text(Arc<str>),
}

impl Value {
    /// Whether there is no value.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}
