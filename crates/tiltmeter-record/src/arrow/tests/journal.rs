//! Gaps and heartbeats.

use arrow_array::ArrayRef;
use arrow_array::types::Int32Type;
use arrow_schema::DataType;

use super::*;
use crate::schema::{GAPS, HEARTBEATS, PROFILES, RATES, SHADOWS};
use crate::{
    CellCounts, CellKey, ColumnProfile, ExchangeDrop, Gap, Heartbeat, Journal, PairBucket, PredictionDrop,
    PredictionLedger, Priority, ProfileCell, ProfileDelta, RateChange, ShadowBooks, ShadowHeartbeat,
    ShadowLedger, SinkLedger, SizeClass, Window, WindowWidth,
};

fn journal(gaps: Vec<Gap>, heartbeats: Vec<Heartbeat>) -> Journal {
    let (writer_id, serving_node) = (WriterId::new("node", Uuid::nil()), "node-1".into());
    Journal {
        writer_id,
        serving_node,
        gaps,
        heartbeats,
        shadows: vec![shadow()],
        profiles: Vec::new(),
        rates: Vec::new(),
    }
}

fn shadow() -> ShadowHeartbeat {
    let name = |text: &str| text.parse().unwrap();
    let (started_at, at) = (time("2026-01-01T00:00:30Z"), time("2026-01-01T00:01:00Z"));
    let mut books = ShadowBooks::new(name("shadow"), name("next"), started_at, at);
    books.requests = ShadowLedger::new(u64::MAX, |bucket| bucket.index() as u64 * 10);
    (books.usage.request_bytes, books.usage.answer_bytes, books.usage.cpu_micros) = (1, 2, 3);
    ShadowHeartbeat::new(8, "churn".into(), books)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn gaps() -> Vec<Gap> {
    let minute = time("2026-01-01T00:01:00Z");
    let mut exchanges = Gap::of_exchanges(0, minute, ExchangeDrop::QueueFull, 5);
    exchanges.endpoint = Some("/predict".into());
    exchanges.size_class = Some(SizeClass::UpTo16KiB);
    exchanges.priority = Some(Priority::High);
    let mut predictions = Gap::of_predictions(1, minute, "file".into(), PredictionDrop::SinkFailed, u64::MAX);
    predictions.model_name = Some("churn".into());
    vec![exchanges, predictions, Gap::of_pairs(2, minute, "file".into(), PredictionDrop::SinkQueueFull, 3)]
}

fn heartbeat(sequence: u64, sinks: &[&str]) -> Heartbeat {
    let mut heartbeat =
        Heartbeat::new(sequence, time("2026-01-01T00:00:00Z"), time("2026-01-01T00:01:00.000001Z"));
    (heartbeat.next_prediction, heartbeat.next_pair) = (100, 200);
    heartbeat.exchanges.observed = 12;
    heartbeat.exchanges.decoded = 6;
    heartbeat.exchanges.abandoned = 1;
    heartbeat.exchanges.dropped.add(ExchangeDrop::QueueFull, 2);
    heartbeat.exchanges.dropped.add(ExchangeDrop::CodecPanic, 3);
    heartbeat.is_last = sequence == 9;
    let ledger = |written| {
        let mut ledger =
            PredictionLedger { decoded: 99, written, sampled_out: 4, abandoned: 8, ..Default::default() };
        ledger.dropped.add(PredictionDrop::SinkFailed, 16);
        ledger
    };
    heartbeat.sinks = sinks
        .iter()
        .zip(71..)
        .map(|(sink, written)| SinkLedger {
            pairs: ledger(written + 100),
            ..SinkLedger::new((*sink).into(), ledger(written))
        })
        .collect();
    heartbeat
}

/// The rows as text, a column after the other.
fn shown(batch: &RecordBatch) -> String {
    let schema = batch.schema();
    let value = |array: &dyn Array, row: usize| {
        if array.is_null(row) {
            return "-".to_owned();
        }
        let any = array.as_any();
        if let Some(texts) = any.downcast_ref::<arrow_array::StringArray>() {
            texts.value(row).to_owned()
        } else if let Some(flags) = any.downcast_ref::<arrow_array::BooleanArray>() {
            flags.value(row).to_string()
        } else if let Some(times) = array.as_primitive_opt::<TimestampMicrosecondType>() {
            Timestamp::from_microsecond(times.value(row)).unwrap().to_string()
        } else if let Some(numbers) = array.as_primitive_opt::<Int32Type>() {
            numbers.value(row).to_string()
        } else {
            array.as_primitive::<Int64Type>().value(row).to_string()
        }
    };
    let lines = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        let values: Vec<_> = (0..batch.num_rows()).map(|row| value(array, row)).collect();
        format!("{}: {}", field.name(), values.join(" | "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_gap_is_a_row() {
    insta::assert_snapshot!(shown(&gaps_batch(&[journal(gaps(), vec![heartbeat(0, &[])])]).unwrap()), @r#"
    sequence: 0 | 1 | 2
    minute: 2026-01-01T00:01:00Z | 2026-01-01T00:01:00Z | 2026-01-01T00:01:00Z
    model_name: - | churn | -
    endpoint: /predict | - | -
    size_class: up_to_16_kib | - | -
    priority: high | - | -
    sink: - | file | file
    reason: queue_full | sink_failed | sink_queue_full
    count: 5 | 9223372036854775807 | 3
    writer_id: node.00000000000000000000000000000000 | node.00000000000000000000000000000000 | node.00000000000000000000000000000000
    serving_node: node-1 | node-1 | node-1
    schema_version: 2 | 2 | 2
    unit: exchange | prediction | pair
    "#);
}

#[test]
fn a_heartbeat_is_a_row_for_each_sink() {
    let heartbeats = vec![heartbeat(8, &["parquet", "file"]), heartbeat(9, &[])];
    insta::assert_snapshot!(shown(&heartbeats_batch(&[journal(gaps(), heartbeats)]).unwrap()), @r#"
    sequence: 8 | 8 | 9
    at: 2026-01-01T00:01:00.000001Z | 2026-01-01T00:01:00.000001Z | 2026-01-01T00:01:00.000001Z
    started_at: 2026-01-01T00:00:00Z | 2026-01-01T00:00:00Z | 2026-01-01T00:00:00Z
    is_canary: false | false | false
    is_last: false | false | true
    next_prediction: 100 | 100 | 100
    exchanges_observed: 12 | 12 | 12
    exchanges_decoded: 6 | 6 | 6
    exchanges_dropped: 5 | 5 | 5
    exchanges_abandoned: 1 | 1 | 1
    sink: parquet | file | -
    predictions_decoded: 99 | 99 | -
    predictions_written: 71 | 72 | -
    predictions_sampled_out: 4 | 4 | -
    predictions_dropped: 16 | 16 | -
    predictions_abandoned: 8 | 8 | -
    writer_id: node.00000000000000000000000000000000 | node.00000000000000000000000000000000 | node.00000000000000000000000000000000
    serving_node: node-1 | node-1 | node-1
    schema_version: 2 | 2 | 2
    next_pair: 200 | 200 | 200
    pairs_decoded: 99 | 99 | -
    pairs_written: 171 | 172 | -
    pairs_dropped: 16 | 16 | -
    pairs_abandoned: 8 | 8 | -
    "#);
}

#[test]
fn the_books_of_a_challenger_are_a_row() {
    let journal = journal(vec![], vec![]);
    let rows = shown(&shadows_batch(&[journal]).unwrap());
    let bucket = |bucket: PairBucket| format!("{}: {}", bucket.as_str(), bucket.index() * 10);
    assert!(PairBucket::ALL.into_iter().all(|one| rows.lines().any(|line| line == bucket(one))), "{rows}");
    insta::assert_snapshot!(rows);
}

#[test]
fn journals_are_put_together_as_they_are_held() {
    let journals = [Arc::new(journal(gaps(), vec![])), Arc::new(journal(vec![], vec![heartbeat(0, &["a"])]))];
    assert_eq!(gaps_batch(&journals).unwrap().num_rows(), 3);
    assert_eq!(shadows_batch(&journals).unwrap().num_rows(), 2);
    assert_eq!(heartbeats_batch(&journals).unwrap().num_rows(), 1);
    assert_eq!(gaps_batch::<Journal>(&[]).unwrap().schema(), gap_schema());
    assert_eq!(heartbeats_batch::<Journal>(&[]).unwrap().schema(), heartbeat_schema());
    assert_eq!(shadows_batch::<Journal>(&[]).unwrap().schema(), shadow_schema());
}

#[test]
fn the_schemas_are_the_column_tables() {
    let schemas = [(gap_schema(), GAPS), (heartbeat_schema(), HEARTBEATS), (shadow_schema(), SHADOWS)];
    for (schema, table) in schemas {
        let of_schema: Vec<_> =
            schema.fields().iter().map(|f| (f.name().as_str(), f.is_nullable())).collect();
        let of_table: Vec<_> = table.columns.iter().map(|column| (column.name, column.nullable)).collect();
        assert_eq!(of_schema, of_table);
        assert_eq!(schema.metadata()["tiltmeter.schema_version"], table.version.to_string());
    }
}

fn delta() -> ProfileDelta {
    let window = Window::of(time("2026-01-01T00:01:00Z"), WindowWidth::Minute);
    let mut delta = ProfileDelta::new("churn".into(), window, None);
    delta.sequence = 3;
    let key = |value: Option<&str>| CellKey {
        role: CellKey::CHAMPION.into(),
        model_version: None,
        segment: value.map(|value| ("plan".into(), value.into())),
    };
    let counts = CellCounts { predictions: 7, requests: 6, failed_requests: 1, anomalous_requests: None };
    let mut score = ColumnProfile::new("score".into(), [1, 2, 3].into());
    (score.present, score.missing, score.mean) = (6, 1, Some(0.25));
    score.bin_counts = Some(vec![2.0, 4.0]);
    let mut all = ProfileCell::new(key(None), counts);
    all.columns = vec![score, ColumnProfile::new("entropy".into(), [].into())];
    delta.cells = vec![all, ProfileCell::new(key(Some("gold")), CellCounts::default())];
    delta
}

#[test]
fn a_profile_has_a_row_for_each_cell_and_one_for_each_of_its_columns() {
    let mut journal = journal(Vec::new(), Vec::new());
    journal.profiles = vec![Arc::new(delta())];
    let batch = profiles_batch(&[journal]).unwrap();
    assert_eq!(batch.schema(), profile_schema());
    assert_eq!(batch.num_columns(), PROFILES.columns.len());
    let shown = |name: &str| {
        let column = batch.column_by_name(name).unwrap();
        values(column).join(" ")
    };
    assert_eq!(shown("column"), "- score entropy -");
    assert_eq!(shown("segment_value"), "- - - gold");
    assert_eq!(shown("predictions"), "7 - - 0");
    assert_eq!(shown("present"), "- 6 0 -");
    assert_eq!(shown("mean"), "- 0.25 - -");
    let counts = batch.column_by_name("bin_counts").unwrap().as_list::<i32>();
    assert!(counts.is_null(0) && counts.is_null(2));
    assert_eq!(counts.value(1).as_primitive::<Float64Type>().values(), &[2.0, 4.0]);
    let encoded = batch.column_by_name("profile").unwrap().as_binary::<i32>();
    assert_eq!((encoded.value(1), encoded.is_null(3)), (&[1, 2, 3][..], true));
}

/// Each value of a column of texts or numbers, `-` for NULL.
fn values(column: &ArrayRef) -> Vec<String> {
    let at = |row: usize| match column.data_type() {
        _ if column.is_null(row) => "-".to_owned(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        _ => column.as_primitive::<Float64Type>().value(row).to_string(),
    };
    (0..column.len()).map(at).collect()
}

#[test]
fn a_change_of_a_rate_is_a_row() {
    let mut journal = journal(Vec::new(), Vec::new());
    journal.rates = vec![RateChange::at_start(0, time("2026-01-01T00:00:00Z"), "churn".into(), "base", 0.5)];
    let batch = rates_batch(&[journal]).unwrap();
    assert_eq!((batch.schema(), batch.num_columns()), (rate_schema(), RATES.columns.len()));
    let shown = |name: &str| values(batch.column_by_name(name).unwrap()).join(" ");
    assert_eq!(
        [shown("rate"), shown("before"), shown("after"), shown("because")],
        ["base", "-", "0.5", "start"]
    );
}
