//! What became of a writer's predictions, as a reader finds it.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::{Gap, GapUnit, Heartbeat, SinkLedger};
use crate::PredictionLedger;

/// The rows of one writer that were found in what one sink wrote, each once.
///
/// A writer numbers its rows over all its models: take those of all its tables, and of all dates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsFound {
    /// A bit for each sequence that was found, by the sequence / 64.
    words: HashMap<u64, u64>,
    rows: u64,
    next: u64,
}

impl RowsFound {
    /// The rows with those sequences, in any order; copies of a row, which have its sequence, count once.
    ///
    /// Takes less than a byte for each row of sequences that lie close to one another, and about 40 for those that lie far
    /// apart.
    #[must_use]
    pub fn of(sequences: impl IntoIterator<Item = u64>) -> Self {
        let mut found = Self::default();
        for sequence in sequences {
            let word = found.words.entry(sequence >> 6).or_default();
            let bit = 1 << (sequence & 63);
            found.rows += u64::from(*word & bit == 0);
            *word |= bit;
            found.next = found.next.max(sequence.saturating_add(1));
        }
        found
    }

    /// How many there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// One more than the highest sequence, or 0 if there are none: so many have been decoded at least.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// How many of them have a sequence below that one. Looks at each 64 sequences of which there are rows.
    #[must_use]
    pub fn below(&self, sequence: u64) -> u64 {
        let (of_word, bits) = (sequence >> 6, (1 << (sequence & 63)) - 1);
        let count = |(&word, &found): (&u64, &u64)| match word.cmp(&of_word) {
            Ordering::Less => u64::from(found.count_ones()),
            Ordering::Equal => u64::from((found & bits).count_ones()),
            Ordering::Greater => 0,
        };
        self.words.iter().map(count).sum()
    }
}

/// What became of the predictions of one writer on their way to one sink, or of its [pairs](Self::of_pairs), by its
/// heartbeats, its gaps and the rows that were found.
///
/// `decoded = found + sampled_out + dropped + unaccounted + unknown_in_tail`, unless the writer's books and the rows contradict
/// each other: a sink that reports a failure may have written all the same, and what is missing is 0 rather than negative then.
///
/// # What is bounded by what
/// - **What was decoded before the last heartbeat** is a number: the heartbeat says how many, and what is neither found nor
///   sampled out nor dropped is `unaccounted`. After a `kill -9` these are the rows that the sink had taken and not
///   published yet, so that there are no more of them than it may hold: its queue and its open files. Where pairs that disagree
///   are kept, rows that waited for the answer of a challenger at the heartbeat are among them: whether they were sampled
///   out afterwards stands in no books.
/// - **What was decoded after it**, from `tail_since` until the end, is known as far as rows of it were found: the holes
///   before the last of them are `unknown_in_tail`. Each was sampled out, or lost, or is on its way: which, the next
///   heartbeat would have said. Of a writer that samples nothing they are as lost as those that are unaccounted, and
///   [`missing`](Self::missing) is the sum. How many there were beyond the last row that was found nobody knows; they
///   are those of the time between two heartbeats at most, about a minute, as long as heartbeats could be written.
/// - **What was not decoded** is not here: exchanges that were dropped are gaps without a sink, and those that were queued at
///   the end are what is missing in the exchange ledger of the last heartbeat.
///
/// The numbers are as of the time of reading: of a writer that still runs, `unaccounted` are the rows on their way. Rows that
/// were deleted later, because they are old or because somebody asked for it, are unaccounted too.
///
/// ```
/// use tiltmeter_record::{Heartbeat, RowsFound, WriterAccount};
///
/// // the process was killed after row 107: 100 rows are in the table, and 2 of the 3 after the last heartbeat
/// let mut last = Heartbeat::new(4, "2026-01-01T00:00:00Z".parse()?, "2026-01-01T00:05:00Z".parse()?);
/// last.next_prediction = 105;
/// let found = RowsFound::of((0..100).chain([105, 107]));
/// let account = WriterAccount::new("parquet", &[last], &[], &found).expect("there is a heartbeat");
/// assert_eq!((account.decoded, account.found), (108, 102));
/// assert_eq!((account.unaccounted, account.unknown_in_tail), (5, 1));
/// assert_eq!(account.tail_since, Some("2026-01-01T00:05:00Z".parse()?));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriterAccount {
    /// Predictions that are known to have been decoded: by the last heartbeat, or because a later row was found.
    pub decoded: u64,
    /// Rows that were found, each once.
    pub found: u64,
    /// Predictions that were left out by sampling, by the last heartbeat.
    pub sampled_out: u64,
    /// Predictions that the writer knows the sink has lost: by the last heartbeat, or by the gaps if they say more, since
    /// either may have been lost itself.
    pub dropped: u64,
    /// Predictions that were decoded before the last heartbeat, and of which nothing is known: lost, or still on their way.
    /// What the writer itself has given up at its end, the `abandoned` of its books, is among them as long as it is not found.
    pub unaccounted: u64,
    /// Predictions that were decoded after the last heartbeat, before the last row that was found, and are not found: sampled
    /// out, lost, or still on their way.
    pub unknown_in_tail: u64,
    /// From when on there are no books: the time of the last heartbeat. `None` if the writer ended in order.
    pub tail_since: Option<Timestamp>,
    /// Whether the writer ended in order, so that its last heartbeat has everything.
    pub ended_in_order: bool,
}

impl WriterAccount {
    /// The account of a writer's predictions on their way to `sink`, from all of its heartbeats and gaps, in any order; copies
    /// count once by their sequence. The last heartbeat is the one of the highest sequence, whatever the clock said.
    ///
    /// `None` without a heartbeat: then nothing is known beyond the rows.
    #[must_use]
    pub fn new(sink: &str, heartbeats: &[Heartbeat], gaps: &[Gap], found: &RowsFound) -> Option<Self> {
        let lost = lost_by(sink, GapUnit::Prediction, gaps);
        Self::of(sink, heartbeats, lost, found, |last| last.next_prediction, |books| books.predictions)
    }

    /// The same of the writer's rows of pairs, of all its models and challengers; with the sequences of
    /// [`Pair`](crate::Pair)s. None of them is sampled out once it is decoded, so that [`missing`](Self::missing) is what is
    /// lost or on its way.
    #[must_use]
    pub fn of_pairs(sink: &str, heartbeats: &[Heartbeat], gaps: &[Gap], found: &RowsFound) -> Option<Self> {
        let lost = lost_by(sink, GapUnit::Pair, gaps);
        Self::of(sink, heartbeats, lost, found, |last| last.next_pair, |books| books.pairs)
    }

    fn of(
        sink: &str,
        heartbeats: &[Heartbeat],
        lost: u64,
        found: &RowsFound,
        next: fn(&Heartbeat) -> u64,
        ledger: fn(&SinkLedger) -> PredictionLedger,
    ) -> Option<Self> {
        let last = heartbeats.iter().max_by_key(|heartbeat| heartbeat.sequence)?;
        let books = last.sinks.iter().find(|books| *books.sink == *sink).map(ledger).unwrap_or_default();
        let dropped = books.dropped.total().max(lost);
        let known_of =
            |found: u64| [found, books.sampled_out, dropped].into_iter().fold(0, u64::saturating_add);
        let next = next(last);
        let decoded = next.max(found.next);
        // a loss that only a gap tells may be of the tail: it is taken from what is missing before it, which accuses nobody
        let unaccounted = next.saturating_sub(known_of(found.below(next)));
        let missing = decoded.saturating_sub(known_of(found.rows));
        let (unaccounted, unknown_in_tail) = (unaccounted.min(missing), missing.saturating_sub(unaccounted));
        Some(Self {
            decoded,
            found: found.rows,
            sampled_out: books.sampled_out,
            dropped,
            unaccounted,
            unknown_in_tail,
            tail_since: (!last.is_last).then_some(last.at),
            ended_in_order: last.is_last,
        })
    }

    /// All that was decoded and is neither found nor known to be sampled out or dropped. Of a writer that samples, rows that
    /// were sampled out after the last heartbeat are among them.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.unaccounted.saturating_add(self.unknown_in_tail)
    }
}

/// How many of them `sink` has lost by those gaps, each of which counts once.
fn lost_by(sink: &str, unit: GapUnit, gaps: &[Gap]) -> u64 {
    let mut seen = BTreeSet::new();
    let of_sink = gaps.iter().filter(|gap| gap.unit == unit && gap.sink.as_deref() == Some(sink));
    let each_once = of_sink.filter(|gap| seen.insert(gap.sequence));
    each_once.fold(0, |lost, gap| lost.saturating_add(gap.count))
}

#[cfg(test)]
mod tests;
