//! Rows drawn with replacement, again and again.

use super::known::undefined;
use crate::{Estimate, Measured};

/// Below this there are too few draws for an interval of level 0.95.
const FEWEST: usize = 40;
/// Ends of intervals do not move any more with more draws.
const MOST: usize = 10_000;

/// As many rows as there are are drawn with replacement, `replicates` times.
///
/// All distances of scores of a group are computed of the same draws, and all quantiles of latency, which is what makes
/// them cheap enough to be made for each segment and day: [`tiltmeter_stats::Bootstrap`] draws for one figure at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resample {
    pub(super) replicates: usize,
    pub(super) seed: u64,
}

impl Resample {
    /// Hands out how often each row was drawn.
    pub(super) fn each(self, rows: usize, mut take: impl FnMut(&[u8])) {
        if rows == 0 || self.replicates < FEWEST {
            return;
        }
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut counts = vec![0_u8; rows];
        for _ in 0..self.replicates.min(MOST) {
            counts.fill(0);
            for _ in 0..rows {
                let drawn = &mut counts[random.usize(..rows)];
                *drawn = drawn.saturating_add(1);
            }
            take(&counts);
        }
    }
}

/// What a figure was in each draw.
#[derive(Clone, Debug, Default)]
pub(super) struct Replicates(Vec<f64>);

impl Replicates {
    pub(super) fn push(&mut self, value: f64) {
        if value.is_finite() {
            self.0.push(value);
        }
    }

    /// The figure with the interval between the 2.5 % and the 97.5 % point of the draws, and their standard deviation.
    pub(super) fn percentile(self, value: f64) -> Measured {
        self.estimate(value, |interval| interval)
    }

    /// The same with the interval mirrored at `as_seen`, the figure of the rows as the draws see them, for a figure that
    /// draws make larger on average. None of it is below 0; it reaches down to `at_least` and up to `value` at least, as
    /// draws that are all larger mirror to ends that are all smaller.
    pub(super) fn mirrored(self, value: f64, as_seen: f64, at_least: f64) -> Measured {
        self.estimate(value, |(low, high)| {
            let end = |end: f64| (value + (as_seen - end)).max(0.0);
            (end(high).min(at_least).min(value), end(low).max(value))
        })
    }

    /// A distance from 0 with the interval `value` ± the 95 % point of the draws, which are bounds of how far it is off. It
    /// has no standard error: near 0 it is not normal.
    pub(super) fn at_most_off(self, value: f64) -> Measured {
        if !value.is_finite() {
            return undefined("it is too large for a number");
        }
        let interval = self.point_95().map(|off| ((value - off).max(0.0), value + off));
        Measured::Known(Estimate::new(value, interval.filter(|(_, high)| high.is_finite()), None))
    }

    /// The 95 % point of the draws; `None` when they are too few.
    pub(super) fn point_95(mut self) -> Option<f64> {
        self.0.sort_unstable_by(f64::total_cmp);
        let ends = tiltmeter_stats::quantile_linear(&self.0, &[0.95]).ok()?;
        ends.first().copied().filter(|_| self.0.len() >= FEWEST)
    }

    fn estimate(self, value: f64, interval: impl Fn((f64, f64)) -> (f64, f64)) -> Measured {
        if !value.is_finite() {
            return undefined("it is too large for a number");
        }
        let found = self.ends_and_error();
        let interval = found.map(|(ends, _)| interval(ends));
        let interval = interval.filter(|(low, high)| low.is_finite() && high.is_finite());
        let error = found.map(|(_, error)| error).filter(|error| error.is_finite());
        Measured::Known(Estimate::new(value, interval, error))
    }

    fn ends_and_error(mut self) -> Option<((f64, f64), f64)> {
        if self.0.len() < FEWEST {
            return None;
        }
        self.0.sort_unstable_by(f64::total_cmp);
        let ends = tiltmeter_stats::quantile_linear(&self.0, &[0.025, 0.975]).ok()?;
        let size = self.0.len() as f64;
        let mean = self.0.iter().sum::<f64>() / size;
        let squares: f64 = self.0.iter().map(|value| (value - mean).powi(2)).sum();
        Some(((ends[0], ends[1]), (squares / (size - 1.0)).sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_draw_has_as_many_rows_as_there_are_and_a_seed_gives_the_same() {
        let draws = |seed| {
            let mut all = Vec::new();
            Resample { replicates: 40, seed }.each(500, |counts| {
                assert_eq!(counts.iter().map(|&count| u32::from(count)).sum::<u32>(), 500);
                all.push(counts.to_vec());
            });
            all
        };
        assert_eq!(draws(1).len(), 40);
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        Resample { replicates: 39, seed: 1 }.each(5, |_| panic!("too few"));
        Resample { replicates: 40, seed: 1 }.each(0, |_| panic!("no rows"));
    }

    #[test]
    fn a_mirrored_interval_is_never_below_zero() {
        let draws = Replicates((0..=100).map(|draw| 0.1 + f64::from(draw) / 100.0).collect());
        let (low, high) = draws.mirrored(0.2, 0.2, 0.2).estimate().unwrap().interval.unwrap();
        assert!(low.abs() < 1e-15 && (high - (0.4 - 0.125)).abs() < 1e-12, "{low} {high}");
        let larger = Replicates((0..=100).map(|draw| 0.3 + f64::from(draw) / 100.0).collect());
        let (low, high) = larger.mirrored(0.2, 0.2, 0.2).estimate().unwrap().interval.unwrap();
        assert_eq!((low, high), (0.0, 0.2));
    }

    #[test]
    fn a_distance_is_in_the_middle_of_its_interval_or_of_what_is_left_above_zero() {
        let draws = || Replicates((0..=100).map(|draw| f64::from(draw) / 100.0).collect());
        let interval = |value: f64| draws().at_most_off(value).estimate().unwrap().interval.unwrap();
        let (low, high) = interval(2.0);
        assert!((low - 1.05).abs() < 1e-12 && (high - 2.95).abs() < 1e-12, "{low} {high}");
        assert!(interval(0.5).0.abs() < 1e-15);
        assert_eq!(Replicates(vec![1.0; 39]).at_most_off(2.0).estimate().unwrap().interval, None);
    }
}
