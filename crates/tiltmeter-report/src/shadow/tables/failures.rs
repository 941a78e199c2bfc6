//! How often the two fail.

use tiltmeter_monitor::shadow::Failures;

use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};

/// The rates with their intervals.
pub(in crate::shadow) fn failures(found: &Failures, names: &Names) -> Table {
    let columns = vec![
        Column::text("of the requests that it was asked"),
        Column::number("share"),
        Column::number("95 % interval"),
    ];
    let mut table = Table::new("How often the two fail", columns);
    let challenger = &names.challenger;
    for (name, measured) in [
        (format!("{challenger}: no answer in time"), &found.timeout_rate),
        (format!("{challenger}: an error, or not readable"), &found.error_rate),
        (format!("{challenger}: either"), &found.failure_rate),
        (format!("{}: status 500 or more", names.champion), &found.champion_error_rate),
    ] {
        let [share, interval] = Quantity::Share.cells(&mut table, measured);
        table.row(vec![Cell::text(name), share, interval]);
    }
    table
}
