//! The two ledgers of the log.

use tiltmeter_record::{Dropped, ExchangeLedger, PredictionLedger, Reason};

use crate::figures;
use crate::read_books::{Found, ReadBooks};
use crate::table::{Cell, Column, Table};

/// What became of the exchanges.
pub(crate) fn exchanges(ledger: &ExchangeLedger) -> Table {
    let mut table = empty("Exchanges: what was observed, and what became of it");
    line(&mut table, "Observed", ledger.observed, "total");
    line(&mut table, "  decoded", ledger.decoded, "");
    losses(&mut table, &ledger.dropped, ledger.abandoned);
    table
}

/// What became of the predictions that were decoded from them.
pub(crate) fn predictions(ledger: &PredictionLedger) -> Table {
    let mut table = empty("Predictions: what was decoded, and what became of it");
    line(&mut table, "Decoded", ledger.decoded, "total");
    line(&mut table, "  written", ledger.written, "");
    line(&mut table, "  sampled out", ledger.sampled_out, "");
    losses(&mut table, &ledger.dropped, ledger.abandoned);
    table
}

/// What was read of the predictions that were written, as far as it is known how many those are.
pub(crate) fn read(read: &ReadBooks, written: Option<u64>) -> Table {
    let mut table = empty("Reading: what was written, and what of it was read");
    let class = |count| if count == 0 { "" } else { "fell" };
    if let Some(written) = written {
        let (found, beyond) = match read.found(written) {
            Found::Less(less) => (less, 0),
            Found::More(more) => (0, more),
            Found::All => (0, 0),
        };
        line(&mut table, "Written by the log", written, "total");
        line(&mut table, "  read", written - found, "");
        line(&mut table, "  not found", found, class(found));
        if beyond > 0 {
            line(&mut table, "Read beyond that", beyond, "total");
        }
    }
    line(&mut table, "Rows read", read.rows, "total");
    line(&mut table, "  predictions", read.predictions(), "");
    line(&mut table, "  copies of them", read.copies, "");
    line(&mut table, "Files read", read.files, "total");
    line(
        &mut table,
        "Files unreadable",
        read.unreadable_files,
        if read.unreadable_files == 0 { "total" } else { "fell" },
    );
    table
}

/// What follows from [`read`]: whether all is well, and a sentence.
pub(crate) fn reading(read: &ReadBooks, written: u64) -> (bool, String) {
    match read.found(written) {
        Found::All => (true, "Everything that was written was read.".to_owned()),
        Found::Less(1) => (false, "1 written prediction is not among what was read.".to_owned()),
        Found::Less(less) => {
            (false, format!("{} written predictions are not among what was read.", figures::count(less)))
        }
        Found::More(more) => (
            false,
            format!(
                "{} more were read than this run wrote: the folder holds other runs, so that it is not known whether all of this one are among them.",
                figures::counted(more, "prediction")
            ),
        ),
    }
}

fn empty(caption: &str) -> Table {
    Table::new(caption, vec![Column::text("what"), Column::number("count")])
}

fn line(table: &mut Table, name: &str, count: u64, class: &'static str) {
    let figure_class = if count == 0 { "zero" } else { class };
    table.row(vec![
        Cell::text(name).with_class(class),
        Cell::text(figures::count(count)).with_class(figure_class),
    ]);
}

fn losses<R: Reason>(table: &mut Table, dropped: &Dropped<R>, abandoned: u64) {
    let class = |count| if count == 0 { "" } else { "fell" };
    line(table, "  dropped", dropped.total(), class(dropped.total()));
    for (reason, count) in dropped.iter() {
        line(table, &format!("    {}", reason.as_str().replace('_', " ")), count, class(count));
    }
    line(table, "  abandoned", abandoned, class(abandoned));
}
