use proptest::prelude::*;
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{Categories, Texts};

use super::*;

const RULE: &str = "{spec_version: 1, name: m, type: binary, owner: o, tier: 3, endpoint: {path: /p},
    response: {score: /s}, features: {x: float}, labels: {path: l.parquet, maturity: 1d}}";

fn predictions(rows: &[(Option<&str>, i64)]) -> PredictionColumns {
    PredictionColumns::new(
        "m".parse().unwrap(),
        rows.iter().map(|row| row.1).collect(),
        rows.iter().map(|row| row.0).collect::<Texts>(),
        rows.iter().map(|_| None).collect::<Categories>(),
        vec![0.5; rows.len()],
        vec![],
    )
    .unwrap()
}

/// Rows of entity, event time, arrival, label.
fn labels(rows: &[(Option<&str>, Option<i64>, i64, f64)]) -> LabelColumns {
    LabelColumns::new(
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| row.3).collect(),
        rows.iter().map(|row| row.2).collect(),
        rows.iter().map(|row| row.1).collect(),
    )
    .unwrap()
}

fn joined(predictions: &PredictionColumns, labels: &LabelColumns, as_of: Option<i64>) -> Joined {
    let spec = ModelSpec::from_yaml("test", RULE).unwrap();
    let joined = join(ModelKind::Binary, &spec.labels.unwrap(), predictions, labels, as_of);
    assert!(joined.books().balance(), "{:?}", joined.books());
    joined
}

/// NaN as -1, to be compared.
fn found(joined: &Joined) -> Vec<i32> {
    joined.label().iter().map(|label| if label.is_nan() { -1 } else { i32::from(*label > 0.5) }).collect()
}

#[test]
fn the_revision_that_arrived_last_wins_as_of_an_instant() {
    let predictions = predictions(&[(Some("a"), 0), (Some("b"), 0)]);
    let labels =
        labels(&[(Some("a"), None, 30, 0.0), (Some("a"), None, 10, 1.0), (Some("a"), None, 20, 1.0)]);
    let at = |as_of| found(&joined(&predictions, &labels, as_of));
    assert_eq!(at(None), [0, -1]);
    assert_eq!(at(Some(30)), [0, -1]);
    assert_eq!(at(Some(29)), [1, -1]);
    assert_eq!(at(Some(9)), [-1, -1]);
    let books = *joined(&predictions, &labels, Some(29)).books();
    assert_eq!((books.counted, books.superseded, books.not_yet_arrived, books.matched), (1, 1, 1, 1));
    let books = *joined(&predictions, &labels, None).books();
    assert_eq!((books.revised_entities, books.changed_entities), (1, 1));
}

#[test]
fn the_event_that_is_nearest_in_time_is_the_label() {
    let predictions = predictions(&[(Some("a"), 0), (Some("a"), 49), (Some("a"), 50), (Some("a"), 1000)]);
    let labels = labels(&[
        (Some("a"), Some(0), 2000, 1.0),
        (Some("a"), Some(100), 2000, 0.0),
        (Some("a"), Some(900), 2000, 1.0),
    ]);
    // of two that are equally near the later one
    assert_eq!(found(&joined(&predictions, &labels, None)), [1, 1, 0, 1]);
}

#[test]
fn revisions_and_events_are_told_apart_by_the_time_of_the_event() {
    let predictions = predictions(&[(Some("a"), 0), (Some("a"), 100)]);
    let labels = labels(&[
        (Some("a"), Some(0), 200, 1.0),
        (Some("a"), Some(0), 300, 0.0),
        (Some("a"), Some(100), 200, 1.0),
    ]);
    let joined = joined(&predictions, &labels, None);
    assert_eq!(found(&joined), [0, 1]);
    assert_eq!((joined.books().superseded, joined.books().counted), (1, 2));
    assert_eq!(joined.arrival_time(), [300, 200]);
}

#[test]
fn a_label_that_arrived_before_its_prediction_is_not_its_label() {
    let predictions = predictions(&[(Some("a"), 100), (Some("b"), 100), (Some("b"), 10)]);
    let labels = labels(&[(Some("a"), None, 99, 1.0), (Some("b"), None, 50, 1.0)]);
    let joined = joined(&predictions, &labels, None);
    assert_eq!(found(&joined), [-1, -1, 1]);
    let books = joined.books();
    assert_eq!((books.unused, books.before_prediction, books.counted), (1, 1, 1));
}

#[test]
fn an_earlier_event_that_arrived_too_early_gives_way_to_the_next_nearest() {
    let predictions = predictions(&[(Some("a"), 100)]);
    let labels = labels(&[(Some("a"), Some(99), 99, 1.0), (Some("a"), Some(60), 400, 0.0)]);
    assert_eq!(found(&joined(&predictions, &labels, None)), [0]);
}

#[test]
fn labels_of_unknown_entities_and_incomplete_rows_are_counted() {
    let predictions = predictions(&[(Some("a"), 0), (None, 0)]);
    let labels = labels(&[
        (Some("x"), None, 1, 1.0),
        (Some("x"), None, 2, 1.0),
        (None, None, 2, 1.0),
        (Some("a"), None, 2, f64::NAN),
        (Some("a"), None, 2, 0.5),
    ]);
    let joined = joined(&predictions, &labels, None);
    assert_eq!(found(&joined), [-1, -1]);
    let books = joined.books();
    assert_eq!((books.of_unknown_entities, books.unknown_entities, books.incomplete), (2, 1, 3));
    assert_eq!((books.without_entity, books.matched), (1, 0));
}

#[test]
fn no_predictions_and_no_labels_are_fine() {
    assert!(joined(&predictions(&[]), &labels(&[]), None).label().is_empty());
    assert_eq!(found(&joined(&predictions(&[(Some("a"), 0)]), &labels(&[]), Some(5))), [-1]);
}

/// The rule as one would write it down, without regard to cost.
fn by_hand(id: &str, time: i64, labels: &[(Option<&str>, Option<i64>, i64, f64)], as_of: Option<i64>) -> f64 {
    let mine = labels.iter().enumerate().filter(|(_, label)| label.0 == Some(id));
    let arrived = mine.filter(|(_, label)| as_of.is_none_or(|as_of| label.2 <= as_of)).collect::<Vec<_>>();
    let last_of_event = arrived.iter().filter(|(row, label)| {
        !arrived.iter().any(|(other, that)| that.1 == label.1 && (that.2, *other) > (label.2, *row))
    });
    last_of_event
        .filter(|(_, label)| label.2 >= time)
        .min_by_key(|(_, label)| label.1.map_or((0, 0), |event| (event.abs_diff(time), -event)))
        .map_or(f64::NAN, |(_, label)| label.3)
}

proptest! {
    #[test]
    fn the_join_is_the_rule_written_down(
        asked in prop::collection::vec((0..4_usize, 0..30_i64), 0..20),
        told in prop::collection::vec((0..5_usize, 0..30_i64, 0..40_i64, any::<bool>()), 0..40),
        timed in any::<bool>(),
        as_of in prop::option::of(0..40_i64),
    ) {
        let ids = ["a", "b", "c", "d", "e"];
        let asked: Vec<_> = asked.into_iter().map(|(id, time)| (Some(ids[id]), time)).collect();
        let told: Vec<_> = told
            .into_iter()
            .map(|(id, event, arrival, label)| (Some(ids[id]), timed.then_some(event), arrival, f64::from(u8::from(label))))
            .collect();
        // a column of optional times is a column only if all rows have one
        let table = labels(&told);
        prop_assert!(told.is_empty() || table.event_time().is_some() == timed);
        let joined = joined(&predictions(&asked), &table, as_of);
        for (row, (id, time)) in asked.iter().enumerate() {
            let expected = by_hand(id.unwrap(), *time, &told, as_of);
            prop_assert_eq!(joined.label()[row].to_bits(), expected.to_bits(), "row {}", row);
        }
    }
}
