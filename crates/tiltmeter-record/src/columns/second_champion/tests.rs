use proptest::prelude::*;

use super::*;
use crate::columns::{AnswerColumns, Categories, RequestColumns, Texts};

/// A request id, an instance, a time, what became of it, and the challenger's score.
type Row = (Option<&'static str>, u32, i64, PairBucket, f64);

fn pairs(rows: &[Row]) -> PairColumns {
    let side = |scores: Vec<f64>| {
        let decision: Categories =
            scores.iter().map(|score| Some(if *score >= 0.5 { "1" } else { "0" })).collect();
        let version = vec![Some("v1"); rows.len()].into_iter().collect();
        AnswerColumns::new(scores, decision, vec![2.0; rows.len()], version, vec![Some(200); rows.len()])
    };
    let requests = RequestColumns {
        request_id: rows.iter().map(|row| row.0).collect(),
        entity_id: Texts::from_iter(vec![None; rows.len()]),
        event_time: rows.iter().map(|row| row.2).collect(),
        inclusion_probability: vec![1.0; rows.len()],
        bucket: rows.iter().map(|row| row.3).collect(),
        segments: vec![],
    };
    let challenger = side(rows.iter().map(|row| row.4).collect()).unwrap();
    let champion = side(vec![0.5; rows.len()]).unwrap();
    let pairs = PairColumns::new("churn".parse().unwrap(), requests, champion, challenger).unwrap();
    pairs.with_instance_index(rows.iter().map(|row| row.1).collect()).unwrap()
}

fn paired(id: &'static str, instance: u32, time: i64, score: f64) -> Row {
    (Some(id), instance, time, PairBucket::Paired, score)
}

/// The scores of the second champion, and the counts.
fn joined(rows: &[Row], second: &[Row]) -> (Vec<Option<f64>>, [u64; 4]) {
    let joined = pairs(rows).join_second_champion(&pairs(second));
    let scores = joined.pairs.second_champion().unwrap().score();
    let known = scores.iter().map(|score| Some(*score).filter(|score| !score.is_nan()));
    (known.collect(), [joined.answered, joined.unanswered, joined.unmatched, joined.left_over])
}

#[test]
fn instances_of_one_request_are_told_apart_whatever_the_order() {
    let rows = [paired("b", 0, 1, 0.0), paired("a", 1, 1, 0.0), paired("a", 0, 1, 0.0)];
    let second = [paired("a", 0, 9, 0.1), paired("a", 1, 9, 0.2), paired("b", 0, 9, 0.3)];
    assert_eq!(joined(&rows, &second), (vec![Some(0.3), Some(0.2), Some(0.1)], [3, 0, 0, 0]));
}

#[test]
fn what_only_one_of_them_has_is_counted() {
    let timeout = (Some("c"), 0, 1, PairBucket::Timeout, 0.9);
    let rows = [paired("a", 0, 1, 0.0), paired("b", 0, 1, 0.0), paired("c", 0, 1, 0.0)];
    let second = [timeout, paired("a", 0, 1, 0.1), paired("z", 0, 1, 0.3), paired("b", 1, 1, 0.4)];
    assert_eq!(joined(&rows, &second), (vec![Some(0.1), None, None], [1, 1, 1, 2]));
    assert_eq!(joined(&rows, &[]), (vec![None; 3], [0, 0, 3, 0]));
    assert_eq!(joined(&[], &second), (vec![], [0, 0, 0, 4]));
}

#[test]
fn an_id_that_is_used_again_later_is_another_request() {
    const HOUR: i64 = 3_600_000_000;
    let unmatched = (vec![None], [0, 0, 1, 1]);
    let at = |time| [paired("r1", 0, time, 0.1)];
    assert_eq!(joined(&at(HOUR), &at(100 * HOUR)), unmatched);
    assert_eq!(joined(&at(HOUR), &at(HOUR - 1_000_001)), unmatched);
    for near in [HOUR, HOUR + 1_000_000, HOUR - 1_000_000, PairColumns::NO_TIME] {
        assert_eq!(joined(&at(HOUR), &at(near)), (vec![Some(0.1)], [1, 0, 0, 0]));
        assert_eq!(joined(&at(near), &at(HOUR)).1, [1, 0, 0, 0]);
    }
    assert_eq!(joined(&at(i64::MAX), &at(i64::MIN + 1)), unmatched, "no overflow");
}

#[test]
fn an_id_that_stands_twice_needs_the_same_time() {
    let rows = [paired("a", 0, 1, 0.0), paired("a", 0, 2, 0.0), paired("a", 0, 3, 0.0)];
    let second = [paired("a", 0, 2, 0.2), paired("a", 0, 1, 0.1)];
    assert_eq!(joined(&rows, &second).0, [Some(0.1), Some(0.2), None]);
    // the one that is left may be of any of the three
    assert_eq!(joined(&rows, &[paired("a", 0, 7, 0.7)]).0, [None; 3]);
    let at_once = [paired("a", 0, 1, 0.0), paired("a", 0, 1, 0.0)];
    assert_eq!(joined(&at_once, &[paired("a", 0, 1, 0.1), paired("a", 0, 1, 0.2)]).0, [None; 2]);
    assert_eq!(joined(&at_once[..1], &[paired("a", 0, 1, 0.1), paired("a", 0, 1, 0.2)]).0, [None]);
    let unknown = [paired("a", 0, PairColumns::NO_TIME, 0.1), paired("a", 0, 5, 0.2)];
    assert_eq!(joined(&unknown, &unknown).0, [None, Some(0.2)]);
}

#[test]
fn what_has_no_id_matches_nothing() {
    let nameless = [(None, 0, 1, PairBucket::Paired, 0.1)];
    assert_eq!(joined(&nameless, &nameless), (vec![None], [0, 0, 1, 1]));
}

#[test]
fn all_of_an_answer_comes_along() {
    let joined = pairs(&[paired("a", 0, 1, 0.0), paired("b", 0, 1, 0.0)])
        .join_second_champion(&pairs(&[paired("b", 0, 1, 0.75)]));
    let second = joined.pairs.second_champion().unwrap();
    assert_eq!((second.decision().get(0), second.decision().get(1)), (None, Some("1")));
    assert_eq!((second.version().get(0), second.version().get(1)), (None, Some("v1")));
    assert!(second.latency_ms()[0].is_nan() && second.latency_ms()[1] > 0.0);
    assert_eq!(second.status(), [None, Some(200)]);
    assert_eq!((joined.pairs.len(), joined.pairs.champion().len()), (2, 2));
}

proptest! {
    /// Each row of the second instance is of one request at most, and all are accounted for.
    #[test]
    fn rows_are_accounted_for(
        of in prop::collection::vec((0_usize..4, 0_u32..2, 0_i64..3), 0..20),
        second in prop::collection::vec((0_usize..4, 0_u32..2, 0_i64..3), 0..20),
    ) {
        let ids = [Some("a"), Some("b"), Some("c"), None];
        let rows = |of: &[(usize, u32, i64)]| -> Vec<Row> {
            let row = |(place, &(id, instance, time)): (usize, &(usize, u32, i64))| {
                (ids[id], instance, time, PairBucket::Paired, place as f64)
            };
            of.iter().enumerate().map(row).collect()
        };
        let (scores, [answered, unanswered, unmatched, left_over]) = joined(&rows(&of), &rows(&second));
        prop_assert_eq!(answered + unanswered + unmatched, of.len() as u64);
        prop_assert_eq!(answered + left_over, second.len() as u64);
        let mut used: Vec<u64> = scores.iter().flatten().map(|score| score.to_bits()).collect();
        used.sort_unstable();
        used.dedup();
        prop_assert_eq!(used.len() as u64, answered);
    }
}
