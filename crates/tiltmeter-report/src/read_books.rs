//! What was read of the prediction table.

/// What was read of the prediction table, as far as its reader counted.
///
/// With the ledgers of the log it tells whether what was written is what is reported on.
///
/// ```
/// use tiltmeter_report::ReadBooks;
///
/// let read = ReadBooks { files: 12, rows: 150_300, copies: 300, ..ReadBooks::default() };
/// assert_eq!(read.predictions(), 150_000);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadBooks {
    /// Files that were read, without those that could not be.
    pub files: u64,
    /// Files that could not be read; what they hold is unknown.
    pub unreadable_files: u64,
    /// Rows in the files that were read.
    pub rows: u64,
    /// Rows that are copies of another one, as after a delivery that was repeated; each prediction counts once.
    pub copies: u64,
}

/// How what was read compares with what the log wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// All of it.
    All,
    /// So many less.
    Less(u64),
    /// So many more.
    More(u64),
}

impl ReadBooks {
    /// Rows without copies: the predictions that were read.
    #[must_use]
    pub fn predictions(&self) -> u64 {
        self.rows.saturating_sub(self.copies)
    }

    pub(crate) fn found(&self, written: u64) -> Found {
        match (written.checked_sub(self.predictions()), self.predictions().checked_sub(written)) {
            (Some(less), _) if less > 0 => Found::Less(less),
            (_, Some(more)) if more > 0 => Found::More(more),
            _ => Found::All,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_compared_with_what_was_written() {
        let read = ReadBooks { rows: 110, copies: 10, ..ReadBooks::default() };
        assert_eq!(
            [90, 100, 130].map(|written| read.found(written)),
            [Found::More(10), Found::All, Found::Less(30)]
        );
        assert_eq!(ReadBooks { copies: 1, ..ReadBooks::default() }.predictions(), 0);
    }
}
