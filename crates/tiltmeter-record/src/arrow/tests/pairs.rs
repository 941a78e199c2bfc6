use arrow_array::types::Int16Type;

use super::*;
use crate::PairBucket;
use crate::{Pair, Side};

fn pair_builder() -> PairBatchBuilder {
    PairBatchBuilder::new(&spec(), &"lr".parse().unwrap(), WriterId::new("node", Uuid::nil()), "node".into())
}

fn pair() -> Pair {
    let challenger = Prediction {
        model_version: Some("v2".parse().unwrap()),
        prediction: Value::Boolean(true),
        score: Some(0.75),
        latency: Duration::from_millis(4),
        status: Some(503),
        error_type: Some(ErrorType::Status),
        class_probabilities: Some([("no".into(), 0.25), ("yes".into(), 0.75)].into()),
        ..row()
    };
    let champion = Prediction { segments: vec![("channel".into(), "web".into())], ..row() };
    Pair {
        sequence: 3,
        bucket: PairBucket::Paired,
        inclusion_probability: 0.5,
        champion,
        challenger: Some(challenger),
    }
}

fn batch_of(rows: &[Pair]) -> RecordBatch {
    let mut builder = pair_builder();
    rows.iter().for_each(|row| builder.append(row));
    assert_eq!((builder.len(), builder.is_empty()), (rows.len(), rows.is_empty()));
    let batch = builder.finish().unwrap();
    assert!(builder.is_empty() && builder.memory_size() == 0);
    batch
}

#[test]
fn a_pair_has_both_answers_side_by_side() {
    let batch = batch_of(&[pair()]);
    assert_eq!(batch.schema(), pair_schema(&spec(), &"lr".parse().unwrap()));
    assert_eq!(text(&batch, "request_id"), Some("r1"));
    assert_eq!(text(&batch, "bucket"), Some("paired"));
    let number = |column: &str| batch.column_by_name(column).unwrap().as_primitive::<Float64Type>().value(0);
    assert_eq!((number("champion_score"), number("challenger_score")), (0.25, 0.75));
    assert_eq!((number("champion_latency_ms"), number("challenger_latency_ms")), (1.5, 4.0));
    assert_eq!((number("inclusion_probability"), number("champion_score")), (0.5, 0.25));
    let decision = |column: &str| batch.column_by_name(column).unwrap().as_boolean().value(0);
    assert!(!decision("champion_prediction") && decision("challenger_prediction"));
    assert_eq!(text(&batch, "champion_model_version"), Some("v1"));
    assert_eq!(text(&batch, "challenger_model_version"), Some("v2"));
    assert_eq!(text(&batch, "challenger_error_type"), Some("status"));
    let status = batch.column_by_name("challenger_status").unwrap().as_primitive::<Int16Type>().value(0);
    assert_eq!(status, 503);
    assert_eq!(entries(&batch, "challenger_class_probabilities", 0).unwrap().0, ["no", "yes"]);
    assert_eq!(entries(&batch, "champion_class_probabilities", 0), None);
    assert_eq!(entries(&batch, "segments", 0).unwrap().0, ["channel"]);
    assert_eq!(text(&batch, "rescued"), None);
}

#[test]
fn without_an_answer_the_columns_of_the_challenger_are_null() {
    let alone = Pair { bucket: PairBucket::NoPermit, challenger: None, ..pair() };
    let batch = batch_of(&[alone, pair()]);
    let schema = batch.schema();
    let of_challenger: Vec<_> =
        schema.fields().iter().filter(|field| field.name().starts_with("challenger_")).collect();
    assert_eq!(of_challenger.len(), 7);
    for field in of_challenger {
        let column = batch.column_by_name(field.name()).unwrap();
        assert!(column.is_null(0) && !column.is_null(1), "{}", field.name());
    }
    assert_eq!(text(&batch, "bucket"), Some("no_permit"));
}

#[test]
fn what_does_not_fit_is_rescued_under_the_side_that_said_it() {
    let mut row = pair();
    row.champion.prediction = Value::Text("maybe".into());
    let rescued = |column: &str| Rescued { column: column.into(), json: "\"high\"".to_owned() };
    row.champion.rescued = vec![rescued("feature_age"), rescued("event_time")];
    let challenger = row.challenger.as_mut().unwrap();
    (challenger.prediction, challenger.score) = (Value::Float(0.5), None);
    challenger.rescued = vec![rescued("score"), rescued("event_time")];
    assert_eq!(
        text(&batch_of(&[row]), "rescued"),
        Some(
            r#"{"challenger_prediction":0.5,"challenger_score":"high","champion_prediction":"maybe","event_time":"high"}"#
        )
    );
}

#[test]
fn the_names_of_a_sides_columns_are_those_of_the_schema() {
    let names: Vec<_> = crate::schema::PAIR_COLUMNS.iter().map(|column| column.name).collect();
    for side in Side::ALL {
        let columns = side.columns();
        for name in [
            columns.model_version,
            columns.prediction,
            columns.score,
            columns.class_probabilities,
            columns.latency_ms,
            columns.status,
            columns.error_type,
        ] {
            assert!(names.contains(&name), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn no_pair_makes_it_fail(
        decisions in prop::collection::vec((any_value(), prop::option::of(any_value())), 0..8),
        score in any::<f64>(),
        status in any::<u16>(),
    ) {
        let rows: Vec<_> = decisions
            .into_iter()
            .map(|(champion, challenger)| {
                let answer = |prediction| Prediction { prediction, score: Some(score), status: Some(status), ..row() };
                Pair {
                    champion: answer(champion),
                    challenger: challenger.map(answer),
                    sequence: u64::MAX,
                    inclusion_probability: score,
                    ..pair()
                }
            })
            .collect();
        prop_assert_eq!(batch_of(&rows).num_rows(), rows.len());
    }
}
