//! The gates, how they are closed, and how queues end, under every interleaving: `src/gate.rs`, `src/closing.rs` and
//! `src/ending.rs` as they are, with loom's atomics.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "a part of the library, compiled apart")]

#[path = "../src/closing.rs"]
mod closing;
#[path = "../src/ending.rs"]
mod ending;
#[path = "../src/gate.rs"]
mod gate;

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering, fence};
}

use std::sync::Arc;
use std::time::Duration;

use closing::{Closing, are_drained};
use ending::Ending;
use gate::{Bounds, Gate, Refusal};
use loom::sync::atomic::{AtomicU64, Ordering::Relaxed};
use loom::thread;

/// The books, as far as the gate has to do with them.
#[derive(Default)]
struct Books {
    begun: AtomicU64,
    ended: AtomicU64,
    full: AtomicU64,
    closed: AtomicU64,
}

struct Bench {
    gate: Gate,
    books: Books,
}

impl Bench {
    fn new(items: u64, bytes: u64) -> Arc<Self> {
        Arc::new(Self { gate: Gate::new(Bounds { items, bytes }), books: Books::default() })
    }

    /// What a request does: it enters, streams by, and is counted before it leaves. Tells whether it got its bytes.
    fn request(&self, announced: u64, more: u64) -> bool {
        let refused = match self.gate.enter(announced) {
            Ok(()) => {
                self.books.begun.fetch_add(1, Relaxed);
                let has_grown = more == 0 || self.gate.grow(more);
                let held = announced + if has_grown { more } else { 0 };
                self.books.ended.fetch_add(1, Relaxed);
                self.gate.leave(held);
                return has_grown;
            }
            Err(Refusal::Full) => &self.books.full,
            Err(Refusal::Closed) => &self.books.closed,
        };
        refused.fetch_add(1, Relaxed);
        false
    }

    fn read(&self) -> [u64; 4] {
        let Books { begun, ended, full, closed } = &self.books;
        [begun, ended, full, closed].map(|counter| counter.load(Relaxed))
    }

    /// What a shutdown does: nobody comes in any more, and who is inside is waited for.
    fn drain(&self) {
        self.gate.close();
        while !self.gate.is_drained() {
            thread::yield_now();
        }
    }
}

/// All interleavings in which a thread is taken off at most three times where it need not: that finds nearly all faults,
/// and is done in seconds.
fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

fn run(bench: &Arc<Bench>, requests: [(u64, u64); 2]) -> Vec<thread::JoinHandle<bool>> {
    let start = |(announced, more)| {
        let bench = Arc::clone(bench);
        thread::spawn(move || bench.request(announced, more))
    };
    requests.map(start).into()
}

#[test]
fn once_a_closed_gate_is_empty_the_books_are_complete() {
    model(|| {
        let bench = Bench::new(2, 100);
        let requests = run(&bench, [(7, 3), (7, 0)]);
        bench.drain();
        let [begun, ended, ..] = bench.read();
        assert_eq!(begun, ended, "who got in has been counted");
        for request in requests {
            request.join().unwrap();
        }
        let last = bench.read();
        assert_eq!((last[0], last[1]), (begun, ended), "nobody comes in after that");
        assert_eq!((begun + last[3], last[2]), (2, 0), "who came too late is told so");
        assert_eq!((bench.gate.items(), bench.gate.bytes()), (0, 0));
    });
}

#[test]
fn of_two_that_come_at_once_one_gets_in() {
    model(|| {
        let bench = Bench::new(1, 100);
        for request in run(&bench, [(60, 0), (60, 0)]) {
            request.join().unwrap();
        }
        let [begun, ended, full, closed] = bench.read();
        assert!(begun >= 1, "two are not both refused");
        assert_eq!((begun, begun + full, closed), (ended, 2, 0));
        assert_eq!((bench.gate.items(), bench.gate.bytes()), (0, 0));
    });
}

#[test]
fn nobody_who_is_inside_holds_more_than_there_is() {
    model(|| {
        let bench = Bench::new(2, 100);
        let inside = [(), ()].map(|()| {
            let bench = Arc::clone(&bench);
            thread::spawn(move || {
                bench.gate.enter(0).unwrap();
                bench.gate.grow(60)
            })
        });
        let grown = inside.into_iter().filter_map(|thread| thread.join().ok()).filter(|&grown| grown).count();
        assert_eq!((bench.gate.items(), bench.gate.bytes()), (2, 60 * grown as u64));
        assert!(grown <= 1);
    });
}

#[test]
fn who_sees_the_deadline_and_drained_gates_has_seen_the_last_of_all_requests() {
    model(|| {
        let bench = Arc::new(([(), ()].map(|()| Bench::new(1, 100)), Closing::new()));
        let requests = {
            let bench = Arc::clone(&bench);
            // one that goes to two challengers
            thread::spawn(move || bench.0.iter().map(|gate| gate.request(7, 0)).filter(|&got| got).count())
        };
        // a challengers' thread: it looks, before the shadow is told to end, while, and after
        let dispatcher = {
            let bench = Arc::clone(&bench);
            thread::spawn(move || {
                let (gates, closing) = &*bench;
                let is_drained =
                    closing.deadline().is_some() && are_drained(gates.iter().map(|bench| &bench.gate));
                is_drained.then(|| gates.each_ref().map(|bench| bench.read()))
            })
        };
        bench.1.close(bench.0.iter().map(|bench| &bench.gate), Duration::from_secs(1));
        let seen = dispatcher.join().unwrap();
        requests.join().unwrap();
        for (place, bench) in bench.0.iter().enumerate() {
            let [begun, ended, full, closed] = bench.read();
            assert_eq!((begun, begun + closed, full), (ended, 1, 0));
            if let Some(seen) = seen {
                assert_eq!((seen[place][0], seen[place][1]), (begun, ended), "somebody came in after that");
            }
        }
    });
}

/// A queue of finished exchanges with one place, each of which holds a permit of the gate. No more than the order in which
/// the ending asks for keeps its place and its flag together.
struct Finished {
    bench: Arc<Bench>,
    place: AtomicU64,
    ending: Ending,
}

impl Finished {
    /// What the champion does when it leaves an exchange that nobody else has.
    fn send(&self) {
        if self.ending.has_come() || self.place.compare_exchange(0, 1, Relaxed, Relaxed).is_err() {
            return self.complete();
        }
        if self.ending.came_before() {
            self.empty();
        }
    }

    /// What a thread of the challengers does when it ends, and the shadow when it has.
    fn end(&self) {
        self.ending.come();
        self.empty();
    }

    fn empty(&self) {
        if self.place.swap(0, Relaxed) == 1 {
            self.complete();
        }
    }

    fn complete(&self) {
        self.bench.books.ended.fetch_add(1, Relaxed);
        self.bench.gate.leave(0);
    }
}

#[test]
fn what_is_finished_is_completed_once_whoever_ends_meanwhile() {
    model(|| {
        let finished =
            Arc::new(Finished { bench: Bench::new(2, 0), place: AtomicU64::new(0), ending: Ending::new() });
        let champions = [(), ()].map(|()| {
            let finished = Arc::clone(&finished);
            thread::spawn(move || {
                finished.bench.gate.enter(0).unwrap();
                finished.bench.books.begun.fetch_add(1, Relaxed);
                finished.send();
            })
        });
        finished.end();
        for champion in champions {
            champion.join().unwrap();
        }
        let [begun, ended, ..] = finished.bench.read();
        assert_eq!((begun, ended, finished.bench.gate.items()), (2, 2, 0));
    });
}
