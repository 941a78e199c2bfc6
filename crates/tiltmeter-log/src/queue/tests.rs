use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use super::*;

struct Item(u64);

impl Weighed for Item {
    fn weight(&self) -> u64 {
        self.0
    }
}

fn small(items: usize, bytes: u64) -> (Queue<Item>, Intake<Item>, Arc<Books>) {
    let books = Books::new();
    let (queue, intake) = queue(QueueBounds { items, bytes }, Arc::clone(&books));
    (queue, intake, books)
}

#[test]
fn a_full_queue_drops_the_newest_and_counts_it() {
    let (queue, intake, books) = small(2, 1000);
    for weight in [1, 2, 3] {
        queue.offer(Item(weight));
    }
    assert_eq!(queue.depth(), (2, 3));
    assert_eq!(intake.take().map(|item| item.0), Some(1));
    assert_eq!(books.read().exchanges.dropped.by(ExchangeDrop::QueueFull), 1);
    assert_eq!(books.read().exchanges.observed, 3);
}

#[test]
fn bytes_are_bounded_and_given_back() {
    let (queue, intake, books) = small(100, 10);
    queue.offer(Item(6));
    queue.offer(Item(5));
    assert_eq!(books.read().exchanges.dropped.by(ExchangeDrop::QueueBytes), 1);
    assert_eq!(queue.depth(), (1, 6), "the refused item holds nothing");
    let taken = intake.take().unwrap();
    queue.offer(Item(5));
    assert_eq!(books.read().exchanges.dropped.by(ExchangeDrop::QueueBytes), 2, "still held while decoding");
    intake.give_back(taken.0);
    queue.offer(Item(5));
    assert_eq!(queue.depth(), (1, 5));
}

#[test]
fn a_closed_queue_refuses_and_keeps_what_it_has() {
    let (queue, intake, books) = small(10, 100);
    queue.offer(Item(1));
    intake.close();
    queue.offer(Item(1));
    assert_eq!(books.read().exchanges.dropped.by(ExchangeDrop::Closed), 1);
    assert_eq!(books.read().exchanges.observed, 2);
    assert!(!intake.is_drained());
    let taken = intake.take().unwrap();
    assert!(!intake.is_drained(), "taken is not yet decoded");
    intake.give_back(taken.0);
    assert!(intake.is_drained());
}

#[test]
fn a_worker_that_is_gone_costs_counts_and_nothing_else() {
    let (queue, intake, books) = small(10, 100);
    intake.close_dead();
    queue.offer(Item(1));
    drop(intake);
    queue.offer(Item(1));
    let exchanges = books.read().exchanges;
    assert_eq!(exchanges.dropped.by(ExchangeDrop::WorkerGone), 2);
    assert!(exchanges.balances());
    assert_eq!(queue.depth().1, 0);
}

/// Producers on many threads against a worker that closes in the middle: every offer is either taken or counted, and
/// once the worker has seen the gate empty, nothing is left behind in the channel.
#[test]
fn nothing_is_lost_when_the_queue_closes_under_load() {
    const PRODUCERS: u64 = 8;
    const OFFERS: u64 = 4_000;
    for round in 0..20 {
        let (queue, intake, books) = small(64, 500);
        let started = AtomicU64::new(0);
        let mut taken = 0;
        thread::scope(|scope| {
            for _ in 0..PRODUCERS {
                scope.spawn(|| {
                    for offer in 0..OFFERS {
                        started.fetch_add(1, Relaxed);
                        queue.offer(Item(1 + offer % 13));
                    }
                });
            }
            let close_after = 500 * (1 + round);
            let mut closed = false;
            while !(closed && intake.is_drained()) {
                if !closed && taken >= close_after {
                    intake.close();
                    closed = true;
                }
                match intake.take() {
                    Some(item) => {
                        taken += 1;
                        intake.give_back(item.0);
                    }
                    None => thread::yield_now(),
                }
                if started.load(Relaxed) == PRODUCERS * OFFERS {
                    intake.close();
                    closed = true;
                }
            }
            assert!(intake.take().is_none(), "drained means empty");
        });
        let exchanges = books.read().exchanges;
        assert_eq!(exchanges.observed, PRODUCERS * OFFERS);
        assert_eq!(taken + exchanges.dropped.total(), PRODUCERS * OFFERS);
    }
}
