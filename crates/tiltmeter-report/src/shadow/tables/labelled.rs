//! Which of the two is right.

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::{LabelledComparison, McNemar};

use crate::figures;
use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};

/// A metric of both.
struct Metric<'a> {
    name: &'static str,
    quantity: Quantity,
    sides: [&'a Measured; 2],
    difference: &'a Measured,
    difference_in: Quantity,
    better: Better,
}

/// What is better of a difference.
#[derive(Clone, Copy, PartialEq)]
enum Better {
    Higher,
    Lower,
    /// Only its distance from zero counts.
    Neither,
}

/// The metrics of both, and their differences with intervals.
pub(in crate::shadow) fn labelled(found: &LabelledComparison, names: &Names) -> Table {
    let columns = vec![
        Column::text("metric"),
        Column::number(&names.champion),
        Column::number(&names.challenger),
        Column::number("difference"),
        Column::number("95 % interval"),
        Column::text("better").if_it_fits(),
    ];
    let mut table = Table::new("Challenger less champion, over the same labelled pairs", columns);
    for metric in metrics(found) {
        let value = |table: &mut Table, measured: &Measured| match measured {
            Measured::Known(estimate) => Cell::text(metric.quantity.value(estimate)),
            Measured::Undefined(reason) => table.none(reason),
        };
        let mut cells = vec![Cell::text(metric.name)];
        cells.extend(metric.sides.map(|side| value(&mut table, side)));
        cells.extend(metric.difference_in.cells(&mut table, metric.difference));
        cells.push(Cell::text(metric.word(names)));
        table.row(cells);
    }
    table
}

fn metrics(found: &LabelledComparison) -> [Metric<'_>; 6] {
    let plain = |name, sides, difference, better| Metric {
        name,
        quantity: Quantity::Plain,
        sides,
        difference,
        difference_in: Quantity::Difference,
        better,
    };
    [
        plain(
            "ROC AUC",
            [&found.champion_roc_auc, &found.challenger_roc_auc],
            &found.roc_auc_difference,
            Better::Higher,
        ),
        plain(
            "Brier score",
            [&found.champion_brier, &found.challenger_brier],
            &found.brier_difference,
            Better::Lower,
        ),
        plain(
            "log loss",
            [&found.champion_log_loss, &found.challenger_log_loss],
            &found.log_loss_difference,
            Better::Lower,
        ),
        plain(
            "calibration error",
            [&found.champion_calibration_error, &found.challenger_calibration_error],
            &found.calibration_error_difference,
            Better::Lower,
        ),
        plain(
            "bias of the scores",
            [&found.champion_bias, &found.challenger_bias],
            &found.bias_difference,
            Better::Neither,
        ),
        Metric {
            name: "accuracy of decisions",
            quantity: Quantity::Share,
            sides: [&found.champion_accuracy, &found.challenger_accuracy],
            difference: &found.accuracy_difference,
            difference_in: Quantity::Points,
            better: Better::Higher,
        },
    ]
}

impl Metric<'_> {
    /// Who is better beyond chance.
    fn word(&self, names: &Names) -> String {
        let Some((low, high)) = self.difference.estimate().and_then(|estimate| estimate.interval) else {
            return String::new();
        };
        let is_higher = low > 0.0;
        if self.better == Better::Neither {
            String::new()
        } else if !(low > 0.0 || high < 0.0) {
            "not proven".to_owned()
        } else if is_higher == (self.better == Better::Higher) {
            names.challenger.clone()
        } else {
            names.champion.clone()
        }
    }
}

/// McNemar's test.
pub(in crate::shadow) fn mcnemar(test: &McNemar, names: &Names) -> Table {
    let columns = vec![Column::text("McNemar's test of the decisions"), Column::number("")];
    let mut table = Table::new("Decisions that only one of the two got right", columns);
    for (name, value) in [
        (format!("only {} right, pairs", names.champion), figures::count(test.only_champion)),
        (format!("only {} right, pairs", names.challenger), figures::count(test.only_challenger)),
        ("exact p-value of these counts".to_owned(), figures::probability(test.p_exact)),
        ("mid-p-value".to_owned(), figures::probability(test.p_mid)),
        ("p-value of the weighted difference".to_owned(), figures::probability(test.p_weighted)),
    ] {
        table.row(vec![Cell::text(name), Cell::text(value)]);
    }
    table
}
