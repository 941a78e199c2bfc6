//! The two ledgers: whether all that was predicted is on disk.

use tiltmeter_record::Ledgers;

use super::block::Section;
use crate::{absent, tables};

pub(super) fn section(books: Option<&Ledgers>) -> Section {
    let lead =
        "Whether what is reported here is all there was: what the log observed, and what became of it.";
    let mut section = Section::new("books", "The books", lead);
    let Some(books) = books else {
        section.absent(absent::NO_BOOKS);
        return section;
    };
    section.table(tables::exchanges(&books.exchanges));
    section.prose(balance(books.exchanges.balances()));
    section.table(tables::predictions(&books.predictions));
    section.prose(balance(books.predictions.balances()));
    section
}

fn balance(balances: bool) -> &'static str {
    if balances {
        "✓ Balanced: every one of them is accounted for."
    } else {
        "▲ Does not balance: some are not accounted for, as after a process that was killed."
    }
}
