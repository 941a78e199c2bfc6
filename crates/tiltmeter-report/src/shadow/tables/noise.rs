//! What the champion's own noise leaves.

use tiltmeter_monitor::shadow::NoiseFloor;

use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};

/// The second instance of the champion and the challenger over the same requests, and what is beyond noise.
pub(in crate::shadow) fn noise(floor: &NoiseFloor) -> Table {
    let columns = vec![
        Column::text("figure"),
        Column::number("champion against itself").or_short("itself"),
        Column::number("challenger"),
        Column::number("beyond noise"),
        Column::number("95 % interval"),
    ];
    let mut table = Table::new("The noise floor", columns);
    let rows = [
        (
            "same decision",
            Quantity::Share,
            [&floor.figures.agreement_rate, &floor.challenger.agreement_rate],
            Quantity::Points,
            &floor.disagreement_beyond,
        ),
        (
            "mean distance of scores",
            Quantity::Plain,
            [&floor.figures.score_distance, &floor.challenger.score_distance],
            Quantity::Difference,
            &floor.score_distance_beyond,
        ),
    ];
    for (name, quantity, sides, beyond_in, beyond) in rows {
        let mut cells = vec![Cell::text(name)];
        for side in sides {
            cells.push(quantity.cell(&mut table, side));
        }
        cells.extend(beyond_in.cells(&mut table, beyond));
        table.row(cells);
    }
    table
}
