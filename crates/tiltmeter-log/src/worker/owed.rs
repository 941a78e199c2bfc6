//! The gaps that a sink has not signed for.

use std::collections::VecDeque;
use std::sync::Arc;

use tiltmeter_record::{Gap, Journal};

use crate::books::{Signature, Signed};

/// Gaps that are kept for a sink that does not sign for them, at most; those beyond are summed over the minutes.
const MOST: usize = 10_000;

/// The gaps of one sink. They come again until it has signed for them, with the sequences that they had: it may have
/// written what it did not sign for, and readers recognise copies by their sequence.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Never sent: they can still be summed.
    fresh: Vec<Gap>,
    /// On their way.
    sent: VecDeque<(Signature, Arc<Journal>)>,
    /// Sent, and not signed for.
    lost: Vec<Gap>,
    /// Whether the sink keeps no journals.
    is_declined: bool,
}

impl Owed {
    pub(super) fn add(&mut self, gap: Gap) {
        let is_full = self.fresh.len() + self.lost.len() + self.on_their_way() >= MOST;
        let alike = self.fresh.iter_mut().rev().filter(|_| is_full).find(|fresh| is_alike(fresh, &gap));
        match alike {
            Some(earlier) => earlier.count = earlier.count.saturating_add(gap.count),
            // of each kind one more at most
            None => self.fresh.push(gap),
        }
    }

    /// Takes what is to be sent now.
    pub(super) fn take(&mut self) -> Vec<Gap> {
        self.settle();
        let is_full = self.lost.len() + self.on_their_way() >= MOST;
        let mut gaps = std::mem::take(&mut self.lost);
        if !is_full {
            gaps.append(&mut self.fresh);
        }
        gaps
    }

    /// Notes that `journal` is on its way, and what will tell whether it has arrived.
    pub(super) fn sent(&mut self, signature: Signature, journal: Arc<Journal>) {
        self.sent.push_back((signature, journal));
    }

    /// The sink has gone: nothing is owed to it any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn on_their_way(&self) -> usize {
        self.sent.iter().map(|(_, journal)| journal.gaps.len()).sum()
    }

    fn settle(&mut self) {
        let Self { sent, lost, is_declined, .. } = self;
        sent.retain(|(signature, journal)| match signature.read() {
            None => true,
            Some(signed) => {
                *is_declined |= signed == Ok(Signed::Declined);
                if signed.is_err() && !*is_declined {
                    lost.extend(journal.gaps.iter().cloned());
                }
                false
            }
        });
    }
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
    use tiltmeter_record::{ExchangeDrop, WriterId};

    use super::*;
    use crate::books::{Receipt, SinkBooks};

    fn gap(sequence: u64, reason: ExchangeDrop, count: u64) -> Gap {
        let minute = i64::try_from(sequence).unwrap() * 60;
        Gap::of_exchanges(sequence, Timestamp::from_second(minute).unwrap(), reason, count)
    }

    /// Sends what is owed; returns it with the receipt.
    fn send(owed: &mut Owed, books: &Arc<SinkBooks>) -> (Vec<Gap>, Receipt) {
        let gaps = owed.take();
        let writer_id = WriterId::new("test", "0198f2d4-7b1e-7cc0-9c2e-0242ac120002".parse().unwrap());
        let serving_node = "test".into();
        let journal = Journal {
            writer_id,
            serving_node,
            gaps: gaps.clone(),
            heartbeats: Vec::new(),
            shadows: Vec::new(),
            profiles: Vec::new(),
            rates: Vec::new(),
        };
        let (receipt, signature) = Receipt::watched(None, Arc::clone(books));
        owed.sent(signature, Arc::new(journal));
        (gaps, receipt)
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
            assert!(owed.fresh.len() + owed.lost.len() + owed.on_their_way() <= MOST + 2 * KINDS.len());
        }
        let mut counts = 0;
        for _ in 0..3 {
            let (gaps, receipt) = send(&mut owed, &books);
            counts += gaps.iter().map(|gap| gap.count).sum::<u64>();
            receipt.written();
        }
        assert_eq!(counts, 30_000);
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
