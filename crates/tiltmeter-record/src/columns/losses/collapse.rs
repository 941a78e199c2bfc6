//! Which cell stands for the losses of a class.

use std::collections::{HashMap, HashSet};

use super::lost::{Class, Hour, Lost, Place, hour_of};

/// The fewest exchanges, or rows, that stand for losses of their class or minute.
const FEWEST: u64 = 5;

/// Losses by the cell whose rows are to stand for them; each is in one.
#[derive(Debug, Default)]
pub(super) struct Collapsed {
    /// Rows that the sink lost.
    pub(super) rows_of_place: HashMap<Place, u64>,
    pub(super) rows_of_hour: HashMap<Hour, u64>,
    /// Exchanges.
    pub(super) of_class: HashMap<Class, u64>,
    /// Of the classes in `small`, together.
    pub(super) of_small: HashMap<Place, u64>,
    pub(super) of_place: HashMap<Place, u64>,
    pub(super) of_hour: HashMap<Hour, u64>,
    /// The classes with too few exchanges.
    pub(super) small: HashSet<Class>,
}

impl Collapsed {
    /// By how many exchanges there are of each class, and rows of each place, in the minutes with losses.
    pub(super) fn of(lost: &Lost, exchanges: &HashMap<Class, u64>, rows: &HashMap<Place, u64>) -> Self {
        let mut collapsed = Self::default();
        let (mut of_place, mut of_small) = (HashMap::new(), HashMap::new());
        for (&class, &count) in exchanges {
            add(&mut of_place, class.place(), count);
            if count < FEWEST {
                add(&mut of_small, class.place(), count);
                collapsed.small.insert(class);
            }
        }
        let mut of_classes: HashMap<Place, u64> = HashMap::new();
        for (&class, &count) in &lost.exchanges {
            if is_enough(exchanges, &class) {
                add(&mut collapsed.of_class, class, count);
            } else {
                add(&mut of_classes, class.place(), count);
            }
        }
        for (place, count) in of_classes {
            if is_enough(&of_small, &place) {
                add(&mut collapsed.of_small, place, count);
            } else if is_enough(&of_place, &place) {
                add(&mut collapsed.of_place, place, count);
            } else {
                add(&mut collapsed.of_hour, hour_of(place), count);
            }
        }
        for (&place, &count) in &lost.rows {
            if is_enough(rows, &place) {
                add(&mut collapsed.rows_of_place, place, count);
            } else {
                add(&mut collapsed.rows_of_hour, hour_of(place), count);
            }
        }
        collapsed
    }

    /// Whether rows of that hour and endpoint stand for what was lost somewhere in it.
    pub(super) fn is_wide(&self, hour: Hour) -> bool {
        self.of_hour.contains_key(&hour) || self.rows_of_hour.contains_key(&hour)
    }
}

fn is_enough<K: Eq + std::hash::Hash>(counts: &HashMap<K, u64>, cell: &K) -> bool {
    counts.get(cell).is_some_and(|&count| count >= FEWEST)
}

fn add<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, u64>, cell: K, count: u64) {
    let sum = counts.entry(cell).or_default();
    *sum = sum.saturating_add(count);
}
