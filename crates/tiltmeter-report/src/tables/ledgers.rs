//! The two ledgers of the log.

use tiltmeter_record::{Dropped, ExchangeLedger, PredictionLedger, Reason};

use crate::figures;
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
