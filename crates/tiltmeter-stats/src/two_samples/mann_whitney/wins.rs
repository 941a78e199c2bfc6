//! Which of two sorted samples has the larger values, pair by pair.

/// The pairs that each side wins, ties one half, and the ties of both sides together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wins {
    pub(super) reference: f64,
    pub(super) current: f64,
    /// Σ(t³ − t).
    ties: f64,
    sizes: [f64; 2],
}

impl Wins {
    /// Of ascending values without NaN, at least one on each side: O(n + m), no memory. Counts of pairs are exact
    /// up to 2⁵³.
    pub(super) fn of(reference: &[f64], current: &[f64]) -> Self {
        let sizes = [reference.len() as f64, current.len() as f64];
        let (mut x, mut y) = (reference, current);
        let (mut x_below, mut y_below) = (0.0, 0.0);
        let mut wins = Self { reference: 0.0, current: 0.0, ties: 0.0, sizes };
        while let Some(&value) =
            [x.first(), y.first()].into_iter().flatten().min_by(|one, other| one.total_cmp(other))
        {
            // −0 and 0 are one value, which an order by bits puts side by side
            let leading = |values: &[f64]| values.iter().take_while(|other| **other <= value).count();
            let (x_here, y_here) = (leading(x), leading(y));
            (x, y) = (&x[x_here..], &y[y_here..]);
            let (x_count, y_count) = (x_here as f64, y_here as f64);
            wins.reference += x_count * (y_below + y_count / 2.0);
            wins.current += y_count * (x_below + x_count / 2.0);
            let tied = x_count + y_count;
            wins.ties += tied * (tied - 1.0) * (tied + 1.0);
            x_below += x_count;
            y_below += y_count;
        }
        wins
    }

    pub(super) fn is_tied(&self) -> bool {
        self.ties > 0.0
    }

    /// Of the share of pairs that a side wins, over all orders of the values.
    pub(super) fn standard_error(&self) -> f64 {
        let [n, m] = self.sizes;
        let all = n + m;
        ((all + 1.0 - self.ties / all / (all - 1.0)).max(0.0) / 12.0 / n / m).sqrt()
    }
}
