//! How long the two take, in milliseconds.

use tiltmeter_monitor::shadow::{LatencyComparison, LatencyFigures, LatencyHistogram};

use crate::figures;
use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::shadow::svg::bins;
use crate::table::{Cell, Column, Table};

/// Mean and quantiles of both, each with its interval beside it.
pub(in crate::shadow) fn latency(caption: &str, found: &LatencyComparison, names: &Names) -> Table {
    let columns = vec![
        Column::text("ms"),
        Column::number("mean").if_it_fits(),
        Column::number("p50"),
        Column::number("p95"),
        Column::number("p99"),
    ];
    let mut table = Table::new(caption, columns);
    let rows: [(&str, &LatencyFigures, Quantity); 3] = [
        (&names.champion, &found.champion, Quantity::Ms),
        (&names.challenger, &found.challenger, Quantity::Ms),
        ("difference", &found.difference, Quantity::MsDifference),
    ];
    for (name, found, quantity) in rows {
        let mut cells = vec![Cell::text(name)];
        for measured in [&found.mean, &found.p50, &found.p95, &found.p99] {
            cells.push(quantity.cell(&mut table, measured));
        }
        table.row(cells);
    }
    table
}

/// The bins of the chart.
pub(in crate::shadow) fn histogram(histogram: &LatencyHistogram) -> Table {
    let columns = vec![Column::text("ms"), Column::number("champion"), Column::number("challenger")];
    let mut table = Table::new("Share of the latencies by bin", columns);
    for ((ends, one), other) in bins(histogram).zip(&histogram.champion).zip(&histogram.challenger) {
        if *one > 0.0 || *other > 0.0 {
            table.row(vec![
                Cell::text(format!("{} to {}", edge(ends.0), edge(ends.1))),
                Cell::text(figures::percent(*one)),
                Cell::text(figures::percent(*other)),
            ]);
        }
    }
    table
}

fn edge(ms: f64) -> String {
    if (1e-4..1e7).contains(&ms) { figures::digits(ms) } else { format!("{ms:.1e}") }
}
