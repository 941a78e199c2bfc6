use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::books::SinkBooks;

fn delivery(books: &Arc<SinkBooks>, rows: u64) -> Delivery {
    let mut delivery = Delivery::new(0, Arc::clone(books));
    delivery.add(rows);
    delivery
}

fn drop_it(delivery: Delivery) {
    delivery.dropped(PredictionDrop::SinkFailed, &"full");
}

/// Written, dropped, abandoned.
fn counts(books: &SinkBooks) -> (u64, u64, u64) {
    let ledger = books.read();
    (ledger.written, ledger.dropped.total(), ledger.abandoned)
}

#[test]
fn nothing_is_settled_before_the_last_part_has_spoken() {
    let books = SinkBooks::new("tee".into(), 1);
    let mut parts = delivery(&books, 3).fan_out(3).into_iter();
    parts.next().unwrap().written();
    parts.next().unwrap().written();
    assert_eq!(counts(&books), (0, 0, 0));
    parts.next().unwrap().written();
    assert_eq!(counts(&books), (3, 0, 0));
}

#[test]
fn rows_that_different_parts_lost_are_all_lost() {
    let books = SinkBooks::new("tee".into(), 1);
    let [mut left, mut right] = <[_; 2]>::try_from(delivery(&books, 10).fan_out(2)).unwrap();
    // rows 0 to 3 by the one, 8 and 9 by the other: the smaller count of written ones would be 6
    drop_it(left.split(4));
    left.written();
    right.split(8).written();
    drop_it(right);
    assert_eq!(counts(&books), (4, 6, 0));
}

#[test]
fn rows_that_both_parts_lost_are_lost_once() {
    let books = SinkBooks::new("tee".into(), 1);
    for part in delivery(&books, 10).fan_out(2) {
        drop_it(part);
    }
    assert_eq!(counts(&books), (0, 10, 0));
}

#[test]
fn a_drop_outweighs_what_was_abandoned_and_its_first_reason_counts() {
    let books = SinkBooks::new("tee".into(), 1);
    let mut parts = delivery(&books, 1).fan_out(4).into_iter();
    drop(parts.next());
    parts.next().unwrap().dropped(PredictionDrop::SinkGone, &"panicked");
    parts.next().unwrap().dropped(PredictionDrop::SinkFailed, &"full");
    parts.next().unwrap().written();
    assert_eq!(books.losses().collect::<Vec<_>>(), [(0, PredictionDrop::SinkGone, 1)]);
}

#[test]
fn a_fan_out_of_a_part_is_joint_as_well() {
    let books = SinkBooks::new("tee".into(), 1);
    let [mut left, right] = <[_; 2]>::try_from(delivery(&books, 6).fan_out(2)).unwrap();
    let [inner, mut other] = <[_; 2]>::try_from(left.split(4).fan_out(2)).unwrap();
    left.written();
    right.written();
    drop_it(other.split(1));
    other.written();
    assert_eq!(counts(&books), (0, 0, 0));
    inner.written();
    assert_eq!(counts(&books), (5, 1, 0));
}

#[test]
fn without_parts_all_is_abandoned() {
    let books = SinkBooks::new("tee".into(), 1);
    assert!(delivery(&books, 2).fan_out(0).is_empty());
    assert_eq!(counts(&books), (0, 0, 2));
    assert!(delivery(&books, 0).fan_out(2).into_iter().all(|part| part.rows() == 0));
}

#[test]
fn a_part_does_not_merge_with_a_delivery_of_its_own_kind_of_books() {
    let books = SinkBooks::new("tee".into(), 1);
    let mut alone = delivery(&books, 1);
    let part = delivery(&books, 1).fan_out(1).remove(0);
    let part = alone.merge(part).unwrap_err();
    part.written();
    alone.written();
    assert_eq!(counts(&books), (2, 0, 0));
}

#[test]
fn a_joint_receipt_is_signed_when_all_are() {
    let books = SinkBooks::new("tee".into(), 1);
    let mut parts = Receipt::new(Some(Duration::from_secs(1)), Arc::clone(&books)).fan_out(2).into_iter();
    parts.next().unwrap().written();
    assert_eq!(books.latest_canary(), None);
    drop(parts);
    assert_eq!(books.latest_canary(), None, "a part has not been signed");
    Receipt::new(Some(Duration::from_secs(2)), Arc::clone(&books))
        .fan_out(2)
        .into_iter()
        .for_each(Receipt::written);
    assert_eq!(books.latest_canary(), Some(Duration::from_secs(2)));
}

/// What a part does with its predictions: it takes so many off the front, and settles them in one of three ways.
type Script = Vec<(u64, u8)>;

fn script() -> impl Strategy<Value = Script> {
    prop::collection::vec((0_u64..8, 0_u8..3), 0..12)
}

proptest! {
    /// Batches come one after the other, every part merges what it holds and settles it in splits of its own; a model that
    /// knows each row says what the books must say.
    #[test]
    fn every_row_is_settled_once_and_by_its_worst_fate(
        batches in prop::collection::vec(0_u64..10, 1..6),
        scripts in prop::collection::vec(script(), 1..4),
    ) {
        let books = SinkBooks::new("tee".into(), 1);
        let total: u64 = batches.iter().sum();
        let mut held: Vec<Option<Delivery>> = scripts.iter().map(|_| None).collect();
        for rows in batches {
            for (held, part) in held.iter_mut().zip(delivery(&books, rows).fan_out(scripts.len())) {
                match held {
                    None => *held = Some(part),
                    Some(held) => held.merge(part).unwrap(),
                }
            }
        }
        let mut model = vec![0_u8; usize::try_from(total).unwrap()];
        for (script, mut held) in scripts.iter().zip(held.into_iter().flatten()) {
            let mut rows = model.iter_mut();
            for &(count, fate) in script {
                let split = held.split(count);
                prop_assert_eq!(split.rows(), count.min(split.rows() + held.rows()));
                for row in rows.by_ref().take(usize::try_from(split.rows()).unwrap()) {
                    *row = fate.max(*row);
                }
                match fate {
                    0 => split.written(),
                    1 => drop(split),
                    _ => drop_it(split),
                }
            }
            // what is left is abandoned
            rows.for_each(|row| *row = 1.max(*row));
        }
        let count = |fate| model.iter().filter(|&&row| row == fate).count() as u64;
        prop_assert_eq!(counts(&books), (count(0), count(2), count(1)));
        prop_assert!(books.read().balances());
    }
}
