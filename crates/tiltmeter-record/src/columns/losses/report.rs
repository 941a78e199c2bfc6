//! What was lost.

use jiff::Timestamp;

/// What was lost of the rows of a model, and what became of it in estimates.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LossReport {
    /// Exchanges that were lost before they were decoded.
    pub exchanges: LossCount,
    /// Rows that the sink lost after they were sampled.
    pub rows: LossCount,
    /// Lost exchanges in which there was no prediction to lose, by [their reason](crate::Gap::held_nothing): they are in none of
    /// the other numbers.
    pub held_nothing: u64,
    /// Lost exchanges of which the model is not known: none of them may be of this one, or all.
    pub exchanges_of_unknown_model: u64,
    /// The same of rows.
    pub rows_of_unknown_model: u64,
    /// The minutes with losses of this model, in their order.
    pub minutes: Vec<LossyMinute>,
    /// Of each row, whether it was observed in one of them, or stands for what was lost elsewhere in its hour: figures that it is
    /// part of carry a flag.
    pub is_lossy: Vec<bool>,
    share: f64,
}

/// How many were lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LossCount {
    /// Those for which rows stand now: of their class, or of what it was [collapsed](crate::columns::LossCorrection#small-classes)
    /// to.
    pub represented: u64,
    /// Of these, the ones for which rows of the same minute and endpoint stand, of any size class and priority.
    pub collapsed_to_minute: u64,
    /// Of the represented, the ones for which rows of the same hour and endpoint stand.
    pub collapsed_to_hour: u64,
    /// Of an endpoint without any row in that hour, or in an hour of which not all rows are there: nothing stands for them.
    pub unrepresented: u64,
    /// Of no known class: nothing stands for them either.
    pub unattributed: u64,
}

impl LossCount {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.represented.saturating_add(self.unrepresented).saturating_add(self.unattributed)
    }
}

/// A minute with losses.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LossyMinute {
    /// Its beginning.
    pub minute: Timestamp,
    /// Exchanges that were lost before they were decoded, represented or not.
    pub exchanges: u64,
    /// Rows that the sink lost.
    pub rows: u64,
    /// The share that was lost, above 0 and up to 1: of exchanges, beside those that the rows stand for, and of rows of what was
    /// left.
    pub share: f64,
}

impl LossReport {
    pub(super) fn of(rows: usize) -> Self {
        Self {
            exchanges: LossCount::default(),
            rows: LossCount::default(),
            held_nothing: 0,
            exchanges_of_unknown_model: 0,
            rows_of_unknown_model: 0,
            minutes: Vec::new(),
            is_lossy: vec![false; rows],
            share: 0.0,
        }
    }

    /// By the sums of weights before and after the correction.
    pub(super) fn set_share(&mut self, before: f64, after: f64) {
        let share = 1.0 - before / after;
        self.share = if after.is_finite() && share > 0.0 { share } else { 0.0 };
    }

    /// The share of all predictions that were lost and that rows stand for now, from 0 to 1, estimated. What is not
    /// represented comes on top: see the counts.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Whether nothing was lost of which this is to be told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty() && self.exchanges_of_unknown_model == 0 && self.rows_of_unknown_model == 0
    }
}
