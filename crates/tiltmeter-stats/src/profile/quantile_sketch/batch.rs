//! Many values at once. The lowest levels cost the most time and add the least to the error: a batch goes past them.

use super::levels::{Item, exponent, power, sampled, sort_by_value};
use super::ranks::Ranks;
use super::{Coin, QuantileSketch};

/// Values that are sorted together.
const CHUNK: usize = 4096;

/// A batch of n values that is sorted and thinned to weights of δ adds δ²/4 to the variance, the levels about 1.35 W/k²
/// for each value: δ² is at most this times n W/k², so that thinning adds a twelfth.
const OF_THINNING: f64 = 0.45;

/// Drawing one of each δ of the values before they are sorted adds δ/4 for each value, a twentieth.
const OF_DRAWING: f64 = 0.3;

/// How a batch of a certain weight is made smaller: by drawing one of 2^`drawn`, sorting these, and thinning them to
/// weights of 2^`thinned`.
#[derive(Clone, Copy)]
struct Thinning {
    drawn: i16,
    thinned: i16,
}

/// Memory that is used again for each chunk.
#[derive(Default)]
struct Room {
    drawn: Vec<f64>,
    ranks: Ranks,
}

impl QuantileSketch {
    /// Folds values with weights that have been checked.
    pub(in crate::profile) fn fold(&mut self, values: &[f64], weights: Option<&[f64]>) {
        let Some(weights) = weights else {
            let (mut present, mut room) = (Vec::new(), Room::default());
            for chunk in values.chunks(CHUNK) {
                if chunk.iter().fold(false, |found, value| found | value.is_nan()) {
                    present.clear();
                    present.extend(chunk.iter().filter(|value| !value.is_nan()));
                    self.add_ones(&present, &mut room);
                } else {
                    self.add_ones(chunk, &mut room);
                }
            }
            return;
        };
        let mut items = Vec::new();
        for (values, weights) in values.chunks(CHUNK).zip(weights.chunks(CHUNK)) {
            let rows =
                values.iter().zip(weights).filter(|(value, weight)| !value.is_nan() & (**weight > 0.0));
            items.clear();
            items.extend(rows.map(|(&value, &weight)| Item { value: value + 0.0, weight }));
            self.add_weighted(&items);
        }
    }

    fn add_ones(&mut self, values: &[f64], room: &mut Room) {
        self.see(values, values.len() as f64);
        self.add_chunk(values, room);
        self.variance += self.levels.compress(self.k, &mut self.coin);
    }

    fn add_chunk(&mut self, chunk: &[f64], room: &mut Room) {
        let rows = chunk.len() as f64;
        let [drawn, thinned] = self.thinning(chunk.len(), rows).map_or([1, 1], |by| {
            // to one value at the most
            [by.drawn.min(by.thinned), by.thinned].map(|h| 1_usize << h.clamp(0, exponent(rows)))
        });
        // what is left over goes in as it is, so that all weights are powers of two
        let (whole, rest) = chunk.split_at(if thinned > 1 { chunk.len() / thinned * thinned } else { 0 });
        if !whole.is_empty() {
            let (coin, levels) = (&mut self.coin, &mut self.levels);
            let values = if drawn > 1 {
                room.drawn.clear();
                room.drawn.extend(whole.chunks_exact(drawn).map(|group| group[draw(coin, drawn)]));
                &*room.drawn
            } else {
                whole
            };
            let (step, weight) = (thinned / drawn, thinned as f64);
            room.ranks.every(step, draw(coin, step), values, |value| levels.push(Item { value, weight }));
            let of_drawing = if drawn > 1 { whole.len() as f64 * drawn as f64 / 4.0 } else { 0.0 };
            let of_thinning = if step > 1 { weight * weight / 4.0 } else { 0.0 };
            self.variance += of_drawing + of_thinning;
        }
        for &value in rest {
            self.levels.push(Item { value: value + 0.0, weight: 1.0 });
        }
    }

    fn add_weighted(&mut self, items: &[Item]) {
        let weight = items.iter().map(|item| item.weight).sum();
        let values: Vec<f64> = items.iter().map(|item| item.value).collect();
        self.see(&values, weight);
        self.add_weighted_chunk(items, weight);
        self.variance += self.levels.compress(self.k, &mut self.coin);
    }

    fn add_weighted_chunk(&mut self, chunk: &[Item], weight: f64) {
        let thinning = self.thinning(chunk.len(), weight);
        // heavy items have levels of their own to go to
        let is_light = |item: &Item| thinning.is_some_and(|by| item.weight < power(by.thinned));
        let (mut light, heavy): (Vec<Item>, Vec<Item>) = chunk.iter().copied().partition(is_light);
        heavy.into_iter().for_each(|item| self.levels.push(item));
        let weight: f64 = light.iter().map(|item| item.weight).sum();
        let Some(Thinning { drawn, thinned }) = thinning.filter(|by| weight >= power(by.thinned)) else {
            light.into_iter().for_each(|item| self.levels.push(item));
            return;
        };
        if drawn < thinned && power(drawn) * light.len() as f64 > 2.0 * weight {
            let coin = &mut self.coin;
            let (kept, weight_of_each) = sampled(&light, drawn, |_| coin.uniform());
            light = kept.collect();
            self.variance += weight * weight_of_each / 4.0;
        }
        sort_by_value(&mut light);
        self.variance += self.levels.thin(&light, thinned, &mut self.coin);
    }

    /// What a batch of so many values and such a weight is thinned to; `None` while all of it finds room.
    fn thinning(&self, values: usize, weight: f64) -> Option<Thinning> {
        let per_value = self.weight / (f64::from(self.k) * f64::from(self.k));
        let thinned = exponent(OF_THINNING * weight * per_value).div_euclid(2);
        let has_room = self.levels.len() + values <= self.levels.room(self.k);
        (!has_room).then(|| Thinning { drawn: exponent(OF_DRAWING * per_value), thinned })
    }
}

/// A number below `count`, which is a power of two.
fn draw(coin: &mut Coin, count: usize) -> usize {
    if count == 1 {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "only low bits are wanted")]
    let bits = coin.draw() as usize;
    bits & (count - 1)
}

/// A whole number with the order of the values, which is faster to sort; −0 becomes 0.
pub(super) fn key(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

pub(super) fn value_of(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) & i64::MAX)).cast_unsigned())
}
