//! Sorts whole numbers by their leading digits, in two passes, and what these leave together by comparisons.
//!
//! Of our own, since the sorts there are would cost this crate something: `radsort` is slower than the standard library's
//! where it matters here, and `voracious_radix_sort` reaches its speed with unsafe code that is not kept up. Both are in
//! the benchmark `statistics`, as what this is measured against.

/// Below so many keys a sort by comparisons is as fast.
const FEWEST: usize = 4_096;

/// How many keys the cells are fitted to.
const FITTED: usize = 1_024;

/// How many bits a digit has, at least.
const LEAST_DIGIT_BITS: u32 = 8;
/// And at most, so that the counts of both digits stay in the first-level cache.
const MOST_DIGIT_BITS: u32 = 12;
const DIGITS: usize = 1 << MOST_DIGIT_BITS;

/// How far a key is moved before all of its cell is sorted at once.
const FARTHEST: usize = 16;

/// Sorts keys. `spare` is memory that is used again from one call to the next; it grows to the number of keys.
///
/// O(n) for keys that are spread as samples of most distributions are; O(n log n) at worst, since what is too close
/// together is sorted by comparisons, and so are keys of few levels, which that does fast.
pub(crate) fn sort_keys(keys: &mut [u64], spare: &mut Vec<u64>) {
    if !sort_by_digits(keys, spare) {
        keys.sort_unstable();
    }
}

/// False, and nothing done, where a sort by comparisons should be as fast.
#[must_use]
fn sort_by_digits(keys: &mut [u64], spare: &mut Vec<u64>) -> bool {
    let count = keys.len();
    let is_in_order = || keys.is_sorted() || keys.is_sorted_by(|one, next| one >= next);
    if count < FEWEST || u32::try_from(count).is_err() || is_in_order() {
        return false;
    }
    let digit_bits = (count.ilog2() + 2).div_ceil(2).clamp(LEAST_DIGIT_BITS, MOST_DIGIT_BITS);
    let fitted_to = keys.iter().step_by(count / FITTED).copied().collect();
    let Some(cells) = Cells::fitted_to(fitted_to, 2 * digit_bits) else {
        return false;
    };
    let mask = (1 << digit_bits) - 1;
    // never more than DIGITS; said so that no bounds are checked
    let low = |key: u64| cells.of(key) & mask & (DIGITS - 1);
    let high = |key: u64| (cells.of(key) >> digit_bits) & (DIGITS - 1);
    let (mut low_places, mut high_places) = ([0_u32; DIGITS], [0_u32; DIGITS]);
    for &key in &*keys {
        low_places[low(key)] += 1;
        high_places[high(key)] += 1;
    }
    begin(&mut low_places);
    begin(&mut high_places);
    if spare.len() < count {
        *spare = vec![0; count];
    }
    let spare = &mut spare[..count];
    for &key in &*keys {
        let place = &mut low_places[low(key)];
        spare[*place as usize] = key;
        *place += 1;
    }
    for &key in &*spare {
        let place = &mut high_places[high(key)];
        keys[*place as usize] = key;
        *place += 1;
    }
    finish(keys, &cells);
    true
}

/// From how many there are of each digit to where the first of them belongs.
fn begin(counts: &mut [u32; DIGITS]) {
    let mut place = 0;
    for count in counts {
        place += std::mem::replace(count, place);
    }
}

/// Sorts keys that are in the order of their cells: each is moved a few places, or else its cell is sorted.
fn finish(keys: &mut [u64], cells: &Cells) {
    let mut index = 1;
    while index < keys.len() {
        let key = keys[index];
        let stop = index.saturating_sub(FARTHEST);
        let mut place = index;
        while place > stop && keys[place - 1] > key {
            keys[place] = keys[place - 1];
            place -= 1;
        }
        keys[place] = key;
        index += 1;
        if place > 0 && place == stop && keys[place - 1] > key {
            let cell = cells.of(key);
            let is_elsewhere = |&other: &u64| cells.of(other) != cell;
            let first = keys[..place].iter().rposition(is_elsewhere).map_or(0, |before| before + 1);
            let end = keys[index..].iter().position(is_elsewhere).map_or(keys.len(), |more| index + more);
            keys[first..end].sort_unstable();
            index = end;
        }
    }
}

/// A map of keys to cells that never descends.
///
/// Cells are equally wide between the least and the greatest of some keys, but for the widest gap between two of these,
/// which counts as nothing: numbers of either sign have nearly all possible keys between them.
struct Cells {
    low: u64,
    below_gap: u64,
    gap_end: u64,
    above_gap: u64,
    shift: u32,
}

impl Cells {
    /// 2 to the `bits` cells, at most, fitted to some keys; `None` when these would not part them.
    fn fitted_to(mut some: Vec<u64>, bits: u32) -> Option<Self> {
        some.sort_unstable();
        let (low, high) = (*some.first()?, *some.last()?);
        let widest = some.windows(2).max_by_key(|pair| pair[1] - pair[0])?;
        let (below_gap, above_gap) = (widest[0] - low, high - widest[1]);
        let shift = (u64::BITS - (below_gap + above_gap).leading_zeros()).saturating_sub(bits);
        let cells = Self { low, below_gap, gap_end: widest[1], above_gap, shift };
        let together = some.windows(2).filter(|pair| cells.of(pair[0]) == cells.of(pair[1])).count();
        (together <= some.len() / 4).then_some(cells)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a cell has at most twice MOST_DIGIT_BITS bits")]
    fn of(&self, key: u64) -> usize {
        let below = key.saturating_sub(self.low).min(self.below_gap);
        let above = key.saturating_sub(self.gap_end).min(self.above_gap);
        ((below + above) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sorted::sort_key;

    fn check(keys: Vec<u64>) {
        let mut expected = keys.clone();
        expected.sort_unstable();
        let mut sorted = keys;
        sort_keys(&mut sorted, &mut Vec::new());
        assert!(sorted == expected);
    }

    /// Many keys, each made of a random number and its place.
    fn keys(count: usize, key: impl Fn(u64, usize) -> u64) -> Vec<u64> {
        let mut random = fastrand::Rng::with_seed(7);
        (0..count).map(|place| key(random.u64(..), place)).collect()
    }

    #[test]
    fn sorts_keys_that_are_spread_in_any_way() {
        let unit = |random: u64| (random >> 11) as f64 / (1_u64 << 53) as f64;
        for count in [0, 1, 2, FEWEST - 1, FEWEST, 20_011] {
            let step = (count / FITTED).max(1);
            check(keys(count, |random, _| random));
            check(keys(count, |random, _| random % 100));
            check(keys(count, |random, _| sort_key(unit(random))));
            check(keys(count, |random, _| sort_key(unit(random) - 0.3)));
            check(keys(count, |random, _| sort_key((20.0 * unit(random)).exp())));
            check(keys(count, |random, _| [0, u64::MAX, random][(random % 3) as usize]));
            check(keys(count, |_, place| place as u64));
            check(keys(count, |_, place| u64::MAX - place as u64));
            check(keys(count, |_, place| place as u64 ^ 1));
            // those that cells are fitted to are like none of the others
            check(keys(count, |random, place| if place % step == 0 { random } else { 9 + random % 5_000 }));
            check(keys(
                count,
                |random, place| if place % step == 0 { random } else { u64::MAX - place as u64 },
            ));
            check(keys(count, |random, place| if place % step == 0 { random % 50_000 } else { random }));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn sorts_any_keys(
            keys in proptest::collection::vec(any::<u64>(), FEWEST..FEWEST + 500), shift in 0_u32..64, base: u64,
        ) {
            check(keys.into_iter().map(|key| base.wrapping_add(key >> shift)).collect());
        }
    }
}
