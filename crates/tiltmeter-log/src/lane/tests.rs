use proptest::prelude::*;

use super::*;
use crate::faults::Hanging;
use crate::sink::conformance::{model, row, writer};
use crate::sink::{MemorySink, Sink};
use crate::testing::ManualClock;

/// A lane with room for `bytes`.
fn lane(sink: impl Sink, bytes: u64, when_full: WhenFull) -> (Lane, mpsc::Sender<LaneCommand>) {
    let books = SinkBooks::new("test".into(), 1);
    let clock = Arc::new(ManualClock::default());
    open(Box::new(sink), Vec::new(), LaneBounds { bytes, when_full }, books, clock, |_| {}).unwrap()
}

fn batch() -> Arc<PredictionBatch> {
    let empty = PredictionBatch::new(model("churn").unwrap(), writer(), "node".into());
    Arc::new(PredictionBatch { rows: vec![row(0)], ..empty })
}

/// Sends a batch that is said to hold so many bytes.
fn send(lane: &Lane, bytes: u64, goes_on: impl Fn(Duration) -> bool) {
    let mut delivery = Delivery::new(0, Arc::clone(lane.books()));
    delivery.add(1);
    lane.send(Cargo::Predictions(batch()), bytes, delivery, goes_on);
}

fn dropped(lane: &Lane) -> u64 {
    lane.books().read().dropped.by(PredictionDrop::SinkQueueFull)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever comes, no more waits for a sink than the bound, or one batch that is larger; what does not is counted.
    #[test]
    fn no_more_waits_for_a_sink_than_it_may(sizes in prop::collection::vec(0..700_u64, 1..40)) {
        let (lane, _commands) = lane(Hanging::after(0, MemorySink::default()), 1_000, WhenFull::DropNewest);
        let mut held = 0;
        for bytes in sizes {
            let before = dropped(&lane);
            send(&lane, bytes, |_| true);
            let is_taken = dropped(&lane) == before;
            prop_assert_eq!(is_taken, held == 0 || held + bytes <= 1_000);
            held += if is_taken { bytes } else { 0 };
            prop_assert_eq!(lane.depth(), held);
            prop_assert!(lane.depth() <= 1_000);
        }
    }
}

#[test]
fn a_batch_above_the_bound_has_its_turn_when_nothing_else_waits() {
    let (lane, _commands) = lane(Hanging::after(0, MemorySink::default()), 100, WhenFull::DropNewest);
    send(&lane, 5_000, |_| true);
    assert_eq!((lane.depth(), dropped(&lane)), (5_000, 0));
    send(&lane, 5_000, |_| true);
    send(&lane, 1, |_| true);
    assert_eq!((lane.depth(), dropped(&lane)), (5_000, 2));
}

#[test]
fn batches_of_no_weight_are_bounded_by_their_number_and_leave_room_for_journals() {
    let (lane, _commands) = lane(Hanging::after(0, MemorySink::default()), 100, WhenFull::DropNewest);
    for _ in 0..FREIGHT + 10 {
        send(&lane, 0, |_| true);
    }
    assert!(dropped(&lane) >= 10, "{}", dropped(&lane));
    assert!(lane.freight.capacity() >= RESERVED);
}

#[test]
fn who_waits_for_room_asks_whether_to_go_on() {
    let patient = WhenFull::Wait(Duration::from_secs(3_600));
    let (lane, _commands) = lane(Hanging::after(0, MemorySink::default()), 100, patient);
    send(&lane, 100, |_| true);
    let asked = std::cell::Cell::new(0);
    send(&lane, 100, |_| {
        asked.set(asked.get() + 1);
        asked.get() < 5
    });
    assert_eq!((asked.get(), dropped(&lane)), (5, 1));
    send(&lane, 100, |_| panic!("it does not wait a second time"));
    assert_eq!(dropped(&lane), 2);
}
