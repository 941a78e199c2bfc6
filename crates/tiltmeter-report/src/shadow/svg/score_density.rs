//! How many pairs have which two scores, as a map.

use tiltmeter_monitor::shadow::ScoreDensity;

use crate::figures;
use crate::scale::Scale;
use crate::shadow::names::Names;
use crate::svg::Scene;
use crate::svg::scene::{Anchor, Outline};

/// Each colour is for ten times more pairs than the one before.
const CLASSES: [&str; 5] = ["c-drift1", "c-drift2", "c-drift3", "c-drift4", "c-drift5"];

/// A square: its left top corner and its side.
pub(super) type Square = (f64, f64, f64);

/// The champion's scores from left to right, the challenger's upwards.
pub(super) fn draw_density(
    scene: &mut Scene,
    density: &ScoreDensity,
    names: &Names,
    (left, top, side): Square,
) {
    let (right, bottom) = (left + side, top + side);
    let ends = ends(density);
    let (x, y) = (Scale::new(ends, (left, right)), Scale::new(ends, (bottom, top)));
    scene.rect("plot", (left, top), (side, side));
    let first = first_power(density);
    let bins = density.shares.len().max(1) as f64;
    let cell = side / bins;
    for (place, class) in CLASSES.iter().enumerate() {
        let cells = density.shares.iter().enumerate().flat_map(|(column, shares)| {
            let of_class =
                shares.iter().enumerate().filter(move |(_, share)| class_of(**share, first) == Some(place));
            of_class.map(move |(row, _)| {
                let at = (left + cell * column as f64, bottom - cell * (row + 1) as f64);
                // a hair more than the cell: no lines shine through between neighbours
                (at, (cell + 0.1, cell + 0.1))
            })
        });
        scene.path(class, Outline::boxes(cells));
    }
    scene.line("diagonal", (left, bottom), (right, top));
    let ticks = x.ticks(4);
    for value in &ticks.values {
        let text = figures::fixed(*value, ticks.decimals);
        scene.text("tick", Anchor::Middle, (x.at(*value), bottom + 17.0), text.as_str());
        scene.text("tick", Anchor::End, (left - 6.0, y.at(*value) + 4.0), text);
    }
    let middle = f64::midpoint(left, right);
    scene.text("tick", Anchor::Middle, (middle, bottom + 35.0), format!("score of {}", names.champion));
    scene.text("tick", Anchor::Start, (left - 30.0, top - 10.0), format!("score of {}", names.challenger));
}

/// What the colours mean, from `left` on in `width`.
pub(super) fn draw_key(scene: &mut Scene, density: &ScoreDensity, (left, top, width): Square) {
    let step = width / CLASSES.len() as f64;
    let first = first_power(density);
    scene.text("strip-name", Anchor::Start, (left, top - 8.0), "share of the pairs in a cell, at least");
    for (place, class) in CLASSES.iter().enumerate() {
        let from = left + step * place as f64;
        scene.rect(class, (from, top), (step, 14.0));
        let text = if place == 0 { "> 0 %".to_owned() } else { power_name(first + place as f64) };
        scene.text("tick small", Anchor::Start, (from, top + 28.0), text);
    }
}

/// The lowest and the highest edge.
pub(super) fn ends(density: &ScoreDensity) -> (f64, f64) {
    let ends = density.edges.first().zip(density.edges.last());
    ends.map_or((0.0, 1.0), |(low, high)| (*low, *high))
}

/// The share of pairs within one bin of the diagonal.
pub(super) fn near_diagonal(density: &ScoreDensity) -> f64 {
    let rows = density.shares.iter().enumerate();
    rows.flat_map(|(column, shares)| {
        let near = shares.iter().enumerate().filter(move |(row, _)| column.abs_diff(*row) <= 1);
        near.map(|(_, share)| *share)
    })
    .sum()
}

/// The power of ten from which on a share has the first colour; all that is less has it as well.
fn first_power(density: &ScoreDensity) -> f64 {
    let most = density.shares.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    most.log10().floor() + 1.0 - CLASSES.len() as f64
}

fn class_of(share: f64, first: f64) -> Option<usize> {
    if share.is_nan() || share <= 0.0 {
        return None;
    }
    let power = share.log10().floor() - first;
    Some((1..CLASSES.len()).rev().find(|place| power >= *place as f64).unwrap_or(0))
}

/// `0.01 %`.
fn power_name(power: f64) -> String {
    let percent = 10.0_f64.powf(power + 2.0);
    if power < -7.0 {
        return format!("{percent:.0e} %");
    }
    let decimals =
        [0.0, -1.0, -2.0, -3.0, -4.0, -5.0].iter().take_while(|least| power + 2.0 < **least).count();
    format!("{} %", figures::fixed(percent, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_colour_is_for_ten_times_more() {
        assert_eq!(
            [0.0, 1e-9, 2e-5, 1.1e-4, 0.002, 0.05, 1.0].map(|share| class_of(share, -5.0)),
            [None, Some(0), Some(0), Some(1), Some(2), Some(3), Some(4)]
        );
        assert_eq!(
            [-5.0, -4.0, -3.0, -2.0, -1.0, 0.0].map(power_name),
            ["0.001 %", "0.01 %", "0.1 %", "1 %", "10 %", "100 %"]
        );
    }
}
