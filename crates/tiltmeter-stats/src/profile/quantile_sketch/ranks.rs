//! Order statistics at steady steps, without sorting all values.

use super::batch::{key, value_of};

/// Stretches of the range, all of one width.
const STRETCHES: usize = 1024;

/// Values that are looked at to find the range: all but the extremes, so that one far value does not put the others
/// into one stretch.
const LOOKED_AT: usize = 64;

/// With fewer values sorting all is as fast.
const LEAST: usize = 512;

/// Finds the values of certain ranks: they are distributed over stretches of their range, and only those stretches are sorted
/// that have a rank that is wanted. O(n) for values that are spread over the range between their extremes, O(n log n) for any.
#[derive(Default)]
pub(super) struct Ranks {
    /// By value.
    stretches: Vec<u16>,
    /// By stretch: where the next of its values goes; after all have gone, where it ends.
    ends: Vec<u32>,
    keys: Vec<i64>,
}

impl Ranks {
    /// The values of the ranks `first`, `first + step` and so on, ascending. There is no NaN among the values; −0 becomes 0.
    pub(super) fn every(&mut self, step: usize, first: usize, values: &[f64], mut found: impl FnMut(f64)) {
        if values.len() < LEAST || !self.distribute(values) {
            self.keys.clear();
            self.keys.extend(values.iter().map(|&value| key(value)));
            self.keys.sort_unstable();
            self.keys.iter().skip(first).step_by(step).for_each(|&key| found(value_of(key)));
            return;
        }
        let (mut start, mut rank) = (0, first);
        for &end in &self.ends {
            let end = end as usize;
            if rank < end {
                let keys = &mut self.keys[start..end];
                keys.sort_unstable();
                while rank < end {
                    found(value_of(keys[rank - start]));
                    rank += step;
                }
            }
            start = end;
        }
    }

    /// Brings the keys into the order of their stretches; `false` where the values have no range to be cut.
    fn distribute(&mut self, values: &[f64]) -> bool {
        let Some([low, scale]) = range(values) else { return false };
        let Self { stretches, ends, keys } = self;
        stretches.clear();
        stretches.extend(values.iter().map(|&value| stretch(value, low, scale)));
        ends.clear();
        ends.resize(STRETCHES, 0);
        for &stretch in &*stretches {
            ends[usize::from(stretch) % STRETCHES] += 1;
        }
        let mut sum = 0;
        for end in ends.iter_mut() {
            (*end, sum) = (sum, sum + *end);
        }
        keys.resize(values.len(), 0);
        for (&stretch, &value) in stretches.iter().zip(values) {
            let next = &mut ends[usize::from(stretch) % STRETCHES];
            keys[*next as usize] = key(value);
            *next += 1;
        }
        true
    }
}

/// Where the stretches begin, and how many there are for each unit.
fn range(values: &[f64]) -> Option<[f64; 2]> {
    let mut some = [0.0; LOOKED_AT];
    let every = (values.len() / LOOKED_AT).max(1);
    for (one, &value) in some.iter_mut().zip(values.iter().step_by(every)) {
        *one = value;
    }
    some.sort_unstable_by(f64::total_cmp);
    let [low, high] = [some[1], some[LOOKED_AT - 2]];
    // a normal distribution goes about that far beyond them among some thousand values
    let margin = (high - low) / 4.0;
    let low = low - margin;
    let scale = STRETCHES as f64 / (6.0 * margin);
    (low.is_finite() && scale.is_normal() && scale > 0.0).then_some([low, scale])
}

/// Of a larger value never a smaller one. Free of branches, for vector instructions.
fn stretch(value: f64, low: f64, scale: f64) -> u16 {
    /// Added to a number below 2⁵², it leaves the whole part in the lowest bits.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    const LAST: f64 = (STRETCHES - 1) as f64;
    let place = (value - low) * scale;
    let place = if place > 0.0 { place } else { 0.0 };
    let place = if place < LAST { place } else { LAST };
    #[expect(clippy::cast_possible_truncation, reason = "it is below 1024")]
    let stretch = (place + WHOLE).to_bits() as u16;
    stretch
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::Random;

    fn check(values: &[f64], step: usize, first: usize) {
        let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let wanted: Vec<u64> = sorted.iter().skip(first).step_by(step).map(|value| value.to_bits()).collect();
        let (mut ranks, mut found) = (Ranks::default(), Vec::new());
        // what is left of other values does not matter
        for _ in 0..2 {
            ranks.every(7, 0, &values[..values.len() / 3], |_| {});
            found.clear();
            ranks.every(step, first, values, |value| found.push(value.to_bits()));
        }
        assert_eq!(found, wanted);
    }

    #[test]
    fn values_of_any_shape_are_found() {
        let mut random = Random(5);
        let shapes: [fn(&mut Random) -> f64; 8] = [
            Random::normal,
            |random| (9.0 * random.normal()).exp(),
            |random| (3.0 * random.uniform()).floor(),
            |random| if random.uniform() < 0.02 { f64::INFINITY } else { random.normal() },
            |random| if random.uniform() < 0.4 { f64::NEG_INFINITY } else { -0.0 },
            |random| 5e-324 * (9.0 * random.uniform()).floor(),
            |random| f64::MAX * (2.0 * random.uniform() - 1.0),
            |_| 3.0,
        ];
        for shape in shapes {
            for count in [511, 512, 700, 4096] {
                let values: Vec<f64> = (0..count).map(|_| shape(&mut random)).collect();
                for (step, first) in [(1, 0), (4, 3), (16, 0), (512, 77)] {
                    check(&values, step, first);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn so_are_any_values(
            values in proptest::collection::vec(any::<f64>().prop_filter("a number", |value| !value.is_nan()), 1..90),
            times in 1..60_usize,
            step in 0..9_u32,
            first in 0..256_usize,
        ) {
            check(&values.repeat(times), 1 << step, first & ((1 << step) - 1));
        }
    }
}
