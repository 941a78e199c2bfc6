//! A mean of −1, 0 and 1.

use tiltmeter_stats::{Look, Result, Undefined};

/// How many rows, and of what weight, speak against, for neither, or for something: a mean and its standard error follow,
/// without a second look at the rows.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    /// Of −1, 0 and 1: the sum of weights, and of their squares.
    sums: [(f64, f64); 3],
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vote {
    Against,
    Neither,
    For,
}

impl From<bool> for Vote {
    fn from(is_so: bool) -> Self {
        if is_so { Self::For } else { Self::Neither }
    }
}

impl Vote {
    /// Which of two is so.
    pub(super) fn between(for_it: bool, against_it: bool) -> Self {
        match (for_it, against_it) {
            (true, false) => Self::For,
            (false, true) => Self::Against,
            _ => Self::Neither,
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, vote: Vote, weight: f64) {
        self.rows += 1;
        // not by an index, so that the sums of a long loop stay in registers
        let [against, neither, in_favour] = &mut self.sums;
        let add = |sums: &mut (f64, f64)| *sums = (sums.0 + weight, sums.1 + weight * weight);
        match vote {
            Vote::Against => add(against),
            Vote::Neither => add(neither),
            Vote::For => add(in_favour),
        }
    }

    /// Of the rows that vote and have a weight.
    pub(super) fn of(votes: &[Option<Vote>], weights: impl Iterator<Item = f64>) -> Self {
        let mut tally = Self::default();
        for (vote, weight) in votes.iter().zip(weights) {
            if let Some(vote) = vote
                && weight > 0.0
            {
                tally.add(*vote, weight);
            }
        }
        tally
    }

    /// The mean, with Hájek's standard error, that is never below `least_variance` by the square root of one row.
    ///
    /// Rare events have not happened for a while, or have by chance: what their variance would be at the threshold is what a
    /// test against it needs at least. As in the score test of a share.
    pub(super) fn look(&self, least_variance: f64) -> Result<Look> {
        if self.rows == 0 {
            return Err(Undefined::Empty.into());
        }
        let [against, neither, in_favour] = self.sums;
        let weights = against.0 + neither.0 + in_favour.0;
        let squares = against.1 + neither.1 + in_favour.1;
        let mean = (in_favour.0 - against.0) / weights;
        let size = weights * weights / squares;
        let deviation = |value: f64, squares: f64| squares * (value - mean).powi(2);
        let deviations = deviation(-1.0, against.1) + deviation(0.0, neither.1) + deviation(1.0, in_favour.1);
        // one row that is all but alone has an effective number of 1 and a few roundings
        let is_known = self.rows > 1 && size - 1.0 > 1e-12;
        let error = if is_known { (deviations / (squares * (size - 1.0))).sqrt() } else { 0.0 };
        Look::new(mean, error.max((least_variance / size).sqrt()), size)
    }
}
