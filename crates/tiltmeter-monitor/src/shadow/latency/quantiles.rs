//! Quantiles of rows that were drawn some number of times each.

/// The quantiles that are looked at, ascending.
pub(super) const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// Values in order, found once for all draws.
pub(super) struct Ordered<'a> {
    /// The values, the greatest first, each with its row.
    descending: Vec<(f64, usize)>,
    weights: Option<&'a [f64]>,
}

impl<'a> Ordered<'a> {
    /// Of finite values.
    pub(super) fn of(values: &[f64], weights: Option<&'a [f64]>) -> Self {
        let mut descending: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
        descending.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
        Self { descending, weights }
    }

    /// Of rows each of which is there so many times; type 7 without weights, else type 1. `None` without rows. O(n).
    pub(super) fn quantiles(&self, counts: &[u8]) -> Option<[f64; QUANTILES.len()]> {
        match self.weights {
            None => self.linear(counts),
            Some(weights) => self.inverted(counts, weights),
        }
    }

    fn linear(&self, counts: &[u8]) -> Option<[f64; QUANTILES.len()]> {
        let size: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let last = size.checked_sub(1)?;
        let places = QUANTILES.map(|share| Place::of(share, last));
        // ranks from the greatest down: 0.99, 0.95, 0.5 would be in order, but in few rows their neighbours overlap
        let mut ranks: Vec<usize> = places.iter().flat_map(|place| [place.above, place.below]).collect();
        ranks.sort_unstable();
        let mut rows = self.descending.iter();
        // of the row that was looked at last: its value, and how many rows there are from the greatest up to it
        let (mut value, mut seen) = (f64::INFINITY, 0);
        let mut values = Vec::with_capacity(ranks.len());
        for &rank in &ranks {
            while seen <= rank {
                let &(next, row) = rows.next()?;
                seen += usize::from(counts[row]);
                value = next;
            }
            values.push(value);
        }
        let at = |rank: usize| values[ranks.partition_point(|other| *other < rank)];
        Some(places.map(|place| place.between(at(place.below), at(place.above))))
    }

    fn inverted(&self, counts: &[u8], weights: &[f64]) -> Option<[f64; QUANTILES.len()]> {
        let whole: f64 = counts.iter().zip(weights).map(|(&count, weight)| f64::from(count) * weight).sum();
        if whole <= 0.0 {
            return None;
        }
        let mut found = [0.0; QUANTILES.len()];
        let mut wanted = QUANTILES.iter().enumerate().rev().peekable();
        let mut above = 0.0;
        for &(value, row) in &self.descending {
            if counts[row] == 0 {
                continue;
            }
            above += f64::from(counts[row]) * weights[row];
            // the least value of which all greater ones weigh at most 1 − q
            while let Some((place, _)) = wanted.next_if(|(_, share)| above > (1.0 - **share) * whole) {
                found[place] = value;
            }
            if wanted.peek().is_none() {
                break;
            }
        }
        Some(found)
    }
}

/// Where a quantile of type 7 lies, as ranks from the greatest, which is 0.
#[derive(Clone, Copy)]
struct Place {
    below: usize,
    above: usize,
    part: f64,
}

impl Place {
    fn of(share: f64, last: usize) -> Self {
        let height = last as f64 * share;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the last place"
        )]
        let below = (height.floor() as usize).min(last);
        Self { below: last - below, above: last - (below + 1).min(last), part: height - height.floor() }
    }

    fn between(self, low: f64, high: f64) -> f64 {
        if self.part <= 0.0 { low } else { (low * (1.0 - self.part) + high * self.part).clamp(low, high) }
    }
}
