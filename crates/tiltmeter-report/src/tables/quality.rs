//! Calibration: how scores and frequencies agree.

use tiltmeter_monitor::performance::{CalibrationSummary, Quality};

use crate::figures;
use crate::table::{Cell, Column, Table};

/// The calibration of the baseline and of named groups.
pub(crate) fn calibration(baseline: Option<&Quality>, groups: &[(String, &Quality)]) -> Table {
    let columns = vec![
        Column::text("group"),
        Column::number("labelled"),
        Column::number("mean score"),
        Column::number("base rate"),
        Column::number("calibration error"),
        Column::number("expected if calibrated"),
        Column::number("bias"),
        Column::number("95 % interval"),
    ];
    let mut table = Table::new("Calibration by version and month", columns);
    let baseline = baseline.map(|quality| ("baseline", quality, "not kept in the baseline"));
    let groups = groups.iter().map(|(name, quality)| (name.as_str(), *quality, "there are no figures"));
    for (name, quality, without) in baseline.into_iter().chain(groups) {
        let mut cells = vec![
            Cell::text(name),
            Cell::text(figures::count(quality.labelled)),
            Cell::text(figures::or_none(quality.mean_score, figures::score)),
            Cell::text(figures::or_none(quality.base_rate(), figures::score)),
        ];
        match &quality.calibration {
            Some(found) => {
                let show = |value| figures::signed(value, 3);
                cells.push(Cell::text(figures::score(found.expected_calibration_error)));
                cells.push(Cell::text(figures::score(found.expected_without_miscalibration)));
                cells.push(table.measured(&found.bias, show));
                cells.push(Table::interval_of(&found.bias, figures::signed_interval));
            }
            None => {
                // where there are losses, there were labels, and what is not there was not kept
                let none = table.none(quality.brier.reason().unwrap_or(without));
                cells.extend([none.clone(), none.clone(), none, Cell::default()]);
            }
        }
        table.row(cells);
    }
    table
}

/// The bins of reliability diagrams.
pub(crate) fn reliability_bins(groups: &[(String, &CalibrationSummary)]) -> Table {
    let columns = vec![
        Column::text("group"),
        Column::number("mean score"),
        Column::number("label 1"),
        Column::number("95 % interval"),
        Column::number("predictions"),
    ];
    let mut table = Table::new("Reliability by bin of scores", columns);
    for (name, calibration) in groups {
        for bin in &calibration.bins {
            table.row(vec![
                Cell::text(name.clone()),
                Cell::text(figures::score(bin.mean_score)),
                Cell::text(figures::score(bin.observed)),
                Cell::text(figures::interval(bin.interval)),
                Cell::text(figures::count(bin.count)),
            ]);
        }
    }
    table
}
