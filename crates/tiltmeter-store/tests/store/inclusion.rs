//! How rows came to be in the table, and what was lost.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use jiff::Timestamp;
use jiff::civil::date;
use tiltmeter_record::columns::InclusionColumns;
use tiltmeter_record::{
    ExchangeDrop, Gap, Inclusion, InclusionProbability, Journal, ModelSpec, Prediction, Priority, SizeClass,
    WriterId, gaps_batch,
};
use tiltmeter_store::{CorrectedRead, Location, PredictionTable, PredictionsRead, read_gaps};
use uuid::Uuid;

use crate::files::{Folder, batch, encode, replace, row, said, spec, time};

const PLACE: &str = "date=2026-01-01/a.parquet";

/// A row that was kept with that probability.
fn kept(sequence: u64, request: &str, instance_index: u32, probability: f64) -> Prediction {
    Prediction {
        request_id: request.into(),
        instance_index,
        inclusion: Inclusion {
            probability: InclusionProbability::new(probability).unwrap(),
            stratum: Some("0.9|*|v1".into()),
            size_class: Some(SizeClass::UpTo1KiB),
            priority: Some(Priority::Normal),
        },
        ..row(sequence)
    }
}

fn rows() -> RecordBatch {
    batch(1, [kept(0, "r0", 0, 0.5), kept(1, "r0", 1, 0.5), kept(2, "r1", 0, 1.0), kept(4, "", 1, 0.25)])
}

fn inclusion(read: &PredictionsRead) -> &InclusionColumns {
    read.predictions.inclusion().unwrap()
}

fn numbers(values: Vec<Option<f64>>) -> Option<ArrayRef> {
    Some(Arc::new(Float64Array::from(values)))
}

#[tokio::test]
async fn what_sampling_said_is_read() {
    let folder = Folder::new();
    folder.log(PLACE, encode(&rows(), &[]));
    let read = folder.read().await;
    let inclusion = inclusion(&read);
    assert_eq!(inclusion.probability(), [0.5, 0.5, 1.0, 0.25]);
    let requests = inclusion.request();
    assert_eq!(requests[0], requests[1], "instances of one request");
    assert!(requests[0] != requests[2] && requests[2] != requests[3]);
    assert_eq!((inclusion.stratum().get(0), inclusion.stratum().names().len()), (Some("0.9|*|v1"), 1));
    let classes = inclusion.loss_classes().unwrap();
    assert_eq!(classes.observed_at, [time(0), time(1), time(2), time(4)]);
    assert_eq!(
        (classes.endpoint.get(0), classes.size_class.get(3), classes.priority.get(3)),
        (Some("/predict"), Some("up_to_1_kib"), Some("normal"))
    );
}

#[tokio::test]
async fn rows_of_earlier_files_were_kept_for_certain() {
    let columns = ["inclusion_probability", "stratum", "size_class", "priority"];
    let earlier = columns.into_iter().fold(rows(), |batch, column| replace(&batch, column, None));
    let nulls = replace(&rows(), "inclusion_probability", numbers(vec![None; 4]));
    let folder = Folder::new();
    folder.log(PLACE, encode(&earlier, &[]));
    folder
        .log("date=2026-01-01/b.parquet", encode(&replace(&nulls, "writer_id", Some(writers("other"))), &[]));
    let read = folder.read().await;
    assert_eq!((said(&read.problems), read.rows, read.copies), (vec![], 8, 0));
    let inclusion = inclusion(&read);
    assert_eq!(inclusion.probability(), [1.0; 8]);
    assert_eq!(inclusion.stratum().get(0), None);
    assert_eq!(inclusion.request()[0..3], inclusion.request()[4..7], "the ids are the same");
    assert_eq!(inclusion.loss_classes().unwrap().size_class.get(0), None);
}

fn writers(name: &str) -> ArrayRef {
    Arc::new(arrow_array::StringArray::from(vec![name; 4]))
}

#[tokio::test]
async fn what_is_no_probability_makes_a_file_a_problem() {
    for (wrong, shown) in [(0.0, "0"), (-0.5, "-0.5"), (1.5, "1.5"), (f64::NAN, "NaN"), (1e-301, "0.0")] {
        let folder = Folder::new();
        let probabilities = numbers(vec![Some(0.5), Some(wrong), None, Some(1.0)]);
        folder.log(PLACE, encode(&replace(&rows(), "inclusion_probability", probabilities), &[]));
        folder.log("date=2026-01-02/a.parquet", encode(&batch(2, [kept(0, "r0", 0, 0.5)]), &[]));
        let read = folder.read().await;
        assert_eq!(read.predictions.len(), 1);
        let said = said(&read.problems);
        let start = format!("a.parquet: has the number {shown}");
        assert!(said[0].starts_with(&start) && said[0].contains("allowed: above 0 and up to 1"), "{said:?}");
    }
}

#[tokio::test]
async fn ids_that_a_policy_makes_alike_tell_no_requests_apart() {
    let rows = batch(1, [kept(0, "***", 0, 0.5), kept(1, "***", 1, 0.5), kept(2, "***", 0, 0.5)]);
    let folder = Folder::new();
    folder.log(PLACE, encode(&rows, &[]));
    let of = async |privacy: &str| {
        let spec = ModelSpec::from_yaml(
            "test",
            &format!(
                "{{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {{path: /predict}},
                   response: {{score: /score}}, features: {{age: float}}, privacy: {privacy}}}"
            ),
        );
        let read = folder.table().read(&spec.unwrap()).await.unwrap();
        inclusion(&read).request().to_vec()
    };
    for privacy in ["{request_id: mask}", "{request_id: drop}", "{request_id: {truncate: 2}}"] {
        let requests = of(privacy).await;
        assert!(requests[0] == requests[1] && requests[1] != requests[2], "{privacy}");
    }
    let requests = of("{request_id: hash, hash_key: {file: key}}").await;
    assert!(requests[0] == requests[2], "hashes of different ids are different");
}

fn lost(sequence: u64, second: i64, count: u64) -> Gap {
    let at = Timestamp::from_microsecond(time(0)).unwrap() + jiff::SignedDuration::from_secs(second);
    let mut gap = Gap::of_exchanges(sequence, at, ExchangeDrop::QueueFull, count);
    gap.model_name = Some("churn".into());
    gap.endpoint = Some("/predict".into());
    gap.size_class = Some(SizeClass::UpTo1KiB);
    gap.priority = Some(Priority::Normal);
    gap
}

fn gaps(writer: u128, gaps: Vec<Gap>) -> RecordBatch {
    let mut journal = Journal::new(WriterId::new("node", Uuid::from_u128(writer)), "node".into());
    journal.gaps = gaps;
    gaps_batch(&[journal]).unwrap()
}

#[tokio::test]
async fn losses_are_corrected_for_by_the_gaps_beside_the_table() {
    let folder = Folder::new();
    folder.log(PLACE, encode(&rows(), &[]));
    let of_minute = gaps(1, vec![lost(0, 0, 7), lost(1, 3600, 2)]);
    folder.put("gaps/date=2026-01-01/a.parquet", encode(&of_minute, &[]));
    folder.put("gaps/date=2026-01-01/b.parquet", encode(&gaps(1, vec![lost(0, 0, 7)]), &[]));
    folder.put("gaps/date=2026-01-05/c.parquet", encode(&gaps(2, vec![lost(0, 4 * 86_400, 9)]), &[]));
    folder.put("gaps/date=2026-01-01/d.parquet", "PAR1");

    let corrected = folder.table().read_with_losses(&spec(), date(2026, 1, 1).., "parquet").await.unwrap();
    assert_eq!((corrected.gap_files, corrected.gap_problems.len()), (4, 1));
    let losses = corrected.losses;
    assert_eq!((losses.exchanges.represented, losses.exchanges.unrepresented), (7, 11));
    // r0 at two times stands for 2 each, r1 for 1, the last for 4
    let inclusion = inclusion(&corrected.read);
    let ratio = 9.0 / 16.0;
    let expected = [0.5 * ratio, 0.5 * ratio, ratio, 0.25 * ratio];
    assert!(
        inclusion
            .probability()
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < 1e-12)
    );
    assert_eq!((losses.is_lossy, losses.minutes.len()), (vec![true; 4], 3));

    let first = date(2026, 1, 1);
    let corrected = folder.table().read_with_losses(&spec(), first..=first, "parquet").await.unwrap();
    assert_eq!((corrected.gap_files, corrected.losses.minutes.len()), (3, 2));
}

#[tokio::test]
async fn dates_have_the_same_weights_one_by_one_and_both_at_once() {
    const SECOND: i64 = 1_000_000;
    let at = |second: i64| Timestamp::from_microsecond(time(second * SECOND)).unwrap();
    // events and when they were observed, in seconds from midnight
    let of = |sequence: u64, event: i64, observed: i64| Prediction {
        event_time: at(event),
        observed_at: at(observed),
        ..kept(sequence, &format!("r{sequence}"), 0, 0.5)
    };
    let first = [of(0, -70, -65), of(1, -50, -45), of(2, -9, 1), of(3, -8, 2), of(4, -7, 40_000)];
    let second = [of(5, 5, 6), of(6, 20, -1), of(7, 70, 71), of(8, 40_001, 40_002)];
    let folder = Folder::new();
    folder.log("date=2025-12-31/a.parquet", encode(&batch(1, first), &[]));
    folder.log("date=2026-01-01/a.parquet", encode(&batch(1, second), &[]));
    // minutes before midnight, after it, at eleven, and one without rows
    let losses = [lost(0, -60, 4), lost(1, 0, 6), lost(2, 39_960, 8), lost(3, 3600, 9)];
    folder.put("gaps/date=2026-01-01/a.parquet", encode(&gaps(1, losses[1..].to_vec()), &[]));
    folder.put("gaps/date=2025-12-31/a.parquet", encode(&gaps(1, losses[..1].to_vec()), &[]));
    let read = async |from, to| folder.table().read_with_losses(&spec(), from..=to, "parquet").await.unwrap();
    let (day, next) = (date(2025, 12, 31), date(2026, 1, 1));
    let (both, one, other) = (read(day, next).await, read(day, day).await, read(next, next).await);
    let weights = |read: &CorrectedRead| inclusion(&read.read).probability().to_vec();
    assert_eq!([weights(&one), weights(&other)].concat(), weights(&both));
    // 4 rows of the hour, one of them of the other date's, stand for 8 exchanges and for 6 that were lost
    assert!((weights(&one)[2] - 0.5 * 8.0 / 14.0).abs() < 1e-12, "{:?}", weights(&one));
    assert_eq!([&one.losses.is_lossy[..], &other.losses.is_lossy[..]].concat(), both.losses.is_lossy);
    let minutes =
        |read: &CorrectedRead| read.losses.minutes.iter().map(|minute| minute.exchanges).collect::<Vec<_>>();
    assert_eq!(
        (minutes(&one), minutes(&other), minutes(&both)),
        (vec![4, 6, 8], vec![4, 6, 9, 8], vec![4, 6, 9, 8])
    );
    let sum = |read: &CorrectedRead| weights(read).iter().map(|one| 1.0 / one).sum::<f64>();
    assert!((one.losses.share() - (1.0 - 10.0 / sum(&one))).abs() < 1e-12, "of its own rows");

    // a neighbour that cannot be read is told
    folder.log("date=2026-01-01/b.parquet", "PAR1");
    let one = read(day, day).await;
    assert_eq!((one.read.problems.len(), one.neighbour_problems.len()), (0, 1));
}

#[tokio::test]
async fn the_sinks_of_gaps_are_told() {
    let folder = Folder::new();
    folder.log(PLACE, encode(&rows(), &[]));
    let at = Timestamp::from_microsecond(time(0)).unwrap();
    let of = |sequence, sink: &str| {
        let reason = tiltmeter_record::PredictionDrop::SinkFailed;
        let mut gap = Gap::of_predictions(sequence, at, sink.into(), reason, 4);
        (gap.model_name, gap.endpoint) = (Some("churn".into()), Some("/predict".into()));
        gap
    };
    let of_both = gaps(1, vec![of(0, "parquet"), of(1, "kafka"), of(2, "parquet"), lost(3, 0, 1)]);
    folder.put("gaps/date=2026-01-01/a.parquet", encode(&of_both, &[]));
    for (sink, lost) in [("parquet", 8), ("parqet", 0)] {
        let read = folder.table().read_with_losses(&spec(), .., sink).await.unwrap();
        assert_eq!(read.losses.rows.total(), lost);
        assert_eq!(read.sinks, ["kafka".into(), "parquet".into()]);
        assert_eq!(read.sinks.iter().any(|seen| **seen == *sink), lost > 0);
    }
}

#[tokio::test]
async fn the_last_rows_of_a_date_do_not_stand_for_the_losses_of_the_next_hour() {
    let folder = Folder::new();
    // rows of the last day of a year that were observed in the first minute of the next
    folder.log("date=2025-12-31/a.parquet", encode(&rows(), &[]));
    let half_an_hour_later = gaps(1, vec![lost(0, 1800, 7)]);
    folder.put("gaps/date=2026-01-01/a.parquet", encode(&half_an_hour_later, &[]));
    let last = date(2025, 12, 31);
    let corrected = folder.table().read_with_losses(&spec(), last..=last, "parquet").await.unwrap();
    let losses = corrected.losses.exchanges;
    // in its minute no row of that day was observed
    assert_eq!((corrected.gap_files, losses.represented, losses.unrepresented), (1, 0, 0));
    assert_eq!(inclusion(&corrected.read).probability(), [0.5, 0.5, 1.0, 0.25]);
    let all = folder.table().read_with_losses(&spec(), .., "parquet").await.unwrap();
    assert_eq!((all.losses.exchanges.collapsed_to_hour, all.losses.exchanges.unrepresented), (7, 0));
}

#[tokio::test]
async fn a_table_without_gaps_or_rows_is_not_corrected() {
    let folder = Folder::new();
    let corrected = folder.table().read_with_losses(&spec(), .., "parquet").await.unwrap();
    assert!(corrected.losses.is_empty() && corrected.read.predictions.is_empty());
    folder.log(PLACE, encode(&rows(), &[]));
    let corrected = folder.table().read_with_losses(&spec(), .., "parquet").await.unwrap();
    assert_eq!(inclusion(&corrected.read).probability(), inclusion(&folder.read().await).probability());
    assert_eq!((corrected.gap_files, corrected.losses.share()), (0, 0.0));
}

#[tokio::test]
async fn gaps_of_the_first_version_have_no_unit() {
    let mut of_sink = Gap::of_predictions(
        1,
        Timestamp::UNIX_EPOCH,
        "parquet".into(),
        tiltmeter_record::PredictionDrop::SinkFailed,
        3,
    );
    of_sink.model_name = Some("churn".into());
    let earlier = replace(&gaps(1, vec![lost(0, 0, 7), of_sink.clone()]), "unit", None);
    let folder = Folder::new();
    folder.put("gaps/date=2026-01-01/a.parquet", encode(&earlier, &[]));
    let read = read_gaps(&Location::local(folder.path("gaps")), ..).await.unwrap();
    let found: Vec<Gap> = read.gaps.into_iter().map(|gap| gap.gap).collect();
    assert_eq!(found, [lost(0, 0, 7), of_sink]);
}

#[test]
fn corrected_reads_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let (table, spec) = (PredictionTable::local("nowhere"), spec());
    is_send(&table.read_with_losses(&spec, date(2026, 1, 1).., "parquet"));
}
