//! What is to be shown.

use jiff::Timestamp;
use tiltmeter_monitor::Analysis;
use tiltmeter_record::Ledgers;

use crate::read_books::ReadBooks;
use crate::terminal::TerminalStyle;
use crate::{Error, page, terminal};

/// What is to be shown: an analysis, and what belongs beside it.
///
/// The same input gives the same text, byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) books: Option<&'a Ledgers>,
    pub(crate) read: Option<&'a ReadBooks>,
    pub(crate) problems: &'a [String],
    pub(crate) made_at: Option<Timestamp>,
}

impl<'a> Report<'a> {
    /// A report of this analysis.
    #[must_use]
    pub fn new(analysis: &'a Analysis) -> Self {
        Self { analysis, books: None, read: None, problems: &[], made_at: None }
    }

    /// With the ledgers of the log. Without them the report says that they were not given.
    #[must_use]
    pub fn with_books(self, books: &'a Ledgers) -> Self {
        Self { books: Some(books), ..self }
    }

    /// With what was read of the prediction table. With the ledgers of the log, too, the report says whether all that was
    /// written was read; without this it does not ask.
    #[must_use]
    pub fn with_read(self, read: &'a ReadBooks) -> Self {
        Self { read: Some(read), ..self }
    }

    /// With what could not be read, such as a corrupt file among good ones: a sentence each.
    #[must_use]
    pub fn with_problems(self, problems: &'a [String]) -> Self {
        Self { problems, ..self }
    }

    /// With the time at which it is made. Without it the page does not say when that was.
    #[must_use]
    pub fn with_made_at(self, made_at: Timestamp) -> Self {
        Self { made_at: Some(made_at), ..self }
    }

    /// One page of HTML that needs nothing beside itself: no network, no script, no font. It is also well-formed XML.
    ///
    /// # Errors
    /// When a template fails to write itself, which no input is known to cause.
    pub fn html(&self) -> Result<String, Error> {
        page::html(self)
    }

    /// Text for a terminal.
    #[must_use]
    pub fn terminal(&self, style: TerminalStyle) -> String {
        terminal::text(self, style)
    }
}
