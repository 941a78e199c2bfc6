//! Gaps and heartbeats.

use arrow_array::types::Int32Type;

use super::*;
use crate::schema::{GAP_COLUMNS, HEARTBEAT_COLUMNS};
use crate::{
    ExchangeDrop, Gap, Heartbeat, Journal, PredictionDrop, PredictionLedger, Priority, SinkLedger, SizeClass,
};

fn journal(gaps: Vec<Gap>, heartbeats: Vec<Heartbeat>) -> Journal {
    Journal { writer_id: WriterId::new("node", Uuid::nil()), serving_node: "node-1".into(), gaps, heartbeats }
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
    vec![exchanges, predictions]
}

fn heartbeat(sequence: u64, sinks: &[&str]) -> Heartbeat {
    let mut heartbeat =
        Heartbeat::new(sequence, time("2026-01-01T00:00:00Z"), time("2026-01-01T00:01:00.000001Z"));
    heartbeat.next_prediction = 100;
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
        .map(|(sink, written)| SinkLedger::new((*sink).into(), ledger(written)))
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
    sequence: 0 | 1
    minute: 2026-01-01T00:01:00Z | 2026-01-01T00:01:00Z
    model_name: - | churn
    endpoint: /predict | -
    size_class: up_to_16_kib | -
    priority: high | -
    sink: - | file
    reason: queue_full | sink_failed
    count: 5 | 9223372036854775807
    writer_id: node.00000000000000000000000000000000 | node.00000000000000000000000000000000
    serving_node: node-1 | node-1
    schema_version: 1 | 1
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
    schema_version: 1 | 1 | 1
    "#);
}

#[test]
fn journals_are_put_together_as_they_are_held() {
    let journals = [Arc::new(journal(gaps(), vec![])), Arc::new(journal(vec![], vec![heartbeat(0, &["a"])]))];
    assert_eq!(gaps_batch(&journals).unwrap().num_rows(), 2);
    assert_eq!(heartbeats_batch(&journals).unwrap().num_rows(), 1);
    assert_eq!(gaps_batch::<Journal>(&[]).unwrap().schema(), gap_schema());
    assert_eq!(heartbeats_batch::<Journal>(&[]).unwrap().schema(), heartbeat_schema());
}

#[test]
fn the_schemas_are_the_column_tables() {
    for (schema, columns) in [(gap_schema(), GAP_COLUMNS), (heartbeat_schema(), HEARTBEAT_COLUMNS)] {
        let of_schema: Vec<_> =
            schema.fields().iter().map(|f| (f.name().as_str(), f.is_nullable())).collect();
        let of_table: Vec<_> = columns.iter().map(|column| (column.name, column.nullable)).collect();
        assert_eq!(of_schema, of_table);
        assert_eq!(schema.metadata()["tiltmeter.schema_version"], "1");
    }
}
