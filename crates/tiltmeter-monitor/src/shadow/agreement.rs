//! Whether two sides decide alike.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tiltmeter_stats::{cohen_kappa, cohen_kappa_weighted};

use super::figures::{Flip, MAX_CLASSES};
use super::known::{normal, share, share_of};
use super::rows::{Classes, Rows, Sides};
use crate::Measured;
use crate::performance::measured;

/// What is found of decisions.
pub(super) struct Agreement {
    pub(super) missing: u64,
    pub(super) rate: Measured,
    pub(super) kappa: Measured,
    pub(super) flips: Vec<Flip>,
}

pub(super) fn agreement(rows: &Rows, sides: Sides<'_>) -> Agreement {
    let Sides { classes, champion_class: champion, challenger_class: challenger, .. } = sides;
    let both = |row: usize| champion[row] != Classes::MISSING && challenger[row] != Classes::MISSING;
    let decided = rows.filtered(both);
    let (one, other) = (decided.gather(champion), decided.gather(challenger));
    let same: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one == other).collect();
    let kappa = match decided.weights() {
        None => cohen_kappa(&one, &other),
        Some(weights) => cohen_kappa_weighted(&one, &other, weights),
    };
    Agreement {
        missing: (rows.len() - decided.len()) as u64,
        rate: share(&decided, &same, "no pair has both decisions"),
        kappa: measured(kappa.map(|kappa| normal(kappa.value, kappa.standard_error, [-1.0, 1.0]))),
        flips: flips(&decided, classes, champion, challenger),
    }
}

fn flips(decided: &Rows, classes: &Classes, champion: &[u32], challenger: &[u32]) -> Vec<Flip> {
    let mut cells: BTreeMap<(u32, u32), (u64, f64)> = BTreeMap::new();
    let mut whole = 0.0;
    for weighted in decided.iter() {
        let cell = cells.entry((champion[weighted.row], challenger[weighted.row])).or_default();
        cell.0 += 1;
        cell.1 += weighted.weight;
        whole += weighted.weight;
    }
    let shown = most_frequent(&cells);
    let size = decided.effective_size();
    let cells = cells.into_iter().filter(|((one, other), _)| shown.contains(one) && shown.contains(other));
    let flip = |((one, other), (pairs, weight)): ((u32, u32), (u64, f64))| {
        Some(Flip {
            champion: classes.name(one)?.to_owned(),
            challenger: classes.name(other)?.to_owned(),
            pairs,
            weight,
            share: share_of(weight / whole, size),
        })
    };
    cells.filter_map(flip).collect()
}

/// The classes with the most decisions of either side.
fn most_frequent(cells: &BTreeMap<(u32, u32), (u64, f64)>) -> BTreeSet<u32> {
    let mut decisions: BTreeMap<u32, u64> = BTreeMap::new();
    for (&(one, other), (pairs, _)) in cells {
        *decisions.entry(one).or_default() += pairs;
        *decisions.entry(other).or_default() += pairs;
    }
    let mut order: Vec<(Reverse<u64>, u32)> =
        decisions.into_iter().map(|(class, count)| (Reverse(count), class)).collect();
    order.sort_unstable();
    order.into_iter().take(MAX_CLASSES).map(|(_, class)| class).collect()
}
