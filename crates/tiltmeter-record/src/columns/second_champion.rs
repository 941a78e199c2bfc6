//! A second instance of the champion beside the challenger.

use super::PairColumns;
use crate::PairBucket;

/// Pairs with what a second instance of the champion answered to the same requests, and how many it answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SecondChampionJoin {
    /// The pairs, all of them, with the [second champion](PairColumns::second_champion). Its rows are missing where it did
    /// not answer.
    pub pairs: PairColumns,
    /// Rows that the second instance answered.
    pub answered: u64,
    /// Rows that it was to see and did not answer.
    pub unanswered: u64,
    /// Rows that nothing is known of at the second instance, or not for certain.
    pub unmatched: u64,
    /// Rows of the second instance that are of none of the pairs: they are left out.
    pub left_over: u64,
}

impl PairColumns {
    /// Puts a second instance of the champion beside the challenger.
    ///
    /// A second instance is put up as one more challenger, so that `second` are pairs as well: in them the *challenger* is
    /// the second instance. A row belongs to the one with the same request id and instance; where both event times are known,
    /// they must be at most a second apart, since clients use ids again. Where a request id stands in more than one row, of
    /// retries or of a client that calls all requests alike, the event times must be the same, and one row must be left on each
    /// side: else there is no telling, and the row counts as unmatched. Rows without a request id match nothing.
    ///
    /// Cost: both are sorted by request id.
    ///
    /// ```
    /// use tiltmeter_record::PairBucket;
    /// use tiltmeter_record::columns::{AnswerColumns, Categories, PairColumns, RequestColumns, Texts};
    ///
    /// let pairs = |ids: [&str; 2], scores: [f64; 2]| {
    ///     let requests = RequestColumns {
    ///         request_id: ids.into_iter().map(Some).collect(),
    ///         entity_id: Texts::from_iter([None, None]),
    ///         event_time: vec![PairColumns::NO_TIME; 2],
    ///         inclusion_probability: vec![1.0; 2],
    ///         bucket: vec![PairBucket::Paired; 2],
    ///         segments: vec![],
    ///     };
    ///     let side = |scores: [f64; 2]| {
    ///         let none = || Categories::from_iter([None, None]);
    ///         AnswerColumns::new(scores.to_vec(), none(), vec![1.0; 2], none(), vec![None; 2])
    ///     };
    ///     PairColumns::new("churn".parse().unwrap(), requests, side([0.2, 0.4])?, side(scores)?)
    /// };
    /// let challenger = pairs(["r1", "r2"], [0.3, 0.5])?;
    /// let again = pairs(["r2", "r9"], [0.41, 0.9])?;
    ///
    /// let joined = challenger.join_second_champion(&again);
    /// assert_eq!((joined.answered, joined.unmatched, joined.left_over), (1, 1, 1));
    /// let second = joined.pairs.second_champion().unwrap();
    /// assert!(second.score()[0].is_nan() && second.score()[1] == 0.41);
    /// # Ok::<(), tiltmeter_record::columns::UnequalLengths>(())
    /// ```
    #[must_use]
    pub fn join_second_champion(mut self, second: &Self) -> SecondChampionJoin {
        let row_of = self.rows_of(second);
        let matched = row_of.iter().flatten().count();
        let is_paired = |row: &usize| second.requests().bucket.get(*row) == Some(&PairBucket::Paired);
        let answering: Vec<Option<usize>> = row_of.iter().map(|row| row.filter(is_paired)).collect();
        let answered = answering.iter().flatten().count();
        self.second_champion = Some(second.challenger().gathered(&answering));
        SecondChampionJoin {
            answered: answered as u64,
            unanswered: (matched - answered) as u64,
            unmatched: (row_of.len() - matched) as u64,
            left_over: (second.len() - matched) as u64,
            pairs: self,
        }
    }

    /// The row of `other` that is of the same request, for each row; each is of one row at most.
    fn rows_of(&self, other: &Self) -> Vec<Option<usize>> {
        let mut found = vec![None; self.len()];
        let others = Sorted::of(other);
        let others: Vec<&[usize]> = others.by_key().collect();
        for rows in Sorted::of(self).by_key() {
            let key = self.key(rows[0]);
            let Ok(place) = others.binary_search_by(|rows| other.key(rows[0]).cmp(&key)) else { continue };
            let time = |pairs: &Self, row: usize| pairs.requests().event_time[row];
            if let ([row], [of]) = (rows, others[place]) {
                found[*row] = is_near(time(self, *row), time(other, *of)).then_some(*of);
                continue;
            }
            for alike in rows.chunk_by(|&one, &next| time(self, one) == time(self, next)) {
                let wanted = time(self, alike[0]);
                let from = others[place].partition_point(|&row| time(other, row) < wanted);
                let to = others[place].partition_point(|&row| time(other, row) <= wanted);
                if let ([row], [of]) = (alike, &others[place][from..to])
                    && wanted != Self::NO_TIME
                {
                    found[*row] = Some(*of);
                }
            }
        }
        found
    }

    fn key(&self, row: usize) -> (Option<&str>, u32) {
        (self.requests().request_id.get(row), self.instance_index(row))
    }
}

/// How far the event times of one request may be apart, in microseconds: two who have watched it may each have taken the time
/// of its arrival.
const APART: u64 = 1_000_000;

/// Whether both may be the time of one request.
fn is_near(one: i64, other: i64) -> bool {
    let is_unknown = [one, other].contains(&PairColumns::NO_TIME);
    is_unknown || one.abs_diff(other) <= APART
}

/// The rows that have a request id, by id, instance and time.
struct Sorted<'a> {
    pairs: &'a PairColumns,
    rows: Vec<usize>,
}

impl<'a> Sorted<'a> {
    fn of(pairs: &'a PairColumns) -> Self {
        let times = &pairs.requests().event_time;
        let mut rows: Vec<usize> = (0..pairs.len()).filter(|&row| pairs.key(row).0.is_some()).collect();
        rows.sort_unstable_by(|&one, &other| {
            pairs.key(one).cmp(&pairs.key(other)).then_with(|| times[one].cmp(&times[other]))
        });
        Self { pairs, rows }
    }

    /// Rows with the same id and instance; never none.
    fn by_key(&self) -> impl Iterator<Item = &[usize]> {
        self.rows.chunk_by(|&one, &next| self.pairs.key(one) == self.pairs.key(next))
    }
}

#[cfg(test)]
mod tests;
