//! What the shadow costs.

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::cost::{CostFigures, ShadowCost};

use crate::figures;
use crate::table::{Cell, Column, Table};

/// CPU time and bytes: of a copied request, of a day, and of a day at other rates.
pub(in crate::shadow) fn cost(cost: &ShadowCost) -> Table {
    let mut columns = vec![
        Column::text("of the shadow"),
        Column::number("a request"),
        Column::number(&format!("a day at {}", rate(cost.sample_rate))),
    ];
    columns.extend(
        cost.at_rates.iter().map(|at| Column::number(&format!("at {}", rate(at.sample_rate))).if_it_fits()),
    );
    let mut table = Table::new("What the shadow costs", columns);
    let days = cost.at_rates.iter().map(|at| &at.per_day);
    let all: Vec<&CostFigures> = [&cost.per_request, &cost.per_day].into_iter().chain(days).collect();
    let all = || all.iter();
    line(&mut table, "CPU time of its threads", figures::seconds, all().map(|figures| &figures.cpu_seconds));
    line(&mut table, "copied to the challenger", figures::bytes, all().map(|figures| &figures.bytes_copied));
    line(&mut table, "answered by it", figures::bytes, all().map(|figures| &figures.bytes_answered));
    line(&mut table, "pairs written", figures::bytes, all().map(|figures| &figures.bytes_written));
    table
}

fn line<'m>(
    table: &mut Table,
    name: &str,
    write: fn(f64) -> String,
    figures: impl Iterator<Item = &'m Measured>,
) {
    let mut cells = vec![Cell::text(name)];
    for figure in figures {
        cells.push(match figure {
            Measured::Known(estimate) => Cell::text(write(estimate.value)),
            Measured::Undefined(reason) => table.none(reason),
        });
    }
    table.row(cells);
}

/// `100 %`, `0.5 %`.
pub(in crate::shadow) fn rate(share: f64) -> String {
    figures::percent(share).replace(".0 %", " %")
}
