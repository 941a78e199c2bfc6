//! The ledgers: whether all that was predicted is on disk, and in this report.

use tiltmeter_record::Ledgers;

use super::block::Section;
use crate::read_books::ReadBooks;
use crate::{absent, tables};

pub(super) fn section(books: Option<&Ledgers>, read: Option<&ReadBooks>) -> Section {
    let lead =
        "Whether what is reported here is all there was: what the log observed, and what became of it.";
    let mut section = Section::new("books", "The books", lead);
    match books {
        Some(books) => ledgers(&mut section, books, read),
        None => section.absent(absent::NO_BOOKS),
    }
    if let Some(read) = read {
        let written = books.map(|books| books.predictions.written);
        section.table(tables::read(read, written));
        match written.map(|written| tables::reading(read, written)) {
            Some((true, text)) => section.prose(format!("✓ {text}")),
            Some((false, text)) => section.alarm(text),
            None => {}
        }
    }
    section
}

fn ledgers(section: &mut Section, books: &Ledgers, read: Option<&ReadBooks>) {
    section.table(tables::exchanges(&books.exchanges));
    balance(section, books.exchanges.balances());
    section.table(tables::predictions(&books.predictions));
    // what the log wrote and nobody found is not accounted for by the log's own books
    let is_read = read.is_none_or(|read| tables::reading(read, books.predictions.written).0);
    if books.predictions.balances() && !is_read {
        section.prose("The log's own books balance. Whether what it wrote was read, the next table says.");
    } else {
        balance(section, books.predictions.balances());
    }
}

fn balance(section: &mut Section, balances: bool) {
    if balances {
        section.prose("✓ Balanced: every one of them is accounted for.");
    } else {
        section.alarm("Does not balance: some are not accounted for, as after a process that was killed.");
    }
}
