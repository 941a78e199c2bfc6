//! The books of a challenger: every eligible request, what became of it, and what that took.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use jiff::Timestamp;
use tiltmeter_record::{PairBucket, ShadowBooks, ShadowLedger, ShadowUsage};

use crate::core::{Core, Standing};

const BUCKETS: usize = PairBucket::ALL.len();

/// The books as they are kept.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Requests that got a permit.
    begun: AtomicU64,
    /// What became of them.
    ended: [AtomicU64; BUCKETS],
    /// Requests that got none. They count by their reason alone, on both sides: whoever reads meanwhile sees both or neither.
    refused: [AtomicU64; BUCKETS],
    request_bytes: AtomicU64,
    answer_bytes: AtomicU64,
}

impl Books {
    /// A request has a permit.
    pub(crate) fn begun(&self) {
        self.begun.fetch_add(1, Relaxed);
    }

    /// A request that had a permit has come to its end. Before the permit is given back, so that who waits for that sees it.
    pub(crate) fn ended(&self, bucket: PairBucket) {
        self.ended[bucket.index()].fetch_add(1, Release);
    }

    /// A request has got no permit.
    pub(crate) fn refused(&self, bucket: PairBucket) {
        self.refused[bucket.index()].fetch_add(1, Relaxed);
    }

    /// The challenger is sent a request with a body of so many bytes.
    pub(crate) fn sent(&self, bytes: u64) {
        self.request_bytes.fetch_add(bytes, Relaxed);
    }

    /// So many bytes of an answer of the challenger have come.
    pub(crate) fn answered(&self, bytes: u64) {
        self.answer_bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn read(&self) -> ShadowLedger {
        // against the flow: what has ended has begun
        let ended: [u64; BUCKETS] = std::array::from_fn(|place| self.ended[place].load(Acquire));
        let refused: [u64; BUCKETS] = std::array::from_fn(|place| self.refused[place].load(Relaxed));
        let begun = self.begun.load(Relaxed);
        ShadowLedger::new(begun + refused.iter().sum::<u64>(), |bucket| {
            ended[bucket.index()] + refused[bucket.index()]
        })
    }
}

/// What `standing` has taken until now.
pub(crate) fn usage(core: &Core, standing: &Standing) -> ShadowUsage {
    let mut usage = ShadowUsage::default();
    usage.request_bytes = standing.books.request_bytes.load(Relaxed);
    usage.answer_bytes = standing.books.answer_bytes.load(Relaxed);
    usage.cpu_micros = u64::try_from(core.cpu.used().as_micros()).unwrap_or(u64::MAX);
    usage
}

/// The books of `standing` for whoever keeps them.
pub(crate) fn books_of(core: &Core, standing: &Standing, at: Timestamp, is_last: bool) -> ShadowBooks {
    let mut books = ShadowBooks::new(core.name.clone(), standing.name.clone(), core.started_at, at);
    let ledger = standing.books.read();
    books.requests = if is_last { ledger.closed() } else { ledger };
    books.usage = usage(core, standing);
    books.is_last = is_last;
    books
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tiltmeter_log::Clock;

    use super::*;
    use crate::testing::Mock;
    use crate::{Challenger, Pair, Recorder, ShadowBuilder};

    #[test]
    fn what_got_no_permit_counts_on_both_sides() {
        let books = Books::default();
        books.refused(PairBucket::SampledOut);
        (0..3).for_each(|_| books.begun());
        books.ended(PairBucket::Paired);
        books.ended(PairBucket::Timeout);
        let ledger = books.read();
        assert_eq!((ledger.eligible, ledger.under_way(), ledger.balances()), (4, 1, false));
        assert_eq!((ledger.by(PairBucket::SampledOut), ledger.by(PairBucket::Paired)), (1, 1));
    }

    /// What a recorder is told.
    #[derive(Clone, Debug, Default)]
    struct Told(Arc<Mutex<Vec<ShadowBooks>>>);

    impl Recorder for Told {
        fn record(&self, _: Pair) -> bool {
            true
        }
        fn keep_books(&self, books: ShadowBooks) {
            self.0.lock().unwrap().push(books);
        }
    }

    /// Its wall can be set back.
    #[derive(Debug, Default)]
    struct Wall(AtomicU64);

    impl Clock for Wall {
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
        fn wall(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH + Duration::from_secs(self.0.load(Relaxed))
        }
    }

    #[test]
    fn a_shadow_stays_the_same_when_the_clock_is_set_back_and_says_nothing_after_its_end() {
        let (told, wall) = (Told::default(), Arc::new(Wall(AtomicU64::new(7_200))));
        let challenger = Challenger::http("next", Mock::answering(b"0.4"));
        let builder = ShadowBuilder::http().with_challenger(challenger).with_recorder(told.clone());
        let (shared, _dispatcher) = builder.with_clock(Arc::clone(&wall) as _).unstarted();
        for second in [7_201, 3_600, 3_601] {
            wall.0.store(second, Relaxed);
            shared.core.tell_books(false);
        }
        shared.core.end();
        shared.core.tell_books(true);
        // of a thread that was blocked until now
        shared.core.tell_books(false);
        let told = told.0.lock().unwrap();
        let seen: Vec<_> = told.iter().map(|books| (books.at.as_second(), books.is_last)).collect();
        assert_eq!(seen, [(7_201, false), (3_600, false), (3_601, false), (3_601, true)]);
        assert!(told.iter().all(|books| books.started_at.as_second() == 7_200), "it is part of its name");
    }
}
