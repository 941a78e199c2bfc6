//! How the two answer: decisions and scores.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::{Flip, PairFigures, ScoreDensity};

use crate::figures;
use crate::shadow::names::{self, Names};
use crate::shadow::quantity::Quantity;
use crate::shadow::svg::marginals;
use crate::table::{Cell, Column, Table};

/// Classes of the matrix, those with the most pairs.
const MAX_CLASSES: usize = 10;

/// Kinds of flip that are listed.
const MAX_FLIPS: usize = 30;

/// The figures of decisions and scores: to judge by, and of the pairs alone.
pub(in crate::shadow) fn answers(overall: &PairFigures, paired: &PairFigures) -> Table {
    let columns = vec![
        Column::text("figure"),
        Column::number("all requests").or_short("value"),
        Column::number("95 % interval"),
        Column::number("if they were alike").or_short("if alike").if_it_fits(),
        Column::number("pairs alone").if_it_fits(),
    ];
    let mut table = Table::new("How the two answer", columns);
    type Of = fn(&PairFigures) -> (&Measured, Option<f64>);
    let rows: [(&str, Quantity, Of); 9] = [
        ("same decision", Quantity::Share, |found| (&found.agreement_rate, None)),
        ("Cohen's kappa", Quantity::Plain, |found| (&found.cohen_kappa, None)),
        ("Pearson correlation of scores", Quantity::Plain, |found| (&found.pearson, None)),
        ("Spearman correlation of scores", Quantity::Plain, |found| (&found.spearman, None)),
        ("mean difference of scores", Quantity::Difference, |found| (&found.mean_score_difference, None)),
        ("mean distance of scores", Quantity::Plain, |found| (&found.score_distance, None)),
        ("Kolmogorov–Smirnov distance", Quantity::Plain, |found| (&found.ks, found.ks_expected)),
        ("population stability index", Quantity::Plain, |found| (&found.psi, found.psi_expected)),
        ("Wasserstein distance", Quantity::Plain, |found| (&found.wasserstein, found.wasserstein_expected)),
    ];
    for (name, quantity, of) in rows {
        let (measured, expected) = of(overall);
        let [value, interval] = quantity.cells(&mut table, measured);
        let alone = of(paired).0.estimate().map(|estimate| quantity.value(estimate)).unwrap_or_default();
        let expected = expected.map(|expected| quantity.value(&estimate(expected)));
        table.row(vec![
            Cell::text(name),
            value,
            interval,
            Cell::text(expected.unwrap_or_default()).with_class("lesser"),
            Cell::text(alone).with_class("lesser"),
        ]);
    }
    table
}

fn estimate(value: f64) -> tiltmeter_monitor::Estimate {
    tiltmeter_monitor::Estimate::new(value, None, None)
}

/// What each decided: the champion's decisions in rows, the challenger's in columns.
pub(in crate::shadow) fn matrix(found: &PairFigures, names: &Names) -> Table {
    let classes = classes(&found.flips);
    let mut columns = vec![Column::text("of all requests")];
    columns.extend(
        classes
            .iter()
            .map(|class| Column::number(&format!("{}: {}", names.challenger, names::decision(class)))),
    );
    let mut table = Table::new("What each decided, in shares of the requests", columns);
    let cells: BTreeMap<(&str, &str), &Flip> =
        found.flips.iter().map(|flip| ((flip.champion.as_str(), flip.challenger.as_str()), flip)).collect();
    for champion in &classes {
        let mut row = vec![Cell::text(format!("{}: {}", names.champion, names::decision(champion)))];
        for challenger in &classes {
            row.push(match cells.get(&(*champion, *challenger)) {
                None => Cell::text("0").with_class("zero"),
                Some(flip) => {
                    let cell = Quantity::Share.cell(&mut table, &flip.share);
                    cell.with_class(if flip.is_flip() { shade(flip) } else { "c-stable" })
                }
            });
        }
        table.row(row);
    }
    table
}

/// How many classes there are, and how many of them the matrix shows.
pub(in crate::shadow) fn classes_left_out(found: &PairFigures) -> usize {
    let all: std::collections::BTreeSet<&str> =
        found.flips.iter().flat_map(|flip| [flip.champion.as_str(), flip.challenger.as_str()]).collect();
    all.len().saturating_sub(MAX_CLASSES)
}

/// The more frequent a flip is, the stronger its colour.
fn shade(flip: &Flip) -> &'static str {
    match flip.share.value() {
        Some(share) if share >= 0.05 => "c-drift3",
        Some(share) if share >= 0.01 => "c-drift2",
        _ => "c-drift1",
    }
}

/// The classes with the most pairs, in the order of their names.
fn classes(flips: &[Flip]) -> Vec<&str> {
    let mut pairs: BTreeMap<&str, u64> = BTreeMap::new();
    for flip in flips {
        *pairs.entry(&flip.champion).or_default() += flip.pairs;
        *pairs.entry(&flip.challenger).or_default() += flip.pairs;
    }
    let mut order: Vec<(Reverse<u64>, &str)> =
        pairs.into_iter().map(|(class, pairs)| (Reverse(pairs), class)).collect();
    order.sort_unstable();
    let mut shown: Vec<&str> = order.into_iter().take(MAX_CLASSES).map(|(_, class)| class).collect();
    shown.sort_unstable();
    shown
}

/// The kinds of flip, the most frequent first.
pub(in crate::shadow) fn flips(found: &PairFigures) -> Table {
    let columns = vec![
        Column::text("champion decides"),
        Column::text("challenger decides"),
        Column::number("share of requests"),
        Column::number("95 % interval"),
        Column::number("pairs"),
        Column::number("stand for requests"),
    ];
    let mut table = Table::new("Where the two decide differently", columns);
    let mut flips: Vec<&Flip> = found.flips.iter().filter(|flip| flip.is_flip()).collect();
    flips.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    for flip in flips.into_iter().take(MAX_FLIPS) {
        let [share, interval] = Quantity::Share.cells(&mut table, &flip.share);
        table.row(vec![
            Cell::text(names::decision(&flip.champion)),
            Cell::text(names::decision(&flip.challenger)),
            share,
            interval,
            Cell::text(figures::count(flip.pairs)),
            Cell::text(weight(flip.weight)),
        ]);
    }
    table
}

/// How many requests a row stands for.
pub(in crate::shadow) fn weight(weight: f64) -> String {
    if weight >= 1e7 {
        format!("{weight:.1e}")
    } else {
        figures::fixed(weight, if weight < 1000.0 { 1 } else { 0 })
    }
}

/// The distributions of the scores by bin.
pub(in crate::shadow) fn distributions(density: &ScoreDensity) -> Table {
    let columns = vec![
        Column::text("score"),
        Column::number("champion"),
        Column::number("challenger"),
        Column::number("difference in points"),
    ];
    let mut table = Table::new("Share of the scores by bin", columns);
    let (champion, challenger) = marginals(density);
    for ((ends, one), other) in density.edges.windows(2).zip(champion).zip(challenger) {
        let name: Vec<String> = ends.iter().map(|edge| bound(*edge)).collect();
        table.row(vec![
            Cell::text(name.join(" to ")),
            Cell::text(figures::percent(one)),
            Cell::text(figures::percent(other)),
            Cell::text(figures::signed((other - one) * 100.0, 1)),
        ]);
    }
    table
}

fn bound(edge: f64) -> String {
    if edge.abs() >= 1e7 { format!("{edge:.2e}") } else { figures::fixed(edge, 3) }
}
