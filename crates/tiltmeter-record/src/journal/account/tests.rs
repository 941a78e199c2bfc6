use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{ExchangeDrop, PredictionDrop, PredictionLedger, SinkLedger};

const SINK: &str = "parquet";

fn at(minute: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(60 * minute)
}

/// The heartbeat of that minute.
fn heartbeat(minute: u64, next_prediction: u64, dropped: u64) -> Heartbeat {
    let mut predictions = PredictionLedger { decoded: next_prediction, ..Default::default() };
    predictions.dropped.add(PredictionDrop::SinkFailed, dropped);
    let mut heartbeat = Heartbeat::new(minute, at(0), at(minute));
    heartbeat.next_prediction = next_prediction;
    heartbeat.sinks = vec![SinkLedger::new(SINK.into(), predictions)];
    heartbeat
}

fn gap(sequence: u64, count: u64) -> Gap {
    Gap::of_predictions(sequence, at(sequence), SINK.into(), PredictionDrop::SinkFailed, count)
}

fn account(heartbeats: &[Heartbeat], gaps: &[Gap], found: &RowsFound) -> WriterAccount {
    WriterAccount::new(SINK, heartbeats, gaps, found).unwrap()
}

#[test]
fn without_a_heartbeat_nothing_is_known() {
    assert_eq!(WriterAccount::new(SINK, &[], &[gap(0, 3)], &RowsFound::of(0..10)), None);
}

#[test]
fn pairs_are_not_predictions() {
    let mut last = heartbeat(1, 100, 4);
    (last.next_pair, last.is_last) = (50, true);
    last.sinks[0].pairs.dropped.add(PredictionDrop::SinkQueueFull, 1);
    let lost = Gap::of_pairs(1, at(1), SINK.into(), PredictionDrop::SinkQueueFull, 9);
    let (heartbeats, gaps) = ([last], [gap(0, 4), lost]);
    let predictions = account(&heartbeats, &gaps, &RowsFound::of(0..96));
    assert_eq!((predictions.decoded, predictions.dropped, predictions.unaccounted), (100, 4, 0));
    let pairs = WriterAccount::of_pairs(SINK, &heartbeats, &gaps, &RowsFound::of(0..40)).unwrap();
    assert_eq!((pairs.decoded, pairs.found, pairs.dropped, pairs.unaccounted), (50, 40, 9, 1));
}

#[test]
fn a_writer_that_ended_in_order_has_no_tail() {
    let last = Heartbeat { is_last: true, ..heartbeat(2, 100, 4) };
    let found = RowsFound::of(0..96);
    let account = account(&[heartbeat(1, 70, 0), last], &[gap(0, 4)], &found);
    let expected = WriterAccount {
        decoded: 100,
        found: 96,
        sampled_out: 0,
        dropped: 4,
        unaccounted: 0,
        unknown_in_tail: 0,
        tail_since: None,
        ended_in_order: true,
    };
    assert_eq!(account, expected);
}

#[test]
fn a_writer_that_was_killed_has_a_tail_with_a_number() {
    let account = account(&[heartbeat(1, 70, 0), heartbeat(2, 100, 4)], &[], &RowsFound::of(0..60));
    assert_eq!((account.decoded, account.unaccounted), (100, 36));
    assert_eq!((account.tail_since, account.ended_in_order), (Some(at(2)), false));
}

#[test]
fn rows_after_the_last_heartbeat_were_decoded_too_and_so_were_those_before_them() {
    let account = account(&[heartbeat(1, 100, 0)], &[], &RowsFound::of((0..100).chain([110])));
    assert_eq!((account.decoded, account.found, account.unaccounted), (111, 101, 0));
    assert_eq!((account.unknown_in_tail, account.missing()), (10, 10));
}

#[test]
fn the_last_heartbeat_is_of_the_highest_sequence_and_not_of_the_latest_time() {
    let set_back = Heartbeat { at: at(1), ..heartbeat(9, 100, 0) };
    for heartbeats in [[heartbeat(8, 70, 0), set_back.clone()], [set_back, heartbeat(8, 70, 0)]] {
        let account = account(&heartbeats, &[], &RowsFound::default());
        assert_eq!((account.decoded, account.tail_since), (100, Some(at(1))));
    }
}

#[test]
fn copies_count_once() {
    let heartbeats = [heartbeat(1, 50, 3), heartbeat(1, 50, 3), heartbeat(2, 100, 5), heartbeat(2, 100, 5)];
    let gaps = [gap(0, 3), gap(0, 3), gap(1, 4), gap(1, 4), gap(0, 3)];
    let found = RowsFound::of((0..90).chain(0..90).chain([5, 5, 89]));
    assert_eq!((found.rows(), found.next()), (90, 90));
    let account = account(&heartbeats, &gaps, &found);
    assert_eq!((account.decoded, account.found, account.dropped, account.unaccounted), (100, 90, 7, 3));
}

#[test]
fn gaps_of_exchanges_and_of_other_sinks_are_others() {
    let other = Gap::of_predictions(1, at(1), "file".into(), PredictionDrop::SinkFailed, 7);
    let gaps = [Gap::of_exchanges(0, at(1), ExchangeDrop::QueueFull, 5), other];
    let of = |sink| WriterAccount::new(sink, &[heartbeat(1, 100, 2)], &gaps, &RowsFound::of(0..90)).unwrap();
    assert_eq!((of(SINK).dropped, of(SINK).unaccounted), (2, 8));
    assert_eq!((of("file").dropped, of("file").unaccounted), (7, 3), "the books do not know it, the gaps do");
}

#[test]
fn what_was_sampled_out_is_not_lost() {
    let mut last = heartbeat(1, 100, 2);
    last.sinks[0].predictions.sampled_out = 50;
    let account = account(&[last], &[], &RowsFound::of(0..40));
    assert_eq!((account.sampled_out, account.unaccounted), (50, 8));
}

#[test]
fn a_row_that_was_given_up_and_appears_all_the_same_makes_nothing_negative() {
    let account = account(&[heartbeat(1, 100, 10)], &[], &RowsFound::of(0..100));
    assert_eq!((account.found, account.dropped, account.unaccounted), (100, 10, 0));
}

#[test]
fn numbers_that_cannot_be_do_not_overflow() {
    let found = RowsFound::of([u64::MAX, 0, u64::MAX]);
    assert_eq!((found.rows(), found.next(), found.below(u64::MAX)), (2, u64::MAX, 1));
    let account = account(&[heartbeat(1, u64::MAX, u64::MAX)], &[gap(0, u64::MAX), gap(1, u64::MAX)], &found);
    assert_eq!((account.decoded, account.dropped, account.unaccounted), (u64::MAX, u64::MAX, 0));
}

#[test]
fn what_was_sampled_out_after_the_last_heartbeat_is_not_said_to_be_lost() {
    // one row in ten is kept, and the process is killed 50,000 rows after the last heartbeat
    let mut last = heartbeat(1, 10_000, 0);
    last.sinks[0].predictions.sampled_out = 9_000;
    let account = account(&[last], &[], &RowsFound::of((0..60_000).step_by(10)));
    assert_eq!((account.decoded, account.found, account.sampled_out), (59_991, 6_000, 9_000));
    assert_eq!((account.unaccounted, account.unknown_in_tail), (0, 44_991));
}

#[test]
fn a_loss_that_only_a_gap_tells_may_be_of_the_tail() {
    let account = account(&[heartbeat(1, 100, 0)], &[gap(0, 8)], &RowsFound::of((0..95).chain([119])));
    assert_eq!((account.decoded, account.found, account.dropped), (120, 96, 8));
    assert_eq!((account.unaccounted, account.unknown_in_tail), (0, 16));
}

/// What becomes of a prediction, and whether a heartbeat follows it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Published,
    Dropped,
    InOpenFile,
    SampledOut,
}

fn fates() -> impl Strategy<Value = Vec<(Fate, bool)>> {
    let fate = prop_oneof![
        6 => Just(Fate::Published),
        1 => Just(Fate::Dropped),
        1 => Just(Fate::InOpenFile),
        4 => Just(Fate::SampledOut),
    ];
    prop::collection::vec((fate, prop::bool::weighted(0.1)), 0..200)
}

proptest! {
    #[test]
    fn a_writer_that_is_killed_anywhere_leaves_an_exact_number_of_what_is_missing(
        fates in fates(),
        copies in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        gaps_arrive in any::<bool>(),
    ) {
        let mut heartbeats = vec![heartbeat(0, 0, 0)];
        let mut gaps = Vec::new();
        let mut published = Vec::new();
        let (mut dropped, mut told, mut sampled_out) = (0, 0, 0);
        for (sequence, &(fate, is_heartbeat)) in (0_u64..).zip(&fates) {
            match fate {
                Fate::Published => published.push(sequence),
                Fate::Dropped => dropped += 1,
                Fate::InOpenFile => {}
                Fate::SampledOut => sampled_out += 1,
            }
            if is_heartbeat {
                let minute = u64::try_from(heartbeats.len()).unwrap();
                let mut books = heartbeat(minute, sequence + 1, dropped);
                books.sinks[0].predictions.sampled_out = sampled_out;
                heartbeats.push(books);
                if dropped > told {
                    gaps.push(gap(u64::try_from(gaps.len()).unwrap(), dropped - told));
                    told = dropped;
                }
            }
        }
        if !gaps_arrive {
            gaps.clear();
        }
        for copy in copies {
            heartbeats.push(copy.get(&heartbeats).clone());
            if !gaps.is_empty() {
                gaps.push(copy.get(&gaps).clone());
            }
            if !published.is_empty() {
                published.push(*copy.get(&published));
            }
        }
        let account = account(&heartbeats, &gaps, &RowsFound::of(published.iter().copied()));

        let last = heartbeats.iter().map(|heartbeat| heartbeat.next_prediction).max().unwrap();
        let known = last.max(published.iter().max().map_or(0, |sequence| sequence + 1));
        let count = |places: std::ops::Range<u64>, wanted: &[Fate]| {
            let of = |place: &u64| wanted.contains(&fates[usize::try_from(*place).unwrap()].0);
            u64::try_from(places.filter(of).count()).unwrap()
        };
        prop_assert_eq!((account.decoded, account.dropped), (known, told));
        prop_assert_eq!(account.sampled_out, count(0..last, &[Fate::SampledOut]));
        prop_assert_eq!(account.unaccounted, count(0..last, &[Fate::InOpenFile, Fate::Dropped]) - told);
        let others = [Fate::InOpenFile, Fate::Dropped, Fate::SampledOut];
        prop_assert_eq!(account.unknown_in_tail, count(last..known, &others));
        let known = account.found + account.sampled_out + account.dropped;
        prop_assert_eq!(known + account.missing(), account.decoded);
        // of what it does not know, no more was lost than was decoded after the last heartbeat
        let lost = fates.iter().filter(|(fate, _)| *fate != Fate::Published).count();
        let unknown = u64::try_from(lost).unwrap() - account.dropped - account.sampled_out - account.missing();
        prop_assert!(unknown <= u64::try_from(fates.len()).unwrap() - last);
    }
}
