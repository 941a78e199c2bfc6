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
    let figure: [(&str, fn(&CostFigures) -> &Measured, fn(f64) -> String); 4] = [
        ("CPU time of its threads", |figures| &figures.cpu_seconds, figures::seconds),
        ("copied to the challenger", |figures| &figures.bytes_copied, figures::bytes),
        ("answered by it", |figures| &figures.bytes_answered, figures::bytes),
        ("pairs written", |figures| &figures.bytes_written, figures::bytes),
    ];
    for (name, of, write) in figure {
        let mut cells = vec![Cell::text(name)];
        let days = cost.at_rates.iter().map(|at| &at.per_day);
        for figures in [&cost.per_request, &cost.per_day].into_iter().chain(days) {
            cells.push(match of(figures) {
                Measured::Known(estimate) => Cell::text(write(estimate.value)),
                Measured::Undefined(reason) => table.none(reason),
            });
        }
        table.row(cells);
    }
    table
}

/// `100 %`, `0.5 %`.
pub(in crate::shadow) fn rate(share: f64) -> String {
    figures::percent(share).replace(".0 %", " %")
}
