//! The items of a sketch by the size of their weights, and how they become fewer.

use super::coin::Coin;

/// With more levels than this the lowest share one. Their items have less than 2⁻⁴⁰ of the weight of the highest ones.
pub(super) const MOST_LEVELS: usize = 41;

/// A value that stands for as much as its weight says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) value: f64,
    pub(super) weight: f64,
}

/// Items with weights in [2^h, 2^(h+1)); in the lowest level smaller ones too.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Level {
    pub(super) items: Vec<Item>,
    /// The half that the next halving keeps, when it is to be the opposite of the last one.
    pub(super) owed: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Levels {
    /// h of the first of `levels`.
    pub(super) lowest: i16,
    pub(super) levels: Vec<Level>,
}

/// h of the level of a weight, ⌊log₂ w⌋, for normal numbers above 0.
pub(super) fn exponent(weight: f64) -> i16 {
    ((weight.to_bits() >> 52) & 0x7FF) as i16 - 1023
}

/// 2^h, for h of normal numbers.
pub(super) fn power(h: i16) -> f64 {
    f64::from_bits(u64::from((h + 1023).clamp(1, 2046).unsigned_abs()) << 52)
}

impl Levels {
    pub(super) fn len(&self) -> usize {
        self.levels.iter().map(|level| level.items.len()).sum()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Item> + '_ {
        self.levels.iter().flat_map(|level| level.items.iter().copied())
    }

    pub(super) fn push(&mut self, item: Item) {
        let place = self.place(exponent(item.weight));
        self.levels[place].items.push(item);
    }

    /// h of the level at a place.
    pub(super) fn exponent_at(&self, place: usize) -> i16 {
        // there are 41 levels
        self.lowest + i16::try_from(place).unwrap_or(i16::MAX)
    }

    /// The place of level h, which is made if need be.
    fn place(&mut self, h: i16) -> usize {
        if self.levels.is_empty() {
            self.lowest = h;
        }
        let below = usize::from(self.lowest.saturating_sub(h).max(0).unsigned_abs());
        let below = below.min(MOST_LEVELS.saturating_sub(self.levels.len()));
        if below > 0 {
            self.levels.splice(0..0, std::iter::repeat_with(Level::default).take(below));
            self.lowest = self.exponent_at(0) - i16::try_from(below).unwrap_or(0);
        }
        let place = |lowest: i16| usize::from((h - lowest).max(0).unsigned_abs());
        if place(self.lowest) >= self.levels.len() {
            self.levels.resize_with(place(self.lowest) + 1, Level::default);
            self.join_lowest();
        }
        place(self.lowest)
    }

    fn join_lowest(&mut self) {
        let surplus = self.levels.len().saturating_sub(MOST_LEVELS);
        if surplus > 0 {
            self.lowest = self.exponent_at(surplus);
            let joined: Vec<Item> = self.levels.drain(..surplus).flat_map(|level| level.items).collect();
            self.levels[0].items.extend(joined);
        }
    }

    /// How many items a sketch of size `k` has at the most: (1 + 2/3 + (2/3)² + …) k, and the 2 that each level may keep
    /// however low it is.
    pub(super) fn room(&self, k: u16) -> usize {
        3 * usize::from(k) + 2 * self.levels.len()
    }

    /// Compacts levels until the items fit, the lowest first. Returns what that adds to the variance of ranks.
    pub(super) fn compress(&mut self, k: u16, coin: &mut Coin) -> f64 {
        let mut variance = 0.0;
        while self.len() > self.room(k) {
            let Some(place) = self.overfull(k) else { break };
            variance += self.compact(place, coin);
        }
        variance
    }

    /// The lowest level that has more than its share: k for the highest, for each below it two thirds of that.
    fn overfull(&self, k: u16) -> Option<usize> {
        let (mut share, mut lowest) = (f64::from(k), None);
        for (place, level) in self.levels.iter().enumerate().rev() {
            if level.items.len() as f64 > share.max(2.0) {
                lowest = Some(place);
            }
            share *= 2.0 / 3.0;
        }
        lowest
    }

    fn compact(&mut self, place: usize, coin: &mut Coin) -> f64 {
        let h = self.exponent_at(place);
        let all_are_alike =
            self.levels[place].items.iter().all(|item| power(h).total_cmp(&item.weight).is_eq());
        if all_are_alike {
            return self.halve(place, coin);
        }
        let mut items = std::mem::take(&mut self.levels[place].items);
        sort_by_value(&mut items);
        self.thin(&items, h + 1, coin)
    }

    /// Keeps every second item, for two. Every other time the half that was not kept the last time, so that two errors
    /// cancel: the variance of the second is that of the first, and is not added again.
    fn halve(&mut self, place: usize, coin: &mut Coin) -> f64 {
        let weight = power(self.exponent_at(place));
        let level = &mut self.levels[place];
        let mut items = std::mem::take(&mut level.items);
        if items.len() % 2 == 1 {
            level.items.extend(items.pop());
        }
        let owed = level.owed.take();
        let half = owed.unwrap_or_else(|| coin.draw() % 2 == 1);
        if owed.is_none() {
            level.owed = Some(!half);
        }
        sort_by_value(&mut items);
        for item in items.iter().skip(usize::from(half)).step_by(2) {
            self.push(Item { value: item.value, weight: 2.0 * weight });
        }
        if owed.is_none() { weight * weight } else { 0.0 }
    }

    /// Systematic sampling of items in the order of their values, into weights of 2^h or a little more: W / ⌊W / 2^h⌋,
    /// so that none is lost. Returns the variance of the rank of a value at the most, δ²/4 for the weight δ.
    pub(super) fn thin(&mut self, items: &[Item], h: i16, coin: &mut Coin) -> f64 {
        let offset = coin.uniform();
        let (kept, weight) = sampled(items, h, |_| offset);
        kept.for_each(|item| self.push(item));
        weight * weight / 4.0
    }

    /// The levels of both; the same for both orders.
    pub(super) fn merge(&mut self, other: &Self) {
        if let Some(last) = other.levels.len().checked_sub(1) {
            self.place(other.exponent_at(last));
            self.place(other.lowest);
        }
        for (place, level) in other.levels.iter().enumerate() {
            let h = other.exponent_at(place);
            let place = self.place(h);
            let mine = &mut self.levels[place];
            let both_have_items = !mine.items.is_empty() && !level.items.is_empty();
            mine.items.extend_from_slice(&level.items);
            if both_have_items {
                sort_by_weight(&mut mine.items);
            }
            if h >= self.lowest {
                // what either owes is paid once, and opposite debts are none
                mine.owed = match (mine.owed, level.owed) {
                    (Some(half), Some(other)) => (half == other).then_some(half),
                    (half, other) => half.or(other),
                };
            }
        }
        // several levels of either may have gone into this one
        if let Some(lowest) = self.levels.first_mut() {
            sort_by_weight(&mut lowest.items);
        }
    }
}

/// One item of each stretch of the total weight W that is W / ⌊W / 2^h⌋ long, and that weight, which each item gets.
/// `offset` tells where in the stretch of that number, from 0 to 1.
pub(super) fn sampled(
    items: &[Item],
    h: i16,
    mut offset: impl FnMut(usize) -> f64,
) -> (impl Iterator<Item = Item>, f64) {
    let total: f64 = items.iter().map(|item| item.weight).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is limited")]
    let count = ((total / power(h)) as usize).clamp(1, items.len().max(2) - 1);
    let weight = total / count as f64;
    let (mut place, mut reached) = (0, items.first().map_or(0.0, |item| item.weight));
    let kept = (0..count).filter_map(move |number| {
        let wanted = (number as f64 + offset(number)) * weight;
        // rounding may leave the last stretch without an end
        while reached < wanted && place + 1 < items.len() {
            place += 1;
            reached += items[place].weight;
        }
        Some(Item { value: items.get(place)?.value, weight })
    });
    (kept, weight)
}

pub(super) fn sort_by_value(items: &mut [Item]) {
    items.sort_unstable_by(|a, b| a.value.total_cmp(&b.value).then(a.weight.total_cmp(&b.weight)));
}

/// For what is kept: items of one weight stay together, and take less room when they are stored.
fn sort_by_weight(items: &mut [Item]) {
    items.sort_unstable_by(|a, b| a.weight.total_cmp(&b.weight).then(a.value.total_cmp(&b.value)));
}
