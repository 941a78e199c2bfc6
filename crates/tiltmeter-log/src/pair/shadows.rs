//! The latest books of the shadows whose pairs come to a log.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tiltmeter_record::{ModelName, ShadowBooks};

/// Challengers that are held, at most. Beyond that those go whose books are the oldest.
const MOST: usize = 1_024;

/// Books that do not change any more, as the last ones of a shadow do not, come with so many heartbeats: the first of them
/// may be lost in an outage.
const REPEATS: u32 = 10;

/// What is kept of all shadows.
#[derive(Debug, Default)]
pub(crate) struct Shadows(Mutex<BTreeMap<Key, Latest>>);

/// A challenger of a shadow that started at a time; of the model at that place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    route: u16,
    shadow: ModelName,
    challenger: ModelName,
    started_at: Timestamp,
}

#[derive(Debug)]
struct Latest {
    books: ShadowBooks,
    /// How often they were read.
    reads: u32,
}

impl Shadows {
    /// Notes how it stands with a challenger of the model at `route`. After the last books of a shadow come none.
    pub(crate) fn note(&self, route: u16, books: ShadowBooks) {
        let key = Key {
            route,
            shadow: books.shadow.clone(),
            challenger: books.challenger.clone(),
            started_at: books.started_at,
        };
        let mut held = self.held();
        if !held.contains_key(&key) && held.len() >= MOST {
            let oldest = held.iter().min_by_key(|(_, latest)| latest.books.at).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| held.remove(&oldest));
        }
        match held.entry(key) {
            Entry::Occupied(held) if held.get().books.is_last => {}
            Entry::Occupied(mut held) => {
                held.insert(Latest { books, reads: 0 });
            }
            Entry::Vacant(place) => {
                place.insert(Latest { books, reads: 0 });
            }
        }
    }

    /// The books as they stand, each with the place of its model, for a heartbeat: those that have been told anew, or not
    /// been read often since.
    pub(crate) fn read(&self) -> Vec<(u16, ShadowBooks)> {
        let mut held = self.held();
        let fresh = held.iter_mut().filter(|(_, latest)| latest.reads < REPEATS);
        let read = fresh.map(|(key, latest)| {
            latest.reads += 1;
            (key.route, latest.books.clone())
        });
        let read = read.collect();
        held.retain(|_, latest| !(latest.books.is_last && latest.reads >= REPEATS));
        read
    }

    /// The same for the last heartbeat of one of the sinks: what it is given takes nothing from the others.
    pub(crate) fn read_last(&self) -> Vec<(u16, ShadowBooks)> {
        self.held().iter().map(|(key, latest)| (key.route, latest.books.clone())).collect()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Key, Latest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tiltmeter_record::ShadowLedger;

    use super::*;

    fn books(challenger: &str, started: i64, eligible: u64, is_last: bool) -> ShadowBooks {
        let time = |second| Timestamp::from_second(second).unwrap();
        let name = |text: &str| text.parse().unwrap();
        let at = time(started + i64::try_from(eligible).unwrap());
        let mut books = ShadowBooks::new(name("shadow"), name(challenger), time(started), at);
        books.requests = ShadowLedger::new(eligible, |_| 0);
        books.is_last = is_last;
        books
    }

    fn eligible(shadows: &Shadows) -> Vec<u64> {
        shadows.read().iter().map(|(_, books)| books.requests.eligible).collect()
    }

    #[test]
    fn the_latest_books_of_each_stand() {
        let shadows = Shadows::default();
        for (challenger, count) in [("a", 1), ("b", 5), ("a", 2)] {
            shadows.note(0, books(challenger, 0, count, false));
        }
        shadows.note(0, books("a", 60, 1, false));
        shadows.note(1, books("a", 0, 7, false));
        assert_eq!(eligible(&shadows), [2, 1, 5, 7], "started anew, or of another model: others");
        assert_eq!(eligible(&shadows), [2, 1, 5, 7]);
    }

    #[test]
    fn the_last_books_are_repeated_for_a_while_and_nothing_comes_after_them() {
        let shadows = Shadows::default();
        shadows.note(0, books("a", 0, 9, true));
        shadows.note(0, books("a", 0, 8, false));
        for _ in 0..REPEATS {
            assert_eq!(shadows.read_last().len(), 1, "which is no reading that counts");
            assert_eq!(eligible(&shadows), [9]);
        }
        assert!(shadows.read().is_empty());
    }

    #[test]
    fn books_that_nobody_tells_any_more_are_not_repeated_for_ever() {
        let shadows = Shadows::default();
        shadows.note(0, books("a", 0, 9, false));
        (0..REPEATS).for_each(|_| assert_eq!(eligible(&shadows), [9]));
        assert!(shadows.read().is_empty());
        assert_eq!(shadows.read_last().len(), 1, "they are known all the same");
        shadows.note(0, books("a", 0, 10, false));
        assert_eq!(eligible(&shadows), [10]);
    }

    #[test]
    fn their_number_is_bounded_and_the_oldest_go() {
        let shadows = Shadows::default();
        for started in 0..1_500 {
            shadows.note(0, books("a", started, 1, false));
        }
        let started: Vec<i64> =
            shadows.read().iter().map(|(_, books)| books.started_at.as_second()).collect();
        assert_eq!(started, (476..1_500).collect::<Vec<_>>());
    }
}
