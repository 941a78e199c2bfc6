//! The scores against the baseline's, in figures.

use tiltmeter_monitor::ScoreHistogram;

use crate::figures;
use crate::svg::{bin_name, bins};
use crate::table::{Cell, Column, Table};

/// The share of each bin.
pub(crate) fn scores(histogram: &ScoreHistogram) -> Table {
    let columns = ["score", "all", "baseline", "difference in points"];
    let columns = columns.iter().enumerate().map(|(place, name)| match place {
        0 => Column::text(name),
        _ => Column::number(name),
    });
    let mut table = Table::new("Share of the scores by bin", columns.collect());
    for ((ends, all), baseline) in bins(histogram).zip(&histogram.all).zip(&histogram.baseline) {
        table.row(vec![
            Cell::text(bin_name(ends)),
            Cell::text(figures::percent(*all)),
            Cell::text(figures::percent(*baseline)),
            Cell::text(figures::signed((all - baseline) * 100.0, 1)),
        ]);
    }
    table
}

/// The share of each bin by month.
pub(crate) fn scores_by_month(histogram: &ScoreHistogram) -> Table {
    let mut columns = vec![Column::text("score")];
    columns.extend(histogram.months.iter().map(|(month, _)| Column::number(&month.to_string())));
    let mut table = Table::of_parts("Share of the scores by bin and month, in per cent", columns);
    for (place, ends) in bins(histogram).enumerate() {
        let shares = histogram.months.iter().map(|(_, shares)| {
            let share = shares.get(place).map(|share| figures::fixed(share * 100.0, 1));
            Cell::text(share.unwrap_or_default())
        });
        table.row(std::iter::once(Cell::text(bin_name(ends))).chain(shares).collect());
    }
    table
}
