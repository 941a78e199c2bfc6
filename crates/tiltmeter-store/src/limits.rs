//! How large a file may be.

/// How large one file may be. A larger one is a [`FileProblem`](crate::FileProblem), and the others are read.
///
/// A few kilobytes of Parquet can stand for any number of rows, or of copies of one long text: without limits such a
/// file would take all memory, and end the program.
///
/// | limit | default | and the log |
/// | --- | --- | --- |
/// | [rows](Self::with_rows_per_file) | 50,000,000 | puts at most 1,000,000 into a file |
/// | [bytes](Self::with_bytes_per_file) | 1 GiB | puts at most 64 MiB into a file, compressed |
///
/// They leave room for label and reference files that hold years. A file that is larger is better split, or its limits
/// raised by who knows that there is the memory: while a file is read it takes up to three times its bytes, and what
/// is read of it stays.
///
/// ```
/// use tiltmeter_store::{Limits, Location};
///
/// let limits = Limits::default().with_rows_per_file(200_000_000).with_bytes_per_file(8 << 30);
/// let labels = Location::local("data/labels.parquet").with_limits(limits);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    rows_per_file: u64,
    bytes_per_file: u64,
}

impl Limits {
    /// Rows of a file, at most: those that its footer announces, and those that are found.
    #[must_use]
    pub fn with_rows_per_file(self, rows_per_file: u64) -> Self {
        Self { rows_per_file, ..self }
    }

    /// Bytes of a file, at most. It is one limit for four sizes: the file as it is stored; the pages of the columns
    /// that are read, uncompressed, as the footer says and as their own headers say; and the values of all rows, of
    /// which a number or time takes 8 bytes at most and a text 16 and its length, each time that it occurs.
    #[must_use]
    pub fn with_bytes_per_file(self, bytes_per_file: u64) -> Self {
        Self { bytes_per_file, ..self }
    }

    /// See [`with_rows_per_file`](Self::with_rows_per_file).
    #[must_use]
    pub fn rows_per_file(&self) -> u64 {
        self.rows_per_file
    }

    /// See [`with_bytes_per_file`](Self::with_bytes_per_file).
    #[must_use]
    pub fn bytes_per_file(&self) -> u64 {
        self.bytes_per_file
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows_per_file: 50_000_000, bytes_per_file: 1 << 30 }
    }
}
