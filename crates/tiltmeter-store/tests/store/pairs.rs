//! Pairs of champion and challenger.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, NullArray, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::PairColumns;
use tiltmeter_store::{Location, PairsRead, read_pairs};

use crate::files::{Folder, encode, said};

fn texts(values: [Option<&str>; 3]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: [Option<f64>; 3]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// A file of three rows, of which the last one has no challenger.
fn table() -> Vec<(&'static str, ArrayRef)> {
    let milliseconds = [Some(1), None, Some(3)];
    vec![
        ("request_id", texts([Some("r1"), None, Some("r3")])),
        ("entity_id", texts([Some("e1"), Some("e2"), Some("e3")])),
        ("timestamp", Arc::new(TimestampMillisecondArray::from(milliseconds.to_vec()).with_timezone("UTC"))),
        ("champion", texts([Some("v1"), Some("v1"), None])),
        ("champion_score", numbers([Some(0.1), Some(0.2), None])),
        ("champion_prediction", Arc::new(Int64Array::from(vec![Some(0), Some(1), None]))),
        ("champion_latency_ms", numbers([Some(3.0), None, Some(4.0)])),
        ("challenger", texts([Some("v2"), Some("v2"), Some("v2")])),
        ("challenger_score", Arc::new(Float32Array::from(vec![Some(0.5), Some(0.25), None]))),
        ("challenger_prediction", Arc::new(BooleanArray::from(vec![Some(true), None, None]))),
        ("challenger_latency_ms", Arc::new(Int64Array::from(vec![1, 2, 250]))),
    ]
}

fn with(name: &'static str, column: ArrayRef) -> Vec<(&'static str, ArrayRef)> {
    let mut table = table();
    match table.iter_mut().find(|(other, _)| *other == name) {
        Some(entry) => entry.1 = column,
        None => table.push((name, column)),
    }
    table
}

async fn read(table: Vec<(&'static str, ArrayRef)>) -> PairsRead {
    let folder = Folder::new();
    let columns = table.into_iter().map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    folder.put("pairs.parquet", encode(&batch, &[]));
    let segments = ["carrier".parse().unwrap()];
    let location = Location::local(folder.path("pairs.parquet"));
    read_pairs(&location, &"churn".parse().unwrap(), &segments).await.unwrap()
}

#[tokio::test]
async fn a_file_of_pairs_is_read() {
    let read = read(table()).await;
    assert_eq!((read.files, said(&read.problems)), (1, vec![]));
    let pairs = &read.pairs;
    let requests = pairs.requests();
    assert_eq!(requests.request_id.iter().collect::<Vec<_>>(), [Some("r1"), None, Some("r3")]);
    assert_eq!(requests.event_time, [1_000, PairColumns::NO_TIME, 3_000]);
    assert_eq!(requests.bucket, [PairBucket::Paired, PairBucket::Paired, PairBucket::Timeout]);
    assert_eq!(requests.inclusion_probability, [1.0; 3]);
    assert!(requests.segments.is_empty());
    let (champion, challenger) = (pairs.champion(), pairs.challenger());
    assert_eq!((champion.score()[1], champion.score()[2].is_nan()), (0.2, true));
    assert_eq!([0, 1, 2].map(|row| champion.decision().get(row)), [Some("0"), Some("1"), None]);
    assert_eq!([0, 1, 2].map(|row| challenger.decision().get(row)), [Some("true"), None, None]);
    assert_eq!((challenger.score()[1], challenger.latency_ms()[2]), (0.25, 250.0));
    assert!(champion.latency_ms()[1].is_nan());
    assert_eq!(challenger.version().get(2), Some("v2"));
}

#[tokio::test]
async fn what_a_file_says_of_buckets_probabilities_and_segments_is_taken() {
    let mut table = with("bucket", texts([Some("paired"), None, Some("no_permit")]));
    table.push(("inclusion_probability", numbers([Some(0.5), None, Some(0.25)])));
    table.push(("carrier", Arc::new(Int64Array::from(vec![Some(7), None, Some(7)]))));
    table.push(("instance_index", Arc::new(Int64Array::from(vec![Some(2), None, Some(1)]))));
    let pairs = read(table).await.pairs;
    assert_eq!([0, 1, 2].map(|row| pairs.instance_index(row)), [2, 0, 1]);
    let requests = pairs.requests();
    assert_eq!(requests.bucket, [PairBucket::Paired, PairBucket::Paired, PairBucket::NoPermit]);
    assert_eq!(requests.inclusion_probability, [0.5, 1.0, 0.25]);
    assert_eq!([0, 1].map(|row| requests.segments[0].values.get(row)), [Some("7"), None]);
}

#[tokio::test]
async fn a_file_without_rows_and_one_of_nulls_are_read() {
    let empty = table().into_iter().map(|(name, column)| (name, column.slice(0, 0))).collect();
    let empty = read(empty).await;
    assert_eq!((empty.pairs.len(), said(&empty.problems)), (0, vec![]));
    let nulls = |name| if name == "timestamp" { None } else { Some(Arc::new(NullArray::new(3)) as ArrayRef) };
    let nulls = table().into_iter().map(|(name, column)| (name, nulls(name).unwrap_or(column))).collect();
    let nulls = read(nulls).await;
    assert_eq!(said(&nulls.problems), Vec::<String>::new());
    assert_eq!(nulls.pairs.requests().bucket, [PairBucket::Timeout; 3]);
}

#[tokio::test]
async fn a_column_that_is_missing_or_of_another_type_is_named() {
    let problem = |table| async move {
        let read = read(table).await;
        assert!(read.pairs.is_empty());
        read.problems[0].reason.clone()
    };
    for (name, column) in table() {
        let without = table().into_iter().filter(|(other, _)| *other != name).collect();
        let said = problem(without).await;
        assert!(said.starts_with(&format!("has no column {name} (allowed: ")), "{said}");
        assert!(said.contains("; found: "), "{said}");
        if name == "champion_prediction" || name == "challenger_prediction" {
            continue;
        }
        let wrong: ArrayRef = if name.ends_with("score") || name.ends_with("ms") {
            texts([Some("fast"), None, None])
        } else {
            Arc::new(BooleanArray::from(vec![true; column.len()]))
        };
        let said = problem(with(name, wrong)).await;
        let named = format!("has a column {name} of type ");
        assert!(said.starts_with(&named) && said.contains(", allowed: "), "{said}");
    }
    let said = problem(with("champion_prediction", Arc::clone(&table()[2].1))).await;
    assert_eq!(
        said,
        "has a column champion_prediction of type Timestamp(ms, \"UTC\"), allowed: texts, booleans, integers and floats"
    );
    for wrong in [-1.0, 0.5, 5e9] {
        let said = problem(with("instance_index", numbers([Some(1.0), Some(wrong), None]))).await;
        assert_eq!(said, "has a number in column instance_index that is no whole one from 0 on");
    }
    let said = problem(with("bucket", texts([Some("lost"), None, None]))).await;
    assert!(said.contains("column bucket") && said.contains("paired, sampled_out"), "{said}");
}

mod of_a_log {
    use std::time::Duration;

    use tiltmeter_record::{ModelSpec, Pair, PairBatchBuilder, Prediction, Value, WriterId};
    use uuid::Uuid;

    use super::*;

    fn answer(score: f64) -> Prediction {
        Prediction {
            prediction_id: Uuid::nil(),
            request_id: "r1".into(),
            instance_index: 0,
            sequence: 0,
            entity_id: Some("e1".into()),
            model_version: Some("v1".parse().unwrap()),
            event_time: "2026-03-01T12:00:00.000007Z".parse().unwrap(),
            observed_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            features: Vec::new(),
            raw_input: None,
            prediction: Value::Boolean(score > 0.5),
            score: Some(score),
            confidence: None,
            class_probabilities: Some([("yes".into(), score)].into()),
            ranking: None,
            generated_text: None,
            segments: vec![("carrier".into(), "AA".into()), ("zone".into(), "west".into())],
            latency: Duration::from_millis(3),
            endpoint: "/predict".into(),
            status: Some(200),
            error_type: None,
            rescued: Vec::new(),
            inclusion: tiltmeter_record::Inclusion::default(),
        }
    }

    fn pair(sequence: u64, challenger: Option<Prediction>) -> Pair {
        let bucket = if challenger.is_some() { PairBucket::Paired } else { PairBucket::Shed };
        Pair { sequence, bucket, inclusion_probability: 0.5, champion: answer(0.25), challenger }
    }

    fn file(rows: &[Pair]) -> Vec<u8> {
        let spec =
            "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
            response: {score: /score, prediction: /churns}, features: {age: float}}";
        let spec = ModelSpec::from_yaml("test", spec).unwrap();
        let writer = WriterId::new("node", Uuid::nil());
        let mut builder = PairBatchBuilder::new(&spec, &"lr".parse().unwrap(), writer, "node".into());
        rows.iter().for_each(|row| builder.append(row));
        encode(&builder.finish().unwrap(), &[])
    }

    #[tokio::test]
    async fn its_rows_are_read_and_those_that_are_there_twice_count_once() {
        let folder = Folder::new();
        let day = "pairs/model_name=churn/challenger=lr/date=2026-03-01";
        let without_segments = Prediction { segments: Vec::new(), ..answer(0.25) };
        let without_segments = Prediction { instance_index: 4, ..without_segments };
        let third = Pair { champion: without_segments, ..pair(2, Some(answer(0.5))) };
        folder.put(&format!("{day}/a.parquet"), file(&[pair(0, Some(answer(0.75))), pair(1, None)]));
        folder.put(&format!("{day}/b.parquet"), file(&[pair(1, None), third]));
        let segments = ["carrier".parse().unwrap(), "unknown".parse().unwrap()];
        let location = Location::local(folder.path("pairs/model_name=churn/challenger=lr"));
        let PairsRead { pairs, copies, files, problems, .. } =
            read_pairs(&location, &"churn".parse().unwrap(), &segments).await.unwrap();
        assert_eq!((pairs.len(), copies, files, problems.len()), (3, 1, 2, 0));
        assert_eq!(pairs.requests().bucket, [PairBucket::Paired, PairBucket::Shed, PairBucket::Paired]);
        assert_eq!(pairs.requests().inclusion_probability, [0.5; 3]);
        assert_eq!([0, 1, 2].map(|row| pairs.instance_index(row)), [0, 0, 4]);
        assert_eq!(pairs.requests().event_time[0] % 1_000_000, 7);
        assert_eq!(pairs.champion().score(), [0.25; 3]);
        let scores = pairs.challenger().score();
        assert!(scores[0] == 0.75 && scores[1].is_nan() && scores[2] == 0.5);
        assert_eq!(pairs.challenger().status(), [Some(200), None, Some(200)]);
        assert_eq!(pairs.requests().segments.len(), 1, "one that nobody has says nothing");
        let carriers = &pairs.requests().segments[0].values;
        let carriers: Vec<_> = (0..3).map(|row| carriers.get(row)).collect();
        assert_eq!(carriers, [Some("AA"), Some("AA"), None]);
    }
}
