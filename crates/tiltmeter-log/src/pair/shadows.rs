//! The latest books of the shadows whose pairs come to a log.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tiltmeter_record::{ModelName, ShadowBooks};

/// Challengers that are held, at most. Beyond that those go whose books are the oldest.
const MOST: usize = 1_024;

/// The last books of a shadow come with so many heartbeats: the first of them may be lost in an outage.
const LAST_WORDS: u32 = 10;

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
    /// How often they were read since the shadow ended.
    last_words: u32,
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
            Entry::Occupied(mut held) => held.get_mut().books = books,
            Entry::Vacant(place) => {
                place.insert(Latest { books, last_words: 0 });
            }
        }
    }

    /// The books as they stand, each with the place of its model, for a heartbeat.
    pub(crate) fn read(&self) -> Vec<(u16, ShadowBooks)> {
        let mut held = self.held();
        let read = held.iter().map(|(key, latest)| (key.route, latest.books.clone())).collect();
        held.retain(|_, latest| {
            latest.last_words += u32::from(latest.books.is_last);
            latest.last_words < LAST_WORDS
        });
        read
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
        for _ in 0..LAST_WORDS {
            assert_eq!(eligible(&shadows), [9]);
        }
        assert!(shadows.read().is_empty());
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
