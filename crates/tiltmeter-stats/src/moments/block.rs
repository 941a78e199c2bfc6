//! The moments of as many values as stay in the first cache, so that the second pass over them is all but free.

use super::{Moments, within};
use crate::sample::Sample;

/// 8 KiB of values, and as much of weights.
const BLOCK: usize = 1024;

/// Sums that do not wait for each other, and that a compiler can put into vector registers.
const LANES: usize = 4;

/// Fewer values than this are not worth lanes.
const FEW_VALUES: usize = 16;

impl Moments {
    /// Folds a sample into the moments, as [`merge`](Self::merge) with the moments of the sample does. One pass over
    /// memory, O(n); two passes over each block of 1024 values, which are merged.
    ///
    /// ```
    /// # use tiltmeter_stats::Moments;
    /// let mut moments = Moments::empty();
    /// moments.update(&[1.0, 2.0]);
    /// moments.update(&[3.0, 6.0]);
    /// assert_eq!((moments.mean()?, moments.population_variance()?), (3.0, 3.5));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn update<'a>(&mut self, sample: impl Into<Sample<'a>>) {
        let sample = sample.into();
        self.fold(sample.values(), sample.weights());
    }

    /// The same of weights that have been checked.
    pub(crate) fn fold(&mut self, values: &[f64], weights: Option<&[f64]>) {
        let Some(weights) = weights else {
            for values in values.chunks(BLOCK) {
                *self = self.merge(&of_block(values));
            }
            return;
        };
        for (values, weights) in values.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
            *self = self.merge(&of_weighted_block(values, weights));
        }
    }
}

fn of_block(values: &[f64]) -> Moments {
    if let Some(sums) = Sums::of::<false>(values, values)
        && sums.are_of_finite_values()
    {
        return sums.moments::<false>(values, values);
    }
    let missing = values.iter().filter(|value| value.is_nan()).count();
    // without branches, which nobody could predict
    let (mut kept, mut count) = ([0.0; BLOCK], 0);
    for &value in values {
        kept[count] = value;
        count += usize::from(value.is_finite());
    }
    let finite = &kept[..count];
    let moments = Sums::of::<false>(finite, finite)
        .map_or_else(Moments::empty, |sums| sums.moments::<false>(finite, finite));
    Moments { missing: missing as u64, infinite: (values.len() - missing - count) as u64, ..moments }
}

fn of_weighted_block(values: &[f64], weights: &[f64]) -> Moments {
    let all_count = weights.iter().fold(true, |so_far, &weight| so_far & (weight > 0.0));
    if all_count
        && let Some(sums) = Sums::of::<true>(values, weights)
        && sums.are_of_finite_values()
    {
        return sums.moments::<true>(values, weights);
    }
    let rows = || values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
    let missing = rows().filter(|(value, _)| value.is_nan()).count();
    let infinite = rows().filter(|(value, _)| value.is_infinite()).count();
    let (finite, weights): (Vec<f64>, Vec<f64>) = rows().filter(|(value, _)| value.is_finite()).unzip();
    let moments = Sums::of::<true>(&finite, &weights)
        .map_or_else(Moments::empty, |sums| sums.moments::<true>(&finite, &weights));
    Moments { missing: missing as u64, infinite: infinite as u64, ..moments }
}

/// What the first pass finds. Offsets are from one of the values: a constant has exactly its mean, and large values
/// cost no digits.
struct Sums {
    origin: f64,
    weight: f64,
    squared_weights: f64,
    offset: f64,
    range: [f64; 2],
}

impl Sums {
    /// `None` without values. Without weights those that are given are not looked at.
    fn of<const WEIGHTED: bool>(values: &[f64], weights: &[f64]) -> Option<Self> {
        let origin = *values.first()?;
        let (mut offset, mut weight, mut squares) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let (mut low, mut high) = ([origin; LANES], [origin; LANES]);
        each::<WEIGHTED>(values, weights, |lane, value, w| {
            offset[lane] += w * (value - origin);
            // not `min` and `max`, which look for NaN as well
            low[lane] = if value < low[lane] { value } else { low[lane] };
            high[lane] = if value > high[lane] { value } else { high[lane] };
            if WEIGHTED {
                weight[lane] += w;
                squares[lane] += w * w;
            }
        });
        let rows = values.len() as f64;
        let [weight, squared_weights] =
            if WEIGHTED { [weight, squares].map(|lanes| lanes.iter().sum()) } else { [rows, rows] };
        let range = [low.into_iter().fold(origin, f64::min), high.into_iter().fold(origin, f64::max)];
        Some(Self { origin, weight, squared_weights, offset: offset.iter().sum(), range })
    }

    /// NaN and ±∞ go into the sum and stay there; so it may be an overflow when this is false.
    fn are_of_finite_values(&self) -> bool {
        self.origin.is_finite() && self.offset.is_finite()
    }

    /// The second pass, over the same values, which are all finite and count.
    fn moments<const WEIGHTED: bool>(&self, values: &[f64], weights: &[f64]) -> Moments {
        let mean = within(self.origin + self.offset / self.weight, self.range);
        let (mut rest, mut central) = ([0.0; LANES], [[0.0; LANES]; 3]);
        each::<WEIGHTED>(values, weights, |lane, value, w| {
            let distance = value - mean;
            let square = distance * distance;
            rest[lane] += w * distance;
            central[0][lane] += w * square;
            central[1][lane] += w * square * distance;
            central[2][lane] += w * square * square;
        });
        let rest: f64 = rest.iter().sum();
        let mut central = central.map(|lanes| lanes.iter().sum::<f64>());
        // what the rounding of the mean has left in M₂ (Chan, Golub and LeVeque 1983)
        central[0] -= rest * (rest / self.weight);
        // not `max`, which would make a variance of 0 of sums that overflowed
        if central[0] < 0.0 {
            central[0] = 0.0;
        }
        Moments {
            rows: values.len() as u64,
            missing: 0,
            infinite: 0,
            weight: self.weight,
            squared_weights: self.squared_weights,
            mean,
            central,
            range: self.range,
        }
    }
}

/// Hands out the values lane by lane, each with its weight, or with 1, which costs nothing. Few values are summed up in
/// their order, which the ids of small baselines hang on.
#[inline]
fn each<const WEIGHTED: bool>(values: &[f64], weights: &[f64], mut step: impl FnMut(usize, f64, f64)) {
    let mut row = |lane, value: f64, weight: f64| step(lane, value, if WEIGHTED { weight } else { 1.0 });
    if values.len() < FEW_VALUES {
        values.iter().zip(weights).for_each(|(&value, &weight)| row(0, value, weight));
        return;
    }
    let (values, last_values) = values.as_chunks::<LANES>();
    let (weights, last_weights) = weights.as_chunks::<LANES>();
    for (values, weights) in values.iter().zip(weights) {
        for lane in 0..LANES {
            row(lane, values[lane], weights[lane]);
        }
    }
    for (lane, (&value, &weight)) in last_values.iter().zip(last_weights).enumerate() {
        row(lane, value, weight);
    }
}
