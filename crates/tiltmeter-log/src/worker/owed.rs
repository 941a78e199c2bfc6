//! What a sink has not signed for: gaps, profiles and changes of rates.

use std::collections::VecDeque;
use std::sync::Arc;

use tiltmeter_record::{Gap, Journal, ProfileDelta, RateChange};

use crate::books::{Signature, Signed};

/// Gaps that are kept for a sink that does not sign for them, at most; those beyond are summed over the minutes.
const MOST: usize = 10_000;

/// Changes of rates that are kept, at most; beyond that the oldest go: what a row was kept with stands in the row.
const MOST_RATES: usize = 1_000;

/// Bytes of profiles that are kept for a sink that does not sign for them, at most. As long as there are fewer, all that has
/// come since the last journal goes into the next one, however much it is; else it is lost, and counted.
const PROFILE_BYTES: usize = 32 << 20;

/// What comes again until it has been signed for.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) gaps: Vec<Gap>,
    pub(super) rates: Vec<RateChange>,
    pub(super) profiles: Vec<Arc<ProfileDelta>>,
}

impl Entries {
    fn append(&mut self, mut others: Self) {
        self.gaps.append(&mut others.gaps);
        self.rates.append(&mut others.rates);
        self.profiles.append(&mut others.profiles);
    }

    fn add_of(&mut self, journal: &Journal) {
        self.gaps.extend(journal.gaps.iter().cloned());
        self.rates.extend(journal.rates.iter().cloned());
        self.profiles.extend(journal.profiles.iter().cloned());
    }
}

/// The entries of one sink. They come again until it has signed for them, with the sequences that they had: it may have
/// written what it did not sign for, and readers recognise copies by their sequence.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Never sent: gaps can still be summed.
    fresh: Entries,
    /// On their way.
    sent: VecDeque<(Signature, Arc<Journal>)>,
    /// Sent, and not signed for.
    lost: Entries,
    /// Of the profiles that were sent and not signed for.
    unsigned_bytes: usize,
    /// Whether the sink keeps no journals.
    is_declined: bool,
}

impl Owed {
    pub(super) fn add(&mut self, gap: Gap) {
        let (fresh, lost) = (&mut self.fresh.gaps, &self.lost.gaps);
        let on_their_way: usize = self.sent.iter().map(|(_, journal)| journal.gaps.len()).sum();
        let is_full = fresh.len() + lost.len() + on_their_way >= MOST;
        let alike = fresh.iter_mut().rev().filter(|_| is_full).find(|fresh| is_alike(fresh, &gap));
        match alike {
            Some(earlier) => earlier.count = earlier.count.saturating_add(gap.count),
            // of each kind one more at most
            None => fresh.push(gap),
        }
    }

    pub(super) fn add_rate(&mut self, rate: RateChange) {
        self.fresh.rates.push(rate);
        keep_latest(&mut self.fresh.rates, MOST_RATES);
    }

    /// Whether there was room for `delta`; if not, it is lost for this sink.
    pub(super) fn add_profile(&mut self, delta: &Arc<ProfileDelta>) -> bool {
        if self.is_declined {
            return true;
        }
        self.settle();
        let has_room = self.unsigned_bytes < PROFILE_BYTES;
        if has_room {
            self.fresh.profiles.push(Arc::clone(delta));
        }
        has_room
    }

    /// Takes what is to be sent now.
    pub(super) fn take(&mut self) -> Entries {
        self.settle();
        let on_their_way: usize = self.sent.iter().map(|(_, journal)| journal.gaps.len()).sum();
        let is_full = self.lost.gaps.len() + on_their_way >= MOST;
        let mut entries = std::mem::take(&mut self.lost);
        // they are counted anew when they are sent
        self.unsigned_bytes = self.unsigned_bytes.saturating_sub(bytes_of(&entries.profiles));
        let held_back = if is_full { std::mem::take(&mut self.fresh.gaps) } else { Vec::new() };
        entries.append(std::mem::take(&mut self.fresh));
        self.fresh.gaps = held_back;
        let on_their_way: usize = self.sent.iter().map(|(_, journal)| journal.rates.len()).sum();
        keep_latest(&mut entries.rates, MOST_RATES.saturating_sub(on_their_way));
        entries
    }

    /// Notes that `journal` is on its way, and what will tell whether it has arrived.
    pub(super) fn sent(&mut self, signature: Signature, journal: Arc<Journal>) {
        self.unsigned_bytes = self.unsigned_bytes.saturating_add(bytes_of(&journal.profiles));
        self.sent.push_back((signature, journal));
    }

    /// The sink has gone: nothing is owed to it any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn settle(&mut self) {
        let Self { sent, lost, unsigned_bytes, is_declined, .. } = self;
        sent.retain(|(signature, journal)| match signature.read() {
            None => true,
            Some(signed) => {
                *is_declined |= signed == Ok(Signed::Declined);
                if signed.is_err() && !*is_declined {
                    lost.add_of(journal);
                } else {
                    *unsigned_bytes = unsigned_bytes.saturating_sub(bytes_of(&journal.profiles));
                }
                false
            }
        });
    }
}

fn bytes_of(profiles: &[Arc<ProfileDelta>]) -> usize {
    profiles.iter().map(|delta| delta.memory_size()).sum()
}

fn keep_latest(rates: &mut Vec<RateChange>, most: usize) {
    let surplus = rates.len().saturating_sub(most);
    rates.drain(..surplus);
}

/// Whether two gaps differ only in the minute.
fn is_alike(one: &Gap, other: &Gap) -> bool {
    let kind = |gap: &Gap| (gap.unit, gap.size_class, gap.priority, gap.reason);
    kind(one) == kind(other)
        && one.model_name == other.model_name
        && one.endpoint == other.endpoint
        && one.sink == other.sink
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use tiltmeter_record::{
        CellCounts, CellKey, ColumnProfile, ExchangeDrop, ProfileCell, Window, WindowWidth, WriterId,
    };

    use super::*;
    use crate::books::{Receipt, SinkBooks};

    fn gap(sequence: u64, reason: ExchangeDrop, count: u64) -> Gap {
        let minute = i64::try_from(sequence).unwrap() * 60;
        Gap::of_exchanges(sequence, Timestamp::from_second(minute).unwrap(), reason, count)
    }

    /// Sends what is owed; returns it with the receipt.
    fn send(owed: &mut Owed, books: &Arc<SinkBooks>) -> (Vec<Gap>, Receipt) {
        let (entries, receipt) = send_all(owed, books);
        (entries.gaps, receipt)
    }

    fn send_all(owed: &mut Owed, books: &Arc<SinkBooks>) -> (Entries, Receipt) {
        let entries = owed.take();
        let writer_id = WriterId::new("test", "0198f2d4-7b1e-7cc0-9c2e-0242ac120002".parse().unwrap());
        let mut journal = Journal::new(writer_id, "test".into());
        journal.gaps = entries.gaps.clone();
        journal.rates = entries.rates.clone();
        journal.profiles = entries.profiles.clone();
        let (receipt, signature) = Receipt::watched(None, Arc::clone(books));
        owed.sent(signature, Arc::new(journal));
        (entries, receipt)
    }

    fn delta(sequence: u64, bytes: usize) -> Arc<ProfileDelta> {
        let window = Window::of(Timestamp::UNIX_EPOCH, WindowWidth::Hour);
        let mut delta = ProfileDelta::new("churn".into(), window, None);
        delta.sequence = sequence;
        let key = CellKey { role: CellKey::CHAMPION.into(), model_version: None, segment: None };
        let mut cell = ProfileCell::new(key, CellCounts::default());
        cell.columns.push(ColumnProfile::new("score".into(), vec![0; bytes].into()));
        delta.cells.push(cell);
        Arc::new(delta)
    }

    #[test]
    fn gaps_come_again_as_they_were_until_they_are_signed_for() {
        let (books, mut owed) = (SinkBooks::new("test".into(), 1), Owed::default());
        owed.add(gap(0, ExchangeDrop::Closed, 2));
        let (first, lost) = send(&mut owed, &books);
        owed.add(gap(1, ExchangeDrop::Closed, 3));
        let (second, pending) = send(&mut owed, &books);
        assert_eq!((first.len(), second[0].sequence, second.len()), (1, 1, 1), "the first may arrive yet");
        drop(lost);
        let (third, written) = send(&mut owed, &books);
        assert_eq!(third, first);
        written.written();
        pending.written();
        assert_eq!(send(&mut owed, &books).0, []);
    }

    #[test]
    fn a_sink_that_keeps_no_journals_is_owed_nothing() {
        let (books, mut owed) = (SinkBooks::new("test".into(), 1), Owed::default());
        owed.add(gap(0, ExchangeDrop::Closed, 2));
        send(&mut owed, &books).1.declined();
        assert_eq!(send(&mut owed, &books).0, []);
        owed.add(gap(1, ExchangeDrop::Closed, 2));
        drop(send(&mut owed, &books).1);
        assert_eq!(send(&mut owed, &books).0, []);
    }

    #[test]
    fn a_long_outage_is_bounded_and_loses_no_count() {
        const KINDS: [ExchangeDrop; 2] = [ExchangeDrop::QueueFull, ExchangeDrop::QueueBytes];
        let (books, mut owed) = (SinkBooks::new("test".into(), 1), Owed::default());
        for sequence in 0..30_000 {
            owed.add(gap(sequence, KINDS[usize::try_from(sequence % 2).unwrap()], 1));
            if sequence % 1_000 == 0 {
                drop(send(&mut owed, &books).1);
            }
            let on_their_way: usize = owed.sent.iter().map(|(_, journal)| journal.gaps.len()).sum();
            assert!(owed.fresh.gaps.len() + owed.lost.gaps.len() + on_their_way <= MOST + 2 * KINDS.len());
        }
        let mut counts = 0;
        for _ in 0..3 {
            let (gaps, receipt) = send(&mut owed, &books);
            counts += gaps.iter().map(|gap| gap.count).sum::<u64>();
            receipt.written();
        }
        assert_eq!(counts, 30_000);
    }

    #[test]
    fn profiles_come_again_as_they_were_and_those_beyond_the_room_are_lost() {
        let (books, mut owed) = (SinkBooks::new("test".into(), 1), Owed::default());
        assert!(
            (0..3).all(|sequence| owed.add_profile(&delta(sequence, 20 << 20))),
            "a sink that signs gets all"
        );
        let (first, lost) = send_all(&mut owed, &books);
        assert_eq!(first.profiles.len(), 3);
        assert!(!owed.add_profile(&delta(3, 10)), "they may arrive yet");
        drop(lost);
        assert!(!owed.add_profile(&delta(4, 10)), "they have not arrived");
        let (again, written) = send_all(&mut owed, &books);
        assert_eq!(again.profiles, first.profiles);
        assert!(!owed.add_profile(&delta(5, 10)), "they were sent again");
        written.written();
        assert!(owed.add_profile(&delta(6, 10)), "they have arrived");
        let (last, receipt) = send_all(&mut owed, &books);
        assert_eq!(last.profiles.iter().map(|delta| delta.sequence).collect::<Vec<_>>(), [6]);
        receipt.declined();
        assert_eq!(send_all(&mut owed, &books).0.profiles, []);
        assert!(owed.add_profile(&delta(7, 10)) && owed.take().profiles.is_empty(), "it keeps none");
    }

    #[test]
    fn of_the_changes_of_rates_the_latest_are_kept() {
        let mut owed = Owed::default();
        for sequence in 0..1_500 {
            owed.add_rate(RateChange::at_start(sequence, Timestamp::UNIX_EPOCH, "churn".into(), "base", 0.5));
        }
        let rates = owed.take().rates;
        assert_eq!((rates.len(), rates[0].sequence), (MOST_RATES, 500));
    }

    #[test]
    fn changes_of_rates_are_bounded_in_an_outage_too() {
        let (books, mut owed) = (SinkBooks::new("test".into(), 1), Owed::default());
        let mut unsigned = Vec::new();
        for sequence in 0..5_000 {
            owed.add_rate(RateChange::at_start(sequence, Timestamp::UNIX_EPOCH, "churn".into(), "base", 0.5));
            if sequence % 100 == 99 {
                let (entries, receipt) = send_all(&mut owed, &books);
                assert!(entries.rates.len() <= MOST_RATES);
                // some are never heard of, some are lost
                if sequence % 200 == 99 { drop(receipt) } else { unsigned.push(receipt) }
            }
            let sent: usize = owed.sent.iter().map(|(_, journal)| journal.rates.len()).sum();
            assert!(sent + owed.fresh.rates.len() + owed.lost.rates.len() <= 3 * MOST_RATES, "{sequence}");
        }
    }

    proptest! {
        /// Whatever becomes of the journals, what readers find has every loss once, when the last ones are signed.
        #[test]
        fn readers_find_every_loss_once(fates in prop::collection::vec((0..4_u8, any::<bool>()), 0..60)) {
            let (books, mut owed) = (SinkBooks::new("test".into(), 1), Owed::default());
            let (mut lost, mut found, mut pending) = (0, std::collections::BTreeMap::new(), Vec::new());
            for (sequence, (fate, is_found)) in (0..).zip(fates) {
                owed.add(gap(sequence, ExchangeDrop::Closed, sequence + 1));
                lost += sequence + 1;
                let (gaps, receipt) = send(&mut owed, &books);
                // what is not signed may stand there all the same
                if fate == 0 || is_found {
                    found.extend(gaps.iter().map(|gap| (gap.sequence, gap.count)));
                }
                match fate {
                    0 => receipt.written(),
                    1 => pending.push(receipt),
                    _ => drop(receipt),
                }
            }
            drop(pending);
            let (gaps, receipt) = send(&mut owed, &books);
            found.extend(gaps.iter().map(|gap| (gap.sequence, gap.count)));
            receipt.written();
            prop_assert_eq!(found.values().sum::<u64>(), lost);
        }
    }
}
