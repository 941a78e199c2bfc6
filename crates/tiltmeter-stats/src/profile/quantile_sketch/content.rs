//! What is stored of a sketch, and what it must satisfy.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::coin::Coin;
use super::levels::{Item, Level, Levels, MOST_LEVELS, exponent};
use super::{QuantileSketch, weights};
use crate::error::{Error, Result};

pub(super) const ALLOWED_K: RangeInclusive<u16> = 8..=4096;

#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    k: u16,
    rows: u64,
    weight: f64,
    range: [f64; 2],
    variance: f64,
    coin: Coin,
    lowest: i16,
    levels: Vec<StoredLevel>,
}

/// Most items have the weight of the one before.
#[derive(Serialize, Deserialize)]
struct StoredLevel {
    owed: Option<bool>,
    weights: Vec<(u32, f64)>,
    values: Vec<f64>,
}

impl From<QuantileSketch> for Stored {
    fn from(sketch: QuantileSketch) -> Self {
        let QuantileSketch { k, rows, weight, range, variance, coin, levels } = sketch;
        let lowest = levels.lowest;
        let levels = levels.levels.iter().map(StoredLevel::of).collect();
        Self { k, rows, weight, range, variance, coin, lowest, levels }
    }
}

impl StoredLevel {
    fn of(level: &Level) -> Self {
        let mut weights: Vec<(u32, f64)> = Vec::new();
        for item in &level.items {
            match weights.last_mut() {
                Some((count, weight)) if weight.total_cmp(&item.weight).is_eq() => *count += 1,
                _ => weights.push((1, item.weight)),
            }
        }
        Self { owed: level.owed, weights, values: level.items.iter().map(|item| item.value).collect() }
    }

    fn level(&self) -> Option<Level> {
        let counted: u64 = self.weights.iter().map(|(count, _)| u64::from(*count)).sum();
        if counted != self.values.len() as u64 {
            return None;
        }
        let weights = self.weights.iter().flat_map(|&(count, weight)| (0..count).map(move |_| weight));
        let items = self.values.iter().zip(weights).map(|(&value, weight)| Item { value, weight }).collect();
        Some(Level { items, owed: self.owed })
    }
}

impl TryFrom<Stored> for QuantileSketch {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let refuse = |clause: &str| Err(Error::invalid(format!("no sketch: {clause}")));
        let Stored { k, rows, weight, range, variance, coin, lowest, levels } = stored;
        if levels.len() > MOST_LEVELS {
            return refuse("it has too many levels");
        }
        let Some(levels) = levels.iter().map(StoredLevel::level).collect::<Option<Vec<Level>>>() else {
            return refuse("there must be as many weights as values");
        };
        let sketch = Self { k, rows, weight, range, variance, coin, levels: Levels { lowest, levels } };
        if rows == 0 {
            return if sketch == Self::new(k)? { Ok(sketch) } else { refuse("one of no rows has values") };
        }
        let [low, high] = range;
        let is_in_range = |item: Item| low <= item.value && item.value <= high;
        if !sketch.levels.items().all(is_in_range) {
            return refuse("its values must be within its range");
        }
        let items = sketch.levels.len();
        if !ALLOWED_K.contains(&k) || items == 0 || items > sketch.levels.room(k) || items as u64 > rows {
            return refuse("it must have a value, and not more than its size and its rows allow");
        }
        if !sketch.levels.are_right() {
            return refuse("its weights must be those of their levels");
        }
        let total: f64 = sketch.levels.items().map(|item| item.weight).sum();
        if !((total - weight).abs() <= 1e-6 * weight && weights::are_of_allowed_weights(rows, weight)) {
            return refuse("its weight must be that of its values, and one that its rows can have");
        }
        if !(variance.is_finite() && variance >= 0.0) {
            return refuse("its variance must be a number from 0");
        }
        Ok(sketch)
    }
}

impl Levels {
    /// Whether each weight is a normal number that belongs to its level.
    fn are_right(&self) -> bool {
        let limits = [weights::ALLOWED.start() / 2.0, weights::ALLOWED.end() * 1e20];
        let is_weight = |item: &Item| limits[0] <= item.weight && item.weight <= limits[1];
        let is_of = |item: &Item, h: i16, place: usize| {
            let own = exponent(item.weight);
            own == h || (place == 0 && own < h)
        };
        self.exponents_are_small()
            && self.levels.iter().enumerate().all(|(place, level)| {
                let h = self.exponent_at(place);
                level.items.iter().all(|item| is_weight(item) && is_of(item, h, place))
            })
    }

    fn exponents_are_small(&self) -> bool {
        (-1000..1000).contains(&self.lowest)
    }
}
