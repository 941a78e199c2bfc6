//! Pooling of adjacent violators.

use crate::sample::scale_of;

/// Points that share one value.
#[derive(Clone, Copy, Debug)]
struct Pool {
    /// How many distinct x.
    points: usize,
    weight: f64,
    sum: f64,
}

impl Pool {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }

    fn join(&mut self, next: Self) {
        self.points += next.points;
        self.weight += next.weight;
        self.sum += next.sum;
    }
}

/// The thresholds and their values, of at least one row `(x, y, weight)`, all finite, the weights above 0.
pub(super) fn fit(rows: &mut [(f64, f64, f64)], increasing: bool) -> (Vec<f64>, Vec<f64>) {
    rows.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let weight_scale = scale_of(rows.iter().map(|row| row.2));
    let y_scale = scale_of(rows.iter().map(|row| row.1.abs())).min(1.0) * if increasing { 1.0 } else { -1.0 };
    let range = rows
        .iter()
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], row| [low.min(row.1), high.max(row.1)]);

    let (mut x, mut pools) = (Vec::new(), Vec::<Pool>::new());
    for tied in rows.chunk_by(|one, other| one.0.to_bits() == other.0.to_bits()) {
        let mut pool = Pool { points: 1, weight: 0.0, sum: 0.0 };
        for (_, y, weight) in tied {
            pool.weight += weight * weight_scale;
            pool.sum += weight * weight_scale * (y * y_scale);
        }
        // one that all others outweigh beyond the range of numbers
        if pool.weight <= 0.0 {
            continue;
        }
        x.push(tied[0].0);
        while let Some(before) = pools.pop_if(|before| before.mean() >= pool.mean()) {
            let mut joined = before;
            joined.join(pool);
            pool = joined;
        }
        pools.push(pool);
    }
    let values = pools.iter().flat_map(|pool| {
        let y = (pool.mean() / y_scale).clamp(range[0], range[1]);
        std::iter::repeat_n(y + 0.0, pool.points)
    });
    let y: Vec<f64> = values.collect();
    without_level_points(&x, &y)
}

/// Leaves out points whose neighbours on both sides have the same value: the function is the same without them.
fn without_level_points(x: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let same = |one: f64, other: f64| one.to_bits() == other.to_bits();
    let last = y.len() - 1;
    let is_kept = |&point: &usize| {
        point == 0 || point == last || !same(y[point - 1], y[point]) || !same(y[point], y[point + 1])
    };
    (0..y.len()).filter(is_kept).map(|point| (x[point], y[point])).unzip()
}
