//! A column, and what it may hold.

/// The type of a column of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// True or false.
    Boolean,
    /// A signed 16-bit number.
    Int16,
    /// A signed 32-bit number.
    Int32,
    /// A signed 64-bit number.
    Int64,
    /// A 64-bit floating-point number.
    Float64,
    /// Microseconds since 1970-01-01T00:00:00Z, marked as UTC.
    TimestampMicrosUtc,
    /// The type that the model spec gives to the prediction; a 64-bit floating-point number if the spec has none.
    Prediction,
    /// A map from text to 64-bit floating-point numbers, none of them NULL.
    NumberByText,
    /// A map from text to text, none of it NULL.
    TextByText,
    /// A list of 64-bit floating-point numbers, none of them NULL.
    Numbers,
    /// Bytes; in a JSON line their base64 (RFC 4648, with padding).
    Bytes,
    /// A list of items, none of them NULL: each has `item`, a text, and `score`, a 64-bit floating-point number or NULL.
    RankedItems,
}

/// A column of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The version of the schema that added it.
    pub since: i32,
    /// What it holds.
    pub doc: &'static str,
}

/// A column of the first version that always has a value.
pub(super) const fn required(name: &'static str, column_type: ColumnType, doc: &'static str) -> Column {
    Column { name, column_type, nullable: false, since: 1, doc }
}

/// A column of the first version that may be NULL.
pub(super) const fn nullable(name: &'static str, column_type: ColumnType, doc: &'static str) -> Column {
    Column { name, column_type, nullable: true, since: 1, doc }
}

/// A column that a later version added: it may be NULL, since the rows of earlier versions do not have it.
pub(super) const fn added(
    since: i32,
    name: &'static str,
    column_type: ColumnType,
    doc: &'static str,
) -> Column {
    Column { name, column_type, nullable: true, since, doc }
}
