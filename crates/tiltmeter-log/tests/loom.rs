//! The queue's gate under every interleaving: the file `src/queue/gate.rs` as it is, with loom's atomics.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "a part of the library, compiled apart")]
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../src/queue/gate.rs"]
mod queue;

/// Loom's atomics, and a channel that is no more than a queue behind its lock.
mod sync {
    use std::collections::VecDeque;

    use loom::sync::{Arc, Mutex};

    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};

    pub(crate) struct Sender<T>(Arc<Mutex<VecDeque<T>>>, usize);
    pub(crate) struct Receiver<T>(Arc<Mutex<VecDeque<T>>>);

    pub(crate) fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
        let items = Arc::new(Mutex::new(VecDeque::new()));
        (Sender(Arc::clone(&items), capacity), Receiver(items))
    }

    impl<T> Sender<T> {
        pub(crate) fn try_send(&self, item: T) -> Result<(), T> {
            let mut items = self.0.lock().unwrap();
            assert!(items.len() < self.1, "the gate has kept room");
            items.push_back(item);
            Ok(())
        }

        pub(crate) fn len(&self) -> usize {
            self.0.lock().unwrap().len()
        }
    }

    impl<T> Receiver<T> {
        pub(crate) fn try_recv(&self) -> Result<T, ()> {
            self.0.lock().unwrap().pop_front().ok_or(())
        }

        pub(crate) fn len(&self) -> usize {
            self.0.lock().unwrap().len()
        }
    }
}

/// The books, with loom's atomics: what the queue needs of them.
mod books {
    use loom::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use tiltmeter_record::{ExchangeDrop, Priority, Reason, SizeClass};

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Stratum {
        pub(crate) route: u16,
        pub(crate) size: SizeClass,
        pub(crate) priority: Priority,
    }

    #[derive(Debug, Default)]
    pub(crate) struct ExchangeBooks {
        entered: AtomicU64,
        abandoned: AtomicU64,
        refused_open: AtomicU64,
        refused_closed: AtomicU64,
    }

    impl ExchangeBooks {
        pub(crate) fn entered(&self) {
            self.entered.fetch_add(1, Relaxed);
        }

        pub(crate) fn abandoned(&self) {
            self.abandoned.fetch_add(1, Relaxed);
        }

        pub(crate) fn dropped(&self, _: Stratum, reason: ExchangeDrop) {
            let is_late = matches!(reason, ExchangeDrop::Closed | ExchangeDrop::WorkerGone);
            assert!(!reason.as_str().is_empty());
            if is_late { &self.refused_closed } else { &self.refused_open }.fetch_add(1, Relaxed);
        }

        /// Those that entered, and what was refused before and after the close.
        pub(crate) fn read(&self) -> (u64, u64, u64) {
            let read = |counter: &AtomicU64| counter.load(Relaxed);
            (read(&self.entered), read(&self.refused_open), read(&self.refused_closed))
        }
    }
}

use std::sync::Arc;

use books::{ExchangeBooks, Stratum};
use loom::thread;
use queue::{Intake, Queue, QueueBounds, Shares, queue};
use tiltmeter_record::{ExchangeDrop, Priority, SizeClass};

fn stratum(priority: Priority) -> Stratum {
    Stratum { route: 0, size: SizeClass::UpTo1KiB, priority }
}

fn small(items: usize) -> (Arc<Queue<u64>>, Intake<u64>, Arc<ExchangeBooks>) {
    let books = Arc::new(ExchangeBooks::default());
    let (queue, intake) = queue(Shares::by_priority(QueueBounds { items, bytes: 100 }), Arc::clone(&books));
    (Arc::new(queue), intake, books)
}

/// All interleavings in which a thread is taken off at most three times where it need not: that finds nearly all faults,
/// and is done in seconds.
fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

/// Drains as the worker does at a shutdown: until the gate shows that nobody is about to send.
fn drain(intake: &Intake<u64>) -> u64 {
    let mut taken = 0;
    loop {
        match intake.take() {
            Some(queued) => {
                taken += 1;
                intake.give_back(queued.weight);
            }
            None if intake.is_drained() => return taken,
            None => thread::yield_now(),
        }
    }
}

#[test]
fn whoever_got_past_the_gate_is_drained_and_who_comes_later_is_counted() {
    model(|| {
        let (queue, intake, books) = small(2);
        let producers: Vec<_> = [Priority::High, Priority::High]
            .into_iter()
            .map(|priority| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.offer(1, 7, stratum(priority), || false))
            })
            .collect();
        intake.close();
        let taken = drain(&intake);
        let (entered_when_drained, ..) = books.read();
        assert_eq!(entered_when_drained, taken, "the last reading of the books has all that was taken");
        for producer in producers {
            producer.join().unwrap();
        }
        assert!(intake.take().is_none(), "drained means that nothing comes after it");
        let (entered, refused_open, refused_closed) = books.read();
        assert_eq!((entered, refused_open, entered + refused_closed), (taken, 0, 2));
    });
}

#[test]
fn a_full_queue_refuses_and_forgets_what_it_refused() {
    model(|| {
        let (queue, intake, books) = small(1);
        let other = Arc::clone(&queue);
        let producer = thread::spawn(move || other.offer(1, 60, stratum(Priority::High), || false));
        queue.offer(2, 60, stratum(Priority::High), || false);
        producer.join().unwrap();
        let (entered, refused, _) = books.read();
        assert_eq!(entered + refused, 2);
        assert!(refused <= 1, "two that come at once are not both refused");
        assert_eq!(queue.depth(), (usize::try_from(2 - refused).unwrap(), 60 * (2 - refused)));
        intake.close();
        assert_eq!(drain(&intake) + refused, 2);
    });
}

#[test]
fn the_books_of_a_full_queue_balance_at_the_last_reading_whoever_is_refused_meanwhile() {
    model(|| {
        let (queue, intake, books) = small(1);
        let producers: Vec<_> = [60, 60]
            .into_iter()
            .map(|weight| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.offer(1, weight, stratum(Priority::High), || false))
            })
            .collect();
        intake.close();
        let taken = drain(&intake);
        let (entered, ..) = books.read();
        assert_eq!(entered, taken, "what is refused counts by its reason alone, on both sides");
        for producer in producers {
            producer.join().unwrap();
        }
        let (entered, refused_open, refused_closed) = books.read();
        assert_eq!((entered, entered + refused_open + refused_closed), (taken, 2));
    });
}

#[test]
fn what_is_lost_before_the_queue_is_in_the_last_reading_or_comes_after_it() {
    model(|| {
        let (queue, intake, books) = small(1);
        let other = Arc::clone(&queue);
        let loser = thread::spawn(move || other.lose(stratum(Priority::High), ExchangeDrop::CodecPanic));
        intake.close();
        assert_eq!(drain(&intake), 0);
        let (entered, lost, _) = books.read();
        assert_eq!(entered, lost, "both sides or neither");
        loser.join().unwrap();
        let (_, lost, late) = books.read();
        assert_eq!(lost + late, 1);
    });
}

#[test]
fn a_flush_finds_all_that_was_offered_before_it() {
    model(|| {
        let (queue, intake, _) = small(4);
        queue.offer(1, 1, stratum(Priority::High), || false);
        let other = Arc::clone(&queue);
        let producer = thread::spawn(move || other.offer(2, 1, stratum(Priority::High), || false));
        // what the worker does when it is told to flush
        let before = intake.len();
        assert!(before >= 1);
        for _ in 0..before {
            let queued = intake.take().unwrap();
            intake.give_back(queued.weight);
        }
        producer.join().unwrap();
        intake.close();
        assert_eq!(before as u64 + drain(&intake), 2);
    });
}
