use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use tiltmeter_record::{ExchangeDrop, Priority, SizeClass};

use super::*;
use crate::books::{ExchangeBooks, Stratum};

fn stratum(priority: Priority) -> Stratum {
    Stratum { route: 0, size: SizeClass::UpTo1KiB, priority }
}

fn offer(queue: &Queue<u64>, weight: u64) {
    queue.offer(weight, weight, stratum(Priority::Normal), || false);
}

fn small(items: usize, bytes: u64) -> (Queue<u64>, Intake<u64>, Arc<ExchangeBooks>) {
    let books = ExchangeBooks::new(1);
    let (queue, intake) = queue(Shares::equal(QueueBounds { items, bytes }), Arc::clone(&books));
    (queue, intake, books)
}

#[test]
fn a_full_queue_drops_the_newest_and_counts_it() {
    let (queue, intake, books) = small(2, 1000);
    for weight in [1, 2, 3] {
        offer(&queue, weight);
    }
    assert_eq!(queue.depth(), (2, 3));
    assert_eq!(intake.take().map(|item| item.weight), Some(1));
    assert_eq!(books.read().dropped.by(ExchangeDrop::QueueFull), 1);
    assert_eq!(books.read().observed, 3);
}

#[test]
fn bytes_are_bounded_and_given_back() {
    let (queue, intake, books) = small(100, 10);
    offer(&queue, 6);
    offer(&queue, 5);
    assert_eq!(books.read().dropped.by(ExchangeDrop::QueueBytes), 1);
    assert_eq!(queue.depth(), (1, 6), "the refused item holds nothing");
    let taken = intake.take().unwrap();
    offer(&queue, 5);
    assert_eq!(books.read().dropped.by(ExchangeDrop::QueueBytes), 2, "still held while decoding");
    intake.give_back(taken.weight);
    offer(&queue, 5);
    assert_eq!(queue.depth(), (1, 5));
}

#[test]
fn a_closed_queue_refuses_and_keeps_what_it_has() {
    let (queue, intake, books) = small(10, 100);
    offer(&queue, 1);
    intake.close();
    offer(&queue, 1);
    assert_eq!(books.read().dropped.by(ExchangeDrop::Closed), 1);
    assert_eq!(books.read().observed, 2);
    assert!(!intake.is_drained());
    let taken = intake.take().unwrap();
    assert!(!intake.is_drained(), "taken is not yet decoded");
    intake.give_back(taken.weight);
    assert!(intake.is_drained());
}

#[test]
fn a_worker_that_is_gone_costs_counts_and_nothing_else() {
    let (queue, intake, books) = small(10, 100);
    intake.close_dead();
    offer(&queue, 1);
    drop(intake);
    offer(&queue, 1);
    let exchanges = books.read();
    assert_eq!(exchanges.dropped.by(ExchangeDrop::WorkerGone), 2);
    assert!(exchanges.balances());
    assert_eq!(queue.depth().1, 0);
}

/// Does `work` on a thread of its own, and fails when it is not done within a minute: a gate that never counts down would
/// have it spin for ever.
fn within_a_minute(work: impl FnOnce() + Send + 'static) {
    let (done, is_done) = sync_channel(1);
    let thread = thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    if is_done.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
        panic!("it spins");
    }
    thread.join().unwrap();
}

#[test]
fn nothing_is_lost_when_the_queue_closes_under_load() {
    within_a_minute(close_under_load);
}

/// Producers on many threads against a worker that closes in the middle: every offer is either taken or counted, and
/// once the worker has seen the gate empty, nothing is left behind in the channel.
fn close_under_load() {
    const PRODUCERS: u64 = 8;
    const OFFERS: u64 = 4_000;
    for round in 0..20 {
        let (queue, intake, books) = small(64, 500);
        let started = AtomicU64::new(0);
        let mut taken = 0;
        thread::scope(|scope| {
            for _ in 0..PRODUCERS {
                scope.spawn(|| {
                    for place in 0..OFFERS {
                        started.fetch_add(1, Relaxed);
                        offer(&queue, 1 + place % 13);
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
                        intake.give_back(item.weight);
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
        let exchanges = books.read();
        assert_eq!(exchanges.observed, PRODUCERS * OFFERS);
        assert_eq!(taken + exchanges.dropped.total(), PRODUCERS * OFFERS);
    }
}

#[test]
fn what_is_less_important_goes_first() {
    let books = ExchangeBooks::new(1);
    let bounds = QueueBounds { items: 16, bytes: 1_600 };
    let (queue, intake) = queue(Shares::by_priority(bounds), Arc::clone(&books));
    let fill = |priority| {
        (0..100)
            .take_while(|_| {
                let before = queue.depth().0;
                queue.offer(0_u64, 1, stratum(priority), || false);
                queue.depth().0 > before
            })
            .count()
    };
    assert_eq!((fill(Priority::Low), fill(Priority::Normal), fill(Priority::High)), (8, 6, 2));
    let losses: Vec<_> =
        books.losses().map(|(stratum, reason, count)| (stratum.priority, reason, count)).collect();
    let full = ExchangeDrop::QueueFull;
    assert_eq!(losses, [(Priority::Low, full, 1), (Priority::Normal, full, 1), (Priority::High, full, 1)]);
    while let Some(taken) = intake.take() {
        intake.give_back(taken.weight);
    }
    queue.offer(0, 801, stratum(Priority::Low), || false);
    queue.offer(0, 800, stratum(Priority::Low), || false);
    queue.offer(0, 1, stratum(Priority::Low), || false);
    queue.offer(0, 800, stratum(Priority::High), || false);
    assert_eq!(queue.depth(), (2, 1_600), "bytes are shared out as items are");
}

#[test]
fn one_that_is_patient_gets_in_when_there_is_room() {
    let (queue, intake, books) = small(1, 1_000);
    offer(&queue, 1);
    let mut asked = 0;
    let refused = queue.offer(2, 2, stratum(Priority::Normal), || {
        asked += 1;
        if asked == 3 {
            let first = intake.take().unwrap();
            intake.give_back(first.weight);
        }
        true
    });
    assert!(refused.is_none() && asked == 3);
    assert!(queue.offer(3, 3, stratum(Priority::Normal), || false).is_some(), "its patience is over");
    assert!(queue.offer(4, 1_001, stratum(Priority::Normal), || panic!("it can never fit")).is_some());
    let exchanges = books.read();
    assert_eq!((exchanges.observed, exchanges.dropped.total()), (4, 2));
    intake.close();
    assert!(queue.offer(5, 1, stratum(Priority::Normal), || panic!("it is closed")).is_some());
    assert_eq!(books.read().dropped.by(ExchangeDrop::Closed), 1);
}

#[test]
fn a_canary_is_in_no_ledger() {
    let (queue, intake, books) = small(1, 1_000);
    assert!(queue.offer_uncounted(0, 1, stratum(Priority::Normal)));
    assert!(!queue.offer_uncounted(0, 1, stratum(Priority::Normal)), "there is no room");
    assert_eq!(books.read().observed, 0);
    assert_eq!(intake.len(), 1);
}

#[test]
fn what_is_left_in_a_closed_queue_is_taken_out() {
    let (queue, intake, _) = small(10, 100);
    for weight in 1..=3 {
        offer(&queue, weight);
    }
    intake.close();
    let mut left = Vec::new();
    intake.empty(|item| left.push(item));
    assert_eq!(left, [1, 2, 3]);
    assert!(intake.is_drained());
}
