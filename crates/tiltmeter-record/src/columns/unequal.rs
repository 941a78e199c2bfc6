//! Columns that are not of one table.

use std::error::Error as StdError;
use std::fmt;

/// A column has another number of rows than the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnequalLengths {
    column: String,
    rows: usize,
    expected: usize,
}

impl UnequalLengths {
    pub(super) fn check(column: &str, rows: usize, expected: usize) -> Result<(), Self> {
        if rows == expected { Ok(()) } else { Err(Self { column: column.to_owned(), rows, expected }) }
    }
}

impl fmt::Display for UnequalLengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, rows, expected } = self;
        write!(f, "column {column} has {rows} rows, the first one has {expected}")
    }
}

impl StdError for UnequalLengths {}
