//! The graph of the distribution function of a sketch.

/// Its distinct values, ascending, each with the share of values up to it.
#[derive(Clone, Debug)]
pub(in crate::profile) struct Corners(Vec<(f64, f64)>);

impl Corners {
    /// Of values with their weights.
    pub(super) fn of(mut points: Vec<(f64, f64)>) -> Self {
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut sum = 0.0;
        for (_, weight) in &mut points {
            sum += *weight;
            *weight = sum;
        }
        // the last of equal values has the whole share
        points.reverse();
        points.dedup_by(|next, kept| next.0 >= kept.0);
        points.reverse();
        points.iter_mut().for_each(|point| point.1 /= sum);
        Self(points)
    }

    /// The smallest value with a share of `q`; below 0 and above 1 the ends of the range.
    pub(super) fn quantile(&self, q: f64, [low, high]: [f64; 2]) -> f64 {
        if q <= 0.0 || q >= 1.0 {
            return if q <= 0.0 { low } else { high };
        }
        let place = self.0.partition_point(|point| point.1 < q);
        self.0.get(place).map_or(high, |point| point.0)
    }

    /// The values at which either of two rises, ascending, each with the shares of both up to it.
    pub(in crate::profile) fn together<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
        let (mut mine, mut others) = (self.0.iter().peekable(), other.0.iter().peekable());
        let (mut share, mut other_share) = (0.0, 0.0);
        std::iter::from_fn(move || {
            let x = match (mine.peek(), others.peek()) {
                (Some(a), Some(b)) => a.0.min(b.0),
                (Some(one), None) | (None, Some(one)) => one.0,
                (None, None) => return None,
            };
            if let Some(point) = mine.next_if(|point| point.0 <= x) {
                share = point.1;
            }
            if let Some(point) = others.next_if(|point| point.0 <= x) {
                other_share = point.1;
            }
            Some((x, share, other_share))
        })
    }
}
