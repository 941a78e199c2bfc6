//! What became of the requests of a challenger, as a reader finds it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ShadowBooks, ShadowUsage};
use crate::{ModelName, ShadowLedger};

/// Puts the books of challengers together, of all processes and shadows that have shown requests to them: of one, or of all
/// that are added.
///
/// Rows come in any order, and as often as they like: of each shadow the row of the highest sequence counts. Where a period
/// is asked for, what had been counted before it is taken off; both ends are as exact as the rows are close, some five
/// minutes. So it needs the rows of before as well, of the day before at least: a shadow that runs since then and of which none
/// is there is counted from its first row within the period on, and [`ShadowAccount::without_begin`] says so.
///
/// Takes about a kilobyte for each shadow of each process, however many rows there are.
///
/// ```
/// use tiltmeter_record::{ShadowAccounts, ShadowBooks, ShadowLedger};
///
/// let started = "2026-01-01T00:00:00Z".parse()?;
/// let books = |at: &str, eligible| -> Result<ShadowBooks, Box<dyn std::error::Error>> {
///     let mut books = ShadowBooks::new("shadow".parse()?, "lr-1".parse()?, started, at.parse()?);
///     books.requests = ShadowLedger::new(eligible, |_| 0);
///     Ok(books)
/// };
/// let mut accounts = ShadowAccounts::between("2026-01-02T00:00:00Z".parse()?, "2026-01-03T00:00:00Z".parse()?);
/// for (sequence, at, eligible) in [(0, "2026-01-01T23:59:00Z", 100), (1, "2026-01-02T12:00:00Z", 160)] {
///     accounts.add("node.1", sequence, &books(at, eligible)?);
/// }
/// let account = accounts.sum();
/// assert_eq!((account.requests.eligible, account.running), (60, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShadowAccounts {
    from: Timestamp,
    until: Timestamp,
    shadows: BTreeMap<Key, Rows>,
}

/// Writer, shadow, challenger, and when the shadow started.
type Key = (String, ModelName, ModelName, Timestamp);

/// The latest row before the period, and the first and the latest in it; each with its sequence.
#[derive(Clone, Debug, Default)]
struct Rows {
    before: Option<(u64, ShadowBooks)>,
    first: Option<(u64, ShadowBooks)>,
    within: Option<(u64, ShadowBooks)>,
}

/// What became of the requests of a challenger, over all shadows that have shown some to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowAccount {
    /// What became of the requests.
    pub requests: ShadowLedger,
    /// What they took. The CPU time is that of whole shadows, with their other challengers.
    pub usage: ShadowUsage,
    /// How many shadows there were.
    pub shadows: u64,
    /// Those of them that have not said that they have ended: they run, or their process was killed. What was under way
    /// there, and what came after their last books, is not known.
    pub running: u64,
    /// Those of them that ran when the period began, and of which there is no row of before: what they counted until their first
    /// row in the period, some minutes or less, is not in the sums.
    pub without_begin: u64,
    /// The first start of a shadow, or the begin of the period; `None` without any.
    pub since: Option<Timestamp>,
    /// The time of the latest books; `None` without any.
    pub until: Option<Timestamp>,
}

impl ShadowAccounts {
    /// Of all times.
    #[must_use]
    pub fn new() -> Self {
        Self::between(Timestamp::MIN, Timestamp::MAX)
    }

    /// Of the time from `from` to before `until`.
    #[must_use]
    pub fn between(from: Timestamp, until: Timestamp) -> Self {
        Self { from, until, shadows: BTreeMap::new() }
    }

    /// The begin of the time that is asked for.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The end of it, which is no longer part of it.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Adds books, which `writer_id` wrote with the heartbeat at the place `sequence`.
    pub fn add(&mut self, writer_id: &str, sequence: u64, books: &ShadowBooks) {
        if books.at >= self.until {
            return;
        }
        let key = (writer_id.to_owned(), books.shadow.clone(), books.challenger.clone(), books.started_at);
        let rows = self.shadows.entry(key).or_default();
        if books.at >= self.from && rows.first.as_ref().is_none_or(|(known, _)| *known > sequence) {
            rows.first = Some((sequence, books.clone()));
        }
        let latest = if books.at < self.from { &mut rows.before } else { &mut rows.within };
        if latest.as_ref().is_none_or(|(known, _)| *known < sequence) {
            *latest = Some((sequence, books.clone()));
        }
    }

    /// All of them together.
    #[must_use]
    pub fn sum(&self) -> ShadowAccount {
        let mut account = ShadowAccount::default();
        for Rows { before, first, within } in self.shadows.values() {
            let Some((_, books)) = within else { continue };
            let is_cut = before.is_none() && books.started_at < self.from;
            let before = if is_cut { first } else { before };
            let before = before.as_ref().map(|(_, books)| books);
            let earlier = before.map_or_else(Default::default, |books| (books.requests, books.usage));
            account.without_begin += u64::from(is_cut);
            account.requests = account.requests.plus(&books.requests.since(&earlier.0));
            account.usage = account.usage.plus(&books.usage.since(&earlier.1));
            account.shadows += 1;
            account.running += u64::from(!books.is_last);
            let began = books.started_at.max(self.from);
            account.since = Some(account.since.map_or(began, |since| since.min(began)));
            account.until = account.until.max(Some(books.at));
        }
        account
    }
}

impl Default for ShadowAccounts {
    fn default() -> Self {
        Self::new()
    }
}

impl ShadowUsage {
    /// That of both.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// What has come since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        self.with(earlier, u64::saturating_sub)
    }

    fn with(&self, other: &Self, operation: fn(u64, u64) -> u64) -> Self {
        Self {
            request_bytes: operation(self.request_bytes, other.request_bytes),
            answer_bytes: operation(self.answer_bytes, other.answer_bytes),
            cpu_micros: operation(self.cpu_micros, other.cpu_micros),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::PairBucket;

    fn time(minute: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + std::time::Duration::from_secs(60 * minute)
    }

    /// A shadow that gets ten requests a minute, nine of them paired.
    fn books(started: u64, minute: u64) -> ShadowBooks {
        let name = |text: &str| text.parse().unwrap();
        let mut books = ShadowBooks::new(name("shadow"), name("lr"), time(started), time(minute));
        let count = minute - started;
        books.requests = ShadowLedger::new(10 * count, |bucket| match bucket {
            PairBucket::Paired => 9 * count,
            PairBucket::LogDropped => count,
            _ => 0,
        });
        books.usage.cpu_micros = 7 * count;
        books
    }

    #[test]
    fn the_period_is_what_lies_between_two_rows() {
        let mut accounts = ShadowAccounts::between(time(60), time(120));
        for minute in 0..200 {
            accounts.add("a.1", minute, &books(0, minute));
        }
        let account = accounts.sum();
        assert_eq!(account.requests.eligible, 10 * 60);
        assert_eq!((account.requests.by(PairBucket::Paired), account.usage.cpu_micros), (9 * 60, 7 * 60));
        assert_eq!((account.since, account.until), (Some(time(60)), Some(time(119))));
        assert!(account.requests.balances());
    }

    #[test]
    fn without_a_row_of_before_nothing_of_before_is_counted() {
        let mut accounts = ShadowAccounts::between(time(60), time(120));
        for minute in 61..130 {
            accounts.add("a.1", minute, &books(0, minute));
        }
        let account = accounts.sum();
        assert_eq!((account.requests.eligible, account.without_begin), (10 * 58, 1));
        let mut young = ShadowAccounts::between(time(60), time(120));
        young.add("a.1", 0, &books(70, 80));
        assert_eq!(
            (young.sum().requests.eligible, young.sum().without_begin),
            (100, 0),
            "it began in the period"
        );
    }

    #[test]
    fn two_challengers_are_not_one() {
        let mut accounts = ShadowAccounts::new();
        let other = ShadowBooks { challenger: "gbm".parse().unwrap(), ..books(0, 20) };
        accounts.add("a.1", 1, &books(0, 10));
        accounts.add("a.1", 2, &other);
        assert_eq!((accounts.sum().requests.eligible, accounts.sum().shadows), (300, 2));
    }

    #[test]
    fn a_shadow_that_is_started_anew_counts_beside_the_earlier_one() {
        let mut accounts = ShadowAccounts::new();
        let last = ShadowBooks { is_last: true, ..books(0, 30) };
        for (writer, sequence, books) in
            [("a.1", 1, last), ("a.1", 2, books(40, 50)), ("b.1", 0, books(0, 5))]
        {
            accounts.add(writer, sequence, &books);
        }
        let account = accounts.sum();
        assert_eq!((account.shadows, account.running), (3, 2));
        assert_eq!(account.requests.eligible, 300 + 100 + 50);
        assert_eq!(ShadowAccounts::new().sum(), ShadowAccount::default());
    }

    proptest! {
        #[test]
        fn neither_the_order_nor_copies_matter(
            rows in prop::collection::vec((0..3_u64, 0..40_u64), 0..40), seed in any::<u64>(),
        ) {
            let add = |rows: &[(u64, u64)]| {
                let mut accounts = ShadowAccounts::between(time(10), time(30));
                for &(writer, minute) in rows {
                    accounts.add(&format!("w.{writer}"), minute, &books(0, minute));
                }
                accounts.sum()
            };
            let mut other: Vec<_> = rows.iter().chain(&rows).copied().collect();
            other.sort_by_key(|&(writer, minute)| (seed ^ (writer * 101 + minute)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            prop_assert_eq!(add(&rows), add(&other));
        }
    }
}
